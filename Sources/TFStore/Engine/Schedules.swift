import TFDefinition
import TFEngine
import TFExpression

/// Schedules of workflows.
extension ReadSession {
    fileprivate func scheduledDefinitions() throws -> [DefinitionID: (company: CompanyID, revision: RevisionID)] {
        let rows = try all(
            Row.self,
            """
            SELECT d.id, d.company_id, d.name, d.version, r.id AS revision_id
            FROM definition d
            JOIN revision r ON r.company_id = d.company_id AND r.definition_id = d.id AND r.is_current = 1
            WHERE d.has_schedule = 1 AND d.state = 'active' AND d.kind = 'workflow' ORDER BY d.updated_at_ms, d.id
            """)
        var newest: [String: Row] = [:]
        for row in rows {
            let key = "\(row["company_id"] as CompanyID) \(row["name"] as String)"
            if let other = newest[key], SemanticVersion.isLower(row["version"], other["version"]) { continue }
            newest[key] = row
        }
        return newest.values.reduce(into: [:]) { $0[$1["id"]] = ($1["company_id"], $1["revision_id"]) }
    }
}

extension WriteSession {
    /// Stores which schedules there are, without decoding a definition: if the daemon dies of one later, its row counts
    /// that.
    fileprivate func takeOver(
        _ wanted: [DefinitionID: (company: CompanyID, revision: RevisionID)],
        known: [DefinitionID: (company: CompanyID, revision: RevisionID)]
    ) throws {
        for (gone, row) in known where wanted[gone] == nil {
            try inside(row.company).run(
                "DELETE FROM schedule WHERE company_id = ? AND definition_id = ?", [row.company, gone])
        }
        for (definition, row) in wanted where known[definition]?.revision != row.revision {
            try inside(row.company).run(
                """
                INSERT INTO schedule (definition_id, company_id, revision_id, next_at_ms) VALUES (?, ?, ?, ?)
                ON CONFLICT (company_id, definition_id) DO UPDATE SET
                    revision_id = excluded.revision_id, next_at_ms = excluded.next_at_ms, met = '[]',
                    deaths = 0, set_aside = NULL, set_aside_facts = NULL
                """, [definition, row.company, row.revision, Store.notPlanned])
        }
    }

    /// Computes the first time of as many schedules as one transaction has time for: each definition may have to be
    /// decoded.
    /// - Returns: whether none is left.
    fileprivate func planSome(of companies: CompanyChoice, now: Int64) throws -> Bool {
        let end = ContinuousClock.now + store.longestTransaction
        let chosen = companies.condition()
        let rows = try all(
            Row.self, "SELECT * FROM schedule WHERE next_at_ms = ? AND \(chosen.sql) ORDER BY definition_id",
            [Store.notPlanned] + chosen.arguments)
        for (place, row) in rows.enumerated() {
            guard place == 0 || ContinuousClock.now < end else { return false }
            try inside(row["company_id"]).plan(row, now: now)
        }
        return true
    }

    /// Starts the workflows whose schedules are due, from the companies in turn. Times missed while no daemon ran count
    /// as one.
    /// - Parameter end: when the transaction has to end; at least one schedule is handled.
    func startScheduled(
        limit: Int, of companies: CompanyChoice, until end: ContinuousClock.Instant, now: Int64
    ) throws {
        let chosen = companies.condition()
        let due = try all(
            Row.self,
            """
            SELECT * FROM (
                SELECT *, ROW_NUMBER() OVER (PARTITION BY company_id ORDER BY next_at_ms) AS place
                FROM schedule WHERE next_at_ms <= ? AND next_at_ms <> ? AND \(chosen.sql)) due
            ORDER BY place, next_at_ms LIMIT ?
            """, [now, Store.notPlanned] + chosen.arguments + [limit])
        for (place, row) in due.enumerated() where place == 0 || ContinuousClock.now < end {
            try inside(row["company_id"]).startDue(row, now: now)
        }
    }
}

