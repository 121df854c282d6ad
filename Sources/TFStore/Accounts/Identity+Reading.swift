import TFDefinition
import TFEngine

extension Account {
    static func fetchOne(_ db: ReadSession, login: String) throws -> Account? {
        try db.first(Self.self, "SELECT * FROM account WHERE login = ?", [login])
    }
}

extension Identity {
    /// The columns of an account `a`. Together with `joinedRoles` they give one row for each of its system roles.
    static let columns = "a.*, system.role AS system_role"
    static let joinedRoles = "LEFT JOIN account_role system ON system.account_id = a.id"

    static func fetch(_ db: ReadSession, _ account: Account) throws -> Identity {
        let roles = try db.all(String.self, "SELECT role FROM account_role WHERE account_id = ?", [account.id])
        return try fetch(db, account, roles)
    }

    /// - Parameter rows: of one account, as `columns` and `joinedRoles` give them.
    /// - Returns: nil if there are none.
    static func fetch(_ db: ReadSession, _ rows: [Row]) throws -> Identity? {
        try rows.first.map { row in try fetch(db, try Account(row: row), rows.compactMap { $0["system_role"] }) }
    }

    private static func fetch(_ db: ReadSession, _ account: Account, _ roles: [String]) throws -> Identity {
        let systemRoles = Set(try roles.map { try Column.word($0) as SystemRole })
        // One row for each pair of a company role and a limiting system role of a membership; both are few.
        let rows = try db.all(
            Row.self,
            """
            SELECT c.id, c.slug, c.name, c.timezone, c.version, m.is_available, m.version AS membership_version, r.role AS company_role,
                o.role AS only_role
            FROM membership m JOIN company c ON c.id = m.company_id
            LEFT JOIN member_role r ON r.company_id = m.company_id AND r.account_id = m.account_id
            LEFT JOIN membership_limit o ON o.company_id = m.company_id AND o.account_id = m.account_id
            WHERE m.account_id = ?
            """, [account.id])
        let memberships = try Dictionary(grouping: rows) { $0["slug"] as String }
            .compactMapValues { rows in try membership(rows, systemRoles) }
        return Identity(account: account, systemRoles: systemRoles, memberships: memberships)
    }

    /// - Parameter rows: of one membership.
    private static func membership(_ rows: [Row], _ systemRoles: Set<SystemRole>) throws -> Membership? {
        guard let row = rows.first else { return nil }
        let only = try rows.compactMap { $0["only_role"] as String? }.map { try Column.word($0) as SystemRole }
        let counting =
            only.isEmpty ? systemRoles : systemRoles.intersection(only)
        return Membership(
            company: Company(row: row), companyRoles: Set(rows.compactMap { $0["company_role"] as String? }),
            systemRoles: counting, isAvailable: row["is_available"], version: row["membership_version"])
    }
}
