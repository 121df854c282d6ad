import TFDefinition
import TFEngine
import TFExpression

/// What an instance has been given and has made so far.
package struct InstanceData: Sendable {
    package let input: JSON
    package let context: JSON
    /// The latest output of each task that it called.
    package let tasks: JSON
    package let output: JSON
}

/// A workflow instance as shown to ticket admins.
package struct InstanceView: Sendable {
    package let id: InstanceID
    /// Name and version.
    package let workflow: String
    package let status: InstanceState.Status
    /// The depth of nesting: how many workflows started one another above it; 0: none.
    package let depth: Int
    /// The steps that wait, each with the reason.
    package let waiting: [WaitingStep]
    /// When its next timer is due, in milliseconds since 1970; nil: it has no timer.
    package let nextTimer: Int64?
    package let data: InstanceData
    package let error: WorkflowError?
    /// The step that failed and waits for a decision; nil: there is nothing to decide.
    package let stopped: StoppedStep?

    fileprivate init(row: Row, of workflow: WorkflowDefinition, in state: InstanceState) {
        id = row["id"]
        self.workflow = "\(workflow.name) \(workflow.version)"
        status = state.status
        depth = row["depth"]
        waiting = state.waiting
        nextTimer = state.nextTimer
        data = InstanceData(
            input: state.input, context: state.context, tasks: .object(state.tasks), output: state.output)
        error = state.error
        stopped = state.stopped
    }

    /// An instance whose state is not read, because it is set aside or cannot be decoded.
    fileprivate init(unread row: Row, because reason: String) throws {
        id = row["id"]
        workflow = "workflow"
        status =
            switch try Column.word(row["status"]) as InstanceState.Status {
            case .cancelled: .cancelled
            case .running, .completed, .faulted: .faulted
            }
        depth = row["depth"]
        waiting = []
        nextTimer = nil
        data = InstanceData(input: .null, context: .null, tasks: .null, output: .null)
        error = Store.setAsideError(reason)
        stopped = StoppedStep(reference: "/", visit: 0, input: .null)
    }
}

/// A ticket admin's decision about a failed step.
package enum FaultDecision: Sendable {
    /// The step runs again.
    case retry
    /// The step is skipped, and the workflow continues with this output.
    case skip(output: JSON)
}

/// The failed step that a decision is about.
package struct FaultedStep: Sendable {
    package let ticket: TicketID
    /// nil: the step at which the workflow stopped.
    package let reference: String?
    /// The pass of that step; nil: any.
    package let visit: Int?
    /// The ticket's version on the page; nil: not checked.
    package let version: Int?

    package init(ticket: TicketID, reference: String? = nil, visit: Int? = nil, version: Int?) {
        self.ticket = ticket
        self.reference = reference
        self.visit = visit
        self.version = version
    }

    /// That of a task, in the pass in which the task was called.
    package init(of task: TaskRecord) {
        self.init(ticket: task.ticketID, reference: task.reference, visit: task.visit, version: nil)
    }
}

/// A failed instance of a ticket, with the facts that a decision needs.
private struct Faulted: Sendable {
    let id: InstanceID
    let version: Int
    /// nil: the instance failed as a whole.
    let stopped: StoppedStep?
}

extension CompanyReadSession {
    /// The ticket's instances, at most 100; the one that the ticket started comes first.
    package func instances(ticket: TicketID) throws -> [InstanceView] {
        try instances(ticket: ticket, after: nil, limit: 100).instances
    }

    /// A page of the ticket's instances in the same order.
    /// - Parameter after: the last one of the page before; nil for the first page.
    /// - Returns: the page, and behind which instance the next one begins; nil: there is none.
    package func instances(
        ticket: TicketID, after: InstanceID?, limit: Int
    ) throws -> (instances: [InstanceView], next: InstanceID?) {
        let rows = try all(
            Row.self, "SELECT * FROM instance WHERE company_id = ? AND ticket_id = ? AND id > ? ORDER BY id LIMIT ?",
            [company, ticket, after ?? InstanceID(0), limit + 1])
        let shown = rows.prefix(limit)
        return (try shown.compactMap { try view($0) }, rows.count > limit ? shown.last.map { $0["id"] } : nil)
    }

    func view(_ row: Row) throws -> InstanceView? {
        if let reason = try SetAsideReason(row: row) { return try InstanceView(unread: row, because: reason.sentence) }
        guard let stored = row["state"] as String? else { return nil }
        let state: InstanceState
        do { state = try InstanceState(text: stored) } catch {
            return try InstanceView(unread: row, because: "its state cannot be read: \(error)")
        }
        let workflow =
            try (row["workflow_revision_id"] as RevisionID?).map { try revisions.workflow($0, self) } ?? .handle
        return InstanceView(row: row, of: workflow, in: state)
    }

