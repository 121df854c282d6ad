extension Store {
    static let recoverySchema = """
        -- Times in a row that a daemon died while it handled it; why it stands still.
        ALTER TABLE instance ADD COLUMN deaths INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE instance ADD COLUMN set_aside TEXT;
        CREATE INDEX instance_suspect ON instance(id) WHERE deaths > 0;
        CREATE INDEX instance_set_aside ON instance(id) WHERE set_aside IS NOT NULL;
        ALTER TABLE schedule ADD COLUMN deaths INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE schedule ADD COLUMN set_aside TEXT;
        -- For whom a task is that names somebody: who gets it back after a failed try, or who came back.
        ALTER TABLE task ADD COLUMN addressee TEXT;
        UPDATE task SET addressee = (SELECT login FROM account a WHERE a.id = task.assignee_id)
            WHERE strategy IN ('person', 'requester', 'each') AND assignee_id IS NOT NULL;
        CREATE INDEX task_addressee ON task(company_id, addressee) WHERE state = 'ready' AND addressee IS NOT NULL;
        """
}
