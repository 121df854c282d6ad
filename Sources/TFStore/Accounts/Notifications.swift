import TFDefinition
import TFEngine
import TFExpression

/// A notification to an account.
package struct NotificationRow: Sendable, Hashable {
    package let id: NotificationID
    /// The company's slug.
    package let company: String
    package let kind: NoticeKind
    /// The ticket's number.
    package let ticket: Int
    /// The ticket's title.
    package let title: String
    package let task: TaskID?
    /// Milliseconds since 1970.
    package let createdAtMs: Int64
    /// Milliseconds since 1970; nil: unread.
    package let readAtMs: Int64?
}

/// Which notifications to select.
package struct NotificationFilter: Sendable, Hashable {
    package var onlyUnread = false
    /// Only notifications with a smaller id, for the next page; nil: the first page.
    package var before: NotificationID?
    package var limit = 50

    package init() {}
}

/// Adds notifications, in the transaction of the change that they are about.
enum Notices {
    /// Adds the notifications about a task.
    static func tell(_ db: CompanyWriteSession, _ notice: TaskNotice, _ task: TaskKey, now: Int64) throws {
        switch notice {
        case .assigned(let kind, let account):
            try db.run(
                """
                INSERT INTO notification (company_id, account_id, kind, ticket_id, task_id, created_at_ms)
                SELECT CAST(? AS BIGINT), a.id, CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT)
                FROM account a WHERE a.id = ? AND a.kind = 'person'
                """, [db.company, kind.rawValue, task.ticket, task.id, now, account])
        case .nobodyEligible: try nobodyEligible(db, task: task.id, now: now)
        }
    }

    /// Notifies of a comment: the requester, or, of a comment by the requester and of an internal one, the people who
    /// have open tasks of the ticket.
    static func answered(
        _ db: CompanyWriteSession, _ ticket: Ticket, by account: AccountID, isInternal: Bool, now: Int64
    ) throws {
        if account != ticket.requesterID, !isInternal {
            try insert(db, .answered, ticket, account: ticket.requesterID, now: now)
        }
        guard account == ticket.requesterID || isInternal else { return }
        try db.run(
            """
            INSERT INTO notification (company_id, account_id, kind, ticket_id, created_at_ms)
            SELECT DISTINCT k.company_id, k.assignee_id, 'answered', k.ticket_id, CAST(? AS BIGINT)
            FROM task k JOIN account a ON a.id = k.assignee_id AND a.kind = 'person'
            WHERE k.ticket_id = (SELECT id FROM ticket WHERE company_id = ? AND id = ?) AND k.finished_at_ms IS NULL
                AND k.assignee_id <> ?
            """, [now, db.company, ticket.id, account])
    }

    /// Notifies the requester that the ticket has ended.
    static func closed(_ db: CompanyWriteSession, _ ticket: Ticket, now: Int64) throws {
        try insert(db, .closed, ticket, account: ticket.requesterID, now: now)
    }

    /// Notifies the ticket admins that nobody is eligible for a task, once per task.
    private static func nobodyEligible(_ db: CompanyWriteSession, task: TaskID, now: Int64) throws {
        try db.run(
            """
            INSERT INTO notification (company_id, account_id, kind, ticket_id, task_id, created_at_ms)
            SELECT k.company_id, m.account_id, 'nobody_eligible', k.ticket_id, k.id, ?
            FROM task k JOIN membership m ON m.company_id = k.company_id
            JOIN account_role r ON r.account_id = m.account_id AND r.role = 'ticket_admin'
            JOIN account a ON a.id = m.account_id AND a.disabled_at_ms IS NULL AND a.kind = 'person'
            WHERE k.company_id = ? AND k.id = ? AND NOT EXISTS (
                    SELECT 1 FROM notification n WHERE n.task_id = k.id AND n.kind = 'nobody_eligible')
                AND (NOT EXISTS (SELECT 1 FROM membership_only o
                        WHERE o.company_id = m.company_id AND o.account_id = m.account_id)
                    OR EXISTS (SELECT 1 FROM membership_only o WHERE o.company_id = m.company_id
                        AND o.account_id = m.account_id AND o.role = 'ticket_admin'))
            """, [now, db.company, task])
    }

