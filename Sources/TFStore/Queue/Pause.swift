import TFEngine

extension ReadSession {
    /// The companies whose tasks are not assigned at present.
    package func pausedCompanies() throws -> Set<CompanyID> {
        try Set(all(CompanyID.self, "SELECT id FROM company WHERE is_paused = 1"))
    }
}

extension CompanyWriteSession {
    /// Stops assigning the company's tasks, or goes on; what waited is assigned then, in the order of priority, due date
    /// and age.
    /// - Returns: false where it was so already.
    package func setPaused(_ isPaused: Bool, now: Int64) throws -> Bool {
        guard
            try run(
                "UPDATE company SET is_paused = ? WHERE id = ? AND is_paused <> ?", [isPaused, company, isPaused])
                > 0
        else { return false }
        if !isPaused { try Outbox.assignWaiting(self, now: now) }
        return true
    }

    /// Has the leader fill the company's queues again.
    package func requestRebuild() throws {
        try run("UPDATE queue_epoch SET epoch = ? WHERE company_id = ?", [Store.rebuildRequest, company])
    }
}

extension Store {
    /// What stands for the epoch of content that is to be made again.
    package static let rebuildRequest = "rebuild requested"
}
