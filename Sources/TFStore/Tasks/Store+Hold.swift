import TFDefinition
import TFExpression

/// Putting a task off: it stays somebody's, and leaves his list until its moment.
extension Store {
    /// The longest that a task can be put off, in milliseconds: a year.
    private static let longestHold: Int64 = 366 * 86_400_000

    /// Puts a task off until a moment.
    /// - Parameters:
    ///   - until: milliseconds since 1970.
    ///   - onlyOwn: whether it must be his: a worker's right, where a ticket admin may for others.
    package func holdTask(
        _ id: Int64, until: Int64, by account: Account, onlyOwn: Bool, reason: String?, version: Int?, now: Int64
    ) async throws {
        guard until > now, until <= now + Self.longestHold else {
            throw StoreError.invalid([
                FieldError(field: "until", message: "A task is put off until a moment in the coming year")
            ])
        }
        try await write { db in
            let task = try changeable(db, id, by: account, onlyOwn: onlyOwn, version: version)
            guard task.assigneeID != nil else { throw StoreError.conflict("nobody has this task at present") }
            guard task.kind == .person else { throw StoreError.conflict("a program's job is not put off") }
            if task.state != .held {
                try Outbox.remove(db, company: task.companyID, task: id, attempt: task.attempt, now: now)
            }
            try db.run(
                "UPDATE task SET state = 'held', wake_at_ms = ?, version = version + 1 WHERE id = ?", [until, id])
            try note(
                db, task, by: account, "held",
                ["until": .string(Moment.iso8601(until)), "reason": .optional(reason)], now: now)
        }
    }

    /// Puts a task that was put off back into its list, as a job of its own.
    func endHold(_ db: WriteSession, _ task: TaskRecord, now: Int64) throws {
        guard let assignee = task.assigneeID else { return }
        try db.run(
            """
            UPDATE task SET attempt = attempt + 1, version = version + 1, wake_at_ms = NULL,
                state = CASE WHEN started_at_ms IS NULL THEN 'assigned' ELSE 'started' END
            WHERE id = ?
            """, [task.id])
        try recordAssignee(
            db, task: task.id, attempt: task.attempt + 1, account: assignee, now: now)
        try Outbox.place(db, company: task.companyID, task: task.id, attempt: task.attempt + 1, now: now)
    }
}
