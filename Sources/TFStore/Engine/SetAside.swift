import TFDefinition
import TFEngine
import TFExpression

/// A workflow instance or a schedule that is set aside: it is stopped and shown to people, while everything else goes
/// on.
package struct SetAside: Sendable, Hashable {
    package let company: String
    /// The ticket's number; nil: it has no ticket.
    package let ticket: Int?
    /// Such as `instance 7` or `the schedule of report`.
    package let subject: String
    package let reason: SetAsideReason
}

/// What a daemon finds out at its start about the death of the last one.
package struct DeathReport: Sendable, Hashable {
    /// What was being handled: `instance 7`, `the schedule of "report"`.
    package let subject: String
    /// How many times in a row a daemon died while it handled this.
    package let deaths: Int
    package let isSetAside: Bool
}

/// Setting aside poison: an instance that ends the daemon, or whose events cannot be applied.
///
/// One death proves nothing: a kill -9 hits innocent work too. So an instance that was being handled when a daemon died
/// is handled the next time after all others, in a transaction of its own. If a daemon dies at it again before any of
/// its events was applied, it is set aside. If handling only throws an error, it is set aside at once.
extension ReadSession {
    /// Everything that is set aside, for the operator: at most 100 instances and 100 schedules.
    package func setAside() throws -> [SetAside] {
        let instances = try all(
            Row.self,
            """
            SELECT i.id, i.set_aside, i.set_aside_facts, c.slug, t.number FROM instance i
            JOIN company c ON c.id = i.company_id
            LEFT JOIN ticket t ON t.company_id = i.company_id AND t.id = i.ticket_id
            WHERE i.set_aside IS NOT NULL AND i.status IN ('running', 'faulted') ORDER BY i.id LIMIT 100
            """)
        let schedules = try all(
            Row.self,
            """
            SELECT s.set_aside, s.set_aside_facts, c.slug, d.name FROM schedule s
            JOIN company c ON c.id = s.company_id
            JOIN definition d ON d.company_id = s.company_id AND d.id = s.definition_id
            WHERE s.set_aside IS NOT NULL ORDER BY d.name LIMIT 100
            """)
        return try instances.compactMap { row in
            try SetAsideReason(row: row).map { reason in
                SetAside(
                    company: row["slug"], ticket: row["number"], subject: "instance \(row["id"] as InstanceID)",
                    reason: reason)
            }
        }
            + schedules.compactMap { row in
                try SetAsideReason(row: row).map { reason in
                    SetAside(
                        company: row["slug"], ticket: nil, subject: "the schedule of \(row["name"] as String)",
                        reason: reason)
                }
            }
    }
}

extension WriteSession {
    fileprivate func noteDeath(_ subject: HandlingMark.Subject, now: Int64) throws -> DeathReport? {
        switch subject {
        case .instance(let id):
            let company = try first(CompanyID.self, "SELECT company_id FROM instance WHERE id = ?", [id])
            return try company.flatMap { try inside($0).noteDeath(instance: id, now: now) }
        case .schedule(let id):
            let company = try first(CompanyID.self, "SELECT company_id FROM definition WHERE id = ?", [id])
            return try company.flatMap { try inside($0).noteDeath(schedule: id) }
        }
    }
}

extension CompanyWriteSession {
    fileprivate func noteDeath(instance id: InstanceID, now: Int64) throws -> DeathReport? {
        let deaths = try first(
            Int.self,
            """
            UPDATE instance SET deaths = deaths + 1 WHERE company_id = ? AND id = ? AND set_aside IS NULL RETURNING deaths
            """, [company, id])
        guard let deaths else { return nil }
        if deaths >= Store.limitDeaths {
            try setAside(instance: id, because: .died(times: deaths), now: now)
        }
        return DeathReport(subject: "instance \(id)", deaths: deaths, isSetAside: deaths >= Store.limitDeaths)
    }

