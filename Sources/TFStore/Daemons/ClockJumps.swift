import TFEngine

/// What follows when the time of day was set, and so jumped.
///
/// A wait for some time from now (a backoff, a lease, a timeout, a workflow's `wait`) is stored with the time of day of
/// its end. When the clock is set, these ends move with it, so that a second stays a second. What people or calendars
/// named, such as a date until which a task is held, stays.
extension WriteSession {
    /// - Parameters:
    ///   - milliseconds: by how much the clock was set, negative: back.
    ///   - leader: whose clock it is; what other daemons lead goes by theirs. nil: all goes by it.
    /// - Throws: `StoreError.notLeader` if another daemon leads one of these companies by now: nothing is moved then.
    package func clockWasSet(by milliseconds: Int64, of leader: Leadership? = nil) throws {
        if let leader { try check(leader) }
        for company in try ledCompanies() where leader?.leads(company.id) ?? true {
            try inside(company.id).clockWasSet(by: milliseconds)
        }
        // Nobody stays blocked for the days that the clock went back.
        if CompanyChoice(of: leader) == .all {
            try run(
                "UPDATE throttle SET blocked_until_ms = blocked_until_ms + ?, changed_at_ms = changed_at_ms + ?",
                [milliseconds, milliseconds])
        }
    }
}

extension CompanyWriteSession {
    fileprivate func clockWasSet(by milliseconds: Int64) throws {
        try run(
            "UPDATE http_call SET next_at_ms = next_at_ms + ?, deadline_at_ms = deadline_at_ms + ? WHERE company_id = ?",
            [milliseconds, milliseconds, company])
        try moveTaskWaits(by: milliseconds)
        // A schedule names times of day: after a step back its next one is sooner than the one that was looked for.
        if milliseconds < 0 {
            try run(
                """
                UPDATE schedule SET next_at_ms = ?
                WHERE company_id = ? AND next_at_ms IS NOT NULL AND set_aside IS NULL
                """, [Store.notPlanned, company])
        }
        // No program counts as there for the days that the clock went back.
        try run(
            "UPDATE membership SET seen_at_ms = seen_at_ms + ? WHERE company_id = ? AND seen_at_ms IS NOT NULL",
            [milliseconds, company])
        try run(
            "UPDATE notification SET mail_at_ms = mail_at_ms + ? WHERE company_id = ? AND mail_at_ms IS NOT NULL",
            [milliseconds, company])
        try moveTimers(by: milliseconds)
    }

    /// Moves the timers of workflows, some at a time: their states may be large.
    private func moveTimers(by milliseconds: Int64) throws {
        var last = InstanceID(0)
        while true {
            let ids = try all(
                InstanceID.self,
                """
                SELECT id FROM instance WHERE company_id = ? AND wake_at_ms IS NOT NULL AND id > ?
                ORDER BY id LIMIT 50
                """, [company, last])
            for id in ids {
                last = id
                do { try savepoint { try moveTimers(of: id, by: milliseconds) } } catch {
                    // One that cannot be read is set aside when the engine comes to it; the others' clocks go right.
                    guard !StoreError.isTemporary(error) else { throw error }
                }
            }
            if ids.isEmpty { return }
        }
    }

    private func moveTimers(of id: InstanceID, by milliseconds: Int64) throws {
        let stored = try first(
            String.self,
            "SELECT state FROM instance WHERE company_id = ? AND id = ? AND wake_at_ms IS NOT NULL AND state IS NOT NULL",
            [company, id])
        guard let stored else { return }
        var state = try InstanceState(text: stored)
        state.moveTimers(by: milliseconds)
        try run(
            """
            UPDATE instance SET state = ?, wake_at_ms = wake_at_ms + ?, paused_until_ms = ?
            WHERE company_id = ? AND id = ?
            """, [state.text, milliseconds, state.pausedUntil, company, id])
    }
}

extension Store {
    /// By how many milliseconds a clock may be corrected without being regarded as set.
    package static let clockTolerance: Int64 = 5_000
}
