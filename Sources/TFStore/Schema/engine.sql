-- Workflow instances, and the requests that they send. What they are told is in events.sql.

-- An instance: one run of a workflow, with the revisions that were current at its start. Written by the engine only. It
-- goes with its ticket; one without a ticket is deleted `retention.workflows` after it ended, failed or was set aside.
CREATE TABLE instance (
    id {id},
    company_id BIGINT NOT NULL REFERENCES company(id),
    -- NULL: it has no ticket, because a schedule or another workflow started it.
    ticket_id BIGINT,
    -- NULL: the built-in workflow, which has one task for a worker.
    workflow_revision_id BIGINT,
    -- JSON: the revision id of each task that the workflow calls, by the task's name.
    pins TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('running', 'completed', 'faulted', 'cancelled')),
    -- The engine's state as JSON, without members that are nil or empty (InstanceState.text); NULL: it has not taken its
    -- first step.
    state TEXT,
    -- Counts the changes of `state`: a step that was computed from an older one is not written.
    version BIGINT NOT NULL DEFAULT 0,
    -- The instance and the step that started it and wait for its end; NULL: none waits.
    parent_id BIGINT,
    parent_reference TEXT,
    parent_visit BIGINT,
    -- The depth of nesting: how many workflows started one another above it; 0: none.
    depth BIGINT NOT NULL DEFAULT 0,
    -- The definition whose schedule started it; NULL: it was not started by a schedule.
    schedule_id BIGINT,
    -- When its next timer is due; NULL: it has no timer.
    wake_at_ms BIGINT,
    -- When the first of its steps that wait for a moment or an event goes on: the highest number stands for an event; NULL:
    -- none waits for one. Lists tell it.
    paused_until_ms BIGINT,
    -- Whether it takes CloudEvents.
    is_listening BIGINT NOT NULL DEFAULT 0 CHECK (is_listening IN (0, 1)),
    -- Whether another workflow started it, directly or by opening its ticket.
    is_spawned BIGINT NOT NULL DEFAULT 0 CHECK (is_spawned IN (0, 1)),
    -- How many times in a row a daemon died while it handled this instance.
    deaths BIGINT NOT NULL DEFAULT 0,
    -- Why it is set aside (SetAsideReason), and the facts of that reason as JSON.
    set_aside TEXT CHECK (set_aside IN ('died', 'event', 'moment', 'request', 'start', 'filters')),
    set_aside_facts TEXT,
    created_at_ms BIGINT NOT NULL DEFAULT 0,
    -- When it ended, failed or was set aside; NULL: it goes on.
    ended_at_ms BIGINT,
    UNIQUE (company_id, id),
    FOREIGN KEY (company_id, ticket_id) REFERENCES ticket(company_id, id),
    FOREIGN KEY (company_id, parent_id) REFERENCES instance(company_id, id),
    FOREIGN KEY (company_id, workflow_revision_id) REFERENCES revision(company_id, id),
    FOREIGN KEY (company_id, schedule_id) REFERENCES definition(company_id, id)
);
CREATE INDEX instance_ticket ON instance(ticket_id, company_id);
CREATE INDEX instance_parent ON instance(parent_id, company_id) WHERE parent_id IS NOT NULL;
CREATE INDEX instance_wake ON instance(wake_at_ms) WHERE wake_at_ms IS NOT NULL;
CREATE INDEX instance_spawned ON instance(company_id) WHERE is_spawned = 1 AND status = 'running';
CREATE INDEX instance_listening ON instance(company_id) WHERE is_listening = 1;
CREATE INDEX instance_unticketed ON instance(company_id, id) WHERE ticket_id IS NULL;
CREATE INDEX instance_suspect ON instance(id) WHERE deaths > 0;
CREATE INDEX instance_failed ON instance(company_id, ended_at_ms, id) WHERE status = 'faulted';
CREATE INDEX instance_set_aside ON instance(id) WHERE set_aside IS NOT NULL;

-- An HTTP request of a workflow: `waiting` until `next_at_ms`, or `sent` and not yet answered. Deleted when its
-- response is stored as an event.
CREATE TABLE http_call (
    id {id},
    company_id BIGINT NOT NULL,
    instance_id BIGINT NOT NULL,
    -- The step that sends it, and the visit of that step.
    reference TEXT NOT NULL,
    visit BIGINT NOT NULL,
    -- The number of the request within its call: one that reads an OpenAPI document comes before the operation itself.
    stage BIGINT NOT NULL,
    -- Whether it may be sent again when its result is unknown, for example after a crash.
    is_repeatable BIGINT NOT NULL CHECK (is_repeatable IN (0, 1)),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent')),
    -- How often it was sent.
    attempt BIGINT NOT NULL DEFAULT 0,
    -- When it is sent, or was due to be.
    next_at_ms BIGINT NOT NULL,
    -- When its step ends by its own timeout; NULL: it has none.
    deadline_at_ms BIGINT,
    UNIQUE (instance_id, company_id, reference, visit, stage),
    FOREIGN KEY (company_id, instance_id) REFERENCES instance(company_id, id)
);
CREATE INDEX http_call_next ON http_call(state, next_at_ms);
CREATE INDEX http_call_sent ON http_call(company_id) WHERE state = 'sent';
