import TFExpression

/// What somebody had typed when his session died, kept for his next sign-in.
extension Store {
    package static let parkedLifetime: Int64 = 86_400_000

    /// - Parameters:
    ///   - page: the path of the page that shows the form.
    ///   - fields: `[[name, value], …]` in the form's order.
    package func park(id: String, account: Int64, page: String, fields: JSON, now: Int64) async throws {
        try await writeAside { db in
            try db.run(
                "INSERT INTO parked_form (id, account_id, page, fields, created_at_ms) VALUES (?, ?, ?, ?, ?)",
                [id, account, page, fields, now])
        }
    }

    /// The same person's fields for that page; nil: there are none, or they are older than a day.
    package func parkedForm(_ id: String, account: Int64, page: String, now: Int64) async throws -> JSON? {
        try await read { db in
            try db.first(
                JSON.self,
                """
                SELECT fields FROM parked_form
                WHERE id = ? AND account_id = ? AND page = ? AND created_at_ms > ?
                """, [id, account, page, now - Self.parkedLifetime])
        }
    }

    /// Takes out what nobody needs any more: parked forms, request ids, password links and ended sessions.
    package func sweepAccounts(now: Int64) async throws {
        try await writeAside { db in
            for (sql, moment) in [
                ("DELETE FROM parked_form WHERE created_at_ms < ?", now - Self.parkedLifetime),
                ("DELETE FROM submission WHERE created_at_ms < ?", now - Self.submissionLifetime),
                ("DELETE FROM password_link WHERE expires_at_ms < ?", now - Self.submissionLifetime),
                ("DELETE FROM session WHERE ended_at_ms < ?", now - 2 * Self.sessionLifetime),
                ("DELETE FROM session WHERE rotated_at_ms < ?", now - 2 * Self.sessionLifetime),
            ] {
                try db.run(sql, [moment])
            }
        }
    }
}
