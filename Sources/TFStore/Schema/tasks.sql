-- Tasks and their assignments. The transitions between states are in TaskLife (TFEngine).

-- A task for a person or a program, opened by a workflow. Goes with the ticket.
CREATE TABLE task (
    id {id},
    company_id BIGINT NOT NULL,
    ticket_id BIGINT NOT NULL,
    instance_id BIGINT NOT NULL,
    -- NULL: the built-in task of a ticket type without a workflow.
    revision_id BIGINT,
    -- The step that opened it, the visit of that step, and the number of the person for a step that asks several
    -- (`each`).
    reference TEXT NOT NULL,
    visit BIGINT NOT NULL,
    seat BIGINT NOT NULL DEFAULT 0,
    -- The step's name in its workflow, which people see.
    step TEXT NOT NULL,
    -- The name of the task's definition.
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    description TEXT,
    kind TEXT NOT NULL DEFAULT 'person' CHECK (kind IN ('person', 'service')),
    -- The company role that its worker must have; NULL: any worker.
    role TEXT,
    strategy TEXT NOT NULL
        CHECK (strategy IN ('shortest-queue', 'round-robin', 'pool', 'person', 'requester', 'each')),
    -- JSON lists of logins: those that must not have the task, and those that gave it back, which the rule does not
    -- choose.
    excluded TEXT NOT NULL,
    avoided TEXT NOT NULL DEFAULT '[]',
    -- The login that the rule chooses before others, if it may have the task and is there.
    preferred TEXT,
    -- The login of the person that the task is addressed to, who is given it again when possible; NULL: nobody.
    addressee TEXT,
    state TEXT NOT NULL
        CHECK (state IN ('ready', 'assigned', 'started', 'held', 'completed', 'withdrawn', 'failed')),
    -- Why a task in the state `ready` is unassigned (WaitingReason), and the facts of that reason as JSON.
    waiting_reason TEXT CHECK (waiting_reason IN (
        'queue', 'paused', 'claim', 'nobody_named', 'nobody_to_ask', 'excluded', 'not_there', 'undeliverable',
        'next_try', 'lease_ended', 'released', 'right_lost', 'went_away', 'none_eligible', 'none_available')),
    waiting_facts TEXT,
    assignee_id BIGINT REFERENCES account(id),
    -- The number of the assignment, from 1; it is a part of the job's id in Redis.
    attempt BIGINT NOT NULL DEFAULT 1,
    -- How many tries of a program failed or ended with an expired lease.
    failures BIGINT NOT NULL DEFAULT 0,
    -- The lease's token, if a program has the job; '' if the program took the job straight from its Redis list.
    lease TEXT,
    -- When a lease expires, a hold ends or the next try is due; NULL: none of these.
    wake_at_ms BIGINT,
    priority TEXT NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    -- Whether its definition, its step or a person has set the priority; 0: it is the ticket's, and follows it.
    has_own_priority BIGINT NOT NULL DEFAULT 0 CHECK (has_own_priority IN (0, 1)),
    due_at_ms BIGINT,
    -- JSON: the input from the workflow, and the worker's answers.
    input TEXT NOT NULL,
    output TEXT,
    -- JSON: label, type and audience of each answer, as they were when it was given.
    fields TEXT NOT NULL DEFAULT '[]',
    -- JSON: the values that the form's expressions had when the task was opened.
    prefilled TEXT NOT NULL DEFAULT '{}',
    -- JSON {answers, by}: a saved draft of the form, and the id of the account that saved it.
    draft TEXT,
    -- JSON: why the last try of a program failed (TaskFailure).
    error TEXT,
    -- JSON: why this worker was chosen, or how many workers were considered when none was (WorkerChoice).
    decision TEXT,
    created_at_ms BIGINT NOT NULL,
    -- When its present assignment began, and when that worker began; NULL: nobody has it, or has not begun.
    assigned_at_ms BIGINT,
    started_at_ms BIGINT,
    -- When it was completed, withdrawn or failed; NULL: it is open.
    finished_at_ms BIGINT,
    version BIGINT NOT NULL DEFAULT 1,
    UNIQUE (instance_id, company_id, reference, visit, seat),
    UNIQUE (company_id, id),
    FOREIGN KEY (company_id, ticket_id) REFERENCES ticket(company_id, id),
    FOREIGN KEY (company_id, instance_id) REFERENCES instance(company_id, id),
    FOREIGN KEY (company_id, revision_id) REFERENCES revision(company_id, id)
);
CREATE INDEX task_ticket ON task(company_id, ticket_id);
CREATE INDEX task_assignee ON task(company_id, assignee_id, state, created_at_ms);
CREATE INDEX task_finished ON task(company_id, finished_at_ms) WHERE finished_at_ms IS NOT NULL;
CREATE INDEX task_state ON task(company_id, state, id);
-- What is to be done, by due date, those without one last.
CREATE INDEX task_open_order ON task(company_id, (COALESCE(due_at_ms, 9223372036854775807)), id)
    WHERE finished_at_ms IS NULL;
-- What somebody has done, by when.
CREATE INDEX task_done ON task(company_id, assignee_id, finished_at_ms, id) WHERE state = 'completed';
CREATE INDEX task_wake ON task(wake_at_ms) WHERE wake_at_ms IS NOT NULL;
CREATE INDEX task_open_due ON task(due_at_ms) WHERE due_at_ms IS NOT NULL AND finished_at_ms IS NULL;
CREATE INDEX task_addressee ON task(company_id, addressee) WHERE state = 'ready' AND addressee IS NOT NULL;

-- Who had a task in which attempt, which decides who may read the task later. Goes with the ticket.
CREATE TABLE assignment (
    company_id BIGINT NOT NULL REFERENCES company(id),
    task_id BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    ticket_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL REFERENCES account(id),
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (task_id, company_id, attempt),
    FOREIGN KEY (company_id, ticket_id) REFERENCES ticket(company_id, id),
    FOREIGN KEY (company_id, task_id) REFERENCES task(company_id, id)
);
CREATE INDEX assignment_account ON assignment(account_id, company_id, ticket_id);
