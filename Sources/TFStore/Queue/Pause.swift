import TFEngine

extension ReadSession {
    /// The companies in which assignment is paused.
    package func pausedCompanies() throws -> Set<CompanyID> {
        try Set(all(CompanyID.self, "SELECT id FROM company WHERE is_paused = 1"))
    }
}

extension CompanyReadSession {
    /// Whether the assignment of the company's tasks is paused.
    func isPaused() throws -> Bool {
        try first(Bool.self, "SELECT is_paused FROM company WHERE id = ?", [company]) ?? false
    }
}

extension CompanyWriteSession {
    /// Pauses or resumes the assignment of the company's tasks, those with an addressee included. On resuming, the
    /// waiting tasks are assigned in the order of priority, due date and age.
    /// - Returns: false if nothing changed.
    package func setPaused(_ isPaused: Bool, now: Int64) throws -> Bool {
        guard
            try changedRows(
                "UPDATE company SET is_paused = ? WHERE id = ? AND is_paused <> ?", [isPaused, company, isPaused])
                > 0
        else { return false }
        if !isPaused {
            try Outbox.assignWaiting(self, now: now)
            try deliverWaiting(now: now)
        }
        try audit(
            isPaused ? .assignmentPaused : .assignmentResumed, .company(try companyRecord().slug), now: now)
        return true
    }

    /// Asks the leader to rebuild the company's data in Redis.
    package func requestRebuild() throws {
        try run("UPDATE queue_epoch SET epoch = ? WHERE company_id = ?", [Store.rebuildRequest, company])
    }
}

extension Store {
    /// Written in place of the epoch to request a rebuild.
    package static let rebuildRequest = "rebuild requested"
}