    fileprivate func noteDeath(schedule id: DefinitionID) throws -> DeathReport? {
        let deaths = try first(
            Int.self,
            """
            UPDATE schedule SET deaths = deaths + 1
            WHERE company_id = ? AND definition_id = ? AND set_aside IS NULL RETURNING deaths
            """, [company, id])
        guard let deaths else { return nil }
        let name = try first(String.self, "SELECT name FROM definition WHERE company_id = ? AND id = ?", [company, id])
        if deaths >= Store.limitDeaths {
            try setAside(schedule: id, because: .died(times: deaths))
        }
        return DeathReport(
            subject: "the schedule of \"\(name ?? "?")\"", deaths: deaths, isSetAside: deaths >= Store.limitDeaths)
    }

    /// Sets an instance aside, without the engine: its ticket is shown as failed, and its events, timers and requests
    /// wait for a ticket admin's decision. It keeps listening; events that it receives wait too.
    func setAside(instance id: InstanceID, because reason: SetAsideReason, now: Int64) throws {
        try run(
            """
            UPDATE instance SET set_aside = ?, set_aside_facts = ?, wake_at_ms = NULL, ended_at_ms = ?
            WHERE company_id = ? AND id = ?
            """, [reason.code.rawValue, reason.facts, now, company, id])
        try run(
            "UPDATE instance_event SET set_aside = ? WHERE company_id = ? AND instance_id = ? AND set_aside IS NULL",
            [reason.code.rawValue, company, id])
        let ticket = try first(
            TicketID.self,
            """
            SELECT t.id FROM instance i JOIN ticket t ON t.company_id = i.company_id AND t.id = i.ticket_id
            WHERE i.company_id = ? AND i.id = ? AND t.state IN ('open', 'failed')
            """, [company, id])
        guard let ticket else { return }
        try run(
            """
            UPDATE ticket SET state = 'failed', status = ?, closed_at_ms = ?, updated_at_ms = ?, version = version + 1
            WHERE company_id = ? AND id = ?
            """, [TicketStatus.failed, now, now, company, ticket])
        var error: JSONObject = ["set_aside": .string(reason.code.rawValue)]
        error["facts"] = reason.facts
        try addHistory(
            NewHistory(
                ticket: ticket, actor: TaskLife.system, kind: .failed,
                data: ["status": .string(TicketStatus.failed), "error": .object(error)]),
            now: now)
    }

    /// Resets an instance's count of deaths once nothing is left that could have caused them: no event, no due timer
    /// and no request to be sent.
    func forgetDeaths(instance id: InstanceID, now: Int64) throws {
        try run(
            """
            UPDATE instance SET deaths = 0
            WHERE company_id = ? AND id = ? AND deaths > 0 AND set_aside IS NULL AND (wake_at_ms IS NULL OR wake_at_ms > ?)
                AND NOT EXISTS (SELECT 1 FROM instance_event e
                    WHERE e.company_id = instance.company_id AND e.instance_id = instance.id AND e.set_aside IS NULL)
                AND NOT EXISTS (
                    SELECT 1 FROM http_call h
                    WHERE h.company_id = instance.company_id AND h.instance_id = instance.id AND h.state = 'waiting')
            """, [company, id, now])
    }

    func setAside(schedule id: DefinitionID, because reason: SetAsideReason) throws {
        try run(
            """
            UPDATE schedule SET set_aside = ?, set_aside_facts = ?, next_at_ms = NULL
            WHERE company_id = ? AND definition_id = ?
            """, [reason.code.rawValue, reason.facts, company, id])
    }

