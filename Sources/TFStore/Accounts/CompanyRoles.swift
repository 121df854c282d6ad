import TFDefinition
import TFEngine
import TFExpression

/// A role that a company has declared, such as `it-staff`.
package struct CompanyRole: Sendable, Hashable {
    package let name: String
    /// Its name for people as it was declared; empty: none was.
    package let title: String
    /// Counts the changes of the title and of who holds it.
    package let version: Int

    /// Its name for people, such as `IT staff`.
    package var label: String { title.isEmpty ? ReadableName.title(name) : title }
}

/// Changes of a company role; nil: it stays.
package struct CompanyRoleChange: Sendable {
    package var title: String?
    /// The logins of exactly those who are to hold it.
    package var members: Set<String>?

    package init(title: String? = nil, members: Set<String>? = nil) {
        self.title = title
        self.members = members
    }
}

/// The company roles that are held.
package struct HeldRoles: Sendable, Hashable {
    /// By people: those whom a task for each of several asks.
    package fileprivate(set) var byPeople: Set<String> = []
    /// By those who can be given tasks.
    package fileprivate(set) var byWorkers: [WorkerKind: Set<String>] = [:]
}

extension CompanyReadSession {
    /// The names of the roles that the company declares.
    package func companyRoles() throws -> Set<String> { try Set(declaredRoles().map(\.name)) }

    /// The roles that somebody holds who is not disabled.
    package func heldRoles() throws -> HeldRoles {
        let rows = try all(
            Row.self,
            """
            SELECT DISTINCT r.role, a.kind AS account_kind, w.kind FROM member_role r
            JOIN account a ON a.id = r.account_id AND a.disabled_at_ms IS NULL
            LEFT JOIN worker w ON w.company_id = r.company_id AND w.account_id = r.account_id
            WHERE r.company_id = ?
            """, [company])
        return try rows.reduce(into: HeldRoles()) { held, row in
            let account: Account.Kind = try Column.word(row["account_kind"])
            if account == .person { held.byPeople.insert(row["role"]) }
            guard let kind: String = row["kind"] else { return }
            held.byWorkers[try Column.word(kind), default: []].insert(row["role"])
        }
    }

    /// The roles that the company declares, by name.
    package func declaredRoles() throws -> [CompanyRole] {
        try all(
            Row.self, "SELECT name, title, version FROM company_role WHERE company_id = ? ORDER BY name", [company]
        ).map { CompanyRole(name: $0["name"], title: $0["title"], version: $0["version"]) }
    }

    /// The names for people of the company's roles, by name.
    package func roleLabels() throws -> [String: String] {
        try declaredRoles().reduce(into: [:]) { $0[$1.name] = $1.label }
    }

    /// The company's roles by name, each with the logins of its members.
    package func roleMembers() throws -> [(role: String, members: [String])] {
        let rows = try all(
            Row.self,
            """
            SELECT c.name, a.login FROM company_role c
            LEFT JOIN member_role m ON m.company_id = c.company_id AND m.role = c.name
            LEFT JOIN account a ON a.id = m.account_id
            WHERE c.company_id = ? ORDER BY c.name, a.login NULLS FIRST
            """, [company])
        return rows.reduce(into: [(role: String, members: [String])]()) { roles, row in
            if roles.last?.role != row["name"] { roles.append((row["name"], [])) }
            if let login: String = row["login"] { roles[roles.count - 1].members.append(login) }
        }
    }

    /// The company's members by name.
    package func memberAccounts() throws -> [Account] {
        try all(
            Account.self,
            """
            SELECT a.* FROM membership m JOIN account a ON a.id = m.account_id
            WHERE m.company_id = ? ORDER BY a.folded_name, a.login
            """, [company])
    }
}

