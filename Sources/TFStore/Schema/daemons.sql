-- The daemon that leads, and what of its work fails.

-- The leader, that is the one daemon that works, in the one row; every write of a daemon checks the epoch.
CREATE TABLE leader (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    -- The process that leads; '': it gave leading up.
    holder TEXT NOT NULL,
    -- Raised when another process leads; what one with an older epoch writes is refused.
    epoch BIGINT NOT NULL,
    -- Raised with every renewal. Another daemon takes over if it has seen no renewal for the length of a lease by a
    -- clock of its own that only runs forward, so that setting the time of day makes no lease longer or shorter.
    renewals BIGINT NOT NULL,
    -- The time of day of the last renewal.
    renewed_at_ms BIGINT NOT NULL
);

-- A daemon that shares the companies with others, on an engine that serves several machines. It renews its row; whoever
-- sees no renewal for the length of a lease deletes the row, and the companies are shared anew.
CREATE TABLE daemon (
    -- The process.
    name TEXT PRIMARY KEY,
    -- The Redis servers that it uses: all daemons of a site have to use the same.
    queues TEXT NOT NULL,
    -- Raised with every renewal, as in `leader`.
    renewals BIGINT NOT NULL DEFAULT 0,
    renewed_at_ms BIGINT NOT NULL
);

-- A part of a daemon's work that failed and is started again; written by the daemon with its renewals, and deleted when
-- the part works or another daemon has taken over.
CREATE TABLE failing_part (
    -- The process that leads, or the daemon of several: as `leader.holder` and `daemon.name` have it.
    daemon TEXT NOT NULL,
    name TEXT NOT NULL CHECK (name IN (
        'redis', 'watch', 'definitions', 'diagrams', 'engine', 'queues', 'requests', 'clock', 'hints', 'checkpoints',
        'sweep', 'metrics')),
    -- The error, in English, for operators.
    error TEXT NOT NULL,
    since_ms BIGINT NOT NULL,
    PRIMARY KEY (daemon, name)
);
