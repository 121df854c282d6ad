import TFDefinition
import TFEngine
import TFStore

/// What giving several rows to somebody would mean.
struct BulkHandover {
    /// To whom they can be given, each with the number of the rows; nil: too many to tell.
    let people: [(person: Assignable, count: Int?)]
    /// The rows with a task on hold, which ends with the change of hands.
    let held: [Int]
    /// How many of the rows somebody has already, by login.
    let own: [String: Int]
}

/// The kind of rows that an order is about.
protocol BulkRows: Sendable {
    /// One row, with what the policy needs to decide about it.
    associatedtype Row

    /// The list's path behind the company's, which is also the rows' name in the plural.
    static var name: String { get }
    /// A row as lists name it: only tickets have the sign of a number.
    static func numbered(_ row: Int) -> String
    static var actions: [BulkAction] { get }
    /// What comes of it when their priority is set.
    static var effectOfPriority: String { get }

    /// The rows of a list that match, in its order, and whether there are more than `BulkAction.limit`.
    static func matching(
        _ query: String, _ request: ProvedRequest<InCompany>, _ session: CompanyReadSession
    ) throws -> (rows: [Int], hasMore: Bool)

    /// - Returns: nil for a row that does not exist for the visitor.
    static func find(_ row: Int, _ access: InCompany, _ session: CompanyReadSession) throws -> Row?
    static func title(_ row: Row) -> String

    /// Why the action cannot be done to the row: a right that is missing, or its state; nil: it can.
    static func obstacle(_ action: BulkAction, _ row: Row, _ session: CompanyReadSession) throws -> String?

    /// The entry for the audit log, if only an admin's rights allow it.
    static func adminNote(_ action: BulkAction, _ row: Row, _ access: InCompany) -> AdminNote?

    /// The row's tasks that would be given to somebody: it is given as a whole.
    static func tasksToGive(_ row: Row, _ session: CompanyReadSession) throws -> [TaskRecord]

    /// Does it to a row without an obstacle.
    static func perform(_ order: BulkOrder, _ row: Row, _ session: CompanyWriteSession, now: Int64) throws
}

extension BulkRows {
    /// One of them, or several, with their number.
    static func count(_ number: Int) -> String {
        "\(Elements.grouped(number)) \(number == 1 ? String(name.dropLast()) : name)"
    }

    static func results(
        _ action: BulkAction, _ rows: [Int], _ access: InCompany, _ session: CompanyReadSession
    ) throws -> [BulkResult] {
        var named = BulkPreview.limitNamed
        return try rows.map { number in
            guard let row = try find(number, access, session) else { return .unknown(number) }
            var result = BulkResult(row: number, title: title(row), obstacle: try obstacle(action, row, session))
            if action == .reassign, result.obstacle == nil, named > 0 {
                named -= 1
                result.holders = Set(try tasksToGive(row, session).compactMap(\.assigneeName)).sorted()
            }
            return result
        }
    }

    /// Those of some rows that cannot be given to the person whom an order names, each with why.
    static func refused(
        _ order: BulkOrder, _ numbers: [Int], _ access: InCompany, _ session: CompanyReadSession
    ) throws -> [BulkResult] {
        guard order.action == .reassign, case .to(let login) = order.target else { return [] }
        let name = try session.memberName(login) ?? login
        var rows: [(number: Int, title: String, tasks: [TaskRecord])] = []
        for number in numbers {
            guard let row = try find(number, access, session), try obstacle(.reassign, row, session) == nil else {
                continue
            }
            rows.append((number, title(row), try tasksToGive(row, session)))
        }
        let (obstacles, roles) = (
            try session.ineligibility(of: login, forEachOf: rows.map(\.tasks)), try session.roleLabels()
        )
        return zip(rows, obstacles).compactMap { row, obstacle in
            obstacle.map { BulkResult(row: row.number, title: row.title, obstacle: $0.sentence(about: name, roles)) }
        }
    }

    /// Those of some rows whose tasks the person whom an order names has already: they stay as they are.
    static func kept(
        _ order: BulkOrder, _ numbers: [Int], _ access: InCompany, _ session: CompanyReadSession
    ) throws -> [BulkResult] {
        guard order.action == .reassign, case .to(let login) = order.target else { return [] }
        let name = try session.memberName(login) ?? login
        return try numbers.compactMap { number in
            guard let row = try find(number, access, session), try obstacle(.reassign, row, session) == nil,
                try order.isDone(to: tasksToGive(row, session))
            else { return nil }
            return BulkResult(
                row: number, title: title(row), obstacle: "\(name) has it already, and it stays as it is.")
        }
    }

    /// To whom the rows can be given, and what it would end.
    static func handover(_ rows: [Int], _ access: InCompany, _ session: CompanyReadSession) throws -> BulkHandover {
        let people = try session.assignablePeople()
        var (held, own): ([Int], [String: Int]) = ([], [:])
        let groups = try rows.compactMap { number -> [TaskRecord]? in
            guard let row = try find(number, access, session) else { return nil }
            let tasks = try tasksToGive(row, session)
            if tasks.contains(where: { $0.state == .held }) { held.append(number) }
            if let login = tasks.first?.assignee, tasks.allSatisfy({ $0.assignee == login }) {
                own[login, default: 0] += 1
            }
            return tasks
        }
        let counts = try session.eligibleGroups(groups, for: people)
        return BulkHandover(people: people.map { ($0, counts?[$0.login]) }, held: held, own: own)
    }
}

