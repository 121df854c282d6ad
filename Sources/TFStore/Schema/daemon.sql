-- The daemon that leads, and what of its work fails.

-- The leader, that is the one daemon that works, in the one row; every write of a daemon checks the epoch.
CREATE TABLE leader (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    -- The process that leads; '': it gave leading up.
    holder TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    -- Raised with every renewal. Another daemon takes over if it has seen no renewal for the length of a lease by a
    -- clock of its own that only runs forward, so that setting the time of day makes no lease longer or shorter.
    renewals BIGINT NOT NULL,
    -- The time of day of the last renewal.
    renewed_at_ms BIGINT NOT NULL
);

-- A part of the leader's work that failed and is started again; written by the leader with its renewals, and deleted
-- when the part works or another daemon leads.
CREATE TABLE failing_part (
    name TEXT PRIMARY KEY CHECK (name IN (
        'redis', 'watch', 'definitions', 'diagrams', 'engine', 'queues', 'requests', 'clock', 'hints', 'checkpoints',
        'sweep', 'metrics')),
    -- The error, in English, for operators.
    error TEXT NOT NULL,
    since_ms BIGINT NOT NULL
);
