import TFEngine
import TFStore

/// Finds what an address names and asks the policy about the route's action, so that no handler can forget to.
///
/// What lies in another company, what may not be seen and what does not exist are the same `Failure.notFound`.
struct Access: Sendable {
    let site: Site

    struct InCompany: Sendable {
        let company: Company
        let actor: Actor
        let signedIn: SignedIn
        /// What the request changes, inside this company.
        let changes: RequestChanges

        var store: CompanyStore { changes.store }
    }

    struct OfTicket: Sendable {
        let company: Company
        let actor: Actor
        let signedIn: SignedIn
        let changes: RequestChanges
        let ticket: Ticket
        let facts: TicketFacts

        var store: CompanyStore { changes.store }

        func may(_ action: Action) -> Bool { Policy.decide(actor, action, .ticket(facts)) == .allowed }

        /// The same ticket after a change of it.
        func changed(to ticket: Ticket) -> OfTicket {
            OfTicket(
                company: company, actor: actor, signedIn: signedIn, changes: changes, ticket: ticket, facts: facts)
        }

        func demand(_ action: Action) throws { try Policy.decide(actor, action, .ticket(facts)).demand() }

        func mayRead(_ task: TaskRecord) -> Bool {
            Policy.decide(actor, .readTask, .task(TaskFacts(task, facts, actor))) == .allowed
        }

        /// Those of the ticket's tasks that they are told of.
        func told(_ tasks: [TaskRecord]) -> [TaskRecord] {
            Policy.readsTasks(actor, facts) ? tasks : tasks.filter(mayRead)
        }

        /// What of the ticket's history tells of these tasks, or of none.
        func told(_ history: [HistoryEntry], of tasks: [TaskRecord]) -> [HistoryEntry] {
            let ids = Set(tasks.map(\.id))
            return history.filter { $0.taskID.map(ids.contains) ?? true }
        }

        /// What they read of the ticket.
        /// - Parameter tasks: the ticket's; nil: they are looked up.
        func reader(_ tasks: [TaskRecord]? = nil) async throws -> TicketReader {
            try await store.read { session in try reader(tasks, session) }
        }

        func reader(_ tasks: [TaskRecord]? = nil, _ session: CompanyReadSession) throws -> TicketReader {
            TicketReader(
                actor, ticket, form: try session.ticketType(ticket: ticket).form,
                tasks: try tasks ?? session.tasks(ticket: ticket.id), decidesFaults: may(.decideFault))
        }
    }

    struct OfTask: Sendable {
        let company: Company
        let actor: Actor
        let signedIn: SignedIn
        let changes: RequestChanges
        let task: TaskRecord
        let facts: TaskFacts

        var store: CompanyStore { changes.store }

        func may(_ action: Action) -> Bool { Policy.decide(actor, action, .task(facts)) == .allowed }

        /// Those of the ticket's tasks whose answers they read beside this one.
        func told(_ tasks: [TaskRecord]) -> [TaskRecord] {
            if Policy.readsOtherTasks(actor, facts) { return tasks }
            return tasks.filter { task in
                Policy.decide(actor, .readTask, .task(TaskFacts(task, facts.ticket, actor))) == .allowed
            }
        }
    }

    /// The store, working for who is signed in.
    func store(_ context: WebContext) -> Store {
        site.store.acting(for: context.caller)
    }

    /// - Parameter action: nil: the route's.
    func company(_ context: WebContext, _ action: Action? = nil) async throws -> InCompany {
        let signedIn = try context.requireSignedIn()
        guard let slug = context.part("company"), let company = try await company(slug, signedIn) else {
            throw Failure.notFound
        }
        let actor = Actor(signedIn.identity, company: slug)
        try Policy.decide(actor, action ?? context.action, .company).demand()
        return InCompany(
            company: company, actor: actor, signedIn: signedIn,
            changes: RequestChanges(store: store(context).inside(company.id), context))
    }

