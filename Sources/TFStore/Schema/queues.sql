-- The outbox to Redis, and the state of the queues.

-- The outbox: changes that have yet to reach Redis, each written in the transaction that made it. A row is deleted when
-- Redis has acknowledged it.
-- `assign`: choose a worker; `place`: put the job into its worker's list; `rewrite`: write the job again, as its task has
-- another priority; `take`: a program has taken the job; `remove`: take the job out of Redis; `worker`: a member's roles or
-- availability changed.
CREATE TABLE outbox (
    company_id BIGINT NOT NULL REFERENCES company(id),
    -- Its position in the company's order, in which Redis is updated; Redis keeps the last one as its high-water mark.
    position BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('assign', 'place', 'rewrite', 'remove', 'take', 'worker')),
    -- The task and its attempt; NULL for `worker`.
    task_id BIGINT,
    attempt BIGINT,
    -- The member who changed (`worker`); NULL for the others.
    account_id BIGINT REFERENCES account(id),
    created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (company_id, position),
    FOREIGN KEY (company_id, task_id) REFERENCES task(company_id, id)
);
CREATE INDEX outbox_task ON outbox(task_id, company_id) WHERE task_id IS NOT NULL;

-- The epoch (generation) of a company's data in Redis, and the last position that Redis has acknowledged; one row for
-- each company.
CREATE TABLE queue_epoch (
    company_id BIGINT PRIMARY KEY REFERENCES company(id),
    -- A random word, which Redis has as well while its data is this generation's.
    epoch TEXT NOT NULL,
    acknowledged_position BIGINT NOT NULL
);

-- Keys in Redis that another program had changed and that the daemon repaired; deleted after a day. Without a company:
-- a key of the whole site.
CREATE TABLE mended_key (
    name TEXT PRIMARY KEY,
    company_id BIGINT REFERENCES company(id),
    -- `type`: it had another type; `content`: text instead of a number; `expiry`: it would have vanished.
    finding TEXT NOT NULL CHECK (finding IN ('type', 'content', 'expiry')),
    -- Redis's names of the type that the key had and of the type that it must have.
    found_type TEXT NOT NULL,
    expected_type TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);
