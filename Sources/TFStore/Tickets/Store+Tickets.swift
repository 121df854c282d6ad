import Foundation
import TFDefinition
import TFExpression

/// A new ticket as somebody typed it.
package struct TicketSubmission: Sendable {
    package let company: Company
    package let type: String
    package let requester: Account
    /// nil where the type computes it.
    package let title: String?
    package let answers: JSONObject
    /// The revision whose form was filled in; nil: whatever is in force.
    package let revision: Int64?

    package init(
        company: Company, type: String, requester: Account, title: String?, answers: JSONObject, revision: Int64? = nil
    ) {
        self.company = company
        self.type = type
        self.requester = requester
        self.title = title
        self.answers = answers
        self.revision = revision
    }
}

extension Store {
    /// Opens a ticket and starts its workflow: ticket, instance, event and submission id, or nothing.
    /// - Returns: the ticket's number.
    /// - Throws: `StoreError.notFound` for a type that is not offered, `.formChanged` where another revision is in force
    ///   by now, `.invalid` with every field error.
    package func submitTicket(_ submission: TicketSubmission, now: Int64) async throws -> Int {
        try await write { db in try submit(db, submission, now: now) }
    }

    func submit(_ db: WriteSession, _ submission: TicketSubmission, now: Int64) throws -> Int {
        let company = submission.company
        guard !submission.type.hasNUL,
            let revision = try newestRevision(
                db, company: company.id, kind: .ticket, name: DefinitionName(name: submission.type))
        else { throw StoreError.notFound }
        let type = try revisions.ticket(revision, db)
        guard !type.isRetired else { throw StoreError.notFound }
        if let shown = submission.revision, shown != revision { throw StoreError.formChanged }
        let context = try formContext(
            db, type.form, submission.answers, company: company, giver: submission.requester.id, ticket: nil, now: now)
        let (answers, title) = try check(submission, type, context)
        let (workflow, pins) = try pin(db, type, company: company.id)
        let number = try nextTicketNumber(db, company.id)
        let ticket = try insert(
            db, submission, type, revision: revision, number: number, title: title, answers: answers,
            fields: type.form.answered(answers, context), now: now)
        try attach(db, type.form, answers, ticket: ticket.id)
        try start(db, ticket, workflow: workflow, pins: pins, company: company, now: now)
        return number
    }

    private func check(
        _ submission: TicketSubmission, _ type: TicketDefinition, _ context: FormContext
    ) throws -> (answers: JSONObject, title: String) {
        let checked = type.form.check(submission.answers, context)
        let (typedTitle, titleError) = type.checkedTitle(submission.title)
        let errors = (titleError.map { [$0] } ?? []) + checked.errors
        guard errors.isEmpty else { throw StoreError.invalid(errors) }
        return (checked.answers, type.computedTitle(checked.answers) ?? typedTitle)
    }

    func nextTicketNumber(_ db: WriteSession, _ company: Int64) throws -> Int {
        let number = try db.first(
            Int.self,
            """
            UPDATE company SET next_ticket_number = next_ticket_number + 1 WHERE id = ?
            RETURNING next_ticket_number - 1
            """, [company])
        guard let number else { throw StoreError.notFound }
        return number
    }

    /// The revisions that the instance will run on, whatever is published later.
    private func pin(
        _ db: ReadSession, _ type: TicketDefinition, company: Int64
    ) throws -> (workflow: Int64?, pins: [String: Int64]) {
        guard let name = type.workflow else { return (nil, [:]) }
        guard let workflow = try newestRevision(db, company: company, kind: .workflow, name: name) else {
            throw StoreError.conflict("the workflow \"\(name)\" of this ticket type is not in force")
        }
        return (workflow, try pins(db, workflow: workflow, company: company))
    }

    /// The newest revisions of the tasks that a workflow calls.
    func pins(_ db: ReadSession, workflow: Int64, company: Int64) throws -> [String: Int64] {
        var pins: [String: Int64] = [:]
        for task in try revisions.workflow(workflow, db).calledTasks {
            guard let revision = try newestRevision(db, company: company, kind: .task, name: task) else {
                throw StoreError.conflict("the task \"\(task)\" that the workflow calls is not in force")
            }
            pins[task.description] = revision
        }
        return pins
    }

    func insert(
        _ db: WriteSession, _ submission: TicketSubmission, _ type: TicketDefinition, revision: Int64, number: Int,
        title: String, answers: JSONObject, fields: [AnsweredField], now: Int64
    ) throws -> Ticket {
        let title = title.withoutNUL
        let labels = JSON.strings(type.labels)
        let id = try db.first(
            Int64.self,
            """
            INSERT INTO ticket (company_id, number, revision_id, type, title, folded_title, status, state, priority,
                labels, folded_labels, form, fields, requester_id, due_at_ms, created_at_ms, updated_at_ms)
            VALUES (?, ?, ?, ?, ?, ?, 'new', 'open', ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
            """,
            [
                submission.company.id, number, revision, type.name, title, title.folded,
                type.priority(answers).rawValue, labels, FoldedText.labels(labels), JSON.object(answers),
                try Column.text(fields), submission.requester.id,
                type.due.map { now.later(by: $0.milliseconds) }, now, now,
            ])
        guard let id,
            let ticket = try db.first(Ticket.self, Ticket.select + " WHERE t.id = ?", [id])
        else {
            throw StoreError.notFound
        }
        for role in type.viewRoles {
            try db.run(
                "INSERT INTO ticket_view_role (company_id, ticket_id, role) VALUES (?, ?, ?)",
                [ticket.companyID, id, role])
        }
        try addHistory(
            db, ticket.companyID, id, actor: ticket.requester, "submitted", ["type": .string(type.name)], now: now)
        return ticket
    }

