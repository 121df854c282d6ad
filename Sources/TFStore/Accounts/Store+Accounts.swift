import GRDB
import TFDefinition

extension Store {
    // MARK: Companies and roles

    /// Makes a company.
    /// - Throws: `StoreError.conflict` when the slug is taken.
    package func addCompany(slug: String, name: String, timezone: String, now: Int64) async throws -> Company {
        try await write { db in
            guard
                try Company.fetchOne(db.cachedStatement(sql: "SELECT * FROM company WHERE slug = ?"), arguments: [slug])
                    == nil
            else {
                throw StoreError.conflict("there is a company \"\(slug)\" already")
            }
            let company = try Company.fetchOne(
                db.cachedStatement(
                    sql: """
                        INSERT INTO company (slug, name, timezone, created_at_ms) VALUES (?, ?, ?, ?) RETURNING *
                        """), arguments: [slug, name, timezone, now])
            guard let company else { throw StoreError.notFound }
            return company
        }
    }

    package func companies() async throws -> [Company] {
        try await pool.read { db in try Company.fetchAll(db.cachedStatement(sql: "SELECT * FROM company ORDER BY slug"))
        }
    }

    package func company(_ slug: String) async throws -> Company? {
        try await pool.read { db in
            try Company.fetchOne(db.cachedStatement(sql: "SELECT * FROM company WHERE slug = ?"), arguments: [slug])
        }
    }

    package func companyRoles(_ company: Int64) async throws -> Set<String> {
        try await pool.read { db in
            try String.fetchSet(db, sql: "SELECT name FROM company_role WHERE company_id = ?", arguments: [company])
        }
    }

    /// Declares a company role; one that is there already stays.
    package func addCompanyRole(_ role: String, company: Int64) async throws {
        try await write { db in
            try db.perform(
                sql: "INSERT INTO company_role (company_id, name) VALUES (?, ?) ON CONFLICT DO NOTHING",
                arguments: [company, role])
        }
    }

    // MARK: Accounts

    /// Makes an account.
    /// - Parameter password: a PHC string; nil for one that cannot sign in by password.
    /// - Throws: `StoreError.conflict` when the login is taken.
    package func addAccount(
        login: String, name: String, kind: Account.Kind, password: String?, roles: Set<SystemRole>, now: Int64
    ) async throws -> Account {
        try await write { db in
            guard try Account.fetchOne(db, login: login) == nil else {
                throw StoreError.conflict("there is a user \"\(login)\" already")
            }
            let account = try Account.fetchOne(
                db.cachedStatement(
                    sql: """
                        INSERT INTO account (login, name, kind, password, created_at_ms) VALUES (?, ?, ?, ?, ?) RETURNING *
                        """), arguments: [login, name, kind.rawValue, password, now])
            guard let account else { throw StoreError.notFound }
            for role in roles {
                try db.perform(
                    sql: "INSERT INTO account_role (account_id, role) VALUES (?, ?)",
                    arguments: [account.id, role.rawValue])
            }
            return account
        }
    }

    package func account(_ login: String) async throws -> Account? {
        try await pool.read { db in try Account.fetchOne(db, login: login) }
    }

    /// Everybody, with roles and memberships, by login.
    package func identities() async throws -> [Identity] {
        try await pool.read { db in
            try Account.fetchAll(db.cachedStatement(sql: "SELECT * FROM account ORDER BY login")).map { account in
                try Identity.fetch(db, account)
            }
        }
    }

    package func identity(_ login: String) async throws -> Identity? {
        try await pool.read { db in
            try Account.fetchOne(db, login: login).map { account in try Identity.fetch(db, account) }
        }
    }

    package func setPassword(_ password: String, of account: Int64, keeping session: String?, now: Int64) async throws {
        try await write { db in
            try db.perform(sql: "UPDATE account SET password = ? WHERE id = ?", arguments: [password, account])
            try db.perform(
                sql: """
                    UPDATE session SET ended_at_ms = ?, ended_because = 'password changed'
                    WHERE account_id = ? AND ended_at_ms IS NULL AND id <> ?
                    """, arguments: [now, account, session ?? ""])
        }
    }

