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
    /// Fields of the ticket's own form that the person may not see: their answers stay.
    package let unseen: Set<String>

    package init(
        task: Int64, by: Account, outcome: String, answers: JSONObject, version: Int?, unseen: Set<String> = []
    ) {
        self.task = task
        self.by = by
        self.outcome = outcome
        self.answers = answers
        self.version = version
        self.unseen = unseen
    }
}

/// A completion that was checked, and what the check rested on.
private struct CheckedCompletion: Sendable {
    /// The task as it was.
    let task: TaskRecord
    let outcome: Outcome
    var answers: JSONObject = [:]
    /// Of `AnsweredField`s, as its column holds them.
    var fields = "[]"
    var form: Form?
    var names: FormNames?
    var found = NamedByForm()
    /// The version of the ticket whose answers are among these.
    var ticketVersion: Int?
    var replacesTicketAnswers = false
}

extension Store {
    /// Marks a task as being worked on. Started already by the same person: nothing changes.
    package func startTask(_ id: Int64, by account: Account, version: Int?, now: Int64) async throws {
        try await write { db in
            let task = try held(db, id, by: account, version: nil)
            guard task.state == .assigned || task.state == .held, task.kind == .person else { return }
            try checkVersion(task, version)
            try markStarted(db, task, by: account, now: now)
        }
    }

    /// Completes a task: its answers, the event for the engine and the removal from the queue, or nothing.
    /// - Throws: `StoreError.invalid` for wrong answers or an unknown outcome, `.conflict` when somebody was faster.
    package func completeTask(_ completion: Completion, now: Int64) async throws {
        try await write(
            checking: { db in try check(db, completion, now: now) },
            { db, checked in
                let task = try held(db, completion.task, by: completion.by, version: completion.version)
                try confirm(db, checked, task)
                if let form = checked.form {
                    try attach(db, form, checked.answers, ticket: task.ticketID, task: task.id)
                }
                try writeOutput(db, task, checked, by: completion.by, now: now)
                if checked.replacesTicketAnswers, checked.outcome.validates {
                    try replaceAnswers(db, task, checked, by: completion.by, now: now)
                }
            })
    }

    /// Keeps a form that is half filled in, and starts the task.
    ///
    /// Nothing of it is checked: it is the person's own until the task is completed.
    package func saveDraft(
        _ id: Int64, _ answers: JSONObject, by account: Account, version: Int?, now: Int64
    ) async throws {
        try await write(
            checking: { db in
                let task = try held(db, id, by: account, version: version)
                guard let form = try form(db, task).form else {
                    throw StoreError.conflict("this task has no form to save")
                }
                return (form: form, draft: form.draft(answers))
            },
            { db, kept in
                let (form, draft) = kept
                let task = try held(db, id, by: account, version: version)
                try attach(db, form, draft, ticket: task.ticketID, task: task.id)
                try db.run(
                    "UPDATE task SET draft = ? WHERE id = ?",
                    [["answers": .object(draft), "by": .int(account.id)] as JSON, id])
                try markStarted(db, task, by: account, now: now)
            })
    }

    /// One that was put off goes back into its list.
    private func markStarted(_ db: WriteSession, _ task: TaskRecord, by account: Account, now: Int64) throws {
        if task.state == .held { try endHold(db, task, now: now) }
        try db.run(
            """
            UPDATE task SET state = 'started', started_at_ms = COALESCE(started_at_ms, ?), version = version + 1
            WHERE id = ?
            """, [now, task.id])
        if task.state != .started { try note(db, task, by: account, "started", [:], now: now) }
    }

    private func check(_ db: ReadSession, _ completion: Completion, now: Int64) throws -> CheckedCompletion {
        let task = try held(db, completion.task, by: completion.by, version: completion.version)
        guard task.kind == .person else {
            throw StoreError.conflict("a program's job is completed by its lease, over jobs/\(task.id)/completion")
        }
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
        let taskForm = try form(db, task)
        var result = CheckedCompletion(task: task, outcome: outcome)
        result.replacesTicketAnswers = taskForm.replacesTicketAnswers
        guard let form = taskForm.form else {
            if let extra = completion.answers.keys.first {
                throw StoreError.invalid([FieldError(field: "form.\(extra)", message: "This task has no form")])
            }
            return result
        }
        let given = try keepingUnseen(db, completion, &result)
        let names = FormNames(
            of: given, in: form, company: task.companyID, giver: completion.by.id, ticket: task.ticketID)
        result.names = names
        result.found = try lookUp(db, names)
        var context = FormContext(try company(db, task.companyID), result.found, now: now)
        context.outcome = completion.outcome
        context.input = task.input
        let checked = form.check(given, context)
        if outcome.validates, !checked.errors.isEmpty { throw StoreError.invalid(checked.errors) }
        result.answers = checked.answers
        result.fields = try Column.text(form.answered(checked.answers, context))
        result.form = form
        return result
    }

