import TFEngine
import TFExpression

/// Forms that a person submitted after the session had ended, kept until the next sign-in.
extension ReadSession {
    /// The saved fields of the same person for the same page, or for one below it, which may lead there once it is of no
    /// use any more: `[[name, value], …]`; nil: there are none, or they are older than a day.
    package func parkedForm(_ id: String, account: AccountID, page: String, now: Int64) throws -> JSON? {
        let row = try first(
            Row.self, "SELECT page, fields FROM parked_form WHERE id = ? AND account_id = ? AND created_at_ms > ?",
            [id, account, now - Store.parkedLifetime])
        guard let row, "\(row["page"] as String)/".hasPrefix("\(page)/") else { return nil }
        return row["fields"] as JSON
    }
}

extension WriteSession {
    /// Saves a form, in place of an earlier one of the same person and page.
    /// - Parameters:
    ///   - page: the path of the page that shows the form.
    ///   - fields: `[[name, value], …]` in the form's order.
    /// - Returns: false if the form is too large or the account disabled; nothing is saved then.
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
}

extension Store {
    /// How long a saved form is kept, in milliseconds.
    package static let parkedLifetime: Int64 = 86_400_000
    /// The size of one form's fields as JSON, together with its page's path.
    package static let limitParkedBytes = 1 << 20
    /// The number of saved forms of one person; the oldest is deleted for a new one.
    package static let limitParkedForms = 20
}
