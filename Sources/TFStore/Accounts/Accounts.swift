import TFDefinition
import TFEngine
import TFExpression

/// What of an account is to change; nil: it stays.
package struct AccountChange: Sendable, Hashable {
    package var name: String?
    /// Empty: none.
    package var email: String?
    package var roles: Set<SystemRole>?
    package var isDisabled: Bool?

    package init() {}
}

/// An account that is to be made.
package struct NewAccount: Sendable {
    package let login: String
    package let name: String
    package let kind: Account.Kind
    /// A PHC string; nil: it cannot sign in by password.
    package let password: String?
    package let roles: Set<SystemRole>
    package var email: String?

    package init(login: String, name: String, kind: Account.Kind, password: String?, roles: Set<SystemRole>) {
        self.login = login
        self.name = name
        self.kind = kind
        self.password = password
        self.roles = roles
    }

    package func with(email: String?) -> NewAccount {
        var copy = self
        copy.email = email
        return copy
    }
}

extension ReadSession {
    /// Everybody, with roles and memberships, by login.
    package func identities() throws -> [Identity] {
        try identities(after: "", text: nil, limit: .max - 1).rows
    }

    package func account(_ login: String) throws -> Account? { try Account.fetchOne(self, login: login) }

    /// A page of accounts by login, and whether more follow.
    /// - Parameter text: a part of the login or the name.
    package func identities(after login: String, text: String?, limit: Int) throws -> (rows: [Identity], hasMore: Bool)
    {
        let part = text?.folded ?? ""

        let accounts = try all(
            Account.self,
            """
            SELECT * FROM account
            WHERE login > ? AND (INSTR(login, ?) > 0 OR INSTR(folded_name, ?) > 0)
            ORDER BY login LIMIT ?
            """, [login, part, part, limit + 1])
        return (try accounts.prefix(limit).map { try Identity.fetch(self, $0) }, accounts.count > limit)
    }

    package func identity(_ login: String) throws -> Identity? {
        try Identity.fetch(
            self,
            try all(
                Row.self, "SELECT \(Identity.columns) FROM account a \(Identity.joinedRoles) WHERE a.login = ?", [login]
            ))
    }

    fileprivate func keepAnAdmin(besides account: AccountID) throws {
        let others = try first(
            Int.self,
            """
            SELECT COUNT(*) FROM account_role r JOIN account a ON a.id = r.account_id
            WHERE r.role = 'admin' AND a.disabled_at_ms IS NULL AND a.id <> ?
            """, [account])
        guard (others ?? 0) > 0 else {
            throw StoreError.conflict("this is the last admin; make somebody else admin first")
        }
    }
}

extension WriteSession {
    /// Makes an account.
    /// - Throws: `StoreError.conflict` when the login is taken.
    package func addAccount(_ new: NewAccount, now: Int64) throws -> Account {
        try refuseUnfit(("login", new.login, .identifier), ("name", new.name, .name), ("email", new.email, .email))

        guard try Account.fetchOne(self, login: new.login) == nil else {
            throw StoreError.conflict("there is a user \"\(new.login)\" already")
        }
        let account = try first(
            Account.self,
            """
            INSERT INTO account (login, name, folded_name, kind, password, email, created_at_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING *
            """, [new.login, new.name, new.name.folded, new.kind.rawValue, new.password, new.email, now])
        guard let account else { throw StoreError.notFound }
        try setRoles(new.roles, of: account.id)
        try audit(
            .userAdded, "user \(new.login)",
            new: [
                "name": .string(new.name), "kind": .string(new.kind.rawValue),
                "roles": .strings(new.roles.map(\.rawValue).sorted()),
            ], now: now)
        return account
    }

    /// Changes an account; its sessions and open tasks follow.
    /// - Throws: `StoreError.conflict` when `version` is stale, when somebody would change their own system roles or
    ///   disable themself, and when no admin would be left.
    package func changeAccount(_ login: String, _ change: AccountChange, version: Int?, now: Int64) throws {
        try refuseUnfit(("name", change.name, .name), ("email", change.email, .email))

        guard let account = try Account.fetchOne(self, login: login) else { throw StoreError.notFound }
        guard version == nil || version == account.version else {
            throw StoreError.conflict("user \(login) was changed meanwhile")
        }
        let before = try Identity.fetch(self, account)
        let roles = change.roles ?? before.systemRoles
        let name = change.name ?? account.name
        let isDisabled = change.isDisabled ?? account.isDisabled
        let isLess = roles != before.systemRoles || isDisabled && !account.isDisabled
        if isLess, caller?.account == account.id {
            throw StoreError.conflict(
                "nobody changes their own system roles or disables themself; ask another admin")
        }
        let isAdmin = before.systemRoles.contains(.admin) && !account.isDisabled
        if isAdmin, isDisabled || !roles.contains(.admin) { try keepAnAdmin(besides: account.id) }
        try setRoles(roles, of: account.id)
        try run(
            """
            UPDATE account SET name = ?, folded_name = ?, email = ?, version = version + 1,
                disabled_at_ms = CASE WHEN ? = 1 THEN COALESCE(disabled_at_ms, ?) END
            WHERE id = ?
            """,
            [
                name, name.folded, change.email.map { $0.isEmpty ? nil : $0 } ?? account.email,
                isDisabled, now, account.id,
            ])
        if isDisabled { try endSessions(of: account.id, keeping: nil, because: .accountDisabled, now: now) }
        if isLess || isDisabled != account.isDisabled {
            for company in before.memberships.values.map(\.company) {
                try inside(company.id).rightsChanged(of: account.id, now: now)
            }
        }
        try audit(
            .userChanged, "user \(login)",
            old: Store.summary(account.name, before.systemRoles, account.isDisabled),
            new: Store.summary(name, roles, isDisabled), now: now)
    }