    /// - Throws: `CheckIsStale` where a completion was checked against what is another by now.
    private func confirm(_ db: ReadSession, _ checked: CheckedCompletion, _ task: TaskRecord) throws {
        guard task.version == checked.task.version else { throw CheckIsStale() }
        if let names = checked.names { try confirm(db, names, checked.found) }
        if let version = checked.ticketVersion, try ticketVersion(db, task) != version { throw CheckIsStale() }
    }

    private func ticketVersion(_ db: ReadSession, _ task: TaskRecord) throws -> Int? {
        try db.first(Int.self, "SELECT version FROM ticket WHERE id = ?", [task.ticketID])
    }

    /// The answers with those of the ticket that the person could not see, and so could not give again.
    private func keepingUnseen(
        _ db: ReadSession, _ completion: Completion, _ result: inout CheckedCompletion
    ) throws -> JSONObject {
        guard !completion.unseen.isEmpty else { return completion.answers }
        result.ticketVersion = try ticketVersion(db, result.task)
        let before = try db.first(JSON.self, "SELECT form FROM ticket WHERE id = ?", [result.task.ticketID])
        var answers = completion.answers
        for id in completion.unseen { answers[id] = before?.objectValue?[id] }
        return answers
    }

    private func writeOutput(
        _ db: WriteSession, _ task: TaskRecord, _ result: CheckedCompletion, by account: Account, now: Int64
    ) throws {
        var output = result.answers
        output["outcome"] = .string(result.outcome.value)
        output["by"] = .string(account.login)
        output["at"] = .string(Moment.iso8601(now))
        try db.run(
            """
            UPDATE task SET state = 'completed', output = ?, fields = ?, draft = NULL, finished_at_ms = ?,
                started_at_ms = COALESCE(started_at_ms, ?), wake_at_ms = NULL, version = version + 1
            WHERE id = ?
            """, [JSON.object(output), result.fields, now, now, task.id])
        try note(
            db, task, by: account, "completed",
            ["outcome": .string(result.outcome.value), "label": .string(result.outcome.label)], now: now)
        try tellEngine(db, task, output: .object(output), now: now)
        try Outbox.remove(db, company: task.companyID, task: task.id, attempt: task.attempt, now: now)
    }

    /// The event of a finished task.
    func tellEngine(_ db: WriteSession, _ task: TaskRecord, output: JSON, now: Int64) throws {
        var payload: JSONObject = [
            "reference": .string(task.reference), "visit": .int(task.visit), "output": output,
        ]
        if task.strategy == .each {
            payload["seat"] = .int(task.seat)
            payload["people"] = .int(
                try db.first(
                    Int.self, "SELECT COUNT(*) FROM task WHERE instance_id = ? AND reference = ? AND visit = ?",
                    [task.instanceID, task.reference, task.visit]) ?? 1)
        }
        try addEvent(db, company: task.companyID, instance: task.instanceID, "task", .object(payload), now: now)
    }

    private func replaceAnswers(
        _ db: WriteSession, _ task: TaskRecord, _ result: CheckedCompletion, by account: Account, now: Int64
    ) throws {
        guard
            let ticket = try db.first(Ticket.self, Ticket.select + " WHERE t.id = ?", [task.ticketID])
        else { throw StoreError.notFound }
        try addHistory(
            db, task.companyID, task.ticketID, task: task.id, actor: account.login, "answers-replaced",
            ["before": ticket.form], now: now)
        try db.run(
            "UPDATE ticket SET form = ?, fields = ?, updated_at_ms = ?, version = version + 1 WHERE id = ?",
            [JSON.object(result.answers), result.fields, now, task.ticketID])
    }

    // MARK: Shared with Store+Handover

    func held(_ db: ReadSession, _ id: Int64, by account: Account, version: Int?) throws -> TaskRecord {
        let task = try open(db, id, version: version)
        guard task.assigneeID == account.id else {
            throw StoreError.conflict(
                task.assignee.map { "this task is \(task.assigneeName ?? $0)'s now" }
                    ?? "nobody has this task at present")
        }
        return task
    }

    func open(_ db: ReadSession, _ id: Int64, version: Int?) throws -> TaskRecord {
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
        _ db: WriteSession, _ task: TaskRecord, by account: Account, _ kind: String, _ data: JSONObject, now: Int64
    ) throws {
        var members: JSONObject = ["title": .string(task.title)]
        for (name, value) in data where value != .null { members[name] = value }
        try addHistory(
            db, task.companyID, task.ticketID, task: task.id, actor: account.login, kind, .object(members), now: now)
    }
}
