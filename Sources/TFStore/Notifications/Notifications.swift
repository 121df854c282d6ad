import TFDefinition
import TFEngine
import TFExpression

/// A notification to an account.
package struct NotificationRow: Sendable, Hashable {
    package let id: NotificationID
    /// The company's slug.
    package let company: String
    package let companyID: CompanyID
    package let kind: NoticeKind
    /// The ticket's number.
    package let ticket: Int
    /// The ticket's title.
    package let title: String
    package let requesterName: String
    package let state: TicketState
    package let status: String
    /// Why the ticket was cancelled; nil: nobody said why, or it is not cancelled.
    package let cancelledBecause: String?
    package let task: TaskID?
    package let taskTitle: String?
    /// When the task is due; nil also when it is done.
    package let taskDueAtMs: Int64?
    /// Whether the task is on hold, and so not late.
    package let isTaskHeld: Bool
    /// The name for people of the company role that the task's worker must have.
    package let taskRole: String?
    /// The name of the person who commented.
    package let author: String?
    /// The beginning of the comment.
    package let comment: String?
    /// Milliseconds since 1970.
    package let createdAtMs: Int64
    /// Milliseconds since 1970; nil: unread.
    package let readAtMs: Int64?
}

/// What a notification is about.
package struct NoticeTarget: Sendable, Hashable {
    /// The company's slug.
    package let company: String
    package let ticket: Int
    package let task: TaskID?

    package init(company: String, ticket: Int, task: TaskID?) {
        self.company = company
        self.ticket = ticket
        self.task = task
    }
}

/// What an account may see of a company now; notifications about anything else are left out.
package struct NoticeScope: Sendable {
    let company: CompanyID
    let tickets: TicketScope
    let tasks: TaskScope
    /// The tickets whose internal comments it may read.
    let notes: TicketScope

    package init(company: CompanyID, tickets: TicketScope, tasks: TaskScope, notes: TicketScope) {
        self.company = company
        self.tickets = tickets
        self.tasks = tasks
        self.notes = notes
    }

    /// The SQL condition on `notification n`, its `ticket t`, its `task k` and its `comment m`.
    fileprivate var predicate: SQLCondition {
        let (visible, readable) = (tickets.predicate(company), notes.predicate(company))
        let task = tasks.predicate(company)
        return SQLCondition(
            """
            (n.company_id = ? AND \(visible.sql) AND (n.task_id IS NULL OR \(task.sql))
                AND (COALESCE(m.is_internal, 0) = 0 OR \(readable.sql)))
            """, [company] + visible.arguments + task.arguments + readable.arguments)
    }
}

/// Which notifications to select.
package struct NotificationFilter: Sendable, Hashable {
    package var onlyUnread = false
    /// Only notifications with a smaller id, for the next page; nil: the first page.
    package var before: NotificationID?
    /// Only these; nil: all.
    package var ids: [NotificationID]?
    package var limit = 50

    package init() {}
}

extension ReadSession {
    /// A page of an account's notifications, the newest first, and whether more follow.
    package func notifications(
        of account: AccountID, scopes: [NoticeScope], _ filter: NotificationFilter
    ) throws -> (rows: [NotificationRow], hasMore: Bool) {
        guard !scopes.isEmpty else { return ([], false) }

        var query = SQLQuery(
            """
            SELECT n.id, n.company_id, c.slug AS company, n.kind, t.number AS ticket, t.title,
                r.name AS requester_name, t.state, t.status, n.task_id AS task, k.title AS task_title,
                CASE WHEN \(TaskSQL.isOpen()) THEN k.due_at_ms END AS task_due,
                CASE WHEN k.state = 'held' THEN 1 ELSE 0 END AS task_held, k.role AS task_role,
                o.title AS task_role_title, w.name AS author,
                SUBSTR(m.text, 1, \(Store.excerptLength)) AS comment, n.created_at_ms, n.read_at_ms,
                CASE WHEN n.kind = 'closed' AND t.state = 'cancelled' THEN (
                    SELECT h.data FROM history h
                    WHERE h.company_id = t.company_id AND h.ticket_id = t.id AND h.kind = 'cancellation'
                    ORDER BY h.id DESC LIMIT 1) END AS cancellation
            FROM notification n JOIN ticket t ON t.company_id = n.company_id AND t.id = n.ticket_id
            JOIN company c ON c.id = n.company_id
            JOIN account r ON r.id = t.requester_id LEFT JOIN task k ON k.company_id = n.company_id AND k.id = n.task_id
            LEFT JOIN company_role o ON o.company_id = k.company_id AND o.name = k.role
            LEFT JOIN comment m ON m.company_id = n.company_id AND m.id = n.comment_id
            LEFT JOIN account w ON w.id = m.account_id
            WHERE n.account_id = ?
            """, [account])
        query.add(.any(of: scopes.map(\.predicate)))
        if let ids = filter.ids { query.add(.isOneOf("n.id", ids)) }
        if filter.onlyUnread { query.add("n.read_at_ms IS NULL") }
        if let before = filter.before { query.add("n.id < ?", [before]) }
        query.end("ORDER BY n.id DESC LIMIT ?", [filter.limit + 1])
        let rows = try all(NotificationRow.self, query.sql, query.arguments)
        return (Array(rows.prefix(filter.limit)), rows.count > filter.limit)
    }

