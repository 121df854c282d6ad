import GRDB
import TFDefinition
import TFExpression

/// A finished task as somebody typed it.
package struct Completion: Sendable {
    package let task: Int64
    package let by: Account
    package let outcome: String
    package let answers: JSONObject
    /// The version the page was made from; nil: not checked.
    package let version: Int?
    package let submission: String?

    package init(
        task: Int64, by: Account, outcome: String, answers: JSONObject, version: Int?, submission: String?
    ) {
        self.task = task
        self.by = by
        self.outcome = outcome
        self.answers = answers
        self.version = version
        self.submission = submission
    }
}

extension Store {
    /// Marks a task as being worked on. Started already by the same person: nothing changes.
    package func startTask(_ id: Int64, by account: Account, version: Int?, now: Int64) async throws {
        try await write { db in
            let task = try held(db, id, by: account, version: nil)
            guard task.state == .assigned || task.state == .held else { return }
            try checkVersion(task, version)
            try db.execute(
                sql: """
                    UPDATE task SET state = 'started', started_at_ms = COALESCE(started_at_ms, ?), version = version + 1
                    WHERE id = ?
                    """, arguments: [now, id])
            try note(db, task, by: account, "started", [:], now: now)
        }
    }

    /// Completes a task: its answers, the event for the engine and the removal from the queue, or nothing.
    /// - Throws: `StoreError.invalid` for wrong answers or an unknown outcome, `.conflict` when somebody was faster.
    package func completeTask(_ completion: Completion, now: Int64) async throws {
        try await write { db in
            let request = "completion \(completion.task)"
            if try earlierResult(db, completion.submission, completion.by.id, request: request) != nil { return }
            let task = try held(db, completion.task, by: completion.by, version: completion.version)
            let (outcome, answers) = try check(db, completion, task, now: now)
            try writeOutput(db, task, answers, outcome, by: completion.by, now: now)
            if try form(db, task).replacesTicketAnswers, outcome.validates {
                try replaceAnswers(db, task, answers, by: completion.by, now: now)
            }
            try remember(db, completion.submission, completion.by.id, request: request, result: "", now: now)
        }
    }

    private func check(
        _ db: Database, _ completion: Completion, _ task: TaskRecord, now: Int64
    ) throws -> (Outcome, JSONObject) {
        let definition = try definition(db, task)
        guard let outcome = definition.outcomes.first(where: { $0.value == completion.outcome }) else {
            let names = definition.outcomes.map(\.value)
            let nearest = nearestName(to: completion.outcome, among: names).map { "; did you mean \"\($0)\"?" } ?? ""
            throw StoreError.invalid([
                FieldError(
                    field: "outcome",
                    message: "Choose an outcome: \(names.joined(separator: ", "))\(nearest)")
            ])
        }
        guard let form = try form(db, task).form else {
            if let extra = completion.answers.keys.first {
                throw StoreError.invalid([FieldError(field: "form.\(extra)", message: "This task has no form")])
            }
            return (outcome, [:])
        }
        let company = try Company.fetchOne(db, sql: "SELECT * FROM company WHERE id = ?", arguments: [task.companyID])
        guard let company else { throw StoreError.notFound }
        let (answers, errors) = form.check(
            completion.answers, today: company.today(now: now), outcome: completion.outcome)
        if outcome.validates, !errors.isEmpty { throw StoreError.invalid(errors) }
        return (outcome, answers)
    }

    private func writeOutput(
        _ db: Database, _ task: TaskRecord, _ answers: JSONObject, _ outcome: Outcome, by account: Account, now: Int64
    ) throws {
        var output = answers
        output["outcome"] = .string(outcome.value)
        output["by"] = .string(account.login)
        output["at"] = .string(Moment.iso8601(now))
        try db.execute(
            sql: """
                UPDATE task SET state = 'completed', output = ?, finished_at_ms = ?,
                    started_at_ms = COALESCE(started_at_ms, ?), version = version + 1
                WHERE id = ?
                """, arguments: [JSON.object(output), now, now, task.id])
        try note(
            db, task, by: account, "completed",
            ["outcome": .string(outcome.value), "label": .string(outcome.label), "answers": .object(answers)], now: now)
        try addEvent(
            db, company: task.companyID, instance: task.instanceID, "task",
            [
                "reference": .string(task.reference), "visit": .int(task.visit), "output": .object(output),
            ], now: now)
        try Outbox.remove(db, company: task.companyID, task: task.id, attempt: task.attempt, now: now)
    }

    private func replaceAnswers(
        _ db: Database, _ task: TaskRecord, _ answers: JSONObject, by account: Account, now: Int64
    ) throws {
        guard let ticket = try Ticket.fetchOne(db, sql: Ticket.select + " WHERE t.id = ?", arguments: [task.ticketID])
        else { throw StoreError.notFound }
        try addHistory(
            db, task.companyID, task.ticketID, task: task.id, actor: account.login, "answers-replaced",
            ["before": ticket.form], now: now)
        try db.execute(
            sql: "UPDATE ticket SET form = ?, updated_at_ms = ?, version = version + 1 WHERE id = ?",
            arguments: [JSON.object(answers), now, task.ticketID])
    }

    // MARK: Shared with Store+Handover

    func held(_ db: Database, _ id: Int64, by account: Account, version: Int?) throws -> TaskRecord {
        let task = try open(db, id, version: version)
        guard task.assigneeID == account.id else {
            throw StoreError.conflict(
                task.assignee.map { "this task is \(task.assigneeName ?? $0)'s now" }
                    ?? "nobody has this task at present")
        }
        return task
    }

    func open(_ db: Database, _ id: Int64, version: Int?) throws -> TaskRecord {
        guard let task = try taskRecord(db, id: id) else { throw StoreError.notFound }
        guard task.state.isOpen else {
            let who = task.output?["by"].stringValue.map { " by \($0)" } ?? ""
            throw StoreError.conflict("this task was \(task.state.rawValue)\(who) already")
        }
        try checkVersion(task, version)
        return task
    }

    private func checkVersion(_ task: TaskRecord, _ version: Int?) throws {
        guard version == nil || version == task.version else {
            throw StoreError.conflict("this task was changed after the page was loaded")
        }
    }

    func note(
        _ db: Database, _ task: TaskRecord, by account: Account, _ kind: String, _ data: JSONObject, now: Int64
    ) throws {
        var members: JSONObject = ["title": .string(task.title)]
        for (name, value) in data where value != .null { members[name] = value }
        try addHistory(
            db, task.companyID, task.ticketID, task: task.id, actor: account.login, kind, .object(members), now: now)
    }
}
