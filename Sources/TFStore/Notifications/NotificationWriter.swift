import TFEngine

/// Adds notifications, in the transaction of the change that they are about.
///
/// Nobody is told of their own act, nor what they have switched off. Whether somebody may still see the ticket or the
/// comment is asked when notifications are read.
enum NotificationWriter {
    /// What a notification is about.
    private struct Subject {
        let ticket: TicketID
        var task: TaskID?
        var comment: CommentID?
    }

    // MARK: Tasks

    /// Adds the notifications about a task.
    static func tell(_ db: CompanyWriteSession, _ notice: TaskNotice, _ task: TaskKey, now: Int64) throws {
        switch notice {
        case .assigned(let kind, let account):
            guard account != db.caller?.account else { return }
            try insert(db, kind, Subject(ticket: task.ticket, task: task.id), account: account, now: now)
        case .nobodyEligible: try nobodyEligible(db, task: task.id, now: now)
        }
    }

    /// Notifies the ticket admins that nobody is eligible for a task, once per task.
    private static func nobodyEligible(_ db: CompanyWriteSession, task: TaskID, now: Int64) throws {
        try db.run(
            """
            INSERT INTO notification (company_id, account_id, kind, ticket_id, task_id, created_at_ms, mail_at_ms)
            SELECT k.company_id, m.account_id, 'nobody_eligible', k.ticket_id, k.id, ?, \(mailTime(.nobodyEligible))
            FROM task k JOIN counting_role m ON m.company_id = k.company_id
                AND m.role = 'ticket_admin' AND m.kind = 'person'
            JOIN account a ON a.id = m.account_id
            WHERE k.company_id = ? AND k.id = ? AND \(wants(.nobodyEligible)) AND NOT EXISTS (
                    SELECT 1 FROM notification n
                    WHERE n.company_id = k.company_id AND n.task_id = k.id AND n.kind = 'nobody_eligible')
            """, [now, now, db.company, task])
    }

    // MARK: Comments

    /// Notifies of a comment: the requester, or, of a comment by the requester and of an internal one, the people who
    /// have open tasks of the ticket; and then those who follow the ticket.
    static func commented(_ db: CompanyWriteSession, _ comment: NewComment, now: Int64) throws {
        let ticket = comment.ticket
        let subject = Subject(ticket: ticket.id, comment: comment.id)
        let isOfRequester = comment.author == ticket.requesterID
        if !isOfRequester, !comment.isInternal, try db.follows(ticket, ticket.requesterID) {
            try insert(db, .answered, subject, account: ticket.requesterID, now: now)
        }
        if isOfRequester || comment.isInternal { try tellHolders(db, comment, now: now) }
        try tellFollowers(db, comment, now: now)
    }

    private static func tellHolders(_ db: CompanyWriteSession, _ comment: NewComment, now: Int64) throws {
        try db.run(
            """
            INSERT INTO notification (company_id, account_id, kind, ticket_id, comment_id, created_at_ms, mail_at_ms)
            SELECT DISTINCT k.company_id, k.assignee_id, 'answered', k.ticket_id, CAST(? AS BIGINT), CAST(? AS BIGINT),
                \(mailTime(.answered))
            FROM task k JOIN account a ON a.id = k.assignee_id AND a.kind = 'person'
            WHERE k.company_id = ? AND k.ticket_id = ? AND \(TaskSQL.isOpen())
                AND k.assignee_id <> ? AND \(wants(.answered)) AND NOT EXISTS (
                    SELECT 1 FROM follower f
                    WHERE f.company_id = k.company_id AND f.ticket_id = k.ticket_id AND f.account_id = a.id
                        AND f.is_following = 0)
            """, [comment.id, now, now, db.company, comment.ticket.id, comment.author])
    }

    private static func tellFollowers(_ db: CompanyWriteSession, _ comment: NewComment, now: Int64) throws {
        try db.run(
            """
            INSERT INTO notification (company_id, account_id, kind, ticket_id, comment_id, created_at_ms, mail_at_ms)
            SELECT f.company_id, f.account_id, 'commented', f.ticket_id, CAST(? AS BIGINT), CAST(? AS BIGINT),
                \(mailTime(.commented))
            FROM follower f JOIN account a ON a.id = f.account_id AND a.kind = 'person' AND a.disabled_at_ms IS NULL
            WHERE f.company_id = ? AND f.ticket_id = ? AND f.is_following = 1 AND f.account_id <> ?
                AND f.account_id <> ? AND \(wants(.commented)) AND NOT EXISTS (
                    SELECT 1 FROM notification n
                    WHERE n.company_id = f.company_id AND n.comment_id = ? AND n.account_id = f.account_id)
            """,
            [
                comment.id, now, now, db.company, comment.ticket.id, comment.author, comment.ticket.requesterID,
                comment.id,
            ])
    }

