import TFEngine

/// Timers of tasks and workers.
extension ReadSession {
    fileprivate func isAnythingDue(of companies: CompanyChoice, now: Int64) throws -> Bool {
        let chosen = companies.condition()
        return try first(
            Bool.self,
            """
            SELECT 1 WHERE EXISTS (
                    SELECT 1 FROM task WHERE wake_at_ms <= ? AND \(TaskSQL.isOpen("task")) AND \(chosen.sql))
                OR EXISTS (SELECT 1 FROM membership WHERE plan_at_ms <= ? AND \(chosen.sql))
                OR EXISTS (SELECT 1 FROM membership
                    WHERE seen_at_ms IS NOT NULL AND is_available = 1 AND seen_at_ms < ? AND \(chosen.sql))
            """,
            [now] + chosen.arguments + [now] + chosen.arguments + [now - Store.presenceLength] + chosen.arguments
        ) ?? false
    }
}

extension CompanyWriteSession {
    fileprivate func wake(_ task: TaskRecord, now: Int64) throws {
        switch task.state {
        case .ready:
            if let recipient = try recipient(task) {
                try happen(.delivered(to: recipient), to: task, now: now)
            } else {
                try happen(.retryDue, to: task, now: now)
                try notePause(of: task.id, now: now)
            }
        case .held: try happen(.holdEnded, to: task, now: now)
        case .started: try endLease(task, now: now)
        // Of these, none waits for a moment.
        case .assigned, .completed, .withdrawn, .failed: break
        }
    }
}

extension Store {
    /// Handles everything that is due: expired leases, ended holds, next tries, planned availability, and programs
    /// without a sign of life.
    /// - Returns: how many there were; each kind is limited to 100, so more may be due.
    /// - Throws: `StoreError.notLeader`.
    package func advanceTaskClock(leader: Leadership, now: Int64) async throws -> Int {
        let companies = CompanyChoice(of: leader)
        let isDue = try await read { db in try db.isAnythingDue(of: companies, now: now) }
        guard isDue else { return 0 }
        return try await write(leading: leader) { db in
            let chosen = companies.condition("k.company_id")
            let tasks = try db.all(
                TaskRecord.self,
                TaskRecord.select
                    + " WHERE k.wake_at_ms <= ? AND \(TaskSQL.isOpen()) AND \(chosen.sql) ORDER BY k.wake_at_ms LIMIT 100",
                [now] + chosen.arguments)
            for task in tasks { try db.inside(task.companyID).wake(task, now: now) }
            return try tasks.count + db.followPlans(of: companies, now: now) + db.endPresence(of: companies, now: now)
        }
    }
}
