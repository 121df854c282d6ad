import TFDefinition
import TFEngine
import TFStore

/// Tasks, by id.
enum BulkTasks: BulkRows {
    static let name = "tasks"
    static func numbered(_ row: Int) -> String { "\(row)" }
    static let actions = BulkAction.ofTasks
    static let effectOfPriority =
        "The tasks move up or down in everybody’s lists. Their tickets keep the priority that they have."

    static func matching(
        _ query: String, _ request: ProvedRequest<InCompany>, _ session: CompanyReadSession
    ) throws -> (rows: [Int], hasMore: Bool) {
        guard let scope = request.actor.managedTasks else { return ([], false) }
        var filter = ManagedTasksQuery(fitting: query).filter(
            in: request.company, me: request.account.login, now: request.now)
        filter.limit = BulkAction.limit
        let (ids, hasMore) = try session.taskIDs(scope: scope, filter: filter)
        return (ids.map { Int($0.rawValue) }, hasMore)
    }

    static func find(_ row: Int, _ access: InCompany, _ session: CompanyReadSession) throws -> OnTask? {
        try OnTask(TaskID(Int64(row)), access, session)
    }

    static func title(_ row: OnTask) -> String { row.task.title }

    static func tasksToGive(_ row: OnTask, _ session: CompanyReadSession) throws -> [TaskRecord] { [row.task] }

    static func obstacle(_ action: BulkAction, _ row: OnTask, _ session: CompanyReadSession) throws -> String? {
        let task = row.task
        let ended = task.state.isOpen ? nil : "It has ended: \(task.state.label.lowercased())."
        switch action {
        case .reassign:
            return row.refusal(.assignTask) ?? ended ?? (task.kind == .person ? nil : "A program does it.")
        case .priority: return row.refusal(.prioritizeTask) ?? ended
        case .retry:
            if let refusal = row.refusal(.decideFault) { return refusal }
            return task.state == .failed ? nil : "It has not failed."
        case .cancel: return "Tasks cannot be cancelled, only their tickets."
        }
    }

    static func adminNote(_ action: BulkAction, _ row: OnTask, _ access: InCompany) -> AdminNote? {
        let policy: Action =
            switch action {
            case .reassign: .assignTask
            case .priority: .prioritizeTask
            case .retry: .decideFault
            case .cancel: .cancelTicket
            }
        return AdminNote(policy, access, of: .task(row.facts), .task(row.task.id), reading: .readTask)
    }

    static func perform(_ order: BulkOrder, _ row: OnTask, _ session: CompanyWriteSession, now: Int64) throws {
        let task = row.task
        switch order.action {
        case .reassign:
            guard let target = order.target else { return }
            try session.reassignTask(
                task.id, target, TaskMove(by: row.account, onlyOwn: false, reason: order.reason, version: nil),
                now: now)
        case .priority:
            guard let priority = order.priority else { return }
            try session.setTaskPriority(task.id, priority, by: row.account, version: nil, now: now)
        case .retry:
            let step = FaultedStep(of: task)
            let change = CompanyChange.decide(.retry, at: step, by: row.account, now: now)
            try change.checked(in: session)(session)
        case .cancel: break
        }
    }
}

extension OnTask {
    /// A task of a list; nil if it does not exist for the visitor.
    fileprivate init?(_ id: TaskID, _ access: InCompany, _ session: CompanyReadSession) throws {
        guard let task = try session.task(id: id), let ticket = try session.ticket(id: task.ticketID) else {
            return nil
        }
        let facts = TaskFacts(task, try TicketFacts(of: ticket, for: access.account, session), access.actor)
        guard Policy.decide(access.actor, .readTask, .task(facts)) == .allowed else { return nil }
        self.init(
            company: access.company, actor: access.actor, signedIn: access.signedIn, task: task, ticket: ticket,
            facts: facts)
    }

    fileprivate func refusal(_ action: Action) -> String? { Policy.decide(actor, action, .task(facts)).refusal }
}
