-- What the removal of old rows needs: the gate of the audit log, and indexes that find what is old and what refers to
-- it.

-- What may be done to the audit log, in the one row, which stays.
CREATE TABLE audit_gate (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    -- Older entries may be deleted, as `retention.audit` says; raised only, and noted in the log itself.
    kept_from_ms BIGINT NOT NULL,
    -- 1: names in entries may be replaced. Only so within the transaction that erases a person.
    is_open BIGINT NOT NULL CHECK (is_open IN (0, 1))
);
INSERT INTO audit_gate (id, kept_from_ms, is_open) VALUES (1, 0, 0);

-- What is old.
CREATE INDEX notification_created ON notification(created_at_ms);
CREATE INDEX instance_unticketed_end ON instance(company_id, ended_at_ms)
    WHERE ticket_id IS NULL AND ended_at_ms IS NOT NULL;
CREATE INDEX session_end ON session((COALESCE(ended_at_ms, rotated_at_ms)));
CREATE INDEX api_key_revoked ON api_key(revoked_at_ms) WHERE revoked_at_ms IS NOT NULL;
CREATE INDEX password_link_expiry ON password_link(expires_at_ms);
CREATE INDEX throttle_changed ON throttle(changed_at_ms);
CREATE INDEX mended_key_at ON mended_key(at_ms);
CREATE INDEX cloud_event_given ON cloud_event(at_ms) WHERE is_dispatched = 1;

-- What refers to a ticket or a task that goes. Without them each of its rows would be looked for in the whole table.
CREATE INDEX ticket_duplicate ON ticket(duplicate_of_id, company_id) WHERE duplicate_of_id IS NOT NULL;
CREATE INDEX history_task ON history(task_id) WHERE task_id IS NOT NULL;
CREATE INDEX attachment_task ON attachment(task_id, company_id) WHERE task_id IS NOT NULL;
CREATE INDEX search_text_task ON search_text(task_id) WHERE task_id IS NOT NULL;
CREATE UNIQUE INDEX notification_ticket ON notification(ticket_id, company_id, id);
CREATE INDEX assignment_ticket ON assignment(ticket_id);