    /// The number of an account's unread notifications, those of one ticket and kind counted as one, up to
    /// `Store.limitUnread`.
    package func unreadNotifications(of account: AccountID, scopes: [NoticeScope]) throws -> Int {
        let query = SQLCondition.unreadNotices(of: account, scopes, upTo: Store.limitUnread)
        return try first(Int.self, query.sql, query.arguments) ?? 0
    }

    /// An account's newest unread notification of each company. All together are everything that is unread now: only
    /// within a company are notifications committed in the order of their ids.
    package func newestUnread(of account: AccountID) throws -> [NotificationID] {
        try all(
            NotificationID.self,
            "SELECT MAX(id) FROM notification WHERE account_id = ? AND read_at_ms IS NULL GROUP BY company_id",
            [account])
    }
}

extension CompanyReadSession {
    /// An account's unread notifications that lead to a ticket, or to one of its tasks.
    package func unreadNotices(
        of account: AccountID, ticket: TicketID, task: TaskID? = nil
    ) throws -> [NotificationID] {
        try all(
            NotificationID.self,
            """
            SELECT id FROM notification
            WHERE company_id = ? AND account_id = ? AND read_at_ms IS NULL AND ticket_id = ?
                AND \(task == nil ? "task_id IS NULL" : "task_id = ?")
            """, [company, account, ticket] + (task.map { [$0] } ?? []))
    }
}

extension SQLCondition {
    /// The statement that counts an account's unread notifications, those of one ticket and kind as one.
    static func unreadNotices(of account: AccountID, _ scopes: [NoticeScope], upTo limit: Int) -> SQLCondition {
        var query = SQLQuery(
            """
            SELECT COUNT(*) FROM (
                SELECT DISTINCT n.ticket_id, n.kind FROM notification n
                JOIN ticket t ON t.company_id = n.company_id AND t.id = n.ticket_id
                LEFT JOIN task k ON k.company_id = n.company_id AND k.id = n.task_id
                LEFT JOIN comment m ON m.company_id = n.company_id AND m.id = n.comment_id
                WHERE n.account_id = ? AND n.read_at_ms IS NULL
            """, [account])
        query.add(.any(of: scopes.map(\.predicate)))
        query.end("LIMIT ?) unread", [limit])
        return SQLCondition(query.sql, query.arguments)
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
        return try changedRows(query.sql, query.arguments)
    }

    /// Marks an account's notifications as read, up to those that it was shown.
    /// - Parameter newest: the newest of each company, as `newestUnread` told them.
    /// - Returns: whether all of them are the account's; those that are not change nothing.
    @discardableResult
    package func markNotifications(
        upTo newest: [NotificationID], of account: AccountID, now: Int64
    ) throws -> Bool {
        var areOwn = !newest.isEmpty
        for id in newest {
            let company = try first(
                CompanyID.self, "SELECT company_id FROM notification WHERE id = ? AND account_id = ?", [id, account])
            guard let company else {
                areOwn = false
                continue
            }
            try run(
                """
                UPDATE notification SET read_at_ms = ?
                WHERE company_id = ? AND account_id = ? AND read_at_ms IS NULL AND id <= ?
                """, [now, company, account, id])
        }
        return areOwn
    }
}

