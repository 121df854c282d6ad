import TFDefinition
import TFEngine
import TFExpression

/// Opens and withdraws the tasks of a workflow.
extension Effects {
    func openTask(_ db: CompanyWriteSession, _ request: TaskRequest) throws {
        guard let ticket else { throw StoreError.conflict("a task needs a ticket") }
        let revision = try Column.pins(instance.pins)[request.definition.description]
        let beginnings = try beginnings(db, request, ticket)
        if let output = decided(request, beginnings) {
            let payload: JSONObject = [
                "reference": .string(request.reference), "visit": .int(request.visit), "output": output,
            ]
            return try db.addEvent(instance: instance.id, .task, .object(payload), now: now)
        }
        let present = try changesPriority ? db.priority(ofTicket: ticket.id) : ticket.priority
        let priority = request.priority ?? present
        for (seat, beginning) in beginnings.enumerated() {
            let task = NewTask(
                request: request, ticket: ticket, priority: priority, instance: instance.id, revision: revision,
                seat: seat)
            try db.begin(task, kind: kind(request), beginning, now: now)
        }
    }

    /// The output of an `each` task for the holders of a role, if they are too few to reach any of its counts: then nobody
    /// is asked. Of people whom the workflow names, the engine has seen to it.
    private func decided(_ request: TaskRequest, _ beginnings: [TaskLife.Beginning]) -> JSON? {
        guard request.strategy == .each, request.people == nil,
            beginnings != [.waiting(.nobodyToAsk)]
        else { return nil }
        let enough = program.tasks[request.definition]?.assign.enough
        return Enough.decide(enough, outcomes: [], people: beginnings.count).map(TaskRequest.undecided)
    }

    func withdrawTask(_ db: CompanyWriteSession, _ reference: String, _ visit: Int) throws {
        try db.withdrawTasks(instance: instance.id, step: (reference, visit), now: now)
    }

    private func kind(_ request: TaskRequest) -> WorkerKind {
        program.tasks[request.definition]?.kind == .service ? .service : .person
    }

    // MARK: Assignment

    /// How each task of the request begins; one per task.
    private func beginnings(
        _ db: CompanyReadSession, _ request: TaskRequest, _ ticket: Ticket
    ) throws -> [TaskLife.Beginning] {
        let isPaused = try request.strategy.isAddressed && db.isPaused()
        switch request.strategy {
        case .shortestQueue, .roundRobin: return [.waiting(.queue)]
        case .pool: return [.waiting(.claim)]
        case .requester:
            return [try beginning(db, ticket.requester, .requester, request, isPaused: isPaused)]
        case .person:
            guard let person = request.person else { return [.waiting(.nobodyNamed)] }
            return [try beginning(db, person, .named, request, isPaused: isPaused)]
        case .each:
            let people = try request.people ?? holders(db, request)
            guard !people.isEmpty else { return [.waiting(.nobodyToAsk)] }
            return try people.map {
                try beginning(db, $0, .asked(people: people.count), request, isPaused: isPaused)
            }
        }
    }

    private func beginning(
        _ db: CompanyReadSession, _ named: String, _ because: ChoiceReason, _ request: TaskRequest, isPaused: Bool
    ) throws -> TaskLife.Beginning {
        let login = named.withoutNUL
        if request.exclude.contains(login) { return .waiting(.excluded(login: login)) }
        guard let account = try db.addressable(login, kind(request)) else {
            return .waiting(.notThere(login: login), addressee: login)
        }
        if isPaused { return .waiting(.paused, addressee: login) }
        return .addressed(to: TaskHolder(account: account, login: login), because: because)
    }

    /// The people with the request's role, by login.
    private func holders(_ db: CompanyReadSession, _ request: TaskRequest) throws -> [String] {
        try db.all(
            String.self,
            """
            SELECT a.login FROM member_role r JOIN account a ON a.id = r.account_id
            WHERE r.company_id = ? AND r.role = ? AND a.disabled_at_ms IS NULL AND a.kind = 'person'
            ORDER BY a.login LIMIT ?
            """, [db.company, request.role, Engine.limitPeople]
        ).filter { !request.exclude.contains($0) }
    }
}
