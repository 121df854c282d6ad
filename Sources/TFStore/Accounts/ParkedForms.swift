import TFEngine
import TFExpression

/// What somebody had typed when their session died, kept for their next sign-in.
extension ReadSession {
    /// The same person's fields for that page; nil: there are none, or they are older than a day.
    package func parkedForm(_ id: String, account: AccountID, page: String, now: Int64) throws -> JSON? {
        try first(
            JSON.self,
            """
            SELECT fields FROM parked_form
            WHERE id = ? AND account_id = ? AND page = ? AND created_at_ms > ?
            """, [id, account, page, now - Store.parkedLifetime])
    }
}

extension WriteSession {
    /// Keeps one form for each page and person: the last one.
    /// - Parameters:
    ///   - page: the path of the page that shows the form.
    ///   - fields: `[[name, value], …]` in the form's order.
    /// - Returns: false where the form is larger than what is kept, or the person is disabled: then nothing is.
    package func park(id: String, account: AccountID, page: String, fields: JSON, now: Int64) throws -> Bool {
        guard fields.bytes.count + page.utf8.count <= Store.limitParkedBytes else { return false }

        let isEnabled = try first(
            Bool.self, "SELECT 1 FROM account WHERE id = ? AND disabled_at_ms IS NULL", [account])
        guard isEnabled == true else { return false }
        try run("DELETE FROM parked_form WHERE account_id = ? AND page = ?", [account, page])
        try run(
            "INSERT INTO parked_form (id, account_id, page, fields, created_at_ms) VALUES (?, ?, ?, ?, ?)",
            [id, account, page, fields, now])
        try run(
            """
            DELETE FROM parked_form WHERE account_id = ? AND id NOT IN (
                SELECT id FROM parked_form WHERE account_id = ? ORDER BY created_at_ms DESC, id LIMIT ?
            )
            """, [account, account, Store.limitParkedForms])
        return true
    }

    /// Takes out what nobody needs any more: parked forms, request ids, password links and ended sessions.
    package func sweepAccounts(now: Int64) throws {
        for (sql, moment) in [
            ("DELETE FROM parked_form WHERE created_at_ms < ?", now - Store.parkedLifetime),
            ("DELETE FROM submission WHERE created_at_ms < ?", now - RequestKey.lifetime),
            ("DELETE FROM password_link WHERE expires_at_ms < ?", now - RequestKey.lifetime),
            ("DELETE FROM session WHERE ended_at_ms < ?", now - 2 * Store.sessionLifetime),
            ("DELETE FROM session WHERE rotated_at_ms < ?", now - 2 * Store.sessionLifetime),
        ] {
            try run(sql, [moment])
        }
    }
}

extension Store {
    package static let parkedLifetime: Int64 = 86_400_000
    /// Of one form's fields, written as JSON.
    package static let limitParkedBytes = 1 << 20
    /// Of one person; the oldest goes for the newest.
    package static let limitParkedForms = 20
}