/// Tasks that are due within a day, of which their workers are to be told. Of a task with less time than some days they
/// are told when most of it is over: that it is theirs they have just been told.
extension ReadSession {
    fileprivate func companiesWithDueTasks(now: Int64) throws -> [CompanyID] {
        try all(
            CompanyID.self, "SELECT DISTINCT k.company_id FROM \(Store.tasksDueSoon) ORDER BY k.company_id",
            [now + Store.dueNotice, now])
    }
}

extension CompanyWriteSession {
    /// Notifies people of their tasks that are due soon, once per task and person.
    func tellDueSoon(now: Int64) throws {
        try run(
            """
            INSERT INTO notification (company_id, account_id, kind, ticket_id, task_id, created_at_ms, mail_at_ms)
            SELECT k.company_id, k.assignee_id, 'due_soon', k.ticket_id, k.id, ?, \(NotificationWriter.mailTime(.dueSoon))
            FROM \(Store.tasksDueSoon) AND k.company_id = ?
            """, [now, now, now + Store.dueNotice, now, company])
    }
}

extension Store {
    /// Notifies people of their tasks that are due soon, company by company.
    /// - Parameter leader: the daemon that does it; nil: a demo or a test.
    /// - Throws: `StoreError.notLeader`.
    package func tellDueSoon(leader: Leadership? = nil, now: Int64) async throws {
        for company in try await read({ try $0.companiesWithDueTasks(now: now) }) {
            try await writeAside(in: company) { session in
                if let leader { try session.site.check(leader) }
                try session.tellDueSoon(now: now)
            }
        }
    }

    /// The task `k` of the person `a`; the parameters are the end of the time of notice, and now.
    fileprivate static let tasksDueSoon = """
        task k JOIN account a ON a.id = k.assignee_id AND a.kind = 'person'
        WHERE k.due_at_ms IS NOT NULL AND \(TaskSQL.isOpen()) AND k.due_at_ms < ?
            AND k.due_at_ms - ? < (k.due_at_ms - COALESCE(k.assigned_at_ms, k.created_at_ms)) / \(Store.dueShare)
            AND k.due_at_ms > COALESCE(k.assigned_at_ms, k.created_at_ms)
            AND \(NotificationWriter.wants(.dueSoon)) AND NOT EXISTS (SELECT 1 FROM notification n
                WHERE n.company_id = k.company_id AND n.task_id = k.id AND n.kind = 'due_soon'
                    AND n.account_id = k.assignee_id)
        """

    /// How long before the due date a task's worker is notified, in milliseconds.
    fileprivate static let dueNotice: Int64 = 86_400_000
    /// What share of a short task's time is left then: one of so many.
    fileprivate static let dueShare = 4
    /// How many characters of a comment its notification shows.
    fileprivate static let excerptLength = 160
    /// Where counting unread notifications ends.
    package static let limitUnread = HeaderFigures.limit
}

extension NotificationRow: RowReadable {
    package init(row: Row) throws {
        id = row["id"]
        company = row["company"]
        companyID = row["company_id"]
        kind = try Column.word(row["kind"])
        ticket = row["ticket"]
        title = row["title"]
        requesterName = row["requester_name"]
        state = try Column.word(row["state"])
        status = row["status"]
        let cancellation: String? = row["cancellation"]
        cancelledBecause = try cancellation.map { try JSON(parsing: $0) }?["reason"].stringValue
        task = row["task"]
        taskTitle = row["task_title"]
        taskDueAtMs = row["task_due"]
        isTaskHeld = row["task_held"]
        let role: String? = row["task_role"]
        let title: String? = row["task_role_title"]
        taskRole = role.map { CompanyRole(name: $0, title: title ?? "", version: 1).label }
        author = row["author"]
        comment = row["comment"]
        createdAtMs = row["created_at_ms"]
        readAtMs = row["read_at_ms"]
    }
}
