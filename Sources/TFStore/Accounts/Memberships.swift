import TFDefinition
import TFEngine
import TFExpression

/// Memberships: which accounts belong to a company, and with which roles.
extension CompanyReadSession {
    /// - Throws: `StoreError.invalid` for roles that the company has not declared.
    package func requireDeclared(_ roles: Set<String>) throws {
        let declared = try Set(all(String.self, "SELECT name FROM company_role WHERE company_id = ?", [company]))
        let unknown = roles.subtracting(declared).sorted()
        guard unknown.isEmpty else {
            let name = try companyRecord().name
            throw StoreError.invalid(
                FieldError.unknown(unknown, among: declared.sorted()) { role, hint in
                    let hint = hint.isEmpty ? "; it must be declared first" : hint
                    return FieldError(
                        field: "company_roles", message: "\(name) has no role \"\(role)\"\(hint)")
                })
        }
    }

    /// The company roles of a member, even if the account is disabled.
    fileprivate func heldRoles(_ account: Account) throws -> Set<String> {
        try Set(
            all(
                String.self, "SELECT role FROM member_role WHERE company_id = ? AND account_id = ?",
                [company, account.id]))
    }

    /// The system roles to which a membership limits an account, even if the account does not have them; empty: there is
    /// no limit.
    package func systemRoleLimit(of account: Account) throws -> Set<SystemRole> {
        let roles = try all(
            String.self, "SELECT role FROM membership_limit WHERE company_id = ? AND account_id = ?",
            [company, account.id])
        return Set(try roles.map { try Column.word($0) as SystemRole })
    }

    /// A page of the company's members by login, and whether more follow.
    /// - Parameter login: the last login of the page before; empty for the first page.
    package func members(after login: String, limit: Int) throws -> (rows: [Identity], hasMore: Bool) {
        let accounts = try all(
            Account.self,
            """
            SELECT a.* FROM membership m JOIN account a ON a.id = m.account_id
            WHERE m.company_id = ? AND a.login > ? ORDER BY a.login LIMIT ?
            """, [company, login, limit + 1])
        return (try accounts.prefix(limit).map { try Identity.fetch(site, $0) }, accounts.count > limit)
    }

    fileprivate func membership(of account: Account) throws -> Membership? {
        try Identity.fetch(site, account).memberships[companyRecord().slug]
    }
}

extension Membership {
    /// As the audit log keeps it.
    fileprivate var json: JSON {
        [
            "company_roles": .strings(companyRoles.sorted()),
            "roles": .strings(systemRoles.map(\.rawValue).sorted()),
        ]
    }
}

extension CompanyWriteSession {
    /// Adds a member or changes a member's roles; open tasks that they may not have any more are assigned again.
    /// - Parameters:
    ///   - companyRoles: the member's company roles; nil: they stay.
    ///   - only: the system roles that count in this company, even if the account does not have them now; empty: all of
    ///     the account's; nil: they stay.
    ///   - version: the membership's version that the change was made from; nil: not checked.
    /// - Throws: `StoreError.conflict` if `version` is stale, `.invalid` for a role that the company has not declared, `.forbidden` for a role that
    ///   decides who sees tickets or hidden answers and that the caller may not give or take.
    package func setMembership(
        of account: Account, companyRoles: Set<String>?, only: Set<SystemRole>?, version: Int? = nil, now: Int64
    ) throws {
        let membership = try membership(of: account)
        // Somebody who is new has no version yet.
        guard version == nil || membership == nil || version == membership?.version else {
            throw StoreError.conflict("what \(account.name) is here was changed meanwhile")
        }
        guard membership == nil || companyRoles != nil || only != nil else { return }
        let before = membership?.json
        try run(
            // People are available as soon as they have a password, without which nobody can sign in for them, and programs
            // when they first ask for jobs.
            """
            INSERT INTO membership (company_id, account_id, is_available)
            SELECT ?, a.id, CASE WHEN a.kind = 'person' AND a.password IS NOT NULL THEN 1 ELSE 0 END
            FROM account a WHERE a.id = ? ON CONFLICT DO NOTHING
            """, [company, account.id])
        if let companyRoles {
            try requireDeclared(companyRoles)
            let held = try heldRoles(account)
            let changed = held.symmetricDifference(companyRoles)
            try demandMayGive(changed)
            try replace("member_role", with: companyRoles, of: account)
            try countChange(ofRoles: changed)
        }
        if let only {
            try replace("membership_limit", with: Set(only.map(\.rawValue)), of: account)
        }
        if membership != nil { try countChange(ofMember: account.id) }
        try rightsChanged(of: account.id, now: now)
        try audit(
            before == nil ? .memberAdded : .memberChanged, .user(account.login), old: before,
            new: try self.membership(of: account)?.json, now: now)
    }

    /// Replaces a member's roles in one of the tables of roles.
    fileprivate func replace(
        _ table: String, with roles: Set<String>, of account: Account
    ) throws {
        try run("DELETE FROM \(table) WHERE company_id = ? AND account_id = ?", [company, account.id])
        for role in roles.sorted() {
            try run(
                "INSERT INTO \(table) (company_id, account_id, role) VALUES (?, ?, ?)", [company, account.id, role])
        }
    }

    /// Ends a membership; the member's open tasks are assigned again.
    /// - Throws: `StoreError.notFound` if there is none, `.forbidden` if the member has a role that the caller may not
    ///   take.
    package func removeMembership(of account: Account, now: Int64) throws {
        let before = try membership(of: account)?.json
        let held = try heldRoles(account)
        try demandMayGive(held)
        guard
            try changedRows("DELETE FROM membership WHERE company_id = ? AND account_id = ?", [company, account.id])
                > 0
        else { throw StoreError.notFound }
        try countChange(ofRoles: held)
        try rightsChanged(of: account.id, now: now)
        try audit(.memberRemoved, .user(account.login), old: before, now: now)
    }
}
