import GRDB

extension Store {
    /// Everything that only accounts and rights need, and keys that keep what belongs to one company in it.
    static func accountsAndRights(_ db: Database) throws {
        try db.execute(sql: rightsSchema)
        try keepCompaniesApart(db)
        try db.execute(sql: companyIndexes)
    }

    private static let rightsSchema = """
        ALTER TABLE company ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE account ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE account ADD COLUMN email TEXT;
        -- The second factor's secret is an HMAC of this, so that nothing of it is kept in clear.
        ALTER TABLE account ADD COLUMN totp_nonce TEXT;
        -- NULL: the first code has not been typed yet.
        ALTER TABLE account ADD COLUMN totp_confirmed_at_ms INTEGER;
        -- The last time step whose code was used: a code holds once.
        ALTER TABLE account ADD COLUMN totp_step INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE recovery_code (
            account_id INTEGER NOT NULL REFERENCES account(id),
            hash TEXT NOT NULL,
            used_at_ms INTEGER,
            PRIMARY KEY (account_id, hash)
        );
        ALTER TABLE session ADD COLUMN address TEXT NOT NULL DEFAULT '';
        -- NULL: this site itself.
        ALTER TABLE session ADD COLUMN audience TEXT;
        -- When the person was told that the session ended by itself.
        ALTER TABLE session ADD COLUMN told_at_ms INTEGER;
        CREATE INDEX session_untold ON session(account_id)
            WHERE told_at_ms IS NULL AND ended_because = 'an old refresh token was used again';
        CREATE TABLE api_key (
            id TEXT PRIMARY KEY,
            account_id INTEGER NOT NULL REFERENCES account(id),
            name TEXT NOT NULL,
            hash TEXT NOT NULL,
            created_at_ms INTEGER NOT NULL,
            used_at_ms INTEGER,
            revoked_at_ms INTEGER
        );
        CREATE INDEX api_key_account ON api_key(account_id);
        -- A link by which somebody chooses a password: once, and not for long.
        CREATE TABLE password_link (
            hash TEXT PRIMARY KEY,
            account_id INTEGER NOT NULL REFERENCES account(id),
            kind TEXT NOT NULL CHECK (kind IN ('invite', 'reset')),
            expires_at_ms INTEGER NOT NULL,
            used_at_ms INTEGER
        );
        CREATE INDEX password_link_account ON password_link(account_id);
        -- What somebody had typed when his session died; never sent by itself.
        CREATE TABLE parked_form (
            id TEXT PRIMARY KEY,
            account_id INTEGER NOT NULL REFERENCES account(id),
            page TEXT NOT NULL,
            fields TEXT NOT NULL,
            created_at_ms INTEGER NOT NULL
        );
        CREATE INDEX parked_form_age ON parked_form(created_at_ms);
        -- The answer that was given, as JSON; NULL until it is known.
        ALTER TABLE submission ADD COLUMN answer TEXT;
        CREATE INDEX submission_age ON submission(created_at_ms);
        CREATE TABLE audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at_ms INTEGER NOT NULL,
            actor TEXT NOT NULL,
            action TEXT NOT NULL,
            subject TEXT NOT NULL,
            company_id INTEGER REFERENCES company(id),
            old TEXT,
            new TEXT,
            address TEXT NOT NULL
        );
        CREATE INDEX audit_actor ON audit(actor, id);
        CREATE INDEX audit_action ON audit(action, id);
        CREATE INDEX audit_subject ON audit(subject, id);
        CREATE INDEX audit_company ON audit(company_id, id);
        CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit log is only ever appended to'); END;
        CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit log is only ever appended to'); END;
        CREATE TABLE notification (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            company_id INTEGER NOT NULL,
            account_id INTEGER NOT NULL REFERENCES account(id),
            kind TEXT NOT NULL CHECK (kind IN (
                'assigned', 'due_soon', 'answered', 'waiting_for_you', 'closed', 'nobody_eligible')),
            ticket_id INTEGER NOT NULL,
            task_id INTEGER,
            created_at_ms INTEGER NOT NULL,
            read_at_ms INTEGER,
            FOREIGN KEY (company_id, ticket_id) REFERENCES ticket(company_id, id),
            FOREIGN KEY (company_id, task_id) REFERENCES task(company_id, id)
        );
        CREATE INDEX notification_account ON notification(account_id, id);
        CREATE INDEX notification_unread ON notification(account_id) WHERE read_at_ms IS NULL;
        CREATE INDEX notification_task ON notification(task_id) WHERE task_id IS NOT NULL;
        ALTER TABLE ticket ADD COLUMN duplicate_of_id INTEGER;
        """

