-- The history of tickets, attachments and notifications.

-- An entry of a ticket's history. Entries are only added; they go with the ticket.
CREATE TABLE history (
    id {id},
    company_id BIGINT NOT NULL,
    ticket_id BIGINT NOT NULL,
    task_id BIGINT,
    -- A login, or `system`.
    actor TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN (
        'submitted', 'uncomputed', 'updated', 'attached', 'cancellation', 'reopened', 'step', 'closed', 'failed',
        'cancelled', 'step-retry', 'step-skip', 'assigned', 'claimed', 'started', 'held', 'released', 'reassigned',
        'handed-over', 'prioritized', 'completed', 'answers-replaced', 'try-failed', 'task-failed', 'lease-ended')),
    -- JSON: the facts of its kind.
    data TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    FOREIGN KEY (company_id, ticket_id) REFERENCES ticket(company_id, id),
    FOREIGN KEY (company_id, task_id) REFERENCES task(company_id, id)
);
CREATE UNIQUE INDEX history_ticket ON history(ticket_id, company_id, id);

-- An uploaded file; its bytes are in <data>/attachments/<id>, on PostgreSQL in attachment_chunk. One that no form or
-- ticket uses is deleted after 24 hours, the others go with the ticket.
CREATE TABLE attachment (
    id TEXT PRIMARY KEY,
    company_id BIGINT NOT NULL REFERENCES company(id),
    -- The account that uploaded it.
    account_id BIGINT NOT NULL REFERENCES account(id),
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    -- In bytes.
    size BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    -- The ticket and the task that use it; NULL: none yet, or no task.
    ticket_id BIGINT,
    task_id BIGINT,
    -- The id of the form's field that it answers; NULL: it was added to the ticket itself.
    field TEXT,
    UNIQUE (company_id, id),
    FOREIGN KEY (company_id, ticket_id) REFERENCES ticket(company_id, id),
    FOREIGN KEY (company_id, task_id) REFERENCES task(company_id, id)
);
CREATE INDEX attachment_ticket ON attachment(ticket_id, company_id);
CREATE INDEX attachment_unused ON attachment(ticket_id, created_at_ms) WHERE ticket_id IS NULL;

-- A piece of the content of an uploaded file, on PostgreSQL alone; SQLite's site has files. Chunks are written while the
-- file is sent, before it has its row, and go with that row; those that never get one go after 24 hours.
CREATE TABLE attachment_chunk (
    company_id BIGINT NOT NULL REFERENCES company(id),
    attachment_id TEXT NOT NULL,
    -- From 0, in the order of the content.
    place BIGINT NOT NULL,
    content {blob} NOT NULL,
    created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (company_id, attachment_id, place)
);
CREATE INDEX attachment_chunk_first ON attachment_chunk(created_at_ms) WHERE place = 0;

-- A notification in the application. Deleted after `retention.notifications`, read or not.
CREATE TABLE notification (
    id {id},
    company_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL REFERENCES account(id),
    kind TEXT NOT NULL CHECK (kind IN (
        'assigned', 'due_soon', 'answered', 'mentioned', 'commented', 'waiting_for_you', 'closed', 'nobody_eligible')),
    ticket_id BIGINT NOT NULL,
    task_id BIGINT,
    -- The comment that it is about; NULL: none. Whoever may not read an internal comment is not shown its notification.
    comment_id BIGINT,
    created_at_ms BIGINT NOT NULL,
    read_at_ms BIGINT,
    -- When it may be told by mail, or tried again; NULL: it is not to be, or was.
    mail_at_ms BIGINT,
    FOREIGN KEY (company_id, ticket_id) REFERENCES ticket(company_id, id),
    FOREIGN KEY (company_id, task_id) REFERENCES task(company_id, id),
    FOREIGN KEY (company_id, comment_id) REFERENCES comment(company_id, id)
);
CREATE INDEX notification_account ON notification(account_id, id);
CREATE INDEX notification_task ON notification(task_id) WHERE task_id IS NOT NULL;
CREATE INDEX notification_comment ON notification(comment_id) WHERE comment_id IS NOT NULL;
CREATE INDEX notification_mail ON notification(mail_at_ms) WHERE mail_at_ms IS NOT NULL;
CREATE INDEX notification_unread ON notification(account_id) WHERE read_at_ms IS NULL;
