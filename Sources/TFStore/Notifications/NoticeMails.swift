import TFEngine

/// Notifications that one person is to be told of by mail, together.
package struct NoticeMail: Sendable, Hashable {
    package let account: Account
    package let notifications: [NotificationID]
}

/// Notifications that are told by mail: taken for some time, sent, and then done with. What a process that died had
/// taken is taken again later, so that a mail is rather sent twice than never.
extension WriteSession {
    /// How long a notification may be read in the application before it is told by mail, in milliseconds.
    package static let mailDelay: Int64 = 120_000
    /// How long a taken one is left to who took it.
    private static let mailTry: Int64 = 600_000
    /// After which time nobody is told of old news any more: mail was not configured, or could not be sent.
    private static let mailEnd: Int64 = 86_400_000
    /// How many are taken at once.
    private static let limitMailed = 500

    /// Takes the notifications whose mail is due.
    package func takeNoticeMails(now: Int64) throws -> [NoticeMail] {
        let due = try all(
            Row.self,
            """
            SELECT n.id, n.account_id, n.read_at_ms, n.created_at_ms FROM notification n
            WHERE n.mail_at_ms IS NOT NULL AND n.mail_at_ms <= ? ORDER BY n.mail_at_ms, n.id LIMIT ?
            """, [now - Self.mailDelay, Self.limitMailed])
        let isOver = { (row: Row) in
            (row["read_at_ms"] as Int64?) != nil || (row["created_at_ms"] as Int64) < now - Self.mailEnd
        }
        try setMailTime(nil, of: due.filter(isOver).map { $0["id"] })
        let wanted = due.filter { !isOver($0) }
        try setMailTime(now + Self.mailTry, of: wanted.map { $0["id"] })
        let accounts = Dictionary(grouping: wanted) { $0["account_id"] as AccountID }
        return try accounts.sorted { $0.key < $1.key }.compactMap { id, rows in
            guard let account = try first(Account.self, "SELECT * FROM account WHERE id = ?", [id]) else { return nil }
            return NoticeMail(account: account, notifications: rows.map { $0["id"] })
        }
    }

    /// Notes that notifications were told by mail, or need not be.
    package func endNoticeMail(_ mail: NoticeMail) throws { try setMailTime(nil, of: mail.notifications) }

    private func setMailTime(_ time: Int64?, of notifications: [NotificationID]) throws {
        guard !notifications.isEmpty else { return }
        var query = SQLQuery("UPDATE notification SET mail_at_ms = ? WHERE mail_at_ms IS NOT NULL", [time])
        query.add(.isOneOf("id", notifications))
        try run(query.sql, query.arguments)
    }
}
