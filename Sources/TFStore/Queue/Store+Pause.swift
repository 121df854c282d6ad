extension Store {
    /// Stops assigning a company's tasks, or goes on; what waited is assigned then, in the order of priority, due date
    /// and age.
    /// - Returns: false where it was so already.
    package func setPaused(_ isPaused: Bool, company: Int64, now: Int64) async throws -> Bool {
        try await write { db in
            guard
                try db.run(
                    "UPDATE company SET is_paused = ? WHERE id = ? AND is_paused <> ?", [isPaused, company, isPaused])
                    > 0
            else { return false }
            if !isPaused { try Outbox.assignWaiting(db, company: company, now: now) }
            return true
        }
    }

    /// What stands for the epoch of content that is to be made again.
    package static let rebuildRequest = "rebuild requested"

    /// Has the leader fill a company's queues again.
    package func requestRebuild(company: Int64) async throws {
        try await write { db in
            try db.run("UPDATE queue_epoch SET epoch = ? WHERE company_id = ?", [Self.rebuildRequest, company])
        }
    }

    /// The companies whose tasks are not assigned at present.
    package func pausedCompanies() async throws -> Set<Int64> {
        try await read { db in
            try Set(db.all(Int64.self, "SELECT id FROM company WHERE is_paused = 1"))
        }
    }
}
