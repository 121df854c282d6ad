/// The outbox: what Redis has yet to be told, written in the transaction that made it true.
///
/// - `assign`: find somebody for a task that nobody has (or put it into the pool).
/// - `place`: put a task into the list of the person who has it.
/// - `take`: a program has the job: out of its list, and still counted as its.
/// - `remove`: take the job of a task and attempt out of wherever it is.
/// - `worker`: a person's roles, availability or membership changed.
enum Outbox {
    static func assign(_ db: WriteSession, company: Int64, task: Int64, attempt: Int, now: Int64) throws {
        try add(db, "assign", company, task, attempt, nil, now)
    }

    static func place(_ db: WriteSession, company: Int64, task: Int64, attempt: Int, now: Int64) throws {
        try add(db, "place", company, task, attempt, nil, now)
    }

    static func remove(_ db: WriteSession, company: Int64, task: Int64, attempt: Int, now: Int64) throws {
        try add(db, "remove", company, task, attempt, nil, now)
    }

    static func take(_ db: WriteSession, company: Int64, task: Int64, attempt: Int, now: Int64) throws {
        try add(db, "take", company, task, attempt, nil, now)
    }

    /// Tells Redis about a worker and, where he is available now, tries again for every task that waits for somebody
    /// like him, in the order of priority, due date and age.
    static func workerChanged(_ db: WriteSession, company: Int64, account: Int64, now: Int64) throws {
        try add(db, "worker", company, nil, nil, account, now)
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
        for row in waiting { try assign(db, company: company, task: row["id"], attempt: row["attempt"], now: now) }
    }

    /// Tries again for every task of a company that the rule has yet to give to somebody.
    static func assignWaiting(_ db: WriteSession, company: Int64, now: Int64) throws {
        let waiting = try db.all(Row.self, waitingTasks + inTheirOrder, [company])
        for row in waiting { try assign(db, company: company, task: row["id"], attempt: row["attempt"], now: now) }
    }

    /// Also those that the outbox asks to assign already: that is carried over before what changed, and finds nobody.
    private static let waitingTasks = """
        SELECT k.id, k.attempt FROM task k
        WHERE k.company_id = ? AND k.state = 'ready' AND k.strategy IN ('shortest-queue', 'round-robin')
            AND k.wake_at_ms IS NULL

        """

    /// Of tasks that wait: priority, due date, age.
    private static let inTheirOrder = """

        ORDER BY CASE k.priority WHEN 'urgent' THEN 0 WHEN 'high' THEN 1 WHEN 'normal' THEN 2 ELSE 3 END,
            CASE WHEN k.due_at_ms IS NULL THEN 1 ELSE 0 END, k.due_at_ms, k.id
        """

    private static func add(
        _ db: WriteSession, _ kind: String, _ company: Int64, _ task: Int64?, _ attempt: Int?, _ account: Int64?,
        _ now: Int64
    ) throws {
        try db.run(
            """
            INSERT INTO outbox (company_id, kind, task_id, attempt, account_id, created_at_ms)
            VALUES (?, ?, ?, ?, ?, ?)
            """, [company, kind, task, attempt, account, now])
    }
}