extension CompanyWriteSession {
    /// Computes when a schedule is due for the first time.
    fileprivate func plan(_ row: Row, now: Int64) throws {
        let definition: DefinitionID = row["definition_id"]
        try handling(row) {
            let workflow = try revisions.workflow(row["revision_id"], self)
            #if DEBUG
                TestCrash.dieIfAsked(at: workflow.name)
            #endif
            guard let schedule = workflow.schedule else {
                throw StoreError.conflict("its definition has no schedule any more")
            }
            let first = schedule.first(now: now, try companyRecord().offset)
            try run(
                "UPDATE schedule SET next_at_ms = ? WHERE company_id = ? AND definition_id = ?",
                [first, company, definition])
        }
    }

    fileprivate func startDue(_ row: Row, now: Int64) throws {
        let definition: DefinitionID = row["definition_id"]
        try handling(row) {
            let workflow = try revisions.workflow(row["revision_id"], self)
            let next = workflow.schedule?.next(after: row["next_at_ms"], now: now, try companyRecord().offset)
            try run(
                "UPDATE schedule SET next_at_ms = ? WHERE company_id = ? AND definition_id = ?",
                [next, company, definition])
            try start(row, workflow, input: .null, now: now)
        }
    }

    /// Handles one schedule; if that fails, only this schedule is rolled back and set aside.
    /// - Parameter row: of `schedule`.
    fileprivate func handling(_ row: Row, _ body: () throws -> Void) throws {
        let definition: DefinitionID = row["definition_id"]
        mark.set(.schedule(definition))
        // Behind a temporary error too: the daemon did not die of it.
        defer { mark.clear() }
        do {
            try savepoint {
                try body()
                // It came to its end, whatever it started, so this schedule was not what ended a daemon before.
                guard row["deaths"] as Int > 0 else { return }
                try run(
                    "UPDATE schedule SET deaths = 0 WHERE company_id = ? AND definition_id = ?", [company, definition])
            }
        } catch {
            if StoreError.isTemporary(error) { throw error }
            try setAside(
                schedule: definition, because: error is FiltersExhausted ? .filters : .start(error: "\(error)"))
        }
    }

    /// Starts the workflows whose schedules wait for an event.
    ///
    /// Each schedule has its own fuel, so that none is skipped because of the ones before it. A schedule that needs
    /// more is set aside: it is unknown whether the event matches, and otherwise nobody would notice.
    func startScheduled(by event: JSON, now: Int64) throws {
        let rows = try all(
            Row.self,
            """
            SELECT * FROM schedule WHERE company_id = ? AND next_at_ms IS NULL AND set_aside IS NULL
            ORDER BY definition_id
            """, [company])
        for row in rows {
            try handling(row) { try start(row, by: event, now: now) }
        }
    }

    fileprivate func start(_ row: Row, by event: JSON, now: Int64) throws {
        let workflow = try revisions.workflow(row["revision_id"], self)
        guard let schedule = workflow.schedule, case .on(let strategy) = schedule.kind else { return }
        let met = (row["met"] as JSON).arrayValue ?? []
        var meter = ExpressionMeter(fuel: Engine.Caps.fuelPerTurn)
        let heard = strategy.complete(
            with: event, met: met, read: schedule.read, matches: { Engine.matches($0, $1, &meter) })
        if meter.isExhausted {
            throw FiltersExhausted()
        }
        if let heard {
            try run(
                "UPDATE schedule SET met = ? WHERE company_id = ? AND definition_id = ?",
                [JSON.array(heard.met), company, row["definition_id"] as DefinitionID])
        }
        if let input = heard?.input {
            try start(row, workflow, input: .array(input), now: now)
        }
    }

    /// For a schedule of the kind `after`: plans the next start, a fixed time after the end of this instance.
    func scheduleAgain(_ instance: InstanceRow, now: Int64) throws {
        guard let definition = instance.scheduleID, let revision = instance.workflowRevisionID,
            case .after(let span)? = try revisions.workflow(revision, self).schedule?.kind
        else { return }
        try run(
            "UPDATE schedule SET next_at_ms = ? WHERE company_id = ? AND definition_id = ? AND set_aside IS NULL",
            [now.later(by: span.milliseconds), company, definition])
    }

