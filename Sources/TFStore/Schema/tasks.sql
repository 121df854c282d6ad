-- What workers do. How a task goes from one state to the next: TaskLife in TFEngine.

-- A task that a workflow gave to a person or a program. Never deleted.
CREATE TABLE task (
    id {id},
    company_id BIGINT NOT NULL,
    ticket_id BIGINT NOT NULL,
    instance_id BIGINT NOT NULL,
    -- NULL: the built-in task of a ticket type without a workflow.
    revision_id BIGINT,
    -- The step, how often the workflow has come to it, and which of several people is asked.
    reference TEXT NOT NULL,
    visit BIGINT NOT NULL,
    seat BIGINT NOT NULL DEFAULT 0,
    step TEXT NOT NULL,
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    description TEXT,
    kind TEXT NOT NULL DEFAULT 'person' CHECK (kind IN ('person', 'service')),
    -- The company role that it asks for; NULL: any worker.
    role TEXT,
    strategy TEXT NOT NULL
        CHECK (strategy IN ('shortest-queue', 'round-robin', 'pool', 'person', 'requester', 'each')),
    -- JSON: logins that may not have it, and those that the rule does not choose since they gave it back.
    excluded TEXT NOT NULL,
    avoided TEXT NOT NULL DEFAULT '[]',
    preferred TEXT,
    -- For whom it is, where it names somebody: who gets it back.
    addressee TEXT,
    state TEXT NOT NULL
        CHECK (state IN ('ready', 'assigned', 'started', 'held', 'completed', 'withdrawn', 'failed')),
    -- Why nobody has it, while it is ready; and JSON: what that reason needs to be told in words (WaitingReason).
    waiting_reason TEXT CHECK (waiting_reason IN (
        'queue', 'paused', 'claim', 'nobody_named', 'nobody_to_ask', 'excluded', 'not_there', 'undeliverable',
        'next_try', 'lease_ended', 'released', 'right_lost', 'went_away', 'none_eligible', 'none_available')),
    waiting_facts TEXT,
    assignee_id BIGINT REFERENCES account(id),
    -- Each assignment is an attempt; its job in Redis has its number.
    attempt BIGINT NOT NULL DEFAULT 1,
    -- Tries of a program that failed or whose lease ended.
    failures BIGINT NOT NULL DEFAULT 0,
    -- Who holds a program's job: the token that it was given, or '' where it was taken from its list.
    lease TEXT,
    -- When the clock moves it: a lease or a hold ends, or a failed job is tried again.
    wake_at_ms BIGINT,
    priority TEXT NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    due_at_ms BIGINT,
    -- JSON: what the workflow gave, and what the worker answered.
    input TEXT NOT NULL,
    output TEXT,
    -- JSON: label, type and audience of each answer, as they were when it was given.
    fields TEXT NOT NULL DEFAULT '[]',
    -- JSON: what the form's expressions gave when the task was made.
    prefilled TEXT NOT NULL DEFAULT '{}',
    -- JSON {answers, by}: a form that is half filled in, and by whom.
    draft TEXT,
    -- JSON: what a program said when it failed last.
    error TEXT,
    -- JSON: why this worker was chosen, or among how many nobody was (TaskDecision).
    decision TEXT,
    created_at_ms BIGINT NOT NULL,
    assigned_at_ms BIGINT,
    started_at_ms BIGINT,
    finished_at_ms BIGINT,
    version BIGINT NOT NULL DEFAULT 1,
    UNIQUE (instance_id, reference, visit, seat),
    UNIQUE (company_id, id),
    FOREIGN KEY (company_id, ticket_id) REFERENCES ticket(company_id, id),
    FOREIGN KEY (company_id, instance_id) REFERENCES instance(company_id, id),
    FOREIGN KEY (company_id, revision_id) REFERENCES revision(company_id, id)
);
CREATE INDEX task_ticket ON task(ticket_id);
CREATE INDEX task_assignee ON task(company_id, assignee_id, state);
CREATE INDEX task_state ON task(company_id, state, id);
CREATE INDEX task_wake ON task(wake_at_ms) WHERE wake_at_ms IS NOT NULL;
CREATE INDEX task_open_due ON task(due_at_ms) WHERE due_at_ms IS NOT NULL AND finished_at_ms IS NULL;
CREATE INDEX task_addressee ON task(company_id, addressee) WHERE state = 'ready' AND addressee IS NOT NULL;

-- Who had a task in which attempt. Never deleted: it says who may read what they did.
CREATE TABLE assignment (
    company_id BIGINT NOT NULL REFERENCES company(id),
    task_id BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    ticket_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL REFERENCES account(id),
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (task_id, attempt),
    FOREIGN KEY (company_id, ticket_id) REFERENCES ticket(company_id, id),
    FOREIGN KEY (company_id, task_id) REFERENCES task(company_id, id)
);
CREATE INDEX assignment_account ON assignment(account_id, ticket_id);
