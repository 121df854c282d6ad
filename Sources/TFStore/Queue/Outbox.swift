import TFEngine

/// The outbox: what Redis has yet to be told, written in the transaction that made it true. `OutboxKind` says what.
enum Outbox {
    /// What becomes of a task's job.
    static func add(_ db: WriteSession, _ order: TaskOrder, _ task: TaskKey, now: Int64) throws {
        try add(
            db, order.kind, company: task.company, task: (task.id, attempt: order.attempt), account: nil, now: now)
    }

    /// Tells Redis about a worker and, where they are available now, tries again for every task that waits for somebody
    /// like them, in the order of priority, due date and age.
    static func workerChanged(_ db: WriteSession, company: CompanyID, account: AccountID, now: Int64) throws {
        try add(db, .worker, company: company, task: nil, account: account, now: now)
        let waiting = try db.all(
            Row.self,
            waitingTasks + """
                    AND EXISTS (
                        SELECT 1 FROM worker w
                        WHERE w.company_id = k.company_id AND w.account_id = ? AND w.is_available = 1
                            AND w.kind = k.kind
                            AND (k.role IS NULL OR EXISTS (
                                SELECT 1 FROM member_role r
                                WHERE r.company_id = w.company_id AND r.account_id = w.account_id AND r.role = k.role))
                    )
                """ + inTheirOrder, [company, account])
        for row in waiting {
            try add(
                db, .assign, company: company, task: (row["id"], attempt: row["attempt"]), account: nil, now: now)
        }
    }

    /// Tries again for every task of a company that the rule has yet to give to somebody.
    static func assignWaiting(_ db: WriteSession, company: CompanyID, now: Int64) throws {
        let waiting = try db.all(Row.self, waitingTasks + inTheirOrder, [company])
        for row in waiting {
            try add(
                db, .assign, company: company, task: (row["id"], attempt: row["attempt"]), account: nil, now: now)
        }
    }

    /// Also those that the outbox asks to assign already: that is carried over before what changed, and finds nobody.
    private static let waitingTasks = """
        SELECT k.id, k.attempt FROM task k
        WHERE k.company_id = ? AND k.state = 'ready' AND \(TaskSQL.isByRule)
            AND k.wake_at_ms IS NULL

        """

    /// Of tasks that wait: priority, due date, age.
    private static let inTheirOrder = """

        ORDER BY \(TaskSQL.byPriority), \(TaskSQL.byDueDate), k.id
        """

    private static func add(
        _ db: WriteSession, _ kind: OutboxKind, company: CompanyID, task: (id: TaskID, attempt: Int)?,
        account: AccountID?,
        now: Int64
    ) throws {
        try db.run(
            """
            INSERT INTO outbox (company_id, kind, task_id, attempt, account_id, created_at_ms)
            VALUES (?, ?, ?, ?, ?, ?)
            """, [company, kind.rawValue, task?.id, task?.attempt, account, now])
    }
}