    /// Lets nobody sign in with the account any more, ends its sessions, and has its open tasks assigned again.
    package func disableAccount(_ login: String, now: Int64) throws {
        var change = AccountChange()
        change.isDisabled = true
        try changeAccount(login, change, version: nil, now: now)
    }

    /// - Parameter session: the only one that goes on; nil: none.
    package func setPassword(_ password: String, of account: Account, keeping session: String?, now: Int64) throws {
        try setPassword(password, of: account.id, keeping: session, now: now)
        try audit(.passwordChanged, "user \(account.login)", now: now)
    }

    /// Puts the same password's newer hash in the place of the old one.
    package func renewHash(_ password: String, of account: AccountID) throws {
        try run("UPDATE account SET password = ? WHERE id = ?", [password, account])
    }

    func setPassword(_ password: String, of account: AccountID, keeping session: String?, now: Int64)
        throws
    {
        try run("UPDATE account SET password = ? WHERE id = ?", [password, account])
        // A link that somebody else may hold must not undo the owner's choice.
        try run("DELETE FROM password_link WHERE account_id = ? AND used_at_ms IS NULL", [account])
        try endSessions(of: account, keeping: session, because: .passwordChanged, now: now)
    }

    fileprivate func setRoles(_ roles: Set<SystemRole>, of account: AccountID) throws {
        try run("DELETE FROM account_role WHERE account_id = ?", [account])
        for role in roles {
            try run("INSERT INTO account_role (account_id, role) VALUES (?, ?)", [account, role.rawValue])
        }
    }
}

extension Store {
    fileprivate static func summary(_ name: String, _ roles: Set<SystemRole>, _ isDisabled: Bool) -> JSON {
        ["name": .string(name), "roles": .strings(roles.map(\.rawValue).sorted()), "disabled": .bool(isDisabled)]
    }
}

extension Account {
    static func fetchOne(_ db: ReadSession, login: String) throws -> Account? {
        try db.first(Self.self, "SELECT * FROM account WHERE login = ?", [login])
    }
}

extension Identity {
    /// The columns of an account `a`, and with `joinedRoles` one row for each of its system roles.
    static let columns = "a.*, system.role AS system_role"
    static let joinedRoles = "LEFT JOIN account_role system ON system.account_id = a.id"

    static func fetch(_ db: ReadSession, _ account: Account) throws -> Identity {
        let roles = try db.all(String.self, "SELECT role FROM account_role WHERE account_id = ?", [account.id])
        return try fetch(db, account, roles)
    }

    /// - Parameter rows: one account's, as `columns` and `joinedRoles` give them.
    /// - Returns: nil where there are none.
    static func fetch(_ db: ReadSession, _ rows: [Row]) throws -> Identity? {
        try rows.first.map { row in try fetch(db, try Account(row: row), rows.compactMap { $0["system_role"] }) }
    }

    private static func fetch(_ db: ReadSession, _ account: Account, _ roles: [String]) throws -> Identity {
        let systemRoles = Set(roles.compactMap(SystemRole.init(rawValue:)))
        // A row for each pair of a company role and a system role that counts there: few of either.
        let rows = try db.all(
            Row.self,
            """
            SELECT c.id, c.slug, c.name, c.timezone, c.version, m.is_available, r.role AS company_role,
                o.role AS only_role
            FROM membership m JOIN company c ON c.id = m.company_id
            LEFT JOIN member_role r ON r.company_id = m.company_id AND r.account_id = m.account_id
            LEFT JOIN membership_only o ON o.company_id = m.company_id AND o.account_id = m.account_id
            WHERE m.account_id = ?
            """, [account.id])
        let memberships = Dictionary(grouping: rows) { $0["slug"] as String }
            .compactMapValues { rows in membership(rows, systemRoles) }
        return Identity(account: account, systemRoles: systemRoles, memberships: memberships)
    }

    /// - Parameter rows: of one company.
    private static func membership(_ rows: [Row], _ systemRoles: Set<SystemRole>) -> Membership? {
        guard let row = rows.first else { return nil }
        let only: [String] = rows.compactMap { $0["only_role"] }
        let counting =
            only.isEmpty ? systemRoles : systemRoles.intersection(only.compactMap(SystemRole.init(rawValue:)))
        return Membership(
            company: Company(row: row), companyRoles: Set(rows.compactMap { $0["company_role"] as String? }),
            systemRoles: counting, isAvailable: row["is_available"])
    }
}
