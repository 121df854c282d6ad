extension Store {
    static let fullQueueSchema = """
        -- A task may be a program's, and one of several that ask different people the same (`seat`).
        CREATE TABLE task_4 (
            id INTEGER PRIMARY KEY,
            company_id INTEGER NOT NULL,
            ticket_id INTEGER NOT NULL,
            instance_id INTEGER NOT NULL,
            revision_id INTEGER REFERENCES revision(id),
            reference TEXT NOT NULL,
            visit INTEGER NOT NULL,
            seat INTEGER NOT NULL DEFAULT 0,
            step TEXT NOT NULL,
            name TEXT NOT NULL,
            title TEXT NOT NULL,
            description TEXT,
            kind TEXT NOT NULL DEFAULT 'person' CHECK (kind IN ('person', 'service')),
            role TEXT,
            strategy TEXT NOT NULL
                CHECK (strategy IN ('shortest-queue', 'round-robin', 'pool', 'person', 'requester', 'each')),
            excluded TEXT NOT NULL,
            -- Logins that the rule does not choose: those who gave it back.
            avoided TEXT NOT NULL DEFAULT '[]',
            preferred TEXT,
            state TEXT NOT NULL
                CHECK (state IN ('ready', 'assigned', 'started', 'held', 'completed', 'withdrawn', 'failed')),
            waiting_because TEXT,
            assignee_id INTEGER REFERENCES account(id),
            attempt INTEGER NOT NULL DEFAULT 1,
            -- Tries of a program that failed or whose lease ended.
            failures INTEGER NOT NULL DEFAULT 0,
            -- Who holds a program's job: the token that it was given, or '' where it was taken from its list.
            lease TEXT,
            -- When the clock moves it: a lease or a hold ends, or a failed job is tried again.
            wake_at_ms INTEGER,
            priority TEXT NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
            due_at_ms INTEGER,
            input TEXT NOT NULL,
            output TEXT,
            -- What a program said when it failed last.
            error TEXT,
            decision TEXT,
            created_at_ms INTEGER NOT NULL,
            assigned_at_ms INTEGER,
            started_at_ms INTEGER,
            finished_at_ms INTEGER,
            version INTEGER NOT NULL DEFAULT 1,
            fields TEXT NOT NULL DEFAULT '[]',
            prefilled TEXT NOT NULL DEFAULT '{}',
            draft TEXT,
            UNIQUE (instance_id, reference, visit, seat),
            FOREIGN KEY (company_id, ticket_id) REFERENCES ticket(company_id, id),
            FOREIGN KEY (company_id, instance_id) REFERENCES instance(company_id, id)
        );
        INSERT INTO task_4 (id, company_id, ticket_id, instance_id, revision_id, reference, visit, step, name, title,
                description, role, strategy, excluded, preferred, state, waiting_because, assignee_id, attempt, priority,
                due_at_ms, input, output, decision, created_at_ms, assigned_at_ms, started_at_ms, finished_at_ms,
                version, fields, prefilled, draft)
            SELECT id, company_id, ticket_id, instance_id, revision_id, reference, visit, step, name, title,
                description, role, strategy, excluded, preferred, state, waiting_because, assignee_id, attempt, priority,
                due_at_ms, input, output, decision, created_at_ms, assigned_at_ms, started_at_ms, finished_at_ms,
                version, fields, prefilled, draft
            FROM task;
        DROP TABLE task;
        ALTER TABLE task_4 RENAME TO task;
        CREATE INDEX task_ticket ON task(ticket_id);
        CREATE INDEX task_assignee ON task(company_id, assignee_id, state);
        CREATE INDEX task_state ON task(company_id, state, id);
        CREATE INDEX task_wake ON task(wake_at_ms) WHERE wake_at_ms IS NOT NULL;

        CREATE TABLE outbox_4 (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            company_id INTEGER NOT NULL REFERENCES company(id),
            kind TEXT NOT NULL CHECK (kind IN ('assign', 'place', 'remove', 'take', 'worker')),
            task_id INTEGER REFERENCES task(id),
            attempt INTEGER,
            account_id INTEGER REFERENCES account(id),
            created_at_ms INTEGER NOT NULL
        );
        INSERT INTO outbox_4 SELECT * FROM outbox;
        -- Ids go on where they were: Redis remembers the last one.
        UPDATE sqlite_sequence SET seq = (SELECT seq FROM sqlite_sequence WHERE name = 'outbox')
            WHERE name = 'outbox_4' AND EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'outbox');
        INSERT INTO sqlite_sequence (name, seq)
            SELECT 'outbox_4', seq FROM sqlite_sequence
            WHERE name = 'outbox' AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'outbox_4');
        DROP TABLE outbox;
        ALTER TABLE outbox_4 RENAME TO outbox;
        CREATE INDEX outbox_task ON outbox(task_id) WHERE task_id IS NOT NULL;

        -- Whether assignment goes on.
        ALTER TABLE company ADD COLUMN is_paused INTEGER NOT NULL DEFAULT 0 CHECK (is_paused IN (0, 1));
        -- The next planned change of somebody's availability, and when it is undone.
        ALTER TABLE membership ADD COLUMN plan_at_ms INTEGER;
        ALTER TABLE membership ADD COLUMN plan_available INTEGER CHECK (plan_available IN (0, 1));
        ALTER TABLE membership ADD COLUMN plan_handover TEXT CHECK (plan_handover IN ('all', 'not_started', 'keep'));
        ALTER TABLE membership ADD COLUMN plan_until_ms INTEGER;
        CREATE INDEX membership_plan ON membership(plan_at_ms) WHERE plan_at_ms IS NOT NULL;
        -- When a program last showed that it lives.
        ALTER TABLE membership ADD COLUMN seen_at_ms INTEGER;
        CREATE INDEX membership_seen ON membership(seen_at_ms) WHERE seen_at_ms IS NOT NULL AND is_available = 1;
        UPDATE membership SET is_available = 0
            WHERE account_id IN (SELECT id FROM account WHERE kind = 'service');
        DROP VIEW worker;
        -- Who may be given tasks: people and programs who are members, hold task_worker here, and are not disabled.
        CREATE VIEW worker AS
            SELECT m.company_id, m.account_id, a.login, a.kind, m.is_available
            FROM membership m
            JOIN account a ON a.id = m.account_id AND a.disabled_at_ms IS NULL
            JOIN account_role s ON s.account_id = a.id AND s.role = 'task_worker'
            WHERE NOT EXISTS (
                SELECT 1 FROM membership_only o WHERE o.company_id = m.company_id AND o.account_id = m.account_id
            ) OR EXISTS (
                SELECT 1 FROM membership_only o
                WHERE o.company_id = m.company_id AND o.account_id = m.account_id AND o.role = 'task_worker'
            );
        """
}
