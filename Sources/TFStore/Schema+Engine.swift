extension Store {
    static let engineSchema = """
        -- An instance may have no ticket (one that the clock started) and a parent (`run: workflow`).
        CREATE TABLE instance_3 (
            id INTEGER PRIMARY KEY,
            company_id INTEGER NOT NULL REFERENCES company(id),
            ticket_id INTEGER,
            workflow_revision_id INTEGER REFERENCES revision(id),
            pins TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('running', 'completed', 'faulted', 'cancelled')),
            state TEXT,
            version INTEGER NOT NULL DEFAULT 0,
            parent_id INTEGER,
            parent_reference TEXT,
            parent_visit INTEGER,
            -- How many workflows are above it.
            depth INTEGER NOT NULL DEFAULT 0,
            -- The definition whose schedule started it.
            schedule_id INTEGER REFERENCES definition(id),
            wake_at_ms INTEGER,
            is_listening INTEGER NOT NULL DEFAULT 0 CHECK (is_listening IN (0, 1)),
            -- Whether a workflow started it, by itself or with a ticket.
            is_spawned INTEGER NOT NULL DEFAULT 0 CHECK (is_spawned IN (0, 1)),
            created_at_ms INTEGER NOT NULL DEFAULT 0,
            ended_at_ms INTEGER,
            UNIQUE (company_id, id),
            FOREIGN KEY (company_id, ticket_id) REFERENCES ticket(company_id, id),
            FOREIGN KEY (company_id, parent_id) REFERENCES instance_3(company_id, id)
        );
        INSERT INTO instance_3 (id, company_id, ticket_id, workflow_revision_id, pins, status, state, version)
            SELECT id, company_id, ticket_id, workflow_revision_id, pins, status, state, version FROM instance;
        DROP TABLE instance;
        ALTER TABLE instance_3 RENAME TO instance;
        CREATE INDEX instance_ticket ON instance(ticket_id);
        CREATE INDEX instance_parent ON instance(parent_id) WHERE parent_id IS NOT NULL;
        CREATE INDEX instance_wake ON instance(wake_at_ms) WHERE wake_at_ms IS NOT NULL;
        CREATE INDEX instance_spawned ON instance(company_id) WHERE is_spawned = 1 AND status = 'running';
        CREATE INDEX instance_listening ON instance(company_id) WHERE is_listening = 1;
        CREATE INDEX instance_unticketed ON instance(company_id, id) WHERE ticket_id IS NULL;
        CREATE TABLE event_3 (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            company_id INTEGER NOT NULL,
            instance_id INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN (
                'start', 'task', 'task_failed', 'cancel', 'http', 'run', 'ticket', 'received', 'resume', 'retry', 'skip')),
            payload TEXT NOT NULL,
            set_aside TEXT,
            created_at_ms INTEGER NOT NULL,
            FOREIGN KEY (company_id, instance_id) REFERENCES instance(company_id, id)
        );
        INSERT INTO event_3 SELECT * FROM event;
        DROP TABLE event;
        ALTER TABLE event_3 RENAME TO event;
        CREATE INDEX event_waiting ON event(company_id, id) WHERE set_aside IS NULL;
        -- CloudEvents that arrived or were emitted; kept for 24 h for listeners that come later.
        CREATE TABLE cloud_event (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            company_id INTEGER NOT NULL REFERENCES company(id),
            source TEXT NOT NULL,
            event_id TEXT NOT NULL,
            payload TEXT NOT NULL,
            is_dispatched INTEGER NOT NULL DEFAULT 0 CHECK (is_dispatched IN (0, 1)),
            at_ms INTEGER NOT NULL,
            UNIQUE (company_id, source, event_id)
        );
        CREATE INDEX cloud_event_new ON cloud_event(id) WHERE is_dispatched = 0;
        CREATE INDEX cloud_event_at ON cloud_event(company_id, at_ms);
        -- Requests of workflows: `waiting` to be sent at `next_at_ms`, or `sent` and not yet answered.
        CREATE TABLE http_call (
            id INTEGER PRIMARY KEY,
            company_id INTEGER NOT NULL,
            instance_id INTEGER NOT NULL,
            reference TEXT NOT NULL,
            visit INTEGER NOT NULL,
            stage INTEGER NOT NULL,
            is_repeatable INTEGER NOT NULL CHECK (is_repeatable IN (0, 1)),
            state TEXT NOT NULL CHECK (state IN ('waiting', 'sent')),
            attempt INTEGER NOT NULL DEFAULT 0,
            next_at_ms INTEGER NOT NULL,
            deadline_at_ms INTEGER,
            UNIQUE (instance_id, reference, visit, stage),
            FOREIGN KEY (company_id, instance_id) REFERENCES instance(company_id, id)
        );
        CREATE INDEX http_call_next ON http_call(state, next_at_ms);
        CREATE INDEX http_call_sent ON http_call(company_id) WHERE state = 'sent';
        -- Sealed with the data directory's key file.
        CREATE TABLE secret (
            company_id INTEGER NOT NULL REFERENCES company(id),
            name TEXT NOT NULL,
            sealed TEXT NOT NULL,
            updated_at_ms INTEGER NOT NULL,
            PRIMARY KEY (company_id, name)
        );
        ALTER TABLE definition ADD COLUMN has_schedule INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX definition_schedule ON definition(company_id) WHERE has_schedule = 1;
        CREATE TABLE schedule (
            definition_id INTEGER PRIMARY KEY REFERENCES definition(id),
            company_id INTEGER NOT NULL REFERENCES company(id),
            revision_id INTEGER NOT NULL REFERENCES revision(id),
            next_at_ms INTEGER,
            -- Events of an `all` that have come so far.
            met TEXT NOT NULL DEFAULT '[]'
        );
        CREATE INDEX schedule_next ON schedule(next_at_ms) WHERE next_at_ms IS NOT NULL;
        """
}
