import TFEngine

/// The outbox: changes that have yet to reach Redis, written in the transaction that made them. `OutboxKind` lists
/// their kinds.
enum Outbox {
    private struct Entry {
        let kind: OutboxKind
        var task: TaskID?
        var attempt: Int?
        var account: AccountID?
    }

    /// Adds the orders about a task's job.
    static func add(_ db: CompanyWriteSession, _ orders: [TaskOrder], _ task: TaskKey, now: Int64) throws {
        let entries = orders.map { Entry(kind: $0.kind, task: task.id, attempt: $0.attempt) }
        try add(db, entries, now: now)
    }

    /// Adds a change of a worker and, if they are available now, tries again to assign every waiting task that they
    /// could do, in the order of priority, due date and age.
    static func workerChanged(_ db: CompanyWriteSession, account: AccountID, now: Int64) throws {
        let waiting = try db.all(
            Row.self,
            waitingTasks + """
                    AND EXISTS (
                        SELECT 1 FROM worker w
                        WHERE w.company_id = k.company_id AND w.account_id = ? AND w.is_available = 1
                            AND w.kind = k.kind AND (k.role IS NULL OR \(SQLCondition.holdsRole(column: "k.role", "w").sql))
                    )
                """ + inTheirOrder, [db.company, account])
        try assign(waiting, db, after: [Entry(kind: .worker, account: account)], now: now)
    }

    /// Tries again to assign every task of the company that waits for a worker by its rule.
    static func assignWaiting(_ db: CompanyWriteSession, now: Int64) throws {
        let waiting = try db.all(Row.self, waitingTasks + inTheirOrder, [db.company])
        try assign(waiting, db, after: [], now: now)
    }

    /// Adds an entry for each task that the queues are to look at again, and takes back why it waited so far.
    private static func assign(_ tasks: [Row], _ db: CompanyWriteSession, after first: [Entry], now: Int64) throws {
        let entries = tasks.map { Entry(kind: .assign, task: $0["id"], attempt: $0["attempt"]) }
        try add(db, first + entries, now: now)
        try db.leaveToQueues(tasks.map { $0["id"] })
    }

    /// Includes tasks that already have an `assign` entry: that one comes before the change of the worker, and so finds
    /// nobody.
    private static let waitingTasks = """
        SELECT k.id, k.attempt FROM task k
        WHERE k.company_id = ? AND \(TaskSQL.isToBeAssigned) AND \(TaskSQL.isByRule)

        """

    /// The order of waiting tasks: priority, due date, age.
    private static let inTheirOrder = """

        ORDER BY \(TaskSQL.byPriority), \(TaskSQL.byDueDate), k.id
        """

    /// Adds entries in order.
    private static func add(_ db: CompanyWriteSession, _ entries: [Entry], now: Int64) throws {
        for (entry, position) in zip(entries, try db.takePositions(entries.count)) {
            try db.run(
                """
                INSERT INTO outbox (company_id, position, kind, task_id, attempt, account_id, created_at_ms)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """, [db.company, position, entry.kind.rawValue, entry.task, entry.attempt, entry.account, now])
        }
    }
}
