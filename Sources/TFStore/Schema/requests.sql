-- Idempotency keys of requests, and forms that were saved when a session ended.

-- The response to a request that changed something, by the idempotency key. Written in the transaction of the change;
-- kept for 24 hours.
CREATE TABLE idempotency_key (
    account_id BIGINT NOT NULL REFERENCES account(id),
    name TEXT NOT NULL,
    -- A digest of the request; the same key with another request is refused.
    request TEXT NOT NULL,
    -- JSON of the whole response, which a repeated request gets again. A response that contains a secret is not stored.
    answer TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (account_id, name)
);
CREATE INDEX idempotency_key_age ON idempotency_key(created_at_ms);

-- The fields of a form that a person submitted after the session had ended. It is never submitted automatically; kept
-- for 24 hours.
CREATE TABLE parked_form (
    id TEXT PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES account(id),
    -- The address of the page that the form stands on.
    page TEXT NOT NULL,
    -- JSON [[name, value], …].
    fields TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL
);
CREATE INDEX parked_form_age ON parked_form(created_at_ms);
