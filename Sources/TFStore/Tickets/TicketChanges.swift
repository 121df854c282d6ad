import Foundation
import TFDefinition
import TFEngine
import TFExpression

/// A change of a ticket by a ticket admin. nil: the value stays.
package struct TicketChange: Sendable, Hashable {
    package var title: String?
    package var priority: Priority?
    package var labels: [String]?
    /// Milliseconds since 1970; `.some(nil)`: the due date is removed.
    package var due: Int64??
    /// The number of the ticket that this one is a duplicate of; `.some(nil)`: it is none any more.
    package var duplicateOf: Int??

    package init() {}
}

extension CompanyReadSession {
    fileprivate func duplicate(_ change: TicketChange, of ticket: Ticket) throws -> TicketID?? {
        guard let number = change.duplicateOf else { return nil }
        guard let number else { return .some(nil) }
        let original = try first(
            TicketID.self, "SELECT id FROM ticket WHERE company_id = ? AND number = ?", [company, number])
        guard let original, original != ticket.id else {
            throw StoreError.invalid([StoreError.noOther(ticket: number)])
        }
        // Who follows the links has to come to an end: a ring would have none.
        var (next, seen): (TicketID?, Set<TicketID>) = (original, [])
        while let id = next, seen.insert(id).inserted {
            next = try first(
                TicketID.self,
                "SELECT duplicate_of_id FROM ticket WHERE company_id = ? AND id = ? AND duplicate_of_id IS NOT NULL",
                [company, id])
            guard next != ticket.id else {
                throw StoreError.invalid([
                    FieldError(
                        field: "duplicate_of",
                        message: "Ticket #\(number) is itself a duplicate of this one; take that link away first")
                ])
            }
        }
        return .some(original)
    }

    func checkVersion(_ ticket: Ticket, _ version: Int?) throws {
        guard version == nil || version == ticket.version else {
            throw StoreError.conflict("ticket #\(ticket.number) was changed meanwhile")
        }
    }

    /// - Throws: `StoreError.conflict` if a ticket has another version than the one that a change was made from.
    package func demand(version: Int?, ofTicket id: TicketID) throws {
        guard version != nil, let ticket = try ticket(id: id) else { return }
        try checkVersion(ticket, version)
    }

    /// The same of a task.
    package func demand(version: Int?, ofTask id: TaskID) throws {
        guard let version, let task = try task(id: id), task.version != version else { return }
        throw StoreError.conflict("the task was changed meanwhile")
    }

    /// A ticket's priority, as it is now.
    func priority(ofTicket id: TicketID) throws -> Priority {
        let priority = try first(
            String.self, "SELECT priority FROM ticket WHERE company_id = ? AND id = ?", [company, id])
        guard let priority else { throw StoreError.notFound }
        return try Column.word(priority)
    }

    /// The files that were added to the ticket itself and not to a form, the oldest first.
    package func attachments(ticket: TicketID) throws -> [Attachment] {
        try all(
            Attachment.self,
            """
            SELECT * FROM attachment WHERE company_id = ? AND ticket_id = ? AND field IS NULL ORDER BY created_at_ms, id
            """, [company, ticket])
    }
}

extension CompanyWriteSession {
    /// Changes a ticket's title, priority, labels, due date or original; its workflow gets no event. Open tasks without a
    /// priority of their own follow it. Where nothing is to change, nothing does.
    /// - Throws: `StoreError.invalid` for values that do not fit, `.conflict` if `version` is stale.
    package func changeTicket(
        _ id: TicketID, _ change: TicketChange, by account: Account, version: Int?, now: Int64
    ) throws {
        let errors = Store.errors(change)
        guard errors.isEmpty else { throw StoreError.invalid(errors) }

        guard let ticket = try ticket(id: id) else { throw StoreError.notFound }
        try checkVersion(ticket, version)
        guard change != TicketChange() else { return }
        let original = try duplicate(change, of: ticket)
        let title = change.title ?? ticket.title
        let labels = change.labels.map { JSON.strings($0) } ?? ticket.labels
        try run(
            """
            UPDATE ticket SET title = ?, folded_title = ?, priority = ?, labels = ?, folded_labels = ?,
                due_at_ms = ?, duplicate_of_id = ?, updated_at_ms = ?, version = version + 1
            WHERE company_id = ? AND id = ?
            """,
            [
                title, title.folded, (change.priority ?? ticket.priority).rawValue, labels,
                FoldedText.labels(labels), change.due ?? ticket.dueAtMs, original ?? ticket.duplicateOfID, now, company,
                id,
            ])
        if change.due != nil { try keepNextDue(of: id) }
        if title != ticket.title { try replaceTexts(of: id) }
        if let priority = change.priority { try passOn(priority, of: id, now: now) }
        try addHistory(
            NewHistory(ticket: id, actor: account.login, kind: .updated, data: .object(Store.members(change))), now: now
        )
    }

