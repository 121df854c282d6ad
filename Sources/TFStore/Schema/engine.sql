-- Workflows that run, and what they wait for.

-- A workflow that runs or ran, on the definitions that it was started with. Written by the engine alone.
CREATE TABLE instance (
    id {id},
    company_id BIGINT NOT NULL REFERENCES company(id),
    -- NULL: the clock or an event started it.
    ticket_id BIGINT,
    -- NULL: the built-in workflow, one task for a worker.
    workflow_revision_id BIGINT,
    -- JSON: the revision of each task that it calls, by name.
    pins TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('running', 'completed', 'faulted', 'cancelled')),
    -- JSON of the engine's state; NULL: it has not taken its first step.
    state TEXT,
    version BIGINT NOT NULL DEFAULT 0,
    -- The step of another instance that started it and waits for it.
    parent_id BIGINT,
    parent_reference TEXT,
    parent_visit BIGINT,
    -- How many workflows are above it.
    depth BIGINT NOT NULL DEFAULT 0,
    -- The definition whose schedule started it.
    schedule_id BIGINT,
    -- When the clock moves it.
    wake_at_ms BIGINT,
    is_listening BIGINT NOT NULL DEFAULT 0 CHECK (is_listening IN (0, 1)),
    -- Whether a workflow started it, by itself or with a ticket.
    is_spawned BIGINT NOT NULL DEFAULT 0 CHECK (is_spawned IN (0, 1)),
    -- Times in a row that a daemon died while it handled it.
    deaths BIGINT NOT NULL DEFAULT 0,
    -- Why it stands still; and JSON: what that reason needs to be told in words (SetAsideReason).
    set_aside TEXT CHECK (set_aside IN ('died', 'event', 'moment', 'request', 'start', 'filters')),
    set_aside_facts TEXT,
    created_at_ms BIGINT NOT NULL DEFAULT 0,
    ended_at_ms BIGINT,
    UNIQUE (company_id, id),
    FOREIGN KEY (company_id, ticket_id) REFERENCES ticket(company_id, id),
    FOREIGN KEY (company_id, parent_id) REFERENCES instance(company_id, id),
    FOREIGN KEY (company_id, workflow_revision_id) REFERENCES revision(company_id, id),
    FOREIGN KEY (company_id, schedule_id) REFERENCES definition(company_id, id)
);
CREATE INDEX instance_ticket ON instance(ticket_id);
CREATE INDEX instance_parent ON instance(parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX instance_wake ON instance(wake_at_ms) WHERE wake_at_ms IS NOT NULL;
CREATE INDEX instance_spawned ON instance(company_id) WHERE is_spawned = 1 AND status = 'running';
CREATE INDEX instance_listening ON instance(company_id) WHERE is_listening = 1;
CREATE INDEX instance_unticketed ON instance(company_id, id) WHERE ticket_id IS NULL;
CREATE INDEX instance_suspect ON instance(id) WHERE deaths > 0;
CREATE INDEX instance_set_aside ON instance(id) WHERE set_aside IS NOT NULL;

-- Something that happened and that an instance has not been told yet: a task ended, an answer came, somebody decided.
-- Written by the transaction in which it happens (`addEvent`). Goes in the transaction that tells the instance, or when
-- the instance is given up. What programs send (CloudEvents) is in `cloud_event`.
CREATE TABLE event (
    company_id BIGINT NOT NULL,
    -- Its place in the company's order, in which events are applied.
    position BIGINT NOT NULL,
    instance_id BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN (
        'start', 'task', 'task_failed', 'cancel', 'http', 'run', 'ticket', 'received', 'resume', 'retry', 'skip')),
    -- JSON.
    payload TEXT NOT NULL,
    -- Why it waits with its instance; NULL: it is to be applied.
    set_aside TEXT CHECK (set_aside IN ('died', 'event', 'moment', 'request', 'start', 'filters')),
    created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (company_id, position),
    FOREIGN KEY (company_id, instance_id) REFERENCES instance(company_id, id)
);
CREATE INDEX event_waiting ON event(company_id, position) WHERE set_aside IS NULL;
CREATE INDEX event_instance ON event(instance_id, position);

-- A CloudEvent that arrived or was emitted; kept for 24 hours for listeners that come later.
CREATE TABLE cloud_event (
    company_id BIGINT NOT NULL REFERENCES company(id),
    -- Its place in the company's order, in which listeners are given them.
    position BIGINT NOT NULL,
    source TEXT NOT NULL,
    event_id TEXT NOT NULL,
    -- JSON of the whole event.
    payload TEXT NOT NULL,
    -- Whether the listeners of that time have it.
    is_dispatched BIGINT NOT NULL DEFAULT 0 CHECK (is_dispatched IN (0, 1)),
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (company_id, position),
    UNIQUE (company_id, source, event_id)
);
CREATE INDEX cloud_event_new ON cloud_event(company_id, position) WHERE is_dispatched = 0;
CREATE INDEX cloud_event_at ON cloud_event(company_id, at_ms);

-- A request of a workflow: `waiting` to be sent at `next_at_ms`, or `sent` and not yet answered. Goes with its answer.
CREATE TABLE http_call (
    id {id},
    company_id BIGINT NOT NULL,
    instance_id BIGINT NOT NULL,
    reference TEXT NOT NULL,
    visit BIGINT NOT NULL,
    -- A call may take several requests: a token first.
    stage BIGINT NOT NULL,
    -- Whether it may be sent again when nobody knows what became of it.
    is_repeatable BIGINT NOT NULL CHECK (is_repeatable IN (0, 1)),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent')),
    attempt BIGINT NOT NULL DEFAULT 0,
    next_at_ms BIGINT NOT NULL,
    deadline_at_ms BIGINT,
    UNIQUE (instance_id, reference, visit, stage),
    FOREIGN KEY (company_id, instance_id) REFERENCES instance(company_id, id)
);
CREATE INDEX http_call_next ON http_call(state, next_at_ms);
CREATE INDEX http_call_sent ON http_call(company_id) WHERE state = 'sent';