    /// Resumes an instance that was set aside. If the daemon dies at it once more, it is set aside at once.
    func takeUp(instance id: InstanceID, now: Int64) throws {
        try run(
            """
            UPDATE instance SET set_aside = NULL, set_aside_facts = NULL, wake_at_ms = ?, ended_at_ms = NULL,
                deaths = CASE WHEN deaths > 0 THEN \(Store.limitDeaths - 1) ELSE 0 END
            WHERE company_id = ? AND id = ?
            """, [now, company, id])
        try run("UPDATE instance_event SET set_aside = NULL WHERE company_id = ? AND instance_id = ?", [company, id])
        try run(
            "UPDATE http_call SET next_at_ms = ? WHERE company_id = ? AND instance_id = ? AND state = 'waiting'",
            [now, company, id])
        try run(
            """
            UPDATE ticket SET state = 'open', status = ?, closed_at_ms = NULL, updated_at_ms = ?, version = version + 1
            WHERE company_id = ? AND id = (SELECT ticket_id FROM instance WHERE company_id = ? AND id = ?)
            """, [TicketStatus.usual, now, company, company, id])
    }

    /// Ends an instance that was set aside, without the engine: its tasks are withdrawn, and its ticket is cancelled.
    func abandon(_ instance: InstanceRow, now: Int64) throws {
        try withdrawTasks(instance: instance.id, now: now)
        for table in ["http_call", "instance_event"] {
            try run("DELETE FROM \(table) WHERE company_id = ? AND instance_id = ?", [company, instance.id])
        }
        let children = try all(
            InstanceID.self,
            "SELECT id FROM instance WHERE company_id = ? AND parent_id = ? AND status = 'running' ORDER BY id",
            [company, instance.id])
        for child in children {
            try addEvent(instance: child, .cancel, [:], now: now)
        }
        try run(
            """
            UPDATE instance SET status = 'cancelled', wake_at_ms = NULL, is_listening = 0, deaths = 0, ended_at_ms = ?
            WHERE company_id = ? AND id = ?
            """, [now, company, instance.id])
        guard let ticket = instance.ticketID, instance.depth == 0 else { return }
        try run(
            """
            UPDATE ticket SET state = 'cancelled', status = ?, closed_at_ms = ?, updated_at_ms = ?,
                version = version + 1
            WHERE company_id = ? AND id = ?
            """, [TicketStatus.cancelled, now, now, company, ticket])
        try addHistory(
            NewHistory(
                ticket: ticket, actor: TaskLife.system, kind: .cancelled,
                data: ["status": .string(TicketStatus.cancelled)]), now: now)
    }

    /// Withdraws the open tasks of an instance.
    /// - Parameter step: only those of this step; nil: all.
    func withdrawTasks(
        instance: InstanceID, step: (reference: String, visit: Int)? = nil, now: Int64
    ) throws {
        let tasks = try all(
            TaskRecord.self,
            TaskRecord.select + """
                 WHERE k.company_id = ? AND k.instance_id = ? AND \(TaskSQL.isOpen())
                """, [company, instance])
        for task in tasks.sorted(by: { $0.id < $1.id }) {
            if let step, step != (task.reference, task.visit) { continue }
            try happen(.withdrawn, to: task, now: now)
        }
    }
}

extension Store {
    /// After this many deaths in a row at an instance or a schedule it is set aside.
    static let limitDeaths = 2

    /// Counts the death of the last daemon at what it was handling, once after a start.
    /// - Returns: empty if it was handling nothing, or stopped in order.
    /// - Throws: `StoreError.notLeader`, or a temporary error.
    package func noteDeath(leader: Leadership, now: Int64) async throws -> [DeathReport] {
        let subjects = mark.takeSubjects()
        guard !subjects.isEmpty else { return [] }
        // Companies that others have taken over meanwhile have their count, too.
        return try await write(locking: leader.lock) { db in
            if case .site = leader.reach { try db.check(leader) }
            return try subjects.compactMap { try db.noteDeath($0, now: now) }
        }
    }

    /// The error of an instance that is set aside, as shown to ticket admins.
    /// - Parameter reason: in words.
    static func setAsideError(_ reason: String) -> WorkflowError {
        WorkflowError(
            .runtime, status: 500, title: "The workflow was set aside",
            detail: "\(reason); it can be tried again, or the ticket cancelled", at: "/")
    }
}