    private static func insert(
        _ db: CompanyWriteSession, _ kind: NoticeKind, _ ticket: Ticket, account: AccountID, now: Int64
    ) throws {
        try db.run(
            """
            INSERT INTO notification (company_id, account_id, kind, ticket_id, created_at_ms)
            SELECT ?, id, ?, ?, ? FROM account WHERE id = ? AND kind = 'person' AND disabled_at_ms IS NULL
            """, [db.company, kind.rawValue, ticket.id, now, account])
    }
}

extension ReadSession {
    /// A page of an account's notifications, the newest first, and whether more follow.
    /// - Parameter scopes: the tickets that the account may read now in each of its companies; notifications about
    ///   other tickets are left out.
    package func notifications(
        of account: AccountID, scopes: [(company: CompanyID, scope: TicketScope)], _ filter: NotificationFilter
    ) throws -> (rows: [NotificationRow], hasMore: Bool) {
        guard !scopes.isEmpty else { return ([], false) }

        var query = SQLQuery(
            """
            SELECT n.id, c.slug AS company, n.kind, t.number AS ticket, t.title, n.task_id AS task, n.created_at_ms,
                n.read_at_ms
            FROM notification n JOIN ticket t ON t.id = n.ticket_id JOIN company c ON c.id = n.company_id
            WHERE n.account_id = ?
            """, [account])
        query.add(
            .any(
                of: scopes.map { company, scope in
                    let visible = scope.predicate(company)
                    return SQLCondition("(n.company_id = ? AND \(visible.sql))", [company] + visible.arguments)
                }))
        if filter.onlyUnread { query.add("n.read_at_ms IS NULL") }
        if let before = filter.before { query.add("n.id < ?", [before]) }
        query.end("ORDER BY n.id DESC LIMIT ?", [filter.limit + 1])
        let rows = try all(NotificationRow.self, query.sql, query.arguments)
        return (Array(rows.prefix(filter.limit)), rows.count > filter.limit)
    }
}

extension WriteSession {
    /// Marks an account's notifications as read or unread.
    /// - Parameter ids: nil: all of them.
    /// - Returns: how many belonged to the account and were marked.
    package func markNotifications(
        _ ids: [NotificationID]?, isRead: Bool, of account: AccountID, now: Int64
    ) throws -> Int {
        var query = SQLQuery(
            "UPDATE notification SET read_at_ms = ? WHERE account_id = ?", [isRead ? now : nil, account])
        if let ids {
            query.add(.isOneOf("id", ids))
        } else if isRead {
            query.add("read_at_ms IS NULL")
        }
        return try run(query.sql, query.arguments)
    }

    /// Notifies people of their tasks that are due within a day, once per task and person.
    package func tellDueSoon(now: Int64) throws {
        try run(
            """
            INSERT INTO notification (company_id, account_id, kind, ticket_id, task_id, created_at_ms)
            SELECT k.company_id, k.assignee_id, 'due_soon', k.ticket_id, k.id, ?
            FROM task k JOIN account a ON a.id = k.assignee_id AND a.kind = 'person'
            WHERE k.due_at_ms IS NOT NULL AND k.finished_at_ms IS NULL AND k.due_at_ms < ?
                AND NOT EXISTS (SELECT 1 FROM notification n WHERE n.task_id = k.id AND n.kind = 'due_soon'
                    AND n.account_id = k.assignee_id)
            """, [now, now + Store.dueNotice])
    }
}

extension Store {
    /// How long before the due date a task's worker is notified, in milliseconds.
    fileprivate static let dueNotice: Int64 = 86_400_000
}

extension NotificationRow: RowReadable {
    package init(row: Row) throws {
        id = row["id"]
        company = row["company"]
        kind = try Column.word(row["kind"])
        ticket = row["ticket"]
        title = row["title"]
        task = row["task"]
        createdAtMs = row["created_at_ms"]
        readAtMs = row["read_at_ms"]
    }
}