    /// Every reference from one table of a company's things to another names the company too.
    private static func keepCompaniesApart(_ db: Database) throws {
        let ofDefinition = "(SELECT d.company_id FROM definition d WHERE d.id = definition_id)"
        try db.rebuild(
            "revision", company: ofDefinition,
            [
                "UNIQUE (company_id, id)",
                "FOREIGN KEY (company_id, definition_id) REFERENCES definition(company_id, id)",
            ])
        try db.rebuild(
            "definition",
            [
                "UNIQUE (company_id, id)",
                "FOREIGN KEY (company_id, revision_id) REFERENCES revision(company_id, id)",
            ])
        try db.rebuild(
            "ticket",
            [
                "FOREIGN KEY (company_id, revision_id) REFERENCES revision(company_id, id)",
                "FOREIGN KEY (company_id, duplicate_of_id) REFERENCES ticket(company_id, id)",
            ])
        let ofTicket = "(SELECT t.company_id FROM ticket t WHERE t.id = ticket_id)"
        let toTicket = "FOREIGN KEY (company_id, ticket_id) REFERENCES ticket(company_id, id)"
        let toTask = "FOREIGN KEY (company_id, task_id) REFERENCES task(company_id, id)"
        try db.rebuild("ticket_view_role", company: ofTicket, [toTicket])
        try db.rebuild(
            "instance",
            [
                "FOREIGN KEY (company_id, workflow_revision_id) REFERENCES revision(company_id, id)",
                "FOREIGN KEY (company_id, schedule_id) REFERENCES definition(company_id, id)",
            ])
        try db.rebuild(
            "task",
            [
                "UNIQUE (company_id, id)",
                "FOREIGN KEY (company_id, revision_id) REFERENCES revision(company_id, id)",
            ])
        try db.rebuild("assignment", company: ofTicket, [toTicket, toTask])
        try db.rebuild("history", [toTask])
        try db.rebuild("attachment", [toTask])
        try db.rebuild("outbox", [toTask])
        try db.rebuild(
            "schedule",
            [
                "FOREIGN KEY (company_id, definition_id) REFERENCES definition(company_id, id)",
                "FOREIGN KEY (company_id, revision_id) REFERENCES revision(company_id, id)",
            ])
    }

    private static let companyIndexes = """
        CREATE INDEX ticket_type ON ticket(company_id, type, number);
        CREATE INDEX ticket_updated ON ticket(company_id, updated_at_ms, number);
        CREATE INDEX ticket_state_updated ON ticket(company_id, state, updated_at_ms, number);
        CREATE INDEX ticket_requester_state ON ticket(company_id, requester_id, state, number);
        CREATE INDEX task_open_due ON task(due_at_ms) WHERE due_at_ms IS NOT NULL AND finished_at_ms IS NULL;
        """
}

extension Database {
    /// Makes a table anew with more constraints, which SQLite cannot add to one that is there. Rows, indexes and the
    /// next automatic id stay.
    /// - Parameters:
    ///   - company: an expression over the old row for a new column `company_id`; nil: the table has one.
    ///   - constraints: of the table, as SQL.
    fileprivate func rebuild(_ table: String, company: String? = nil, _ constraints: [String]) throws {
        guard
            let old = try String.fetchOne(
                self, sql: "SELECT sql FROM sqlite_master WHERE name = ?", arguments: [table]),
            let start = old.firstIndex(of: "("), let end = old.lastIndex(of: ")")
        else { throw DatabaseError(message: "there is no table \(table)") }
        let indexes = try String.fetchAll(
            self, sql: "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL",
            arguments: [table])
        let columns = try self.columns(in: table).map(\.name).joined(separator: ", ")
        let column = company == nil ? "" : "company_id INTEGER NOT NULL REFERENCES company(id), "
        let body = column + old[old.index(after: start)..<end] + ", " + constraints.joined(separator: ", ")
        try execute(
            sql: """
                CREATE TABLE \(table)_new (\(body));
                INSERT INTO \(table)_new (\(company == nil ? "" : "company_id, ")\(columns))
                    SELECT \(company.map { $0 + ", " } ?? "")\(columns) FROM \(table);
                """)
        if old.contains("AUTOINCREMENT") {
            try execute(
                sql: """
                    DELETE FROM sqlite_sequence WHERE name = '\(table)_new';
                    INSERT INTO sqlite_sequence (name, seq)
                        SELECT '\(table)_new', seq FROM sqlite_sequence WHERE name = '\(table)';
                    """)
        }
        try execute(sql: "DROP TABLE \(table); ALTER TABLE \(table)_new RENAME TO \(table);")
        for index in indexes { try execute(sql: index) }
    }
}