    /// Starts an instance, with a ticket if the workflow names a type for it.
    fileprivate func start(
        _ row: Row, _ workflow: WorkflowDefinition, input: JSON, now: Int64
    ) throws {
        let revision: RevisionID = row["revision_id"]
        let pins: [String: RevisionID]
        // If one of its tasks is not in force any more, the definition is shown as incomplete, and neither a workflow
        // nor a ticket is started.
        do { pins = try self.pins(workflow: revision) } catch StoreError.conflict { return }
        var ticket: TicketID?
        if let type = workflow.ticketType {
            ticket = try openScheduled(type, workflow, now: now)
            if ticket == nil { return }
        }
        var new = NewInstance(ticket: ticket, workflow: revision, pins: pins)
        new.schedule = row["definition_id"]
        try startInstance(new, input, now: now)
    }

    fileprivate func openScheduled(_ name: String, _ workflow: WorkflowDefinition, now: Int64) throws -> TicketID? {
        guard let type = try ticketTypeInForce(name) else { return nil }
        let priority = try revisions.scheduledPriority(type.revision, self)
        var new = NewTicket(
            type: type, requester: try site.systemAccount(now: now),
            title: (workflow.title ?? type.definition.title).withoutNUL,
            priority: priority.value, answers: FormAnswers([:], []))
        new.uncomputed = priority.failure.map { [$0] } ?? []
        return try insert(new, number: try takeTicketNumber().number, now: now)
    }
}

extension Store {
    /// Stored instead of the next time while the first one is not computed yet.
    static let notPlanned: Int64 = -1

    /// Brings the schedules in line with the definitions in force; of each workflow the highest version counts.
    /// - Throws: `StoreError.notLeader`, or a temporary error.
    package func refreshSchedules(leader: Leadership, now: Int64) async throws {
        let companies = CompanyChoice(of: leader)
        let (wanted, known, isPlanned) = try await read { db in
            let rows = try db.all(Row.self, "SELECT definition_id, company_id, revision_id, next_at_ms FROM schedule")
                .filter { companies.contains($0["company_id"]) }
            return (
                try db.scheduledDefinitions().filter { companies.contains($0.value.company) },
                rows.reduce(into: [DefinitionID: (company: CompanyID, revision: RevisionID)]()) {
                    $0[$1["definition_id"]] = ($1["company_id"], $1["revision_id"])
                },
                !rows.contains { $0["next_at_ms"] as Int64? == Self.notPlanned }
            )
        }
        if known.mapValues(\.revision) != wanted.mapValues(\.revision) {
            try await write(leading: leader) { session in try session.takeOver(wanted, known: known) }
        } else if isPlanned {
            return
        }
        try await planSchedules(leader: leader, now: now)
    }

    /// Computes the first time of new schedules. One that cannot be read is set aside and does not stop the others; its
    /// publication has reported the problem.
    fileprivate func planSchedules(leader: Leadership, now: Int64) async throws {
        let companies = CompanyChoice(of: leader)
        while try await !write(leading: leader, { session in try session.planSome(of: companies, now: now) }) {}
    }
}

extension Schedule {
    /// When it starts first, in milliseconds since 1970; nil: an event starts it.
    fileprivate func first(now: Int64, _ offset: (Int64) -> Int) -> Int64? {
        switch kind {
        case .every(let span): now.later(by: span.milliseconds)
        case .after: now
        case .cron(let cron): cron.next(after: now / 1000, offset: offset).map { $0 * 1000 }
        case .on: nil
        }
    }

    /// When it starts next, in milliseconds since 1970; nil: the end of this instance or an event starts it.
    fileprivate func next(after due: Int64, now: Int64, _ offset: (Int64) -> Int) -> Int64? {
        switch kind {
        case .every(let span):
            // Keeps the rhythm of the first start, however many times were missed.
            due.later(by: max(1, (now - due) / max(1, span.milliseconds) + 1) * span.milliseconds)
        case .cron(let cron): cron.next(after: now / 1000, offset: offset).map { $0 * 1000 }
        case .after, .on: nil
        }
    }
}

extension Definition {
    /// Whether it is a workflow with a schedule.
    var hasSchedule: Bool { if case .workflow(let workflow) = self { workflow.schedule != nil } else { false } }
}

/// A schedule's filters ran out of fuel for an event.
private struct FiltersExhausted: Error {}
