import TFEngine

/// What the header of every page tells its reader.
package struct HeaderFigures: Sendable, Hashable {
    /// A larger number is told as this one.
    package static let limit = 100

    /// Notifications that were not read yet, at most `limit`.
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
    /// - Parameter company: the company of the page; nil if it belongs to none.
    package func headerFigures(of account: AccountID, in company: CompanyID?) throws -> HeaderFigures? {
        let company = company ?? CompanyID(rawValue: 0)
        return try first(
            HeaderFigures.self,
            """
            SELECT
                (SELECT COUNT(*) FROM (SELECT 1 FROM notification WHERE account_id = ? AND read_at_ms IS NULL
                    LIMIT ?) n) AS unread,
                (SELECT COUNT(*) FROM (SELECT 1 FROM task WHERE company_id = ? AND assignee_id = ?
                    AND state IN ('assigned', 'started') LIMIT ?) k) AS tasks,
                (SELECT is_available FROM membership WHERE company_id = ? AND account_id = ?) AS is_available
            """,
            [account, HeaderFigures.limit, company, account, HeaderFigures.limit, company, account])
    }
}
