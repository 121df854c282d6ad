-- Who follows tickets, and what people want to be told.

-- That somebody follows a ticket, or does not want to. Without a row here the requester follows, and nobody else. Goes
-- with the ticket.
CREATE TABLE follower (
    company_id BIGINT NOT NULL REFERENCES company(id),
    ticket_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL REFERENCES account(id),
    -- 0: the person has stopped following, so that a comment of theirs does not make them follow again.
    is_following BIGINT NOT NULL CHECK (is_following IN (0, 1)),
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (ticket_id, company_id, account_id),
    FOREIGN KEY (company_id, ticket_id) REFERENCES ticket(company_id, id)
);

-- How a person wants to be told of a kind of notification; without a row here in the application, and not by mail. One
-- for each person and kind at most.
CREATE TABLE notice_setting (
    account_id BIGINT NOT NULL REFERENCES account(id),
    kind TEXT NOT NULL CHECK (kind IN (
        'assigned', 'due_soon', 'answered', 'mentioned', 'commented', 'waiting_for_you', 'closed', 'nobody_eligible')),
    -- 0: not at all.
    is_told BIGINT NOT NULL CHECK (is_told IN (0, 1)),
    is_mailed BIGINT NOT NULL DEFAULT 0 CHECK (is_mailed IN (0, 1)),
    PRIMARY KEY (account_id, kind)
);
