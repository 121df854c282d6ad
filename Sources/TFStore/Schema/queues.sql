-- What Redis is told, and by whom.

-- Something that Redis has yet to be told, written in the transaction that made it true. Goes when Redis has answered.
-- `assign`: find somebody; `place`: into the list of who has it; `take`: a program has the job; `remove`: out of wherever
-- it is; `worker`: a member's roles or availability changed.
CREATE TABLE outbox (
    company_id BIGINT NOT NULL REFERENCES company(id),
    -- Its place in the company's order, in which Redis is told; there it is the high-water mark.
    position BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('assign', 'place', 'remove', 'take', 'worker')),
    task_id BIGINT,
    attempt BIGINT,
    account_id BIGINT REFERENCES account(id),
    created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (company_id, position),
    FOREIGN KEY (company_id, task_id) REFERENCES task(company_id, id)
);
CREATE INDEX outbox_task ON outbox(task_id) WHERE task_id IS NOT NULL;

-- The generation of a company's content in Redis, and the last position that Redis has acknowledged.
CREATE TABLE queue_epoch (
    company_id BIGINT PRIMARY KEY REFERENCES company(id),
    epoch TEXT NOT NULL,
    acknowledged_position BIGINT NOT NULL
);

-- Keys in Redis that somebody else had written to and that were put right; forgotten after a day. No company: of all.
CREATE TABLE mended_key (
    name TEXT PRIMARY KEY,
    company_id BIGINT REFERENCES company(id),
    finding TEXT NOT NULL CHECK (finding IN ('type', 'content', 'expiry')),
    -- In Redis's own words: of what type it was, and of what type it has to be.
    found_type TEXT NOT NULL,
    expected_type TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);

-- The one daemon that leads; every write of a daemon checks the epoch.
CREATE TABLE leader (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    holder TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL
);
