-- Tickets and their comments.

-- A ticket. Deleted with all that is its own `retention.tickets` after it was closed or cancelled, which is off unless
-- it is set.
CREATE TABLE ticket (
    id {id},
    company_id BIGINT NOT NULL REFERENCES company(id),
    -- The ticket's number within its company, from 1.
    number BIGINT NOT NULL,
    -- The revision of the ticket type whose form was filled in.
    revision_id BIGINT NOT NULL,
    type TEXT NOT NULL,
    title TEXT NOT NULL,
    -- The title in folded case, for searching.
    folded_title TEXT NOT NULL DEFAULT '',
    -- Shown to people, such as "in approval"; at the end the resolution.
    status TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'closed', 'cancelled', 'failed')),
    priority TEXT NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    -- JSON list of texts, and the same list in folded case.
    labels TEXT NOT NULL,
    folded_labels TEXT NOT NULL DEFAULT '[]',
    -- JSON: the answers, by field.
    form TEXT NOT NULL,
    -- JSON: label, type and audience of each answer, as they were when it was given.
    fields TEXT NOT NULL DEFAULT '[]',
    requester_id BIGINT NOT NULL REFERENCES account(id),
    -- The ticket that this one is a duplicate of.
    duplicate_of_id BIGINT,
    due_at_ms BIGINT,
    -- When the ticket or one of its open tasks is due next; 9223372036854775807: none of them ever. `keepNextDue` keeps
    -- it, so that lists by due date come from an index.
    next_due_at_ms BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    closed_at_ms BIGINT,
    version BIGINT NOT NULL DEFAULT 1,
    UNIQUE (company_id, number),
    UNIQUE (company_id, id),
    FOREIGN KEY (company_id, revision_id) REFERENCES revision(company_id, id),
    FOREIGN KEY (company_id, duplicate_of_id) REFERENCES ticket(company_id, id)
);
CREATE INDEX ticket_requester ON ticket(company_id, requester_id, number);
CREATE INDEX ticket_requester_due ON ticket(company_id, requester_id, state, next_due_at_ms, number);
CREATE INDEX ticket_state ON ticket(company_id, state, number);
CREATE INDEX ticket_state_updated ON ticket(company_id, state, updated_at_ms, number);
CREATE INDEX ticket_type ON ticket(company_id, type, number);
CREATE INDEX ticket_created ON ticket(company_id, created_at_ms);
CREATE INDEX ticket_closed ON ticket(company_id, closed_at_ms) WHERE closed_at_ms IS NOT NULL;
CREATE INDEX ticket_updated ON ticket(company_id, updated_at_ms, number);
CREATE INDEX ticket_state_due ON ticket(company_id, state, next_due_at_ms, number);
CREATE INDEX ticket_due ON ticket(company_id, next_due_at_ms, number);

-- The company roles that may see a ticket: a ticket admin needs one of them. Without a row here, every ticket admin of
-- the company sees it.
CREATE TABLE ticket_view_role (
    company_id BIGINT NOT NULL REFERENCES company(id),
    ticket_id BIGINT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (company_id, ticket_id, role),
    FOREIGN KEY (company_id, ticket_id) REFERENCES ticket(company_id, id)
);

-- A comment on a ticket; an internal one is shown only to workers and ticket admins. Goes with the ticket.
CREATE TABLE comment (
    id {id},
    company_id BIGINT NOT NULL,
    ticket_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL REFERENCES account(id),
    text TEXT NOT NULL,
    is_internal BIGINT NOT NULL CHECK (is_internal IN (0, 1)),
    created_at_ms BIGINT NOT NULL,
    UNIQUE (company_id, id),
    FOREIGN KEY (company_id, ticket_id) REFERENCES ticket(company_id, id)
);
CREATE INDEX comment_ticket ON comment(ticket_id, company_id);
