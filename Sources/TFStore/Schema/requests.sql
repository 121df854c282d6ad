-- What keeps a request from being done twice, and its text from being lost.

-- A request that changed something, by its idempotency key; written in the transaction of the change. Kept for 24 hours.
CREATE TABLE submission (
    account_id BIGINT NOT NULL REFERENCES account(id),
    name TEXT NOT NULL,
    -- What was asked for: the same key for something else is refused.
    request TEXT NOT NULL,
    -- JSON of the whole answer, which a repeated request gets. An answer with a secret is not kept.
    answer TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (account_id, name)
);
CREATE INDEX submission_age ON submission(created_at_ms);

-- What a person had typed when the session died; never sent by itself. Kept for 24 hours.
CREATE TABLE parked_form (
    id TEXT PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES account(id),
    page TEXT NOT NULL,
    -- JSON [[name, value], …].
    fields TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL
);
CREATE INDEX parked_form_age ON parked_form(created_at_ms);