    /// Reopens a ticket that was closed or cancelled: its workflow, in the same revision, starts again from its
    /// beginning.
    /// - Throws: `StoreError.conflict` if it has not ended, ended more than `Store.reopeningTime` ago, or `version` is
    ///   stale.
    package func reopenTicket(_ id: TicketID, by account: Account, version: Int?, now: Int64) throws {
        guard let ticket = try ticket(id: id) else { throw StoreError.notFound }
        try checkVersion(ticket, version)
        guard ticket.state == .closed || ticket.state == .cancelled, let closedAt = ticket.closedAtMs else {
            throw StoreError.conflict("ticket #\(ticket.number) is \(ticket.state.rawValue)")
        }
        guard now - closedAt <= Store.reopeningTime else {
            throw StoreError.conflict("ticket #\(ticket.number) ended more than 14 days ago; submit a new one")
        }
        let first = try first(
            Row.self,
            """
            SELECT workflow_revision_id, pins FROM instance WHERE company_id = ? AND ticket_id = ? ORDER BY id LIMIT 1
            """, [company, id])
        guard let first else { throw StoreError.notFound }
        try run(
            """
            UPDATE ticket SET state = 'open', status = ?, closed_at_ms = NULL, updated_at_ms = ?, version = version + 1
            WHERE company_id = ? AND id = ?
            """, [TicketStatus.reopened, now, company, id])
        try addHistory(NewHistory(ticket: id, actor: account.login, kind: .reopened, data: [:]), now: now)
        try start(
            ticket, workflow: first["workflow_revision_id"],
            pins: try Column.pins(first["pins"]), now: now)
    }

    /// Adds an uploaded file to the ticket itself, for everybody who may read the ticket.
    /// - Throws: `StoreError.notFound` if this account has not uploaded it, or it is used already.
    package func attachUpload(_ upload: AttachmentID, to ticket: Ticket, by account: Account, now: Int64) throws {
        guard
            try changedRows(
                """
                UPDATE attachment SET ticket_id = ?
                WHERE id = ? AND company_id = ? AND account_id = ? AND ticket_id IS NULL
                """, [ticket.id, upload, company, account.id]) > 0
        else { throw StoreError.notFound }
        try run("UPDATE ticket SET updated_at_ms = ? WHERE company_id = ? AND id = ?", [now, company, ticket.id])
        try addHistory(
            NewHistory(ticket: ticket.id, actor: account.login, kind: .attached, data: ["file": .id(upload)]),
            now: now)
    }

    // MARK: Tasks

    /// Gives a ticket's new priority to its open tasks that have none of their own.
    func passOn(_ priority: Priority, of ticket: TicketID, now: Int64) throws {
        let tasks = try all(
            TaskRecord.self,
            TaskRecord.select + """
                 WHERE k.company_id = ? AND k.ticket_id = ? AND \(TaskSQL.isOpen()) AND k.has_own_priority = 0
                    AND k.priority <> ? ORDER BY k.id
                """, [company, ticket, priority.rawValue])
        for task in tasks { try happen(.prioritized(priority, by: nil), to: task, now: now) }
    }

    /// Gives an open task a priority of its own: it does not follow its ticket's any more.
    /// - Throws: `StoreError.conflict` if it has ended, or `version` is stale.
    package func setTaskPriority(
        _ id: TaskID, _ priority: Priority, by account: Account, version: Int?, now: Int64
    ) throws {
        let task = try open(id, version: version)
        if task.hasOwnPriority, task.priority == priority { return }
        try happen(.prioritized(priority, by: account.asHolder), to: task, now: now)
    }
}

extension Store {
    /// How long after its end a ticket can be reopened, in milliseconds.
    package static let reopeningTime: Int64 = 14 * 86_400_000

    fileprivate static func errors(_ change: TicketChange) -> [FieldError] {
        var errors: [FieldError] = []
        if change.labels?.contains(where: \.hasNUL) == true { errors.append(.nul(in: "labels")) }
        if let title = change.title {
            if title.allSatisfy(\.isWhitespace) {
                errors.append(FieldError(field: "title", message: "Enter a title"))
            } else if let error = FieldError.unfit(title, .title, field: "title", label: "Title") {
                errors.append(error)
            }
        }
        if let labels = change.labels {
            if let problem = TicketTexts.problem(labels: labels) {
                errors.append(FieldError(field: "labels", message: "Labels \(problem)"))
            } else if !labels.contains(where: \.hasNUL),
                let problem = labels.lazy.compactMap(TextLimit.label.strayCharacter).first
            {
                errors.append(FieldError(field: "labels", message: "A label \(problem)"))
            }
        }
        return errors
    }

    fileprivate static func members(_ change: TicketChange) -> JSONObject {
        var members: JSONObject = [:]
        if let title = change.title { members[ChangedField.title.rawValue] = .string(title) }
        if let priority = change.priority { members[ChangedField.priority.rawValue] = .string(priority.rawValue) }
        if let labels = change.labels { members[ChangedField.labels.rawValue] = .strings(labels) }
        if let due = change.due { members[ChangedField.due.rawValue] = .optional(due.map(Moment.iso8601)) }
        if let number = change.duplicateOf {
            members[ChangedField.duplicateOf.rawValue] = number.map { .int($0) } ?? .null
        }
        return members
    }
}
