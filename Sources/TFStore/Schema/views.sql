-- Views of lists that people have saved, and the texts in which they search.

-- A list's conditions under a name. Deleted by its owner.
CREATE TABLE saved_view (
    id {id},
    company_id BIGINT NOT NULL REFERENCES company(id),
    -- Who made it.
    account_id BIGINT NOT NULL REFERENCES account(id),
    list TEXT NOT NULL CHECK (list IN ('tickets', 'tasks')),
    name TEXT NOT NULL,
    -- The query of the list's address.
    query TEXT NOT NULL,
    -- The company role whose holders have it too; NULL: only its owner has it.
    role TEXT,
    created_at_ms BIGINT NOT NULL,
    UNIQUE (company_id, account_id, list, name),
    FOREIGN KEY (company_id, role) REFERENCES company_role(company_id, name)
);
CREATE INDEX saved_view_role ON saved_view(company_id, list, role) WHERE role IS NOT NULL;

-- A text of a ticket in which people search, kept up to date in the transactions that change it. The index of its words
-- is each engine's own. Goes with the ticket.
CREATE TABLE search_text (
    id {id},
    company_id BIGINT NOT NULL,
    ticket_id BIGINT NOT NULL,
    -- `title`, `answer`: answers of the ticket's form with the same audience, `result`: the same of a task's form,
    -- `comment`, `note`: an internal comment.
    kind TEXT NOT NULL CHECK (kind IN ('title', 'answer', 'result', 'comment', 'note')),
    -- The task whose result it is; NULL: it is none.
    task_id BIGINT,
    -- JSON list of the company roles, or `ticket_admin`, that may read an answer; '[]': all who may read the ticket.
    audience TEXT NOT NULL,
    -- Who wrote it, and so may read it.
    account_id BIGINT NOT NULL REFERENCES account(id),
    text TEXT NOT NULL,
    -- Its words, as `SearchWords` makes them, each once, with spaces between them: what is compared with the words that
    -- somebody searches for.
    words TEXT NOT NULL,
    CHECK ((kind = 'result') = (task_id IS NOT NULL)),
    FOREIGN KEY (company_id, ticket_id) REFERENCES ticket(company_id, id),
    FOREIGN KEY (company_id, task_id) REFERENCES task(company_id, id)
);
CREATE UNIQUE INDEX search_text_ticket ON search_text(ticket_id, company_id, kind, id);

-- The last text whose words are indexed, in the one row. New texts are indexed when it is moved, which SQLite does by a
-- trigger. On PostgreSQL, whose index keeps itself up to date, it stays where it is.
CREATE TABLE search_mark (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    -- The id of that text.
    upto BIGINT NOT NULL
);
INSERT INTO search_mark (id, upto) VALUES (1, 0);
