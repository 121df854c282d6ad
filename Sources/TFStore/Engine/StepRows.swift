import TFEngine

/// The rows that steps depend on, read for many steps at once: on a server each statement is a way there and back.
struct StepRows {
    /// How many steps are read for at once.
    static let limit = 32

    private var events: [EventKey: Row] = [:]
    private var instances: [InstanceID: Row] = [:]
    private var tickets: [TicketID: Row] = [:]

    /// What the rows of each company are to be read for.
    private var wanted: [CompanyID: [TurnPlan.Item]]

    /// - Parameter items: what rows may be read for at once.
    init(_ items: some Collection<TurnPlan.Item> = []) { wanted = Dictionary(grouping: items, by: \.company) }

    /// Reads the rows of a company, when its first item is taken. In a transaction that writes, this locks the company, so
    /// that what was read stays as it is until the transaction itself changes it.
    mutating func prepare(_ db: CompanyReadSession) throws {
        if let items = wanted.removeValue(forKey: db.company) { try read(items, db) }
    }

    private mutating func read(_ items: [TurnPlan.Item], _ db: CompanyReadSession) throws {
        var (positions, ids): ([CompanyPosition], Set<InstanceID>) = ([], [])
        for item in items {
            switch item {
            case .event(let key): positions.append(key.position)
            case .wake(let key): ids.insert(key.id)
            }
        }
        if !positions.isEmpty {
            let those = SQLCondition.isOneOf("position", positions)
            for event in try db.all(
                Row.self, "SELECT * FROM instance_event WHERE company_id = ? AND \(those.sql)",
                [db.company] + those.arguments)
            {
                events[EventKey(event)] = event
                ids.insert(event["instance_id"])
            }
        }
        guard !ids.isEmpty else { return }
        let those = SQLCondition.isOneOf("id", ids.sorted())
        for instance in try db.all(
            Row.self, "SELECT * FROM instance WHERE company_id = ? AND \(those.sql)", [db.company] + those.arguments)
        {
            instances[instance["id"]] = instance
        }
        let subjects = Set(ids.compactMap { instances[$0]?["ticket_id"] as TicketID? })
        guard !subjects.isEmpty else { return }
        let tickets = SQLCondition.isOneOf("t.id", subjects.sorted())
        for ticket in try db.all(
            Row.self, Ticket.select + " WHERE t.company_id = ? AND \(tickets.sql)", [db.company] + tickets.arguments)
        {
            self.tickets[ticket["id"]] = ticket
        }
    }

    /// The row of an event; nil: it is not there any more.
    func event(_ key: EventKey, _ db: CompanyReadSession) throws -> Row? {
        try events[key] ?? db.event(key.position)
    }

    /// What a step depends on.
    /// - Parameter event: the row of `instance_event`; nil: the instance's timer is due.
    /// - Throws: `StoreError.notFound` if the company has no such instance.
    func inputs(_ id: InstanceID, _ event: Row?, _ db: CompanyReadSession) throws -> StepInputs {
        let instance = try instances[id] ?? db.instanceRow(id)
        let ticket = try (instance["ticket_id"] as TicketID?).flatMap { try tickets[$0] ?? db.ticketRow($0) }
        return StepInputs(instance: instance, ticket: ticket, event: event)
    }

    /// Forgets what a step of an instance may have changed: a step changes only its own instance and that one's ticket. Of
    /// an instance that is not among the rows, the ticket is not known.
    mutating func forget(_ id: InstanceID) {
        guard let instance = instances.removeValue(forKey: id) else {
            (instances, tickets) = ([:], [:])
            return
        }
        guard let ticket = instance["ticket_id"] as TicketID? else { return }
        tickets[ticket] = nil
        instances = instances.filter { $0.value["ticket_id"] as TicketID? != ticket }
    }
}

extension CompanyReadSession {
    fileprivate func event(_ position: CompanyPosition) throws -> Row? {
        try first(Row.self, "SELECT * FROM instance_event WHERE company_id = ? AND position = ?", [company, position])
    }

    fileprivate func instanceRow(_ id: InstanceID) throws -> Row {
        let row = try first(Row.self, "SELECT * FROM instance WHERE company_id = ? AND id = ?", [company, id])
        guard let row else { throw StoreError.notFound }
        return row
    }

    fileprivate func ticketRow(_ id: TicketID) throws -> Row? {
        try first(Row.self, Ticket.select + " WHERE t.company_id = ? AND t.id = ?", [company, id])
    }
}