    /// A company by its slug: a member's was read with the member.
    private func company(_ slug: String, _ signedIn: SignedIn) async throws -> Company? {
        if let membership = signedIn.identity.memberships[slug] { return membership.company }
        return try await site.store.read { try $0.company(slug) }
    }

    func ticket(_ context: WebContext) async throws -> OfTicket {
        let found = try await company(context, .listDefinitionNames)
        guard let number = Self.number(context.part("number")),
            let ticket = try await found.store.read({ try $0.ticket(number: number) })
        else { throw Failure.notFound }
        let result = try await found.store.read { session in try of(ticket, found, session) }
        try result.demand(context.action)
        try await noteAdmin(result.actor, .ticket(result.facts), "ticket \(ticket.number)", found.company, context)
        return result
    }

    /// A ticket of a company that somebody may open in any case, such as one that they have just submitted.
    func of(_ ticket: Ticket, _ found: InCompany, _ session: CompanyReadSession) throws -> OfTicket {
        OfTicket(
            company: found.company, actor: found.actor, signedIn: found.signedIn, changes: found.changes,
            ticket: ticket, facts: try facts(ticket, found.signedIn, session))
    }

    func task(_ context: WebContext) async throws -> OfTask {
        let found = try await company(context, .listDefinitionNames)
        guard let id = Self.number(context.part("id")).map({ TaskID($0) }),
            let task = try await found.store.read({ try $0.task(id: id) }),
            let ticket = try await found.store.read({ try $0.ticket(id: task.ticketID) })
        else { throw Failure.notFound }
        let ticketFacts = try await found.store.read { session in try self.facts(ticket, found.signedIn, session) }
        let facts = TaskFacts(task, ticketFacts, found.actor)
        let decision = Policy.decide(found.actor, context.action, .task(facts))
        if decision == .invisible, context.action == .claimTask, task.decision?.because == .claimed,
            let holder = task.assigneeName, Policy.couldClaim(found.actor, facts)
        {
            throw Failure.conflict("\(holder) has taken it")
        }
        try decision.demand()
        let result = OfTask(
            company: found.company, actor: found.actor, signedIn: found.signedIn, changes: found.changes, task: task,
            facts: facts)
        try await noteAdmin(result.actor, .task(facts), "task \(task.id)", found.company, context)
        return result
    }

    /// Notes in the audit log what an admin sees only because of being an admin.
    private func noteAdmin(
        _ actor: Actor, _ resource: Resource, _ subject: String, _ company: Company, _ context: WebContext
    ) async throws {
        guard actor.isAdmin else { return }
        let (read, reading): (Action, AuditAction) =
            if case .ticket = resource { (.readTicket, .adminReadTicket) } else { (.readTask, .adminReadTask) }
        guard Policy.decide(actor.withoutAdmin, read, resource) != .allowed else { return }
        let action = AuditAction(byAdmin: context.action) ?? reading
        try await site.store.acting(for: context.caller).writeAside {
            try $0.inside(company.id).note(action, subject, now: site.now)
        }
    }

    /// A number as it stands in an address: digits alone.
    private static func number(_ text: String?) -> Int? {
        guard let text, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }

    /// Fields of the ticket's own form, where a task shows that, whose answers this person may not see.
    func unseenFields(_ found: OfTask) async throws -> Set<String> {
        let form = try await found.store.read { try $0.taskForm(found.task) }.form
        guard form.replacesTicketAnswers, let fields = form.form?.fields else { return [] }
        let giver = found.facts.ticket.requester
        return Set(
            fields.filter { !Policy.maySeeAnswer(found.actor, audience: $0.element.audience, giver: giver) }.map(\.id))
    }

    private func facts(_ ticket: Ticket, _ signedIn: SignedIn, _ session: CompanyReadSession) throws -> TicketFacts {
        let (hasTask, hadTasks) = try session.work(of: signedIn.account.id, on: ticket.id)
        return TicketFacts(
            requester: ticket.requesterID, viewRoles: try session.viewRoles(ticket: ticket.id), hasTask: hasTask,
            hadTasks: hadTasks)
    }
}
