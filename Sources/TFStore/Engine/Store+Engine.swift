import Foundation
import GRDB
import TFDefinition
import TFEngine
import TFExpression

/// What a call of `advanceInstances` did.
package struct Advance: Sendable, Hashable {
    /// Events applied.
    package let applied: Int
    /// Events that could not be applied, with the reason; they stay, visible, and block nobody.
    package let setAside: [String]
}

extension Store {
    /// Applies waiting events, oldest first, each with its history, tasks and outbox rows.
    ///
    /// All in one transaction, for one disk sync; an event that fails is rolled back alone and set aside.
    package func advanceInstances(limit: Int, leader: Leadership, now: Int64) async throws -> Advance {
        try await write { db in
            try check(db, leader, now: now)
            let events = try Row.fetchAll(
                db, sql: "SELECT * FROM event WHERE set_aside IS NULL ORDER BY id LIMIT ?", arguments: [limit])
            var setAside: [String] = []
            for event in events {
                do {
                    try db.inSavepoint {
                        try apply(db, event, now: now)
                        try db.execute(sql: "DELETE FROM event WHERE id = ?", arguments: [event["id"] as Int64])
                        return .commit
                    }
                } catch {
                    setAside.append("event \(event["id"] as Int64): \(error)")
                    try db.execute(
                        sql: "UPDATE event SET set_aside = ? WHERE id = ?",
                        arguments: ["\(error)", event["id"] as Int64])
                }
            }
            return Advance(applied: events.count - setAside.count, setAside: setAside)
        }
    }

