import Foundation
import TFDefinition
import TFEngine
import TFExpression

/// A new ticket as it was entered.
package struct TicketSubmission: Sendable {
    /// The name of the ticket type.
    package let type: String
    package let requester: Account
    /// Who gives the answers: the requester, or a ticket admin for them.
    package let submitter: Account
    /// nil if the type computes it.
    package let title: String?
    /// By field.
    package let answers: JSONObject
    /// The revision whose form was filled in; nil: the current one, not checked.
    package let revision: RevisionID?

    /// - Parameter submitter: nil: the requester.
    package init(
        type: String, requester: Account, by submitter: Account? = nil, title: String?, answers: JSONObject,
        revision: RevisionID? = nil
    ) {
        self.type = type
        self.requester = requester
        self.submitter = submitter ?? requester
        self.title = title
        self.answers = answers
        self.revision = revision
    }
}

extension CompanyReadSession {
    /// The current revision of a ticket type; nil: there is none.
    func ticketTypeInForce(_ name: String) throws -> TicketTypeInForce? {
        try newestRevision(kind: .ticket, name: DefinitionName(name: name)).map {
            TicketTypeInForce(revision: $0, definition: try revisions.ticket($0, self))
        }
    }

    /// Checks a submission and computes its title, priority and answers, without changing anything.
    /// - Throws: as `CompanyStore.submitTicket`.
    func check(_ submission: TicketSubmission, now: Int64) throws -> CheckedSubmission {
        guard !submission.type.hasNUL, let type = try ticketTypeInForce(submission.type),
            !type.definition.isRetired
        else { throw StoreError.notFound }
        if let shown = submission.revision, shown != type.revision { throw StoreError.formChanged }
        let (form, changes) = (type.definition.form, try definitionChanges())
        let names = FormNames(of: submission.answers, in: form, giver: submission.submitter.id, ticket: nil)
        let found = try lookUp(names)
        let context = FormContext(try companyRecord(), found, now: now)
        let checked = type.definition.check(title: submission.title, submission.answers, context)
        guard checked.errors.isEmpty else { throw StoreError.invalid(checked.errors) }
        var new = NewTicket(
            type: type, requester: submission.requester, by: submission.submitter, title: checked.title.withoutNUL,
            priority: checked.priority,
            answers: FormAnswers(.object(checked.answers), form.answered(checked.answers, context)))
        new.uncomputed = checked.uncomputed
        let course = try pin(type.definition)
        return CheckedSubmission(
            ticket: new, answers: checked.answers, names: names, found: found, workflow: course.workflow,
            pins: course.pins, definitionChanges: changes)
    }

    /// How often it has changed which definitions are in force.
    private func definitionChanges() throws -> Int64 {
        guard let count = try first(Int64.self, "SELECT definition_changes FROM company WHERE id = ?", [company])
        else { throw StoreError.notFound }
        return count
    }

    /// The revisions that the instance will use, whatever is published later.
    fileprivate func pin(_ type: TicketDefinition) throws -> (workflow: RevisionID?, pins: [String: RevisionID]) {
        guard let name = type.workflow else { return (nil, [:]) }
        guard let workflow = try newestRevision(kind: .workflow, name: name) else {
            throw StoreError.conflict("the workflow \"\(name)\" of this ticket type is not in force")
        }
        return (workflow, try pins(workflow: workflow))
    }

    /// The current revisions of the tasks that a workflow calls, by their names.
    /// - Throws: `StoreError.conflict` if a task is not in force.
    func pins(workflow: RevisionID) throws -> [String: RevisionID] {
        let called = try revisions.workflow(workflow, self).calledTasks
        let known = try newestRevisions(kind: .task, names: called)
        return try called.reduce(into: [:]) { pins, task in
            guard let revision = known[task] else {
                throw StoreError.conflict("the task \"\(task)\" that the workflow calls is not in force")
            }
            pins[task.description] = revision
        }
    }

    /// The input of a ticket's workflow.
    fileprivate func startInput(_ subject: JSONObject, requester: String, form: JSON) -> JSON {
        ["ticket": .object(subject), "requester": .string(requester), "form": form]
    }

    func ticketURL(_ number: Int) throws -> String {
        "\(baseURL)/c/\(try companyRecord().slug)/tickets/\(number)"
    }
}

