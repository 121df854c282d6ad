-- Indexes for the pages of definitions: what is under way with a revision, and how the steps of a workflow fare.
CREATE INDEX instance_running ON instance(company_id, workflow_revision_id) WHERE status = 'running';
CREATE INDEX ticket_open_revision ON ticket(company_id, revision_id) WHERE state = 'open';
CREATE INDEX task_open_revision ON task(company_id, revision_id) WHERE finished_at_ms IS NULL;
CREATE INDEX task_name ON task(company_id, name, finished_at_ms);