extension CompanyWriteSession {
    /// Declares a company role; nothing changes if it exists.
    /// - Parameter title: its name for people; empty: it is made from `role`.
    /// - Returns: 1 if it is new, else 0.
    /// - Throws: `StoreError.invalid` for texts that do not fit.
    @discardableResult
    package func addCompanyRole(_ role: String, title: String = "", now: Int64) throws -> Int {
        try refuseUnfit(("name", role, .identifier), ("title", title, .name))

        guard
            try changedRows(
                "INSERT INTO company_role (company_id, name, title) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                [company, role, title]) > 0
        else { return 0 }
        try audit(.roleDeclared, .role(role), new: title.isEmpty ? nil : .string(title), now: now)
        return 1
    }

    /// Changes a company role's name for people, and who holds it; open tasks that a member may not have any more are
    /// assigned again.
    /// - Parameter version: the role's version that the change was made from; nil: not checked.
    /// - Throws: `StoreError.notFound` if the role is not declared, `.conflict` if `version` is stale, `.invalid` for a
    ///   text that does not fit and for a login that is not a member, `.forbidden` if the role decides who sees tickets
    ///   or hidden answers and the caller neither holds it nor is an admin.
    package func changeRole(_ name: String, _ change: CompanyRoleChange, version: Int? = nil, now: Int64) throws {
        guard let role = try declaredRoles().first(where: { $0.name == name }) else { throw StoreError.notFound }
        guard version == nil || version == role.version else {
            throw StoreError.conflict("the role \(role.label) was changed meanwhile")
        }
        if let title = change.title { try setTitle(title, of: role, now: now) }
        if let members = change.members { try setMembers(of: name, logins: members, now: now) }
    }

    private func setTitle(_ title: String, of role: CompanyRole, now: Int64) throws {
        try refuseUnfit(("title", title, .name))
        guard role.title != title else { return }
        try run(
            "UPDATE company_role SET title = ?, version = version + 1 WHERE company_id = ? AND name = ?",
            [title, company, role.name])
        try audit(.roleRenamed, .role(role.name), old: .string(role.label), new: .string(title), now: now)
    }

    private func setMembers(of role: String, logins: Set<String>, now: Int64) throws {
        let members = try memberAccounts().reduce(into: [String: AccountID]()) { $0[$1.login] = $1.id }
        let strangers = logins.subtracting(members.keys).sorted()
        guard strangers.isEmpty else {
            throw StoreError.invalid(
                strangers.map { FieldError(field: "members", message: "There is no member \"\($0)\"") })
        }
        let before = try Set(
            all(
                String.self,
                """
                SELECT a.login FROM member_role m JOIN account a ON a.id = m.account_id
                WHERE m.company_id = ? AND m.role = ?
                """, [company, role]))
        guard before != logins else { return }
        try demandMayGive([role])
        for login in before.symmetricDifference(logins).sorted() {
            guard let account = members[login] else { continue }
            if logins.contains(login) {
                try run(
                    "INSERT INTO member_role (company_id, account_id, role) VALUES (?, ?, ?)", [company, account, role])
            } else {
                try run(
                    "DELETE FROM member_role WHERE company_id = ? AND account_id = ? AND role = ?",
                    [company, account, role])
            }
            try countChange(ofMember: account)
            try rightsChanged(of: account, now: now)
        }
        try countChange(ofRoles: [role])
        try audit(
            .roleMembersSet, .role(role), old: .strings(before.sorted()),
            new: .strings(logins.sorted()), now: now)
    }

    /// Notes that others hold the roles now, for forms that show who does.
    func countChange(ofRoles roles: Set<String>) throws {
        for role in roles.sorted() {
            try run(
                "UPDATE company_role SET version = version + 1 WHERE company_id = ? AND name = ?", [company, role])
        }
    }

    /// Notes that a member's roles are others now, for forms that show them.
    func countChange(ofMember account: AccountID) throws {
        try run(
            "UPDATE membership SET version = version + 1 WHERE company_id = ? AND account_id = ?", [company, account])
    }

    /// Updates the queues and the member's open tasks after a change of their rights in the company.
    func rightsChanged(of account: AccountID, now: Int64) throws {
        try Outbox.workerChanged(self, account: account, now: now)
        try returnTasks(account: account, .right, startedToo: true, now: now)
        try deliverWaiting(account: account, now: now)
    }
}