extension CompanyWriteSession {
    /// Opens a checked ticket and starts its workflow.
    /// - Throws: `CheckIsStale` if the check has to be repeated.
    func submit(_ checked: CheckedSubmission, now: Int64) throws -> SubmittedTicket {
        let new = checked.ticket
        let type = new.type.definition
        let (number, changes) = try takeTicketNumber()
        guard try changes == checked.definitionChanges || usesTheSame(checked) else { throw CheckIsStale() }
        try confirm(checked.names, checked.found)
        let id = try insert(new, number: number, now: now)
        try attach(type.form, checked.answers, by: new.submitter.id, ticket: id)
        let subject = new.subject(number: number, url: try ticketURL(number))
        let input = startInput(subject, requester: new.requester.login, form: new.answers.form)
        try startInstance(
            NewInstance(ticket: id, workflow: checked.workflow, pins: checked.pins), input, now: now)
        return SubmittedTicket(id: id, number: number, type: type, requester: new.requester.id)
    }

    /// Whether the definitions that a submission uses are those that it was checked with.
    private func usesTheSame(_ checked: CheckedSubmission) throws -> Bool {
        let type = checked.ticket.type
        guard try newestRevision(kind: .ticket, name: DefinitionName(name: type.definition.name)) == type.revision
        else { return false }
        return try pin(type.definition) == (checked.workflow, checked.pins)
    }

    /// Takes the number of a new ticket.
    /// - Returns: with it, how often it has changed which definitions are in force.
    func takeTicketNumber() throws -> (number: Int, definitionChanges: Int64) {
        let row = try first(
            Row.self,
            """
            UPDATE company SET next_ticket_number = next_ticket_number + 1 WHERE id = ?
            RETURNING next_ticket_number - 1 AS number, definition_changes
            """, [company])
        guard let row else { throw StoreError.notFound }
        return (row["number"], row["definition_changes"])
    }

    /// Inserts a ticket with its first history entries.
    /// - Parameter number: taken before.
    func insert(_ new: NewTicket, number: Int, now: Int64) throws -> TicketID {
        let type = new.type.definition
        let due = type.due.map { now.later(by: $0.milliseconds) }
        let id = try first(
            TicketID.self,
            """
            INSERT INTO ticket (company_id, number, revision_id, type, title, folded_title, status, state, priority,
                labels, folded_labels, form, fields, requester_id, due_at_ms, next_due_at_ms, created_at_ms, updated_at_ms)
            VALUES (?, ?, ?, ?, ?, ?, 'new', 'open', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
            """,
            [
                company, number, new.type.revision, type.name, new.title, new.title.folded,
                new.priority.rawValue, new.labels, FoldedText.labels(new.labels), new.answers.form,
                new.answers.fieldsColumn,
                new.requester.id, due, due ?? .max, now, now,
            ])
        guard let id else { throw StoreError.notFound }
        try add(new.texts, to: id)
        for role in type.viewRoles {
            try run(
                "INSERT INTO ticket_view_role (company_id, ticket_id, role) VALUES (?, ?, ?)",
                [company, id, role])
        }
        try addHistory(.submitted(new, as: id), now: now)
        for failed in new.uncomputed {
            try addHistory(.uncomputed(failed, of: id, actor: new.submitter.login), now: now)
        }
        return id
    }

    /// Starts a ticket's workflow again from its beginning.
    func start(
        _ ticket: Ticket, workflow: RevisionID?, pins: [String: RevisionID], now: Int64
    ) throws {
        var subject = try ticketJSON(ticket).objectValue ?? [:]
        for name in ["status", "requester", "form"] { subject[name] = nil }
        let input = startInput(subject, requester: ticket.requester, form: ticket.form)
        try startInstance(
            NewInstance(ticket: ticket.id, workflow: workflow, pins: pins), input, now: now)
    }

    // MARK: Cancelling

