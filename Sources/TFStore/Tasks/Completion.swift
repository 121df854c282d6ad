import TFDefinition
import TFEngine
import TFExpression

/// A completion of a task as it was entered.
package struct Completion: Sendable {
    package let task: TaskID
    package let by: Account
    /// The value of the outcome that was chosen.
    package let outcome: String
    package let answers: JSONObject
    /// The task's version on the page; nil: not checked.
    package let version: Int?
    /// Fields of the ticket's own form that the person may not see; their answers stay as they are.
    package private(set) var unseen: Set<String> = []

    package init(task: TaskID, by: Account, outcome: String, answers: JSONObject, version: Int?) {
        self.task = task
        self.by = by
        self.outcome = outcome
        self.answers = answers
        self.version = version
    }

    /// A copy with the fields that the person may not see.
    package func keeping(unseen: Set<String>) -> Completion {
        var copy = self
        copy.unseen = unseen
        return copy
    }
}

/// A checked completion, with the facts that the check depends on.
private struct CheckedCompletion: Sendable {
    /// The task when it was checked.
    let task: TaskRecord
    let outcome: Outcome
    var answers: JSONObject = [:]
    /// JSON of `AnsweredField`s for its column.
    var fields = "[]"
    var form: Form?
    var names: FormNames?
    var found = NamedByForm()
    /// The version of the ticket on whose answers and title the check depends; nil: on none.
    var ticketVersion: Int?
    var replacesTicketAnswers = false
    /// The ticket's title, computed from the new answers; nil: it stays.
    var title: KeyValue<String>?
}

extension CompanyReadSession {
    fileprivate func check(_ completion: Completion, now: Int64) throws -> CheckedCompletion {
        let task = try owned(completion.task, by: completion.by, version: completion.version)
        guard task.kind == .person else {
            throw StoreError.conflict("a program's job is completed with its lease, at jobs/\(task.id)/completion")
        }
        let definition = try definition(task)
        guard let outcome = definition.outcomes.first(where: { $0.value == completion.outcome }) else {
            throw StoreError.noOutcome(completion.outcome, among: definition.outcomes.map(\.value))
        }
        let taskForm = try form(task)
        var result = CheckedCompletion(task: task, outcome: outcome)
        result.replacesTicketAnswers = taskForm.replacesTicketAnswers
        guard let form = taskForm.form else {
            if let extra = completion.answers.keys.first {
                throw StoreError.invalid([FieldError(field: "form.\(extra)", message: "This task has no form")])
            }
            return result
        }
        let given = try keepingUnseen(completion, &result)
        let names = FormNames(
            of: given, in: form, giver: completion.by.id, ticket: task.ticketID)
        result.names = names
        result.found = try lookUp(names)
        var context = FormContext(try companyRecord(), result.found, now: now)
        context.outcome = completion.outcome
        context.input = task.input
        let checked = form.check(given, context)
        if outcome.validates, !checked.errors.isEmpty { throw StoreError.invalid(checked.errors) }
        result.answers = checked.answers
        result.fields = Column.text(form.answered(checked.answers, context))
        result.form = form
        if result.replacesTicketAnswers, outcome.validates, let ticket = try ticket(id: task.ticketID) {
            result.ticketVersion = ticket.version
            result.title = try ticketType(ticket: ticket).corrected(
                title: ticket.title, from: ticket.form.objectValue ?? [:], to: checked.answers)
        }
        return result
    }

    /// - Throws: `CheckIsStale` if the facts that the check depends on have changed.
    fileprivate func confirm(_ checked: CheckedCompletion, _ task: TaskRecord) throws {
        guard task.version == checked.task.version else { throw CheckIsStale() }
        if let names = checked.names { try confirm(names, checked.found) }
        if let version = checked.ticketVersion, try ticketVersion(task) != version { throw CheckIsStale() }
    }

    fileprivate func ticketVersion(_ task: TaskRecord) throws -> Int? {
        try first(Int.self, "SELECT version FROM ticket WHERE company_id = ? AND id = ?", [company, task.ticketID])
    }

    /// The answers of a completion, with the ticket's answers to fields that the person may not see.
    fileprivate func keepingUnseen(_ completion: Completion, _ result: inout CheckedCompletion) throws -> JSONObject {
        guard !completion.unseen.isEmpty else { return completion.answers }
        result.ticketVersion = try ticketVersion(result.task)
        let before = try first(
            JSON.self, "SELECT form FROM ticket WHERE company_id = ? AND id = ?",
            [company, result.task.ticketID])
        var answers = completion.answers
        for id in completion.unseen { answers[id] = before?.objectValue?[id] }
        return answers
    }

    // MARK: Who may act on a task

    /// A task that the account has.
    /// - Throws: `StoreError.notFound`; `.conflict` if another account has it, it has ended, or `version` is stale.
    func owned(_ id: TaskID, by account: Account, version: Int?) throws -> TaskRecord {
        guard let task = try task(id: id) else { throw StoreError.notFound }
        try StoreError.refusing { () throws(TaskConflict) in
            try task.situation.checkHolder(by: account.id, version: version)
        }
        return task
    }