    /// The failed instance of a ticket; nil: there is none. Its state can have several megabytes, so it is read before
    /// the transaction.
    fileprivate func faulted(ticket: TicketID) throws -> Faulted? {
        let row = try first(Row.self, "SELECT id, version, state \(Store.fromFaulted)", [company, ticket])
        guard let row else { return nil }
        let state = try InstanceState(text: row["state"])
        return Faulted(id: row["id"], version: row["version"], stopped: state.stopped)
    }
}

extension CompanyWriteSession {
    /// Decides about an instance of the ticket that is set aside.
    /// - Returns: false if there is none.
    /// - Throws: `StoreError.conflict` for another decision than `retry`.
    fileprivate func decideSetAside(
        _ decision: FaultDecision, _ ticket: Ticket, by account: Account, now: Int64
    ) throws -> Bool {
        let instance = try first(
            InstanceID.self,
            """
            SELECT id FROM instance
            WHERE company_id = ? AND ticket_id = ? AND set_aside IS NOT NULL AND status <> 'cancelled'
            ORDER BY id LIMIT 1
            """, [company, ticket.id])
        guard let instance else { return false }
        guard case .retry = decision else {
            throw StoreError.conflict("the workflow was set aside: it can be tried again, or the ticket cancelled")
        }
        try addHistory(
            NewHistory(ticket: ticket.id, actor: account.login, kind: .stepRetry, data: ["reference": "/"]), now: now)
        try takeUp(instance: instance, now: now)
        return true
    }
}

extension Store {
    fileprivate static let fromFaulted = """
        FROM instance
        WHERE company_id = ? AND ticket_id = ? AND parent_id IS NULL AND status = 'faulted'
            AND set_aside IS NULL AND state IS NOT NULL
        ORDER BY id LIMIT 1
        """
}

extension CompanyChange<Void> {
    /// Decides about the step at which a ticket's workflow has failed.
    ///
    /// Writing it throws `StoreError.notFound`, or `.conflict` if the workflow has not failed, stopped at another step, is
    /// decided about already, or the version is stale.
    package static func decide(
        _ decision: FaultDecision, at step: FaultedStep, by account: Account, now: Int64
    ) -> CompanyChange {
        let ticket = step.ticket
        return CompanyChange(
            checking: { db in try db.faulted(ticket: ticket) },
            { db, known in
                guard let current = try db.ticket(id: ticket) else { throw StoreError.notFound }
                guard step.version == nil || step.version == current.version else {
                    throw StoreError.conflict("ticket #\(current.number) was changed meanwhile")
                }
                if try db.decideSetAside(decision, current, by: account, now: now) { return }
                let row = try db.first(Row.self, "SELECT id, version \(Store.fromFaulted)", [db.company, ticket])
                guard let row else {
                    throw StoreError.conflict("the workflow of ticket #\(current.number) has not failed")
                }
                guard let known, known.id == row["id"], known.version == row["version"] else { throw CheckIsStale() }
                guard let stopped = known.stopped else {
                    throw StoreError.conflict("the workflow failed as a whole; it can only be cancelled")
                }
                guard step.reference == nil || step.reference == stopped.reference,
                    step.visit == nil || step.visit == stopped.visit
                else {
                    throw StoreError.conflict("the workflow stopped at \(stopped.reference), not at this task")
                }
                let isDecided = try db.first(
                    Bool.self,
                    """
                    SELECT 1 FROM instance_event
                    WHERE company_id = ? AND instance_id = ? AND kind IN ('retry', 'skip', 'cancel') LIMIT 1
                    """, [db.company, row["id"] as InstanceID])
                guard isDecided != true else { throw StoreError.conflict("somebody has decided already") }
                var data: JSONObject = ["reference": .string(stopped.reference)]
                var payload: JSON = [:]
                let (kind, told): (InstanceEventKind, HistoryKind)
                switch decision {
                case .retry: (kind, told) = (.retry, .stepRetry)
                case .skip(let output):
                    (kind, told) = (.skip, .stepSkip)
                    payload = ["output": output]
                    data["output"] = output
                }
                try db.addHistory(
                    NewHistory(ticket: ticket, actor: account.login, kind: told, data: .object(data)), now: now)
                try db.addEvent(instance: row["id"], kind, payload, now: now)
            })
    }
}