    /// Cancels a ticket that is open or has failed: its workflow gets the event, and the engine then withdraws its
    /// tasks.
    /// - Parameter reason: for everybody who reads the ticket; nil or empty: none is given.
    /// - Throws: `StoreError.conflict` if the ticket has ended, or `version` is stale; `.invalid` for a reason that does
    ///   not fit.
    package func cancelTicket(
        _ ticket: TicketID, version: Int?, by account: Account, reason: String? = nil, now: Int64
    ) throws {
        try refuseUnfit(("reason", reason, .reason))
        guard let current = try self.ticket(id: ticket) else { throw StoreError.notFound }
        guard current.state == .open || current.state == .failed else {
            throw StoreError.conflict("ticket #\(current.number) is \(current.state.rawValue) already")
        }
        try checkVersion(current, version)
        let instance = try first(
            InstanceID.self,
            """
            SELECT id FROM instance
            WHERE company_id = ? AND ticket_id = ? AND parent_id IS NULL AND status IN ('running', 'faulted')
            """, [company, ticket])
        guard let instance else { throw StoreError.notFound }
        let facts: JSON = if let reason, !reason.isEmpty { ["reason": .string(reason)] } else { [:] }
        try addHistory(
            NewHistory(ticket: ticket, actor: account.login, kind: .cancellation, data: facts), now: now)
        try addEvent(instance: instance, .cancel, .object([:]), now: now)
    }
}

extension CompanyStore {
    /// Opens a ticket and starts its workflow: ticket, instance and event are written together.
    /// - Returns: the ticket's number.
    /// - Throws: `StoreError.notFound` for a type that is not offered, `.formChanged` if the revision is not current
    ///   any more, `.invalid` with every field error.
    package func submitTicket(_ submission: TicketSubmission, now: Int64) async throws -> Int {
        try await write(.submit(submission, now: now)).number
    }
}

extension CompanyChange<SubmittedTicket> {
    /// The change that `CompanyStore.submitTicket` makes.
    package static func submit(_ submission: TicketSubmission, now: Int64) -> CompanyChange {
        CompanyChange(
            checking: { db in try db.check(submission, now: now) }, { db, checked in try db.submit(checked, now: now) })
    }
}

/// A ticket type in the revision in which tickets are opened now.
struct TicketTypeInForce: Sendable {
    let revision: RevisionID
    let definition: TicketDefinition
}

/// The answers with which a ticket is opened.
struct FormAnswers: Sendable {
    /// By field.
    let form: JSON
    let fields: [AnsweredField]
    /// `fields` as JSON for its column, made before the transaction.
    let fieldsColumn: String

    init(_ form: JSON, _ fields: [AnsweredField]) {
        self.form = form
        self.fields = fields
        fieldsColumn = Column.text(fields)
    }
}

/// A ticket that is about to be opened; everything but its number is computed.
struct NewTicket: Sendable {
    let type: TicketTypeInForce
    let requester: Account
    let submitter: Account
    let title: String
    let priority: Priority
    let answers: FormAnswers
    /// What of title and priority could not be computed.
    var uncomputed: [UncomputedKey] = []
    /// In which people search.
    let texts: [SearchText]

    /// - Parameter submitter: nil: the requester.
    init(
        type: TicketTypeInForce, requester: Account, by submitter: Account? = nil, title: String, priority: Priority,
        answers: FormAnswers
    ) {
        self.type = type
        self.requester = requester
        self.submitter = submitter ?? requester
        self.title = title
        self.priority = priority
        self.answers = answers
        texts = SearchText.texts(title: title, answers.form, answers.fields, by: requester.id)
    }

    var labels: JSON { .strings(type.definition.labels) }

    /// The ticket in the workflow's input, beside requester and form; with the names and order of `$ticket`.
    func subject(number: Int, url: String) -> JSONObject {
        [
            "number": .int(number), "type": .string(type.definition.name), "title": .string(title),
            "url": .string(url),
            "priority": .string(priority.rawValue), "labels": labels,
        ]
    }
}

/// A checked submission, with what the check depends on: the people and files that the form names, and the definitions.
struct CheckedSubmission: Sendable {
    let ticket: NewTicket
    let answers: JSONObject
    let names: FormNames
    let found: NamedByForm
    /// The revisions that its instance uses.
    let workflow: RevisionID?
    let pins: [String: RevisionID]
    /// How often it had changed which definitions are in force.
    let definitionChanges: Int64
}

/// A ticket that was just submitted.
package struct SubmittedTicket: Sendable {
    package let id: TicketID
    package let number: Int
    package let type: TicketDefinition
    package let requester: AccountID
}
