import TFDefinition
import TFEngine
import TFExpression

/// Tasks that a workflow opens and withdraws.
extension Effects {
    /// To whom one task goes, as far as the store can tell.
    private struct Addressee {
        /// For whom it is; nil: whomever the rule finds.
        var login: String?
        /// nil: the queues choose, somebody claims it, or nobody can have it.
        var account: Int64?
        var reason: String?
        var decision: JSON = .null
    }

    func openTask(_ db: WriteSession, _ request: TaskRequest) throws {
        guard let ticket else { throw StoreError.conflict("a task needs a ticket") }
        for (seat, addressee) in try addressees(db, request, ticket).enumerated() {
            try insert(db, request, ticket, seat: seat, addressee)
        }
    }

    func withdrawTask(_ db: WriteSession, _ reference: String, _ visit: Int) throws {
        try store.withdrawTasks(db, instance: instance.id, step: (reference, visit), now: now)
    }

    private func insert(
        _ db: WriteSession, _ request: TaskRequest, _ ticket: Ticket, seat: Int, _ addressee: Addressee
    ) throws {
        let revision = try Column.value([String: Int64].self, instance.pins)[request.definition.description]
        let task = try db.first(
            Int64.self,
            """
            INSERT INTO task (company_id, ticket_id, instance_id, revision_id, reference, visit, seat, step,
                name, title, description, kind, role, strategy, excluded, preferred, state, waiting_because,
                assignee_id, addressee, priority, due_at_ms, input, prefilled, decision, created_at_ms,
                assigned_at_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            RETURNING id
            """,
            [
                ticket.companyID, ticket.id, instance.id, revision, request.reference, request.visit, seat,
                request.step, request.definition.name, request.title.withoutNUL, request.description?.withoutNUL,
                kind(request).rawValue,
                request.role, request.strategy.rawValue, JSON.strings(request.exclude), request.prefer,
                addressee.account == nil ? "ready" : "assigned", addressee.reason, addressee.account, addressee.login,
                (request.priority ?? ticket.priority).rawValue, request.dueAt, request.input,
                JSON.object(request.prefilled), addressee.decision, now, addressee.account == nil ? nil : now,
            ])
        guard let task else { throw StoreError.notFound }
        guard let account = addressee.account else {
            if ![.shortestQueue, .roundRobin, .pool].contains(request.strategy) {
                try Notices.nobodyEligible(db, task: task, now: now)
            }
            return try Outbox.assign(db, company: ticket.companyID, task: task, attempt: 1, now: now)
        }
        try store.recordAssignee(db, task: task, attempt: 1, account: account, now: now)
        try store.addHistory(
            db, ticket.companyID, ticket.id, task: task, actor: "system", "assigned",
            [
                "title": .string(request.title), "to": addressee.decision["chosen"],
                "because": addressee.decision["because"],
            ],
            now: now)
        try Outbox.place(db, company: ticket.companyID, task: task, attempt: 1, now: now)
    }

    private func kind(_ request: TaskRequest) -> WorkerKind {
        program.tasks[request.definition]?.kind == .service ? .service : .person
    }

    // MARK: To whom

    /// One for each task that the request makes.
    private func addressees(_ db: ReadSession, _ request: TaskRequest, _ ticket: Ticket) throws -> [Addressee] {
        switch request.strategy {
        case .shortestQueue, .roundRobin: return [Addressee(reason: "waiting for the queue")]
        case .pool: return [Addressee(reason: "anybody eligible may claim it")]
        case .requester:
            return [try addressee(db, ticket.requester, "the task goes back to the requester", request)]
        case .person:
            guard let person = request.person else {
                return [Addressee(reason: "the workflow names nobody for it; a ticket admin must assign it")]
            }
            return [try addressee(db, person, "the workflow names this person", request)]
        case .each:
            let people = try request.people ?? holders(db, request)
            guard !people.isEmpty else {
                return [Addressee(reason: "there is nobody to ask; a ticket admin must assign it")]
            }
            let because =
                people.count == 1 ? "the workflow asks this person" : "the workflow asks \(people.count) people"
            return try people.map { try addressee(db, $0, because, request) }
        }
    }

    private func addressee(
        _ db: ReadSession, _ named: String, _ because: String, _ request: TaskRequest
    ) throws -> Addressee {
        let login = named.withoutNUL
        if request.exclude.contains(login) {
            return Addressee(reason: "\(login) is excluded from it; a ticket admin must assign it")
        }
        guard let account = try store.addressable(db, login, company: company.id, kind(request)) else {
            let what = kind(request) == .service ? "no service worker of the company" : "no member of the company"
            return Addressee(login: login, reason: "\(login) is \(what); a ticket admin must assign it")
        }
        return Addressee(
            login: login, account: account, decision: ["chosen": .string(login), "because": .string(because)])
    }

    /// Everybody who holds the request's role, by login.
    private func holders(_ db: ReadSession, _ request: TaskRequest) throws -> [String] {
        try db.all(
            String.self,
            """
            SELECT a.login FROM member_role r JOIN account a ON a.id = r.account_id
            WHERE r.company_id = ? AND r.role = ? AND a.disabled_at_ms IS NULL AND a.kind = 'person'
            ORDER BY a.login LIMIT ?
            """, [company.id, request.role, Engine.mostPeople]
        ).filter { !request.exclude.contains($0) }
    }
}
