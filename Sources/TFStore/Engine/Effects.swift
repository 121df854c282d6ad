import TFDefinition
import TFEngine
import TFExpression

/// Carries out the effects of a transition, in the transition's own transaction.
struct Effects {
    let instance: InstanceRow
    let ticket: Ticket?
    let program: Program
    /// Whether the transition gives the ticket a priority: then it is not that of `ticket` any more.
    let changesPriority: Bool
    let now: Int64

    init(_ instance: LoadedInstance, of transition: Transition, now: Int64) {
        self.instance = instance.row
        ticket = instance.ticket
        program = instance.program
        changesPriority = transition.effects.contains { effect in
            if case .updateTicket(let update) = effect { update.priority != nil } else { false }
        }
        self.now = now
    }

    func apply(_ db: CompanyWriteSession, _ effect: Effect) throws {
        switch effect {
        case .step(let change): try note(db, change)
        case .openTask(let request): try openTask(db, request)
        case .withdrawTask(let reference, let visit): try withdrawTask(db, reference, visit)
        case .sendHTTP(let intent): try db.plan(intent, for: instance, now: now)
        case .cancelHTTP(let reference, let visit):
            try db.run(
                "DELETE FROM http_call WHERE company_id = ? AND instance_id = ? AND reference = ? AND visit = ?",
                [db.company, instance.id, reference, visit])
        case .runWorkflow(let request): try db.run(request, for: instance, now: now)
        case .cancelRun(let reference, let visit): try cancelRun(db, reference, visit)
        case .openTicket(let request): try db.open(request, for: instance, now: now)
        case .updateTicket(let update): try updateTicket(db, update)
        case .comment(let body, let isInternal): try comment(db, body, isInternal)
        case .emit(let event): try db.insert(CheckedEvent(event), now: now)
        case .replayEvents(let since): try db.replayEvents(for: instance, since: since, now: now)
        case .ticketStatus(let status): try setStatus(db, status)
        case .yield: try db.addEvent(instance: instance.id, .resume, [:], now: now)
        case .resumed: try resume(db)
        case .completed(let output):
            try end(db, .completed(output), as: .closed, status: TicketStatus.resolution(of: output))
        case .faulted(let error): try end(db, .failed(error), as: .failed, status: TicketStatus.failed)
        case .cancelled:
            let error = WorkflowError.runtime("the workflow was cancelled", at: "")
            try end(db, .failed(error), as: .cancelled, status: TicketStatus.cancelled)
        }
    }

    // MARK: The ticket

    private func note(_ db: CompanyWriteSession, _ change: StepChange) throws {
        // Waiting steps are known from the state, and the workflow's own start and end are recorded with the ticket.
        guard let ticket, change.kind != .waiting, !change.reference.isEmpty else { return }
        var data: JSONObject = [
            "kind": .string(change.kind.rawValue), "reference": .string(change.reference),
            "name": .string(change.name), "instance": .int(instance.id.rawValue),
        ]
        // A workflow that another one runs has references of its own, which may be equal to the other's.
        if instance.depth > 0 { data["depth"] = .int(instance.depth) }
        try db.addHistory(
            NewHistory(ticket: ticket.id, actor: TaskLife.system, kind: .step, data: .object(data)), now: now)
    }

    private func setStatus(_ db: CompanyWriteSession, _ status: String?) throws {
        // A workflow run by another one changes the ticket's status only if it sets one.
        guard let ticket, instance.depth == 0 || status != nil else { return }
        try db.run(
            "UPDATE ticket SET status = ?, updated_at_ms = ? WHERE company_id = ? AND id = ?",
            [status.map(TextLimit.status.cut)?.withoutNUL ?? TicketStatus.usual, now, db.company, ticket.id])
    }

