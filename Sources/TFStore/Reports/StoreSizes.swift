/// How much the store holds, for the operator.
package struct StoreSizes: Sendable, Hashable {
    package let tickets: Int
    package let tasks: Int
    package let history: Int
    package let audit: Int
    package let attachments: Attachments

    package struct Attachments: Sendable, Hashable {
        package let count: Int
        package let bytes: Int64
    }
}

extension ReadSession {
    /// The number of live sessions of browsers and of programs.
    package func liveSessions(now: Int64) throws -> (web: Int, api: Int) {
        let rows = try all(
            Row.self,
            """
            SELECT purpose, COUNT(*) AS live FROM session WHERE ended_at_ms IS NULL AND rotated_at_ms > ? GROUP BY purpose
            """, [now - Store.sessionLifetime])
        func count(_ purpose: String) -> Int { rows.first { ($0["purpose"] as String) == purpose }?["live"] ?? 0 }
        return (count("web"), count("api"))
    }

    /// Whether people would lose something if the site's secret was made anew: sessions that live, or second factors.
    package func dependsOnSecret(now: Int64) throws -> Bool {
        let live = try liveSessions(now: now)
        if live.web + live.api > 0 { return true }
        return try identities().contains { $0.account.hasSecondFactor }
    }

    /// Counts what the store holds; it reads an index of each table from end to end.
    package func sizes() throws -> StoreSizes {
        func count(_ sql: String) throws -> Int { try first(Int.self, sql) ?? 0 }
        let files = try first(
            Row.self, "SELECT COUNT(*) AS files, CAST(COALESCE(SUM(size), 0) AS BIGINT) AS bytes FROM attachment")
        return StoreSizes(
            tickets: try count("SELECT COUNT(*) AS kept FROM ticket"),
            tasks: try count("SELECT COUNT(*) AS kept FROM task"),
            history: try count("SELECT COUNT(*) AS kept FROM history"),
            audit: try count("SELECT COUNT(*) AS kept FROM audit"),
            attachments: .init(count: files?["files"] ?? 0, bytes: files?["bytes"] ?? 0))
    }
}
