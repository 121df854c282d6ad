import TFDefinition
import TFEngine
import TFExpression

/// Companies and the roles that they declare.
extension ReadSession {
    /// All companies, by slug.
    package func companies() throws -> [Company] {
        try all(Company.self, "SELECT * FROM company ORDER BY slug")
    }

    /// A company by its slug; nil: there is none.
    package func company(_ slug: String) throws -> Company? { try Company.fetchOne(self, slug: slug) }

    func company(_ id: CompanyID) throws -> Company {
        let company = try first(Company.self, "SELECT * FROM company WHERE id = ?", [id])
        guard let company else { throw StoreError.notFound }
        return company
    }
}

extension CompanyReadSession {
    /// The names of the roles that the company declares.
    package func companyRoles() throws -> Set<String> {
        try Set(all(String.self, "SELECT name FROM company_role WHERE company_id = ?", [company]))
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

    /// The ids of the members' accounts, by login.
    fileprivate func memberAccounts() throws -> [String: AccountID] {
        try all(
            Row.self,
            "SELECT a.login, a.id FROM membership m JOIN account a ON a.id = m.account_id WHERE m.company_id = ?",
            [company]
        ).reduce(into: [:]) { $0[$1["login"]] = $1["id"] }
    }
}

extension WriteSession {
    /// Creates a company.
    /// - Parameter timezone: an IANA time zone, checked by the caller.
    /// - Throws: `StoreError.conflict` if the slug is taken, `.invalid` for texts that do not fit.
    package func addCompany(slug: String, name: String, timezone: String, now: Int64) throws -> Company {
        try refuseUnfit(("slug", slug, .identifier), ("name", name, .name), ("timezone", timezone, .timezone))

        guard try Company.fetchOne(self, slug: slug) == nil else {
            throw StoreError.conflict("there is a company \"\(slug)\" already")
        }
        let company = try first(
            Company.self,
            """
            INSERT INTO company (slug, name, timezone, created_at_ms) VALUES (?, ?, ?, ?) RETURNING *
            """, [slug, name, timezone, now])
        guard let company else { throw StoreError.notFound }
        try inside(company.id).audit(
            .companyAdded, "company \(slug)",
            new: ["name": .string(name), "timezone": .string(timezone)], now: now)
        return company
    }

    /// Changes a company's name or time zone. nil: the value stays.
    /// - Throws: `StoreError.notFound`; `.conflict` if `version` is stale; `.invalid` for texts that do not fit.
    package func changeCompany(
        _ slug: String, name: String?, timezone: String?, version: Int?, now: Int64
    ) throws {
        try refuseUnfit(("name", name, .name), ("timezone", timezone, .timezone))

        guard let company = try Company.fetchOne(self, slug: slug) else { throw StoreError.notFound }
        guard version == nil || version == company.version else {
            throw StoreError.conflict("company \(slug) was changed meanwhile")
        }
        try run(
            "UPDATE company SET name = ?, timezone = ?, version = version + 1 WHERE id = ?",
            [name ?? company.name, timezone ?? company.timezone, company.id])
        try inside(company.id).audit(
            .companyChanged, "company \(slug)",
            old: ["name": .string(company.name), "timezone": .string(company.timezone)],
            new: ["name": .string(name ?? company.name), "timezone": .string(timezone ?? company.timezone)],
            now: now)
    }
}

extension CompanyWriteSession {
    /// Declares a company role; nothing changes if it exists.
    /// - Returns: 1 if it is new, else 0.
    /// - Throws: `StoreError.invalid` for a name that does not fit.
    @discardableResult
    package func addCompanyRole(_ role: String, now: Int64) throws -> Int {
        try refuseUnfit(("name", role, .identifier))

        guard
            try run(
                "INSERT INTO company_role (company_id, name) VALUES (?, ?) ON CONFLICT DO NOTHING", [company, role])
                > 0
        else { return 0 }
        try audit(.roleDeclared, "role \(role)", now: now)
        return 1
    }

    /// Gives a company role to exactly these members; open tasks that a member may not have any more are assigned
    /// again.
    /// - Throws: `StoreError.notFound` if the role is not declared, `.invalid` for a login that is not a member,
    ///   `.forbidden` if the role decides who sees tickets or hidden answers and the caller neither holds it nor is an
    ///   admin.
    package func setMembers(of role: String, logins: Set<String>, now: Int64) throws {
        let isDeclared = try first(
            Bool.self, "SELECT 1 FROM company_role WHERE company_id = ? AND name = ?", [company, role])
        guard isDeclared == true else { throw StoreError.notFound }
        let members = try memberAccounts()
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
        if before != logins { try demandMayGive([role]) }
        for login in logins.subtracting(before).sorted() {
            try run(
                "INSERT INTO member_role (company_id, account_id, role) VALUES (?, ?, ?)",
                [company, members[login], role])
        }
        for login in before.subtracting(logins).sorted() {
            try run(
                "DELETE FROM member_role WHERE company_id = ? AND account_id = ? AND role = ?",
                [company, members[login], role])
        }
        for login in before.symmetricDifference(logins).sorted() {
            guard let account = members[login] else { continue }
            try rightsChanged(of: account, now: now)
        }
        try audit(
            .roleMembersSet, "role \(role)", old: .strings(before.sorted()),
            new: .strings(logins.sorted()), now: now)
    }

    /// Updates the queues and the member's open tasks after a change of their rights in the company.
    func rightsChanged(of account: AccountID, now: Int64) throws {
        try Outbox.workerChanged(self, account: account, now: now)
        try returnTasks(account: account, .right, startedToo: true, now: now)
        try deliverWaiting(account: account, now: now)
    }
}

extension Company {
    static func fetchOne(_ db: ReadSession, slug: String) throws -> Company? {
        try db.first(Self.self, "SELECT * FROM company WHERE slug = ?", [slug])
    }
}