    /// A task that has not ended.
    /// - Throws: `StoreError.notFound`; `.conflict` if it has ended, or `version` is stale.
    func open(_ id: TaskID, version: Int?) throws -> TaskRecord {
        guard let task = try task(id: id) else { throw StoreError.notFound }
        try StoreError.refusing { () throws(TaskConflict) in try task.situation.checkOpen(version: version) }
        return task
    }
}

extension CompanyWriteSession {
    /// Marks a task as started; nothing changes if the same person has started it already.
    /// - Throws: `StoreError.notFound`; `.conflict` if somebody else has it, it has ended, or `version` is stale.
    package func startTask(_ id: TaskID, by account: Account, version: Int?, now: Int64) throws {
        let task = try owned(id, by: account, version: nil)
        guard task.state == .assigned || task.state == .held, task.kind == .person else { return }
        guard version == nil || version == task.version else { throw StoreError(TaskConflict.changed) }
        try happen(.started(by: account.asHolder, draft: nil), to: task, now: now)
    }

    fileprivate func writeOutput(
        _ task: TaskRecord, _ result: CheckedCompletion, by account: Account, now: Int64
    ) throws {
        var output = result.answers
        output["outcome"] = .string(result.outcome.value)
        output["by"] = .string(account.login)
        output["at"] = .string(Moment.iso8601(now))
        let answer = TaskResult(
            output: output, fields: result.fields, outcome: result.outcome.value, label: result.outcome.label)
        try happen(.completed(by: account.asHolder, answer), to: task, now: now)
        // What a task does with the ticket's own form is found with the ticket's answers.
        guard result.form != nil, !result.replacesTicketAnswers, let done = try self.task(id: task.id) else { return }
        try add(SearchText.texts(ofResult: done, by: account.id), to: done.ticketID)
    }

    fileprivate func replaceAnswers(
        _ task: TaskRecord, _ result: CheckedCompletion, by account: Account, now: Int64
    ) throws {
        guard let ticket = try ticket(id: task.ticketID) else { throw StoreError.notFound }
        try addHistory(
            NewHistory(
                ticket: task.ticketID, task: task.id, actor: account.login, kind: .answersReplaced,
                data: ["before": ticket.form]), now: now)
        let title = result.title?.value ?? ticket.title
        try run(
            """
            UPDATE ticket SET form = ?, fields = ?, title = ?, folded_title = ?, updated_at_ms = ?, version = version + 1
            WHERE company_id = ? AND id = ?
            """, [JSON.object(result.answers), result.fields, title, title.folded, now, company, task.ticketID])
        if let title = result.title {
            try addHistory(
                NewHistory(
                    ticket: task.ticketID, actor: account.login, kind: .updated,
                    data: .object([ChangedField.title.rawValue: .string(title.value)])),
                now: now)
        }
        if let failed = result.title?.failure {
            try addHistory(.uncomputed(failed, of: task.ticketID, actor: account.login), now: now)
        }
        try replaceTexts(of: task.ticketID)
    }
}

extension CompanyStore {
    /// Completes a task: its answers, the event for the engine and the outbox entry are written together.
    /// - Throws: `StoreError.invalid` for wrong answers or an unknown outcome, `.conflict` if somebody else has it, it
    ///   has ended, or its version is stale.
    package func completeTask(_ completion: Completion, now: Int64) async throws {
        try await write(.complete(completion, now: now))
    }

    /// Saves a draft of a task's form and starts the task.
    ///
    /// The answers are not checked: they are shown only to this person until the task is completed.
    /// - Throws: `StoreError.conflict` if the task has no form, has ended, or belongs to somebody else.
    package func saveDraft(
        _ id: TaskID, _ answers: JSONObject, by account: Account, version: Int?, now: Int64
    ) async throws {
        try await write(.saveDraft(id, answers, by: account, version: version, now: now))
    }
}

extension CompanyChange<Void> {
    /// The change that `CompanyStore.completeTask` makes.
    package static func complete(_ completion: Completion, now: Int64) -> CompanyChange {
        CompanyChange(
            checking: { db in try db.check(completion, now: now) },
            { db, checked in
                let task = try db.owned(completion.task, by: completion.by, version: completion.version)
                try db.confirm(checked, task)
                if let form = checked.form {
                    try db.attach(form, checked.answers, by: completion.by.id, ticket: task.ticketID, task: task.id)
                }
                try db.writeOutput(task, checked, by: completion.by, now: now)
                if checked.replacesTicketAnswers, checked.outcome.validates {
                    try db.replaceAnswers(task, checked, by: completion.by, now: now)
                }
            })
    }

    /// The change that `CompanyStore.saveDraft` makes.
    package static func saveDraft(
        _ id: TaskID, _ answers: JSONObject, by account: Account, version: Int?, now: Int64
    ) -> CompanyChange {
        CompanyChange(
            checking: { db in
                let task = try db.owned(id, by: account, version: version)
                guard let form = try db.form(task).form else {
                    throw StoreError.conflict("this task has no form to save")
                }
                return (form: form, draft: form.draft(answers))
            },
            { db, kept in
                let (form, draft) = kept
                let task = try db.owned(id, by: account, version: version)
                try db.attach(form, draft, by: account.id, ticket: task.ticketID, task: task.id)
                let kept: JSON = ["answers": .object(draft), "by": .id(account.id)]
                try db.happen(.started(by: account.asHolder, draft: kept), to: task, now: now)
            })
    }
}
