import TFEngine

/// What the header of every page tells its reader.
package struct HeaderFigures: Sendable, Hashable {
    /// A larger number of tasks is told as this one.
    package static let limit = 100
    /// A larger number of notifications is told as this one: all that matters is whether there are some.
    package static let limitUnread = 10

    /// Notifications that were not read yet, at most `limitUnread`.
    package let unread: Int
    /// The reader's assigned and started tasks in the company, at most `limit`.
    package let tasks: Int
    /// Whether the reader is given new tasks in the company; nil if they are no member of it, or there is no company.
    package let isAvailable: Bool?
}

extension HeaderFigures: RowReadable {
    package init(row: Row) throws {
        unread = row["unread"]
        tasks = row["tasks"]
        isAvailable = row["is_available"]
    }
}

extension ReadSession {
    /// - Parameters:
    ///   - company: the company of the page; nil if it belongs to none.
    ///   - notices: what the account may be told of.
    package func headerFigures(
        of account: AccountID, in company: CompanyID?, notices: [NoticeScope]
    ) throws -> HeaderFigures? {
        let company = company ?? CompanyID(rawValue: 0)
        let unread = SQLCondition.unreadNotices(of: account, notices, upTo: HeaderFigures.limitUnread)
        return try first(
            HeaderFigures.self,
            """
            SELECT
                (\(unread.sql)) AS unread,
                (SELECT COUNT(*) FROM (SELECT 1 FROM task WHERE company_id = ? AND assignee_id = ?
                    AND \(TaskSQL.isInList("task")) LIMIT ?) k) AS tasks,
                (SELECT is_available FROM membership WHERE company_id = ? AND account_id = ?) AS is_available
            """,
            unread.arguments + [company, account, HeaderFigures.limit, company, account])
    }
}

extension CompanyReadSession {
    /// An account's assigned and started tasks in the company, at most `HeaderFigures.limit`.
    package func openTaskCount(of account: AccountID) throws -> Int {
        try first(
            Int.self,
            """
            SELECT COUNT(*) FROM (SELECT 1 AS counted FROM task WHERE company_id = ? AND assignee_id = ?
                AND \(TaskSQL.isInList("task")) LIMIT ?) k
            """, [company, account, HeaderFigures.limit]) ?? 0
    }
}
