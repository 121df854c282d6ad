import TFDefinition
import TFEngine
import TFExpression

/// An instance to be started.
struct NewInstance {
    let ticket: TicketID?
    /// nil: the built-in workflow.
    let workflow: RevisionID?
    let pins: [String: RevisionID]
    /// The step of another instance that started it and waits for its end; nil: none waits.
    var parent: (id: InstanceID, reference: String, visit: Int)?
    var depth = 0
    /// The definition whose schedule started it; nil: none.
    var schedule: DefinitionID?
    /// Whether another workflow started it, directly or by opening its ticket.
    var isSpawned = false
}

extension CompanyReadSession {
    fileprivate func checkSpawned() throws {
        let running = try first(
            Int.self, "SELECT COUNT(*) FROM instance WHERE company_id = ? AND is_spawned = 1 AND status = 'running'",
            [company])
        guard running ?? 0 < Store.limitSpawned else {
            throw StoreError.conflict("\(Store.limitSpawned) workflows started by others run in the company already")
        }
    }
}

extension CompanyWriteSession {
    @discardableResult
    func startInstance(_ new: NewInstance, _ input: JSON, now: Int64) throws -> InstanceID {
        // In one order, so that instances with the same pins share a program in the cache.
        let pins = JSON.object(
            new.pins.sorted { $0.key < $1.key }.reduce(into: [:]) { $0[$1.key] = .id($1.value) })
        let id = try first(
            InstanceID.self,
            """
            INSERT INTO instance (company_id, ticket_id, workflow_revision_id, pins, status, parent_id,
                parent_reference, parent_visit, depth, schedule_id, is_spawned, created_at_ms)
            VALUES (?, ?, ?, ?, 'running', ?, ?, ?, ?, ?, ?, ?) RETURNING id
            """,
            [
                company, new.ticket, new.workflow, pins, new.parent?.id,
                new.parent?.reference, new.parent?.visit, new.depth, new.schedule, new.isSpawned, now,
            ])
        guard let id else { throw StoreError.notFound }
        try addEvent(instance: id, .start, input, now: now)
        return id
    }

    /// Starts a workflow for a step of another instance, on the same ticket. If that is impossible and the step waits,
    /// the step gets an error.
    func run(_ request: RunRequest, for parent: InstanceRow, now: Int64) throws {
        do {
            guard parent.depth < Engine.Caps.deepestRun else {
                throw StoreError.conflict("workflows run workflows more than \(Engine.Caps.deepestRun) deep")
            }
            try checkSpawned()
            guard
                let workflow = try newestRevision(kind: .workflow, name: request.workflow)
            else { throw StoreError.conflict("the workflow \"\(request.workflow)\" is not in force") }
            let pins = try pins(workflow: workflow)
            if parent.ticketID == nil, let task = try revisions.workflow(workflow, self).calledTasks.first {
                throw StoreError.conflict("there is no ticket, so nobody can be given the task \"\(task)\"")
            }
            var new = NewInstance(ticket: parent.ticketID, workflow: workflow, pins: pins)
            new.depth = parent.depth + 1
            new.isSpawned = true
            if request.isAwaited { new.parent = (parent.id, request.reference, request.visit) }
            try startInstance(new, request.input, now: now)
        } catch StoreError.conflict(let reason) {
            guard request.isAwaited else { return }
            let error = WorkflowError(
                .configuration, status: 500, title: "The workflow cannot be run", detail: reason,
                at: request.reference)
            try tell(parent.id, .run, step: (request.reference, request.visit), .failed(error), now: now)
        }
    }

    /// Adds the event for the step that waits for the end of a workflow, or for a ticket to be opened.
    func tell(
        _ instance: InstanceID, _ kind: InstanceEventKind, step: (reference: String, visit: Int), _ outcome: RunOutcome,
        now: Int64
    ) throws {
        let payload: JSON = [
            "reference": .string(step.reference), "visit": .int(step.visit),
            "outcome": .string(try Column.text(outcome)),
        ]
        try addEvent(instance: instance, kind, payload, now: now)
    }