    /// Whether any event waits to be applied.
    package func hasEvents() async throws -> Bool {
        try await pool.read { db in
            try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM event WHERE set_aside IS NULL)") ?? false
        }
    }

    private func apply(_ db: Database, _ event: Row, now: Int64) throws {
        let instanceID: Int64 = event["instance_id"]
        guard
            let instance = try Row.fetchOne(
                db, sql: "SELECT * FROM instance WHERE id = ?", arguments: [instanceID]),
            let ticket = try Ticket.fetchOne(
                db, sql: Ticket.select + " WHERE t.id = ?", arguments: [instance["ticket_id"] as Int64])
        else { throw StoreError.notFound }
        let pins = try Column.value([String: Int64].self, instance["pins"])
        let state = try (instance["state"] as String?).map { try Column.value(InstanceState.self, $0) }
        let company = try company(db, ticket.companyID)
        let transition = Engine.advance(
            try program(db, workflow: instance["workflow_revision_id"], pins: pins, ticket: ticket), state,
            try engineEvent(event),
            Surroundings(
                instance: String(instanceID), ticket: ticketJSON(ticket, company: company.slug), now: now,
                offset: company.offset))
        // An event that is of no use any more (the task was withdrawn, the instance has ended) just goes.
        guard let transition else { return }
        try db.execute(
            sql: "UPDATE instance SET state = ?, status = ?, version = version + 1 WHERE id = ?",
            arguments: [try Column.text(transition.state), transition.state.status.rawValue, instanceID])
        for effect in transition.effects {
            try apply(db, effect, instance: instanceID, pins: pins, ticket: ticket, now: now)
        }
    }

    private func program(
        _ db: Database, workflow: Int64?, pins: [String: Int64], ticket: Ticket
    ) throws -> Program {
        guard let workflow else {
            let handle = try revisions.ticket(ticket.revisionID, db).handle
            return Program(workflow: .handle, tasks: handle.map { [DefinitionName(name: "handle"): $0] } ?? [:])
        }
        var tasks: [DefinitionName: TaskDefinition] = [:]
        for (name, revision) in pins {
            if let name = DefinitionName(name) { tasks[name] = try revisions.task(revision, db) }
        }
        return Program(workflow: try revisions.workflow(workflow, db), tasks: tasks)
    }

    private func engineEvent(_ event: Row) throws -> EngineEvent {
        let payload = try JSON(parsing: event["payload"] as String)
        switch event["kind"] as String {
        case "start": return .start(input: payload)
        case "cancel": return .cancel
        default:
            return .taskCompleted(
                reference: payload["reference"].displayText, visit: payload["visit"].intValue ?? 0,
                output: payload["output"])
        }
    }

    /// `$ticket` of every expression.
    func ticketJSON(_ ticket: Ticket, company: String) -> JSON {
        [
            "number": .int(ticket.number), "type": .string(ticket.type), "title": .string(ticket.title),
            "url": .string("\(baseURL)/c/\(company)/tickets/\(ticket.number)"),
            "priority": .string(ticket.priority.rawValue), "labels": ticket.labels, "status": .string(ticket.status),
            "requester": .string(ticket.requester), "form": ticket.form,
        ]
    }

    // MARK: Effects

    private func apply(
        _ db: Database, _ effect: Effect, instance: Int64, pins: [String: Int64], ticket: Ticket, now: Int64
    ) throws {
        switch effect {
        case .step(let change):
            try addHistory(
                db, ticket.companyID, ticket.id, actor: "system", "step",
                [
                    "kind": .string(change.kind.rawValue), "reference": .string(change.reference),
                    "name": .string(change.name),
                ], now: now)
        case .openTask(let request):
            try openTask(
                db, request, instance: instance, revision: pins[request.definition.description], ticket: ticket,
                now: now)
        case .withdrawTask(let reference, let visit):
            try withdrawTask(db, instance: instance, reference: reference, visit: visit, now: now)
        case .ticketStatus(let status):
            try db.execute(
                sql: "UPDATE ticket SET status = ?, updated_at_ms = ? WHERE id = ?",
                arguments: [status ?? "in progress", now, ticket.id])
        case .completed(let output):
            try close(db, ticket, .closed, status: output["status"].stringValue ?? "done", now: now)
        case .faulted(let error):
            try close(db, ticket, .failed, status: "failed", data: ["error": error.json], now: now)
        case .cancelled:
            try close(db, ticket, .cancelled, status: "cancelled", now: now)
        }
    }

    private func openTask(
        _ db: Database, _ request: TaskRequest, instance: Int64, revision: Int64?, ticket: Ticket, now: Int64
    ) throws {
        let assignee = try knownAssignee(db, request, ticket: ticket)
        let task = try Int64.fetchOne(
            db,
            sql: """
                INSERT INTO task (company_id, ticket_id, instance_id, revision_id, reference, visit, step, name, title,
                    description, role, strategy, excluded, preferred, state, waiting_because, assignee_id, priority,
                    due_at_ms, input, prefilled, decision, created_at_ms, assigned_at_ms)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                RETURNING id
                """,
            arguments: [
                ticket.companyID, ticket.id, instance, revision, request.reference, request.visit, request.step,
                request.definition.name, request.title, request.description, request.role, request.strategy.rawValue,
                JSON.strings(request.exclude), request.prefer, assignee.account == nil ? "ready" : "assigned",
                assignee.reason, assignee.account, (request.priority ?? ticket.priority).rawValue, request.dueAt,
                request.input, JSON.object(request.prefilled), assignee.decision, now,
                assignee.account == nil ? nil : now,
            ])
        guard let task else { throw StoreError.notFound }
        guard let account = assignee.account else {
            return try Outbox.assign(db, company: ticket.companyID, task: task, attempt: 1, now: now)
        }
        try recordAssignee(db, task: task, attempt: 1, ticket: ticket.id, account: account, now: now)
        try addHistory(
            db, ticket.companyID, ticket.id, task: task, actor: "system", "assigned",
            [
                "title": .string(request.title), "to": assignee.decision["chosen"],
                "because": assignee.decision["because"],
            ],
            now: now)
        try Outbox.place(db, company: ticket.companyID, task: task, attempt: 1, now: now)
    }

    /// Whom the strategy itself names; nobody where the queues have to choose, or where the named one cannot have it.
    private func knownAssignee(
        _ db: Database, _ request: TaskRequest, ticket: Ticket
    ) throws -> (account: Int64?, reason: String?, decision: JSON) {
        let login: String
        let because: String
        switch request.strategy {
        case .shortestQueue: return (nil, "waiting for the queue", .null)
        case .pool: return (nil, "anybody eligible may claim it", .null)
        case .requester:
            login = ticket.requester
            because = "the task goes back to the requester"
        case .person:
            guard let person = request.person else {
                return (nil, "the workflow names nobody for it; a ticket admin must assign it", .null)
            }
            login = person
            because = "the workflow names this person"
        }
        let account = try Int64.fetchOne(
            db,
            sql: """
                SELECT a.id FROM account a JOIN membership m ON m.account_id = a.id AND m.company_id = ?
                WHERE a.login = ? AND a.disabled_at_ms IS NULL
                """, arguments: [ticket.companyID, login])
        guard let account, !request.exclude.contains(login) else {
            let why = account == nil ? "is no member of the company any more" : "is excluded from it"
            return (nil, "\(login) \(why); a ticket admin must assign it", .null)
        }
        return (account, nil, ["chosen": .string(login), "because": .string(because)])
    }

    private func withdrawTask(
        _ db: Database, instance: Int64, reference: String, visit: Int, now: Int64
    ) throws {
        let row = try Row.fetchOne(
            db,
            sql: """
                UPDATE task SET state = 'withdrawn', finished_at_ms = ?, version = version + 1
                WHERE instance_id = ? AND reference = ? AND visit = ?
                    AND state IN ('ready', 'assigned', 'started', 'held')
                RETURNING id, company_id, attempt
                """, arguments: [now, instance, reference, visit])
        guard let row else { return }
        try Outbox.remove(db, company: row["company_id"], task: row["id"], attempt: row["attempt"], now: now)
    }

    private func close(
        _ db: Database, _ ticket: Ticket, _ state: TicketState, status: String, data: JSON = .object([:]), now: Int64
    ) throws {
        try db.execute(
            sql: """
                UPDATE ticket SET state = ?, status = ?, closed_at_ms = ?, updated_at_ms = ?, version = version + 1
                WHERE id = ?
                """, arguments: [state.rawValue, String(status.prefix(60)), now, now, ticket.id])
        var members = data.objectValue ?? [:]
        members["status"] = .string(status)
        try addHistory(
            db, ticket.companyID, ticket.id, actor: "system", state.rawValue, .object(members), now: now)
    }
}
