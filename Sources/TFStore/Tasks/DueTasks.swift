import TFEngine

/// Timers of tasks and workers.
extension ReadSession {
    fileprivate func isAnythingDue(now: Int64) throws -> Bool {
        try first(
            Bool.self,
            """
            SELECT 1 WHERE EXISTS (SELECT 1 FROM task WHERE wake_at_ms <= ? AND finished_at_ms IS NULL)
                OR EXISTS (SELECT 1 FROM membership WHERE plan_at_ms <= ?)
                OR EXISTS (SELECT 1 FROM membership
                    WHERE seen_at_ms IS NOT NULL AND is_available = 1 AND seen_at_ms < ?)
            """, [now, now, now - Store.presenceLength]) ?? false
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
            }
        case .held: try happen(.holdEnded, to: task, now: now)
        case .assigned, .started: try endLease(task, now: now)
        case .completed, .withdrawn, .failed: break
        }
    }
}

extension Store {
    /// Handles everything that is due: expired leases, ended holds, next tries, planned availability, and programs
    /// without a sign of life.
    /// - Returns: how many there were; each kind is limited to 100, so more may be due.
    /// - Throws: `StoreError.notLeader`.
    package func advanceTaskClock(leader: Leadership, now: Int64) async throws -> Int {
        let isDue = try await read { db in try db.isAnythingDue(now: now) }
        guard isDue else { return 0 }
        return try await write { db in
            try db.check(leader, now: now)
            let tasks = try db.all(
                TaskRecord.self,
                TaskRecord.select
                    + " WHERE k.wake_at_ms <= ? AND k.finished_at_ms IS NULL ORDER BY k.wake_at_ms LIMIT 100", [now])
            for task in tasks { try db.inside(task.companyID).wake(task, now: now) }
            return try tasks.count + db.followPlans(now: now) + db.endPresence(now: now)
        }
    }
}