    /// Starts the workflow of a ticket.
    func start(
        _ db: WriteSession, _ ticket: Ticket, workflow: Int64?, pins: [String: Int64], company: Company, now: Int64
    ) throws {
        var subject = ticketJSON(ticket, company: company.slug).objectValue ?? [:]
        for name in ["status", "requester", "form"] { subject[name] = nil }
        let input: JSON = [
            "ticket": .object(subject), "requester": .string(ticket.requester), "form": ticket.form,
        ]
        try startInstance(
            db, NewInstance(company: company.id, ticket: ticket.id, workflow: workflow, pins: pins), input, now: now)
    }

    func addEvent(
        _ db: WriteSession, company: Int64, instance: Int64, _ kind: String, _ payload: JSON, now: Int64
    ) throws {
        try db.run(
            "INSERT INTO event (company_id, instance_id, kind, payload, created_at_ms) VALUES (?, ?, ?, ?, ?)",
            [company, instance, kind, payload, now])
    }

    func addHistory(
        _ db: WriteSession, _ company: Int64, _ ticket: Int64, task: Int64? = nil, actor: String, _ kind: String,
        _ data: JSON, now: Int64
    ) throws {
        try db.run(
            """
            INSERT INTO history (company_id, ticket_id, task_id, actor, kind, data, at_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """, [company, ticket, task, actor, kind, data, now])
    }

    // MARK: What people do with a ticket

    /// Adds to a ticket's conversation, and tells those whom it concerns.
    /// - Returns: the comment's id.
    /// - Throws: `StoreError.invalid` for a text that is empty or too long.
    package func addComment(
        _ text: String, isInternal: Bool, ticket: Ticket, by account: Account, now: Int64
    ) async throws -> Int64 {
        try await write { db in
            let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
            guard !trimmed.hasNUL else { throw StoreError.invalid([.nul(in: "text")]) }
            guard !trimmed.isEmpty else {
                throw StoreError.invalid([FieldError(field: "text", message: "Enter a comment")])
            }
            guard trimmed.utf8.count <= 16_384 else {
                throw StoreError.invalid([FieldError(field: "text", message: "Comment must be 16 KiB or less")])
            }
            let id = try db.first(
                Int64.self,
                """
                INSERT INTO comment (company_id, ticket_id, account_id, text, is_internal, created_at_ms)
                VALUES (?, ?, ?, ?, ?, ?) RETURNING id
                """, [ticket.companyID, ticket.id, account.id, trimmed, isInternal, now])
            guard let id else { throw StoreError.notFound }
            try db.run("UPDATE ticket SET updated_at_ms = ? WHERE id = ?", [now, ticket.id])
            try Notices.answered(db, ticket, by: account.id, isInternal: isInternal, now: now)
            return id
        }
    }

    /// Asks for a ticket to be cancelled; the engine withdraws its tasks.
    /// - Throws: `StoreError.conflict` when it is not open, or `version` is stale.
    package func cancelTicket(_ ticket: Int64, version: Int?, by account: Account, now: Int64) async throws {
        try await write { db in
            guard let current = try ticketRecord(db, id: ticket) else { throw StoreError.notFound }
            guard current.state == .open || current.state == .failed else {
                throw StoreError.conflict("ticket #\(current.number) is \(current.state.rawValue) already")
            }
            try checkVersion(current, version)
            let instance = try db.first(
                Int64.self,
                """
                SELECT id FROM instance
                WHERE ticket_id = ? AND parent_id IS NULL AND status IN ('running', 'faulted')
                """, [ticket])
            guard let instance else { throw StoreError.notFound }
            try addHistory(
                db, current.companyID, ticket, actor: account.login, "cancellation", .object([:]), now: now)
            try addEvent(db, company: current.companyID, instance: instance, "cancel", .object([:]), now: now)
        }
    }
}

extension Company {
    /// The date in the company's time zone.
    package func today(now: Int64) -> CalendarDate {
        CalendarDate(secondsSince1970: now / 1000, offset: offset(now / 1000))
    }

    /// The moment that a typed date with a time stands for here, in milliseconds since 1970; nil where it is none.
    package func moment(_ text: String) -> Int64? {
        TypedMoment(text, offset: offset).map { $0.seconds * 1000 }
    }

    /// Seconds that the company's time zone is east of UTC, at a moment in seconds since 1970.
    package var offset: @Sendable (Int64) -> Int {
        let zone = TimeZone(identifier: timezone) ?? .gmt
        return { seconds in zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))) }
    }

    /// What forms need to know that the store is not asked for.
    /// - Parameters:
    ///   - me: the login of the person who fills the form in.
    ///   - requester: the login of the person whose ticket it is.
    package func formContext(now: Int64, me: String? = nil, requester: String? = nil) -> FormContext {
        var context = FormContext(today: today(now: now), offset: offset)
        context.now = now / 1000
        context.me = me
        context.requester = requester
        return context
    }
}
