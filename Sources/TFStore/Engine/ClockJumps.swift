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
    package func clockWasSet(by milliseconds: Int64, of leader: Leadership? = nil) throws {
        let companies = CompanyChoice(of: leader)
        let chosen = companies.condition()
        try run(
            "UPDATE http_call SET next_at_ms = next_at_ms + ? WHERE \(chosen.sql)", [milliseconds] + chosen.arguments)
        try run(
            "UPDATE http_call SET deadline_at_ms = deadline_at_ms + ? WHERE deadline_at_ms IS NOT NULL AND \(chosen.sql)",
            [milliseconds] + chosen.arguments)
        try moveTaskWaits(by: milliseconds, in: companies)
        // A schedule names times of day: after a step back its next one is sooner than the one that was looked for.
        if milliseconds < 0 {
            try run(
                "UPDATE schedule SET next_at_ms = ? WHERE next_at_ms IS NOT NULL AND set_aside IS NULL AND \(chosen.sql)",
                [Store.notPlanned] + chosen.arguments)
        }
        // Nobody stays blocked for the days that the clock went back, and no program counts as there.
        if companies == .all {
            try run(
                "UPDATE throttle SET blocked_until_ms = blocked_until_ms + ?, changed_at_ms = changed_at_ms + ?",
                [milliseconds, milliseconds])
        }
        try run(
            "UPDATE membership SET seen_at_ms = seen_at_ms + ? WHERE seen_at_ms IS NOT NULL AND \(chosen.sql)",
            [milliseconds] + chosen.arguments)
        try run(
            "UPDATE notification SET mail_at_ms = mail_at_ms + ? WHERE mail_at_ms IS NOT NULL AND \(chosen.sql)",
            [milliseconds] + chosen.arguments)
        try moveTimers(by: milliseconds, in: companies)
    }

    /// Moves the timers of workflows, some at a time: their states may be large.
    private func moveTimers(by milliseconds: Int64, in companies: CompanyChoice) throws {
        let chosen = companies.condition()
        var last = InstanceID(0)
        while true {
            let keys = try all(
                InstanceKey.self,
                """
                SELECT company_id, id FROM instance WHERE wake_at_ms IS NOT NULL AND id > ? AND \(chosen.sql)
                ORDER BY id LIMIT 50
                """, [last] + chosen.arguments)
            for key in keys {
                last = key.id
                do {
                    try savepoint { try inside(key.company).moveTimers(of: key.id, by: milliseconds) }
                } catch {
                    // One that cannot be read is set aside when the engine comes to it; the others' clocks go right.
                    if StoreError.isTemporary(error) { throw error }
                }
            }
            if keys.isEmpty { return }
        }
    }
}

extension CompanyWriteSession {
    fileprivate func moveTimers(of id: InstanceID, by milliseconds: Int64) throws {
        let stored = try first(
            String.self,
            "SELECT state FROM instance WHERE company_id = ? AND id = ? AND wake_at_ms IS NOT NULL AND state IS NOT NULL",
            [company, id])
        guard let stored else { return }
        var state = try InstanceState(text: stored)
        state.moveTimers(by: milliseconds)
        try run(
            "UPDATE instance SET state = ?, wake_at_ms = wake_at_ms + ? WHERE company_id = ? AND id = ?",
            [state.text, milliseconds, company, id])
    }
}

extension Store {
    /// By how many milliseconds a clock may be corrected without being regarded as set.
    package static let clockTolerance: Int64 = 5_000
}