    /// Makes somebody a member, or changes what he is in the company; his open tasks follow his rights.
    /// - Parameter only: the system roles that count in this company; empty: all of his.
    package func setMembership(
        of account: Int64, in company: Int64, companyRoles: Set<String>, only: Set<SystemRole>, now: Int64
    ) async throws {
        try await write { db in
            try db.perform(
                // People are available from the start; a program is when it asks for jobs.
                sql: """
                    INSERT INTO membership (company_id, account_id, is_available)
                    SELECT ?, id, kind = 'person' FROM account WHERE id = ? ON CONFLICT DO NOTHING
                    """, arguments: [company, account])
            for table in ["member_role", "membership_only"] {
                try db.perform(
                    sql: "DELETE FROM \(table) WHERE company_id = ? AND account_id = ?", arguments: [company, account])
            }
            for role in companyRoles.sorted() {
                guard
                    try Bool.fetchOne(
                        db.cachedStatement(
                            sql: "SELECT COUNT(*) > 0 FROM company_role WHERE company_id = ? AND name = ?"),
                        arguments: [company, role]) == true
                else { throw StoreError.conflict("the company has no role \"\(role)\"; add it with `tf-web role add`") }
                try db.perform(
                    sql: "INSERT INTO member_role (company_id, account_id, role) VALUES (?, ?, ?)",
                    arguments: [company, account, role])
            }
            for role in only {
                try db.perform(
                    sql: "INSERT INTO membership_only (company_id, account_id, role) VALUES (?, ?, ?)",
                    arguments: [company, account, role.rawValue])
            }
            try Outbox.workerChanged(db, company: company, account: account, now: now)
            try returnTasks(db, company: company, account: account, startedToo: true, unlessEligible: true, now: now)
        }
    }

    /// Ends a membership; the person's open tasks are assigned again.
    package func removeMembership(of account: Int64, in company: Int64, now: Int64) async throws {
        try await write { db in
            try db.perform(
                sql: "DELETE FROM membership WHERE company_id = ? AND account_id = ?", arguments: [company, account])
            guard db.changesCount > 0 else { throw StoreError.notFound }
            try Outbox.workerChanged(db, company: company, account: account, now: now)
            try returnTasks(db, company: company, account: account, startedToo: true, unlessEligible: true, now: now)
        }
    }

    /// Lets nobody sign in with the account any more, ends its sessions, and has its open tasks assigned again.
    package func disableAccount(_ login: String, now: Int64) async throws {
        try await write { db in
            guard let account = try Account.fetchOne(db, login: login) else { throw StoreError.notFound }
            try db.perform(
                sql: "UPDATE account SET disabled_at_ms = COALESCE(disabled_at_ms, ?) WHERE id = ?",
                arguments: [now, account.id])
            try db.perform(
                sql: """
                    UPDATE session SET ended_at_ms = ?, ended_because = 'account disabled'
                    WHERE account_id = ? AND ended_at_ms IS NULL
                    """, arguments: [now, account.id])
            for company in try Int64.fetchAll(
                db.cachedStatement(sql: "SELECT company_id FROM membership WHERE account_id = ?"),
                arguments: [account.id])
            {
                try Outbox.workerChanged(db, company: company, account: account.id, now: now)
                try returnTasks(
                    db, company: company, account: account.id, startedToo: true, unlessEligible: true, now: now)
            }
        }
    }
}

extension Account {
    static func fetchOne(_ db: Database, login: String) throws -> Account? {
        try fetchOne(db.cachedStatement(sql: "SELECT * FROM account WHERE login = ?"), arguments: [login])
    }
}

extension Identity {
    static func fetch(_ db: Database, _ account: Account) throws -> Identity {
        let roles = Set(
            try String.fetchAll(
                db.cachedStatement(sql: "SELECT role FROM account_role WHERE account_id = ?"), arguments: [account.id]
            ).compactMap(SystemRole.init(rawValue:)))
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT c.id, c.slug, c.name, c.timezone, m.is_available
                    FROM membership m JOIN company c ON c.id = m.company_id
                    WHERE m.account_id = ?
                    """), arguments: [account.id])
        let companyRoles = try names(db, "member_role", account)
        let only = try names(db, "membership_only", account)
        var memberships: [String: Membership] = [:]
        for row in rows {
            let company = Company(id: row["id"], slug: row["slug"], name: row["name"], timezone: row["timezone"])
            let narrowed = only[company.slug].map { Set($0.compactMap(SystemRole.init(rawValue:))) }
            memberships[company.slug] = Membership(
                company: company, companyRoles: companyRoles[company.slug] ?? [],
                systemRoles: narrowed.map(roles.intersection) ?? roles, isAvailable: row["is_available"])
        }
        return Identity(account: account, systemRoles: roles, memberships: memberships)
    }
    /// The roles of one of the two tables, by the company's slug.
    private static func names(_ db: Database, _ table: String, _ account: Account) throws -> [String: Set<String>] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT c.slug, x.role FROM \(table) x JOIN company c ON c.id = x.company_id WHERE x.account_id = ?
                """, arguments: [account.id])
        return rows.reduce(into: [:]) { names, row in names[row["slug"], default: []].insert(row["role"]) }
    }
}
