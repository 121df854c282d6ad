import TFDefinition
import TFEngine

/// Whether and how somebody can sign in with an account.
package enum AccountStanding: String, Sendable, Hashable, CaseIterable {
    case active
    /// A person who has not chosen a password yet.
    case invited
    case program
    case disabled
}

extension Account {
    package var standing: AccountStanding {
        if isDisabled { return .disabled }
        if kind == .service { return .program }
        return password == nil ? .invited : .active
    }
}

/// Conditions that select accounts for a list by name. nil: no condition.
package struct PeopleFilter: Sendable, Hashable {
    /// A part of the name or the login, in any letter case.
    package var text: String?
    package var standing: AccountStanding?
    package var role: SystemRole?
    /// The slug of a company that they belong to.
    package var company: String?
    /// The cursor: the login of the last account of the page before.
    package var after: String?
    /// The cursor of the other direction: the login of the first account of the page behind.
    package var before: String?
    package var limit = 25

    package init() {}
}

/// An account in a list.
package struct PersonRow: Sendable, Hashable {
    package let identity: Identity
    /// The last refresh of a session or use of a key, in milliseconds since 1970; nil: never, or long ago.
    package let seenAtMs: Int64?
}

/// Accounts as people look for them: by name.
extension ReadSession {
    /// A page of accounts by name, and whether more follow in the direction in which the page was asked for.
    package func people(_ filter: PeopleFilter) throws -> (rows: [PersonRow], hasMore: Bool) {
        // The account of what workflows do by themselves is nobody's.
        var query = SQLQuery("SELECT a.* FROM account a WHERE a.login <> ?", [TaskLife.system])
        if let text = filter.text?.folded {
            query.add(.any(of: [.holds("a.login", text), .holds("a.folded_name", text)]))
        }
        if let standing = filter.standing { query.add("\(Self.standing) = ?", [standing.rawValue]) }
        if let role = filter.role {
            query.add(
                "EXISTS (SELECT 1 FROM account_role r WHERE r.account_id = a.id AND r.role = ?)", [role.rawValue])
        }
        if let company = filter.company {
            query.add(
                """
                EXISTS (SELECT 1 FROM membership m JOIN company c ON c.id = m.company_id
                    WHERE m.account_id = a.id AND c.slug = ?)
                """, [company])
        }
        let isBackwards = filter.before != nil
        if let cursor = filter.before ?? filter.after {
            query.add(
                "(a.folded_name, a.login) \(isBackwards ? "<" : ">") "
                    + "(SELECT x.folded_name, x.login FROM account x WHERE x.login = ?)", [cursor])
        }
        let direction = isBackwards ? " DESC" : ""
        query.end("ORDER BY a.folded_name\(direction), a.login\(direction) LIMIT ?", [filter.limit + 1])
        let accounts = try all(Account.self, query.sql, query.arguments)
        let page = Array(accounts.prefix(filter.limit))
        let seen = try lastSeen(page.map(\.id))
        let rows = try page.map { PersonRow(identity: try Identity.fetch(self, $0), seenAtMs: seen[$0.id]) }
        return (isBackwards ? rows.reversed() : rows, accounts.count > filter.limit)
    }

    /// The number of accounts of each standing.
    package func standings() throws -> [AccountStanding: Int] {
        try all(
            Row.self,
            """
            SELECT \(Self.standing) AS standing, COUNT(*) AS accounts FROM account a WHERE a.login <> ? GROUP BY 1
            """, [TaskLife.system]
        ).reduce(into: [:]) { counts, row in
            counts[try Column.word(row["standing"]) as AccountStanding] = row["accounts"]
        }
    }

    /// When an account was used last, in milliseconds since 1970; nil: never, or long ago.
    package func lastSeen(_ account: AccountID) throws -> Int64? { try lastSeen([account])[account] }

    private func lastSeen(_ accounts: [AccountID]) throws -> [AccountID: Int64] {
        let isShown = SQLCondition.isOneOf("account_id", accounts)
        let rows =
            try all(
                Row.self,
                """
                SELECT account_id, MAX(rotated_at_ms) AS seen_at_ms FROM session WHERE \(isShown.sql) GROUP BY account_id
                """, isShown.arguments)
            + all(
                Row.self,
                """
                SELECT account_id, MAX(used_at_ms) AS seen_at_ms FROM api_key WHERE \(isShown.sql) GROUP BY account_id
                """, isShown.arguments)
        return rows.reduce(into: [:]) { seen, row in
            let account: AccountID = row["account_id"]
            if let moment: Int64 = row["seen_at_ms"] { seen[account] = max(seen[account] ?? 0, moment) }
        }
    }

    /// The accounts with these logins, by login; unknown ones are left out.
    package func accounts(_ logins: Set<String>) throws -> [String: Account] {
        let isWanted = SQLCondition.isOneOf("login", logins.sorted())
        return try all(Account.self, "SELECT * FROM account WHERE \(isWanted.sql)", isWanted.arguments)
            .reduce(into: [:]) { $0[$1.login] = $1 }
    }

    /// The column `AccountStanding` of an account `a`.
    private static let standing = """
        CASE WHEN a.disabled_at_ms IS NOT NULL THEN 'disabled' WHEN a.kind = 'service' THEN 'program' \
        WHEN a.password IS NULL THEN 'invited' ELSE 'active' END
        """
}
