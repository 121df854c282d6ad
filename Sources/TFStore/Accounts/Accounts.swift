import TFDefinition
import TFEngine
import TFExpression

/// A change of an account. nil: the value stays.
package struct AccountChange: Sendable, Hashable {
    package var name: String?
    /// Empty: the address is removed.
    package var email: String?
    package var roles: Set<SystemRole>?
    package var isDisabled: Bool?

    package init() {}
}

/// An account to be created.
package struct NewAccount: Sendable {
    package let login: String
    package let name: String
    package let kind: Account.Kind
    /// The password's hash as a PHC string; nil: the account cannot sign in by password.
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

    /// A copy with an email address.
    package func with(email: String?) -> NewAccount {
        var copy = self
        copy.email = email
        return copy
    }
}

extension ReadSession {
    /// All accounts with their roles and memberships, by login.
    package func identities() throws -> [Identity] {
        try identities(after: "", text: nil, limit: .max - 1).rows
    }

    /// An account by its login; nil: there is none.
    package func account(_ login: String) throws -> Account? { try Account.fetchOne(self, login: login) }

    /// A page of accounts by login, and whether more follow.
    /// - Parameters:
    ///   - login: the last login of the page before; empty for the first page.
    ///   - text: a part of the login or the name, in any letter case; nil: all accounts.
    package func identities(after login: String, text: String?, limit: Int) throws -> (rows: [Identity], hasMore: Bool)
    {
        let part = text?.folded ?? ""
        var query = SQLQuery("SELECT * FROM account WHERE login > ?", [login])
        query.add(.any(of: [.holds("login", part), .holds("folded_name", part)]))
        query.end("ORDER BY login LIMIT ?", [limit + 1])
        let accounts = try all(Account.self, query.sql, query.arguments)
        return (try accounts.prefix(limit).map { try Identity.fetch(self, $0) }, accounts.count > limit)
    }

    /// An account with its roles and memberships; nil: there is none.
    package func identity(_ login: String) throws -> Identity? {
        try Identity.fetch(
            self,
            try all(
                Row.self, "SELECT \(Identity.columns) FROM account a \(Identity.joinedRoles) WHERE a.login = ?", [login]
            ))
    }

    /// Whether nobody can sign in by password with an account.
    func lacksPassword(_ account: AccountID) throws -> Bool {
        try first(AccountID.self, "SELECT id FROM account WHERE id = ? AND password IS NULL", [account]) != nil
    }

    /// - Throws: `StoreError.conflict` if nobody else is admin.
    func keepAnAdmin(besides account: AccountID) throws {
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
    /// Creates an account.
    /// - Throws: `StoreError.conflict` if the login is taken, `.invalid` for texts that do not fit.
    package func addAccount(_ new: NewAccount, now: Int64) throws -> Account {
        try refuseUnfit(("login", new.login, .identifier), ("name", new.name, .name), ("email", new.email, .email))

        guard new.login != Slug.ownLogin else {
            throw StoreError.invalid([FieldError(field: "login", message: Slug.noOwnLogin)])
        }
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
            .userAdded, .user(new.login),
            new: [
                "name": .string(new.name), "kind": .string(new.kind.rawValue),
                "roles": .strings(new.roles.map(\.rawValue).sorted()),
            ], now: now)
        return account
    }

    /// Changes an account, unless nothing is other than it was. Disabling it ends its sessions; open tasks that it may not
    /// have any more are assigned again.
    /// - Throws: `StoreError.notFound`; `.invalid` for texts that do not fit; `.conflict` if `version` is stale, if the
    ///   callers would change their own system roles or disable themselves, or if no admin would be left.
    package func changeAccount(_ login: String, _ change: AccountChange, version: Int?, now: Int64) throws {
        try refuseUnfit(("name", change.name, .name), ("email", change.email, .email))

        guard let account = try Account.fetchOne(self, login: login) else { throw StoreError.notFound }
        guard version == nil || version == account.version else {
            throw StoreError.conflict("user \(login) was changed meanwhile")
        }
        let before = try Identity.fetch(self, account)
        let roles = change.roles ?? before.systemRoles
        let name = change.name ?? account.name
        let email = change.email.map { $0.isEmpty ? nil : $0 } ?? account.email
        let isDisabled = change.isDisabled ?? account.isDisabled
        guard
            roles != before.systemRoles || name != account.name || email != account.email
                || isDisabled != account.isDisabled
        else { return }
        let isLess = roles != before.systemRoles || isDisabled && !account.isDisabled
        if isLess, caller?.account == account.id {
            throw StoreError.conflict(
                "you cannot change your own system roles or disable yourself; ask another admin")
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
                name, name.folded, email, isDisabled, now, account.id,
            ])
        if isDisabled { try endSessions(of: account.id, keeping: nil, because: .accountDisabled, now: now) }
        if isLess || isDisabled != account.isDisabled {
            for company in before.memberships.values.map(\.company) {
                try inside(company.id).rightsChanged(of: account.id, now: now)
            }
        }
        try audit(
            .userChanged, .user(login),
            old: Store.summary(account.name, account.email, before.systemRoles, account.isDisabled),
            new: Store.summary(name, email, roles, isDisabled), now: now)
    }

    /// Disables an account: nobody can sign in with it, its sessions end, and its open tasks are assigned again.
    package func disableAccount(_ login: String, now: Int64) throws {
        var change = AccountChange()
        change.isDisabled = true
        try changeAccount(login, change, version: nil, now: now)
    }

    /// Sets an account's password, ends its sessions and deletes its unused password links.
    /// - Parameters:
    ///   - password: the hash, as a PHC string.
    ///   - session: the id of the only session that continues; nil: none.
    package func setPassword(_ password: String, of account: Account, keeping session: SessionID?, now: Int64) throws {
        try setPassword(password, of: account.id, keeping: session, now: now)
        try audit(.passwordChanged, .user(account.login), now: now)
    }

    /// Replaces the hash of a password by a newer hash of the same password.
    package func renewHash(_ password: String, of account: AccountID) throws {
        try run("UPDATE account SET password = ? WHERE id = ?", [password, account])
    }

    func setPassword(_ password: String, of account: AccountID, keeping session: SessionID?, now: Int64)
        throws
    {
        let isFirst = try lacksPassword(account)
        try run("UPDATE account SET password = ? WHERE id = ?", [password, account])
        if isFirst { try setArrival(of: account, now: now) }
        // Somebody else may have an unused link, which must not undo this change.
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
    fileprivate static func summary(
        _ name: String, _ email: String?, _ roles: Set<SystemRole>, _ isDisabled: Bool
    ) -> JSON {
        [
            "name": .string(name), "email": .optional(email), "roles": .strings(roles.map(\.rawValue).sorted()),
            "disabled": .bool(isDisabled),
        ]
    }
}