extension Ineligibility {
    /// - Parameters:
    ///   - name: who may not have the task.
    ///   - roles: the names for people of the company's roles.
    fileprivate func sentence(about name: String, _ roles: [String: String]) -> String {
        switch self {
        case .excluded: "The workflow excludes \(name) from it."
        case .notRequester: "It is only for who asked for it."
        case .noMember: "\(name) does not belong to the company."
        case .withoutRole(let role?): "\(name) does not have the role \(roles[role] ?? ReadableName.title(role))."
        case .withoutRole(nil): "\(name) is no worker here."
        }
    }
}

extension Decision {
    /// Why the action is refused; nil: it is allowed.
    var refusal: String? {
        switch self {
        case .allowed: nil
        case .forbidden(let sentence): sentence
        case .invisible: "It does not exist."
        }
    }
}

/// Tickets, by number.
enum BulkTickets: BulkRows {
    static let name = "tickets"
    static func numbered(_ row: Int) -> String { "#\(row)" }
    static let actions = BulkAction.ofTickets
    static let effectOfPriority = """
        Tickets and their open tasks move up or down in everybody’s lists. A task with a priority of its own keeps it.
        """

    static func matching(
        _ query: String, _ request: ProvedRequest<InCompany>, _ session: CompanyReadSession
    ) throws -> (rows: [Int], hasMore: Bool) {
        guard let scope = request.actor.managedTickets else { return ([], false) }
        let list = TicketListQuery(fitting: query)
        var filter = TicketList.filter(list, request, isManaged: true)
        filter.limit = BulkAction.limit
        let (numbers, hasMore) = try session.ticketNumbers(scope: scope, filter: filter)
        return (numbers, hasMore)
    }

    static func find(_ row: Int, _ access: InCompany, _ session: CompanyReadSession) throws -> OnTicket? {
        guard let ticket = try session.ticket(number: row) else { return nil }
        let subject = try OnTicket(ticket, access, session)
        return subject.may(.readTicket) ? subject : nil
    }

    static func title(_ row: OnTicket) -> String { row.ticket.title }

    static func obstacle(_ action: BulkAction, _ row: OnTicket, _ session: CompanyReadSession) throws -> String? {
        let ticket = row.ticket
        switch action {
        case .reassign:
            let tasks = try tasks(of: row, session)
            if tasks.isEmpty { return "Nobody has anything to do for it at present." }
            return tasks.lazy.compactMap { refusal(.assignTask, $0, row) }.first
        case .priority:
            if let refusal = row.refusal(.editTicket) { return refusal }
            return ticket.state == .open ? nil : "It is \(ticket.state.label.lowercased()) already."
        case .retry:
            if let refusal = row.refusal(.decideFault) { return refusal }
            return ticket.state == .failed ? nil : "None of its steps has failed."
        case .cancel:
            if let refusal = row.refusal(.cancelTicket) { return refusal }
            let isRunning = ticket.state == .open || ticket.state == .failed
            return isRunning ? nil : "It is \(ticket.state.label.lowercased()) already."
        }
    }

    static func adminNote(_ action: BulkAction, _ row: OnTicket, _ access: InCompany) -> AdminNote? {
        let policy: Action =
            switch action {
            case .reassign: .assignTask
            case .priority: .editTicket
            case .retry: .decideFault
            case .cancel: .cancelTicket
            }
        return AdminNote(
            policy, access, of: .ticket(row.facts), .ticket(row.ticket.number), reading: .readTicket)
    }

    static func perform(_ order: BulkOrder, _ row: OnTicket, _ session: CompanyWriteSession, now: Int64) throws {
        let ticket = row.ticket.id
        switch order.action {
        case .reassign:
            guard let target = order.target else { return }
            for task in try tasks(of: row, session) {
                try session.reassignTask(
                    task.id, target,
                    TaskMove(by: row.account, onlyOwn: false, reason: order.reason, version: nil), now: now)
            }
        case .priority:
            guard let priority = order.priority else { return }
            var change = TicketChange()
            change.priority = priority
            try session.changeTicket(ticket, change, by: row.account, version: nil, now: now)
        case .retry:
            let change = CompanyChange.decide(
                .retry, at: FaultedStep(ticket: ticket, version: nil), by: row.account, now: now)
            try change.checked(in: session)(session)
        case .cancel:
            try session.cancelTicket(ticket, version: nil, by: row.account, reason: order.reason, now: now)
        }
    }

    static func tasksToGive(_ row: OnTicket, _ session: CompanyReadSession) throws -> [TaskRecord] {
        try tasks(of: row, session)
    }

    /// The open tasks of people.
    private static func tasks(of row: OnTicket, _ session: CompanyReadSession) throws -> [TaskRecord] {
        try session.tasks(ticket: row.ticket.id).filter { $0.state.isOpen && $0.kind == .person }
    }

    private static func refusal(_ action: Action, _ task: TaskRecord, _ row: OnTicket) -> String? {
        Policy.decide(row.actor, action, .task(TaskFacts(task, row.facts, row.actor))).refusal
    }
}

extension OnTicket {
    /// Why the visitor may not do this; nil: they may.
    fileprivate func refusal(_ action: Action) -> String? { Policy.decide(actor, action, .ticket(facts)).refusal }
}