    /// Opens a ticket for a step as if its requester had submitted it. The step gets its number, or an error.
    func open(_ request: TicketRequest, for instance: InstanceRow, now: Int64) throws {
        var outcome: RunOutcome
        do {
            try checkSpawned()
            let requester = try requester(request, instance, now: now)
            let submission = TicketSubmission(
                type: request.type, requester: requester, title: nil, answers: request.form.objectValue ?? [:])
            let ticket = try submit(try check(submission, now: now), now: now)
            try run(
                "UPDATE instance SET is_spawned = 1 WHERE company_id = ? AND ticket_id = ?", [company, ticket.id])
            outcome = .completed([
                "number": .int(ticket.number), "type": .string(request.type),
                "url": .string(try ticketURL(ticket.number)),
            ])
        } catch let error as StoreError {
            let reason: String =
                switch error {
                case .notFound: "there is no ticket type \"\(request.type)\" in force"
                case .otherRequest: "\(error)"
                case .invalid(let errors): errors.map { "\($0.field): \($0.message)" }.joined(separator: "; ")
                case .conflict, .forbidden, .formChanged, .notLeader: error.description
                }
            outcome = .failed(
                WorkflowError(
                    .validation, status: 400, title: "The ticket could not be opened", detail: reason,
                    at: request.reference))
        }
        try tell(instance.id, .ticket, step: (request.reference, request.visit), outcome, now: now)
    }

    /// The requester of a new ticket: the named account, else the requester of the instance's own ticket. Without a
    /// ticket, and for a schedule, it is the system account.
    fileprivate func requester(
        _ request: TicketRequest, _ instance: InstanceRow, now: Int64
    ) throws -> Account {
        let own = try instance.ticketID.flatMap { ticket in
            try first(
                String.self,
                "SELECT a.login FROM ticket t JOIN account a ON a.id = t.requester_id WHERE t.company_id = ? AND t.id = ?",
                [company, ticket])
        }
        let system = try site.systemAccount(now: now)
        let login = request.requester?.withoutNUL ?? own ?? system.login
        if request.requester == nil, login == system.login { return system }
        let account = try first(
            Account.self,
            """
            SELECT a.* FROM account a JOIN membership m ON m.account_id = a.id AND m.company_id = ?
            WHERE a.disabled_at_ms IS NULL AND a.login = ?
            """, [company, login])
        guard let account else { throw StoreError.conflict("\(login) is no member of the company") }
        return account
    }
}

extension WriteSession {
    /// The account of tickets that nobody submitted; made if it is missing. Nobody can sign in with it.
    func systemAccount(now: Int64) throws -> Account {
        try run(
            """
            INSERT INTO account (login, name, folded_name, kind, disabled_at_ms, created_at_ms)
            VALUES ('system', 'TicketFlower', 'ticketflower', 'service', 0, ?) ON CONFLICT (login) DO NOTHING
            """, [now])
        guard
            let account = try first(Account.self, "SELECT * FROM account WHERE login = 'system'")
        else {
            throw StoreError.notFound
        }
        return account
    }
}

extension Store {
    /// The largest number of running instances of a company that other workflows started.
    static let limitSpawned = 10_000
}

/// An instance without its state.
struct InstanceRow: RowReadable, Sendable {
    let id: InstanceID
    let ticketID: TicketID?
    let workflowRevisionID: RevisionID?
    let pins: String
    let parentID: InstanceID?
    let parentReference: String?
    let parentVisit: Int?
    let depth: Int
    let scheduleID: DefinitionID?

    init(row: Row) {
        id = row["id"]
        ticketID = row["ticket_id"]
        workflowRevisionID = row["workflow_revision_id"]
        pins = row["pins"]
        parentID = row["parent_id"]
        parentReference = row["parent_reference"]
        parentVisit = row["parent_visit"]
        depth = row["depth"]
        scheduleID = row["schedule_id"]
    }
}

extension CompanyReadSession {
    /// The workflow of an instance with its tasks, in the pinned revisions; made once for each set of pins.
    func program(_ instance: InstanceRow, ticket: Ticket?) throws -> Program {
        guard let workflow = instance.workflowRevisionID else {
            guard let ticket else { throw StoreError.notFound }
            return try revisions.program("handle \(ticket.revisionID)") {
                let handle = try revisions.ticket(ticket.revisionID, self).handle
                return Program(workflow: .handle, tasks: handle.map { [DefinitionName(name: "handle"): $0] } ?? [:])
            }
        }
        return try revisions.program("\(workflow) \(instance.pins)") {
            var tasks: [DefinitionName: TaskDefinition] = [:]
            for (name, revision) in try Column.pins(instance.pins) {
                if let name = DefinitionName(name) { tasks[name] = try revisions.task(revision, self) }
            }
            return Program(workflow: try revisions.workflow(workflow, self), tasks: tasks)
        }
    }
}
