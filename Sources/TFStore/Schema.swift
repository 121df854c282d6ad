import GRDB

extension SQLite {
    /// Brings the schema up to date.
    func migrate() throws { try Self.translated { try Store.migrator.migrate(pool) } }
}

extension Store {
    /// The schema's history. A released migration is never edited; changes are appended.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 accounts") { db in try db.execute(sql: accountSchema) }
        migrator.registerMigration("1 definitions") { db in try db.execute(sql: definitionSchema) }
        migrator.registerMigration("1 tickets") { db in try db.execute(sql: ticketSchema) }
        migrator.registerMigration("1 queues") { db in try db.execute(sql: queueSchema) }
        migrator.registerMigration("2 forms") { db in try db.execute(sql: formSchema) }
        migrator.registerMigration("3 engine") { db in try db.execute(sql: engineSchema) }
        migrator.registerMigration("4 queues") { db in try db.execute(sql: fullQueueSchema) }
        migrator.registerMigration("5 accounts and rights") { db in try accountsAndRights(db) }
        migrator.registerMigration("6 recovery") { db in try db.execute(sql: recoverySchema) }
        migrator.registerMigration("7 search") { db in try searchedText(db) }
        return migrator
    }

    private static let accountSchema = """
        CREATE TABLE company (
            id INTEGER PRIMARY KEY,
            slug TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            timezone TEXT NOT NULL,
            next_ticket_number INTEGER NOT NULL DEFAULT 1,
            created_at_ms INTEGER NOT NULL
        );
        CREATE TABLE account (
            id INTEGER PRIMARY KEY,
            login TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('person', 'service')),
            password TEXT,
            disabled_at_ms INTEGER,
            created_at_ms INTEGER NOT NULL
        );
        CREATE TABLE account_role (
            account_id INTEGER NOT NULL REFERENCES account(id),
            role TEXT NOT NULL CHECK (role IN ('admin', 'user', 'ticket_admin', 'task_worker', 'workflow_creator')),
            PRIMARY KEY (account_id, role)
        );
        CREATE TABLE membership (
            company_id INTEGER NOT NULL REFERENCES company(id),
            account_id INTEGER NOT NULL REFERENCES account(id),
            is_available INTEGER NOT NULL DEFAULT 1 CHECK (is_available IN (0, 1)),
            PRIMARY KEY (company_id, account_id)
        );
        CREATE INDEX membership_account ON membership(account_id);
        CREATE TABLE membership_only (
            company_id INTEGER NOT NULL,
            account_id INTEGER NOT NULL,
            role TEXT NOT NULL,
            PRIMARY KEY (company_id, account_id, role),
            FOREIGN KEY (company_id, account_id) REFERENCES membership(company_id, account_id) ON DELETE CASCADE
        );
        CREATE TABLE company_role (
            company_id INTEGER NOT NULL REFERENCES company(id),
            name TEXT NOT NULL,
            PRIMARY KEY (company_id, name)
        );
        CREATE TABLE member_role (
            company_id INTEGER NOT NULL,
            account_id INTEGER NOT NULL,
            role TEXT NOT NULL,
            PRIMARY KEY (company_id, account_id, role),
            FOREIGN KEY (company_id, account_id) REFERENCES membership(company_id, account_id) ON DELETE CASCADE,
            FOREIGN KEY (company_id, role) REFERENCES company_role(company_id, name)
        );
        CREATE INDEX member_role_role ON member_role(company_id, role);
        -- Who may be given tasks: people who are members, hold task_worker here, and are not disabled.
        CREATE VIEW worker AS
            SELECT m.company_id, m.account_id, a.login, m.is_available
            FROM membership m
            JOIN account a ON a.id = m.account_id AND a.kind = 'person' AND a.disabled_at_ms IS NULL
            JOIN account_role s ON s.account_id = a.id AND s.role = 'task_worker'
            WHERE NOT EXISTS (
                SELECT 1 FROM membership_only o WHERE o.company_id = m.company_id AND o.account_id = m.account_id
            ) OR EXISTS (
                SELECT 1 FROM membership_only o
                WHERE o.company_id = m.company_id AND o.account_id = m.account_id AND o.role = 'task_worker'
            );
        CREATE TABLE session (
            id TEXT PRIMARY KEY,
            account_id INTEGER NOT NULL REFERENCES account(id),
            purpose TEXT NOT NULL CHECK (purpose IN ('web', 'api')),
            refresh_hash TEXT NOT NULL,
            previous_hash TEXT,
            rotated_at_ms INTEGER NOT NULL,
            created_at_ms INTEGER NOT NULL,
            ended_at_ms INTEGER,
            ended_because TEXT,
            agent TEXT NOT NULL
        );
        CREATE INDEX session_account ON session(account_id);
        CREATE TABLE throttle (
            name TEXT PRIMARY KEY,
            failures INTEGER NOT NULL,
            blocked_until_ms INTEGER NOT NULL,
            changed_at_ms INTEGER NOT NULL
        );
        CREATE TABLE submission (
            account_id INTEGER NOT NULL REFERENCES account(id),
            name TEXT NOT NULL,
            request TEXT NOT NULL,
            result TEXT NOT NULL,
            created_at_ms INTEGER NOT NULL,
            PRIMARY KEY (account_id, name)
        );
        """

    private static let definitionSchema = """
        CREATE TABLE definition (
            id INTEGER PRIMARY KEY,
            company_id INTEGER NOT NULL REFERENCES company(id),
            kind TEXT NOT NULL CHECK (kind IN ('ticket', 'task', 'workflow')),
            name TEXT NOT NULL,
            version TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('active', 'incomplete', 'retired')),
            file TEXT NOT NULL,
            revision_id INTEGER,
            updated_at_ms INTEGER NOT NULL,
            UNIQUE (company_id, kind, name, version)
        );
        CREATE TABLE revision (
            id INTEGER PRIMARY KEY,
            definition_id INTEGER NOT NULL REFERENCES definition(id),
            sha256 TEXT NOT NULL,
            source TEXT NOT NULL,
            model TEXT NOT NULL,
            published_at_ms INTEGER NOT NULL,
            UNIQUE (definition_id, sha256)
        );
        CREATE TABLE problem (
            id INTEGER PRIMARY KEY,
            company_id INTEGER NOT NULL REFERENCES company(id),
            file TEXT NOT NULL,
            line_number INTEGER NOT NULL,
            column_number INTEGER NOT NULL,
            severity TEXT NOT NULL CHECK (severity IN ('error', 'warning', 'notice')),
            message TEXT NOT NULL,
            suggestion TEXT
        );
        CREATE INDEX problem_company ON problem(company_id, file);
        """

    private static let ticketSchema = """
        CREATE TABLE ticket (
            id INTEGER PRIMARY KEY,
            company_id INTEGER NOT NULL REFERENCES company(id),
            number INTEGER NOT NULL,
            revision_id INTEGER NOT NULL REFERENCES revision(id),
            type TEXT NOT NULL,
            title TEXT NOT NULL,
            status TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('open', 'closed', 'cancelled', 'failed')),
            priority TEXT NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
            labels TEXT NOT NULL,
            form TEXT NOT NULL,
            requester_id INTEGER NOT NULL REFERENCES account(id),
            due_at_ms INTEGER,
            created_at_ms INTEGER NOT NULL,
            updated_at_ms INTEGER NOT NULL,
            closed_at_ms INTEGER,
            version INTEGER NOT NULL DEFAULT 1,
            UNIQUE (company_id, number),
            UNIQUE (company_id, id)
        );
        CREATE INDEX ticket_requester ON ticket(company_id, requester_id, number);
        CREATE INDEX ticket_state ON ticket(company_id, state, number);
        CREATE TABLE ticket_view_role (
            ticket_id INTEGER NOT NULL REFERENCES ticket(id),
            role TEXT NOT NULL,
            PRIMARY KEY (ticket_id, role)
        );
        CREATE TABLE comment (
            id INTEGER PRIMARY KEY,
            company_id INTEGER NOT NULL,
            ticket_id INTEGER NOT NULL,
            account_id INTEGER NOT NULL REFERENCES account(id),
            text TEXT NOT NULL,
            is_internal INTEGER NOT NULL CHECK (is_internal IN (0, 1)),
            created_at_ms INTEGER NOT NULL,
            FOREIGN KEY (company_id, ticket_id) REFERENCES ticket(company_id, id)
        );
        CREATE INDEX comment_ticket ON comment(ticket_id);
        CREATE TABLE history (
            id INTEGER PRIMARY KEY,
            company_id INTEGER NOT NULL,
            ticket_id INTEGER NOT NULL,
            task_id INTEGER,
            actor TEXT NOT NULL,
            kind TEXT NOT NULL,
            data TEXT NOT NULL,
            at_ms INTEGER NOT NULL,
            FOREIGN KEY (company_id, ticket_id) REFERENCES ticket(company_id, id)
        );
        CREATE INDEX history_ticket ON history(ticket_id, id);
        CREATE TABLE instance (
            id INTEGER PRIMARY KEY,
            company_id INTEGER NOT NULL,
            ticket_id INTEGER NOT NULL,
            workflow_revision_id INTEGER REFERENCES revision(id),
            pins TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('running', 'completed', 'faulted', 'cancelled')),
            state TEXT,
            version INTEGER NOT NULL DEFAULT 0,
            UNIQUE (company_id, id),
            FOREIGN KEY (company_id, ticket_id) REFERENCES ticket(company_id, id)
        );
        CREATE INDEX instance_ticket ON instance(ticket_id);
        CREATE TABLE event (
            id INTEGER PRIMARY KEY,
            company_id INTEGER NOT NULL,
            instance_id INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('start', 'task', 'cancel')),
            payload TEXT NOT NULL,
            set_aside TEXT,
            created_at_ms INTEGER NOT NULL,
            FOREIGN KEY (company_id, instance_id) REFERENCES instance(company_id, id)
        );
        CREATE TABLE task (
            id INTEGER PRIMARY KEY,
            company_id INTEGER NOT NULL,
            ticket_id INTEGER NOT NULL,
            instance_id INTEGER NOT NULL,
            revision_id INTEGER REFERENCES revision(id),
            reference TEXT NOT NULL,
            visit INTEGER NOT NULL,
            step TEXT NOT NULL,
            name TEXT NOT NULL,
            title TEXT NOT NULL,
            description TEXT,
            role TEXT,
            strategy TEXT NOT NULL CHECK (strategy IN ('shortest-queue', 'pool', 'person', 'requester')),
            excluded TEXT NOT NULL,
            preferred TEXT,
            state TEXT NOT NULL
                CHECK (state IN ('ready', 'assigned', 'started', 'held', 'completed', 'withdrawn', 'failed')),
            waiting_because TEXT,
            assignee_id INTEGER REFERENCES account(id),
            attempt INTEGER NOT NULL DEFAULT 1,
            priority TEXT NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
            due_at_ms INTEGER,
            input TEXT NOT NULL,
            output TEXT,
            decision TEXT,
            created_at_ms INTEGER NOT NULL,
            assigned_at_ms INTEGER,
            started_at_ms INTEGER,
            finished_at_ms INTEGER,
            version INTEGER NOT NULL DEFAULT 1,
            UNIQUE (instance_id, reference, visit),
            FOREIGN KEY (company_id, ticket_id) REFERENCES ticket(company_id, id),
            FOREIGN KEY (company_id, instance_id) REFERENCES instance(company_id, id)
        );
        CREATE INDEX task_ticket ON task(ticket_id);
        CREATE INDEX task_assignee ON task(company_id, assignee_id, state);
        CREATE INDEX task_state ON task(company_id, state, id);
        CREATE TABLE assignment (
            task_id INTEGER NOT NULL REFERENCES task(id),
            attempt INTEGER NOT NULL,
            ticket_id INTEGER NOT NULL REFERENCES ticket(id),
            account_id INTEGER NOT NULL REFERENCES account(id),
            at_ms INTEGER NOT NULL,
            PRIMARY KEY (task_id, attempt)
        );
        CREATE INDEX assignment_account ON assignment(account_id, ticket_id);
        """

    private static let formSchema = """
        -- Label, type and audience of each answer, as they were when it was given.
        ALTER TABLE ticket ADD COLUMN fields TEXT NOT NULL DEFAULT '[]';
        ALTER TABLE task ADD COLUMN fields TEXT NOT NULL DEFAULT '[]';
        -- What the form's expressions gave when the task was made.
        ALTER TABLE task ADD COLUMN prefilled TEXT NOT NULL DEFAULT '{}';
        -- {answers, by}: a form that is half filled in, and by whom.
        ALTER TABLE task ADD COLUMN draft TEXT;
        -- A file that was sent; its bytes are in <data>/attachments/<id>. Without a ticket nothing uses it yet.
        CREATE TABLE attachment (
            id TEXT PRIMARY KEY,
            company_id INTEGER NOT NULL REFERENCES company(id),
            account_id INTEGER NOT NULL REFERENCES account(id),
            name TEXT NOT NULL,
            media_type TEXT NOT NULL,
            size INTEGER NOT NULL,
            created_at_ms INTEGER NOT NULL,
            ticket_id INTEGER,
            task_id INTEGER,
            field TEXT,
            FOREIGN KEY (company_id, ticket_id) REFERENCES ticket(company_id, id)
        );
        CREATE INDEX attachment_ticket ON attachment(ticket_id);
        CREATE INDEX attachment_unused ON attachment(created_at_ms) WHERE ticket_id IS NULL;
        """

    private static let queueSchema = """
        -- Ids must grow for ever, also over an empty table: Redis remembers the last one it has seen.
        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            company_id INTEGER NOT NULL REFERENCES company(id),
            kind TEXT NOT NULL CHECK (kind IN ('assign', 'place', 'remove', 'worker')),
            task_id INTEGER REFERENCES task(id),
            attempt INTEGER,
            account_id INTEGER REFERENCES account(id),
            created_at_ms INTEGER NOT NULL
        );
        CREATE TABLE queue_epoch (
            company_id INTEGER PRIMARY KEY REFERENCES company(id),
            epoch TEXT NOT NULL,
            acknowledged_id INTEGER NOT NULL
        );
        CREATE TABLE leader (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            holder TEXT NOT NULL,
            epoch INTEGER NOT NULL,
            expires_at_ms INTEGER NOT NULL
        );
        """
}