    /// Notifies people whom a comment names; they get no other notification of the same comment.
    static func mentioned(
        _ db: CompanyWriteSession, _ accounts: [AccountID], in comment: CommentID, on ticket: TicketID, now: Int64
    ) throws {
        for account in accounts {
            let isTold = try insert(
                db, .mentioned, Subject(ticket: ticket, comment: comment), account: account, now: now)
            guard isTold else { continue }
            try db.run(
                """
                DELETE FROM notification
                WHERE company_id = ? AND comment_id = ? AND account_id = ? AND kind <> 'mentioned'
                """, [db.company, comment, account])
        }
    }

    // MARK: The end

    /// Notifies the requester and those who follow the ticket that it has ended, but not the one who cancelled it.
    static func closed(_ db: CompanyWriteSession, _ ticket: Ticket, isCancelled: Bool, now: Int64) throws {
        let canceller = isCancelled ? try db.canceller(of: ticket.id) : nil
        if ticket.requester != canceller, try db.follows(ticket, ticket.requesterID) {
            try insert(db, .closed, Subject(ticket: ticket.id), account: ticket.requesterID, now: now)
        }
        try db.run(
            """
            INSERT INTO notification (company_id, account_id, kind, ticket_id, created_at_ms, mail_at_ms)
            SELECT f.company_id, f.account_id, 'closed', f.ticket_id, CAST(? AS BIGINT),
                \(mailTime(.closed))
            FROM follower f JOIN account a ON a.id = f.account_id AND a.kind = 'person' AND a.disabled_at_ms IS NULL
            WHERE f.company_id = ? AND f.ticket_id = ? AND f.is_following = 1 AND f.account_id <> ? AND a.login <> ?
                AND \(wants(.closed))
            """, [now, now, db.company, ticket.id, ticket.requesterID, canceller ?? ""])
    }

    // MARK: Shared

    /// Whether the account `a` has not switched a kind off.
    static func wants(_ kind: NoticeKind) -> String {
        """
        NOT EXISTS (SELECT 1 FROM notice_setting o
            WHERE o.account_id = a.id AND o.kind = '\(kind.rawValue)' AND o.is_told = 0)
        """
    }

    /// When a notification of the account `a` is to be told by mail, of which the moment is a parameter; NULL: not.
    static func mailTime(_ kind: NoticeKind) -> String {
        """
        (SELECT CAST(? AS BIGINT) FROM notice_setting s
            WHERE s.account_id = a.id AND s.kind = '\(kind.rawValue)' AND s.is_mailed = 1)
        """
    }

    /// - Returns: whether the account is told: it is a person's, in use, and has not switched the kind off.
    @discardableResult
    private static func insert(
        _ db: CompanyWriteSession, _ kind: NoticeKind, _ subject: Subject, account: AccountID, now: Int64
    ) throws -> Bool {
        try db.changedRows(
            """
            INSERT INTO notification (company_id, account_id, kind, ticket_id, task_id, comment_id, created_at_ms, mail_at_ms)
            SELECT CAST(? AS BIGINT), a.id, CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT),
                CAST(? AS BIGINT), \(mailTime(kind))
            FROM account a WHERE a.id = ? AND a.kind = 'person' AND a.disabled_at_ms IS NULL AND \(wants(kind))
            """, [db.company, kind.rawValue, subject.ticket, subject.task, subject.comment, now, now, account]) > 0
    }
}

/// A comment that was just added.
struct NewComment {
    let id: CommentID
    let ticket: Ticket
    let author: AccountID
    let isInternal: Bool
}

extension CompanyReadSession {
    /// The login of the person who asked to cancel a ticket last; nil: nobody has.
    fileprivate func canceller(of ticket: TicketID) throws -> String? {
        try first(
            String.self,
            """
            SELECT actor FROM history WHERE company_id = ? AND ticket_id = ? AND kind = 'cancellation'
            ORDER BY id DESC LIMIT 1
            """, [company, ticket])
    }
}
