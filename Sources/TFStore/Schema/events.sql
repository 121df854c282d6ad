-- What workflow instances are told, in the order in which it happened: by tasks, requests and people (`instance_event`), and by
-- other systems and workflows (`cloud_event`).

-- An event that is to be applied to an instance: a task ended, an HTTP response arrived, a ticket admin decided.
-- Written in the transaction in which it happens (`addEvent`), and deleted in the transaction that applies it or when
-- the instance is abandoned. CloudEvents from outside are in `cloud_event`.
CREATE TABLE instance_event (
    company_id BIGINT NOT NULL,
    -- Its position in the company's order, in which events are applied.
    position BIGINT NOT NULL,
    instance_id BIGINT NOT NULL,
    -- What happened (InstanceEventKind says what each means), and its facts as JSON.
    kind TEXT NOT NULL CHECK (kind IN (
        'start', 'task', 'task_failed', 'cancel', 'http', 'run', 'ticket', 'received', 'resume', 'retry', 'skip')),
    payload TEXT NOT NULL,
    -- Why it is set aside, with its instance; NULL: it is to be applied.
    set_aside TEXT CHECK (set_aside IN ('died', 'event', 'moment', 'request', 'start', 'filters')),
    created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (company_id, position),
    FOREIGN KEY (company_id, instance_id) REFERENCES instance(company_id, id)
);
CREATE INDEX instance_event_waiting ON instance_event(company_id, position) WHERE set_aside IS NULL;
CREATE INDEX instance_event_instance ON instance_event(instance_id, company_id, position);

-- A CloudEvent that arrived or was emitted; kept for 24 hours for listeners that start later.
CREATE TABLE cloud_event (
    company_id BIGINT NOT NULL REFERENCES company(id),
    -- Its position in the company's order, in which events are given to listeners.
    position BIGINT NOT NULL,
    source TEXT NOT NULL,
    event_id TEXT NOT NULL,
    -- JSON of the whole event.
    payload TEXT NOT NULL,
    -- Whether it was given to all instances and schedules that were listening.
    is_dispatched BIGINT NOT NULL DEFAULT 0 CHECK (is_dispatched IN (0, 1)),
    -- When it arrived or was emitted.
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (company_id, position),
    UNIQUE (company_id, source, event_id)
);
CREATE INDEX cloud_event_new ON cloud_event(company_id, position) WHERE is_dispatched = 0;
CREATE INDEX cloud_event_at ON cloud_event(company_id, at_ms);