    private func updateTicket(_ db: CompanyWriteSession, _ update: TicketUpdate) throws {
        guard let ticket else { return }
        let title = update.title.map(TextLimit.title.cut)?.withoutNUL
        let labels = update.labels.map { JSON.strings($0.map(\.withoutNUL)) }
        try db.run(
            """
            UPDATE ticket SET priority = COALESCE(?, priority), title = COALESCE(?, title),
                folded_title = COALESCE(?, folded_title), labels = COALESCE(?, labels),
                folded_labels = COALESCE(?, folded_labels), updated_at_ms = ?, version = version + 1
            WHERE company_id = ? AND id = ?
            """,
            [
                update.priority?.rawValue, title, title?.folded, labels, labels.map(FoldedText.labels), now, db.company,
                ticket.id,
            ])
        if title != nil { try db.replaceTexts(of: ticket.id) }
        if let priority = update.priority { try db.passOn(priority, of: ticket.id, now: now) }
        var changes = JSONObject()
        if let priority = update.priority { changes[ChangedField.priority.rawValue] = .string(priority.rawValue) }
        if let title { changes[ChangedField.title.rawValue] = .string(title) }
        if let labels { changes[ChangedField.labels.rawValue] = labels }
        if !changes.isEmpty {
            try db.addHistory(
                NewHistory(ticket: ticket.id, actor: TaskLife.system, kind: .updated, data: .object(changes)), now: now)
        }
    }

    private func comment(_ db: CompanyWriteSession, _ body: String, _ isInternal: Bool) throws {
        guard let ticket else { return }
        let system = try db.site.systemAccount(now: now)
        let text = TextLimit.comment.shortened(body).withoutNUL
        try db.run(
            """
            INSERT INTO comment (company_id, ticket_id, account_id, text, is_internal, created_at_ms)
            VALUES (?, ?, ?, ?, ?, ?)
            """, [db.company, ticket.id, system.id, text, isInternal, now])
        try db.indexComment(text, isInternal: isInternal, of: ticket.id, by: system.id)
        try db.run("UPDATE ticket SET updated_at_ms = ? WHERE company_id = ? AND id = ?", [now, db.company, ticket.id])
    }

    private func resume(_ db: CompanyWriteSession) throws {
        guard let ticket else { return }
        try db.run(
            """
            UPDATE ticket SET state = 'open', closed_at_ms = NULL, updated_at_ms = ?, version = version + 1
            WHERE company_id = ? AND id = ?
            """, [now, db.company, ticket.id])
    }

    // MARK: The end

    /// How a ticket ends when its workflow ends.
    private enum Ending {
        case closed
        case failed
        case cancelled

        var state: TicketState {
            switch self {
            case .closed: .closed
            case .failed: .failed
            case .cancelled: .cancelled
            }
        }

        var history: HistoryKind {
            switch self {
            case .closed: .closed
            case .failed: .failed
            case .cancelled: .cancelled
            }
        }
    }

    private func end(_ db: CompanyWriteSession, _ outcome: RunOutcome, as ending: Ending, status: String) throws {
        if let parent = instance.parentID, let reference = instance.parentReference {
            try db.tell(parent, .run, step: (reference, instance.parentVisit ?? 0), outcome, now: now)
        }
        try db.scheduleAgain(instance, now: now)
        // Only the workflow that the ticket started ends the ticket.
        guard let ticket, instance.depth == 0 else { return }
        try db.run(
            """
            UPDATE ticket SET state = ?, status = ?, closed_at_ms = ?, updated_at_ms = ?, version = version + 1
            WHERE company_id = ? AND id = ?
            """,
            [ending.state.rawValue, TicketStatus.shortened(status), now, now, db.company, ticket.id])
        try NotificationWriter.closed(db, ticket, isCancelled: ending == .cancelled, now: now)
        var members: JSONObject = ["status": .string(status)]
        if case .failed(let error) = outcome, ending == .failed { members["error"] = error.json }
        try db.addHistory(
            NewHistory(ticket: ticket.id, actor: TaskLife.system, kind: ending.history, data: .object(members)),
            now: now)
    }

    private func cancelRun(_ db: CompanyWriteSession, _ reference: String, _ visit: Int) throws {
        let children = try db.all(
            InstanceID.self,
            """
            SELECT id FROM instance WHERE company_id = ? AND parent_id = ? AND parent_reference = ? AND parent_visit = ?
                AND status = 'running' ORDER BY id
            """, [db.company, instance.id, reference, visit])
        for child in children {
            try db.addEvent(instance: child, .cancel, [:], now: now)
        }
    }
}
