import TFDefinition
import TFEngine
import TFExpression

/// What somebody is told in the application.
package struct NotificationRow: Sendable, Hashable {
    package let id: NotificationID
    /// The company's slug.
    package let company: String
    package let kind: NoticeKind
    package let ticket: Int
    package let title: String
    package let task: TaskID?
    package let createdAtMs: Int64
    package let readAtMs: Int64?
}

package struct NotificationFilter: Sendable, Hashable {
    package var onlyUnread = false
    /// Only ids below this one: the next page.
    package var before: NotificationID?
    package var limit = 50

    package init() {}
}

/// Tells people what happened, in the transaction in which it happens.
enum Notices {
    /// What is told of a task.
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

    /// Somebody said something: to the requester, or from the requester to those who work on it. Internal notes are for workers.
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

    static func closed(_ db: CompanyWriteSession, _ ticket: Ticket, now: Int64) throws {
        try insert(db, .closed, ticket, account: ticket.requesterID, now: now)
    }

    /// Ticket admins hear of a task that the rule can give to nobody, once a task.
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
    /// A page of somebody's notifications, newest first, and whether more follow.
    /// - Parameter scopes: what they may open in each company now; of other tickets they are told nothing.
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
    /// Marks notifications of somebody as read, or as not read.
    /// - Parameter ids: nil: all of them.
    /// - Returns: how many were theirs.
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

    /// Tells the holders of tasks that are due within a day, once a task.
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
    /// How long before it is due a task's holder is told.
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
