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
        /// Works for the caller, inside this company.
        let store: CompanyStore
    }

    struct OfTicket: Sendable {
        let company: Company
        let actor: Actor
        let signedIn: SignedIn
        let store: CompanyStore
        let ticket: Ticket
        let facts: TicketFacts

        func may(_ action: Action) -> Bool { Policy.decide(actor, action, .ticket(facts)) == .allowed }

        /// The same ticket after a change of it.
        func changed(to ticket: Ticket) -> OfTicket {
            OfTicket(
                company: company, actor: actor, signedIn: signedIn, store: store, ticket: ticket, facts: facts)
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
            let known: [TaskRecord]
            if let tasks { known = tasks } else { known = try await store.read { try $0.tasks(ticket: ticket.id) } }
            return TicketReader(
                actor, ticket, form: try await store.read { try $0.ticketType(ticket: ticket) }.form, tasks: known,
                decidesFaults: may(.decideFault))
        }
    }

    struct OfTask: Sendable {
        let company: Company
        let actor: Actor
        let signedIn: SignedIn
        let store: CompanyStore
        let task: TaskRecord
        let facts: TaskFacts

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
        site.store.acting(for: context.caller).under(context.submission)
    }

    /// - Returns: the store, working for who is signed in.
    @discardableResult
    func ofSite(_ context: WebContext) throws -> Store {
        let signedIn = try context.requireSignedIn()
        try Policy.decide(Actor(signedIn.identity, company: nil), context.action, .site).demand()
        return store(context)
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
            company: company, actor: actor, signedIn: signedIn, store: store(context).inside(company.id))
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
        let result = try await of(ticket, found)
        try result.demand(context.action)
        try await noteAdmin(result.actor, .ticket(result.facts), "ticket \(ticket.number)", found.company, context)
        return result
    }

    /// A ticket of a company that somebody may open in any case, such as one that they have just submitted.
    func of(_ ticket: Ticket, _ found: InCompany) async throws -> OfTicket {
        OfTicket(
            company: found.company, actor: found.actor, signedIn: found.signedIn, store: found.store, ticket: ticket,
            facts: try await facts(ticket, found))
    }

    func task(_ context: WebContext) async throws -> OfTask {
        let found = try await company(context, .listDefinitionNames)
        guard let id = Self.number(context.part("id")).map({ TaskID($0) }),
            let task = try await found.store.read({ try $0.task(id: id) }),
            let ticket = try await found.store.read({ try $0.ticket(id: task.ticketID) })
        else { throw Failure.notFound }
        let facts = TaskFacts(task, try await facts(ticket, found), found.actor)
        try Policy.decide(found.actor, context.action, .task(facts)).demand()
        let result = OfTask(
            company: found.company, actor: found.actor, signedIn: found.signedIn, store: found.store, task: task,
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

    private func facts(_ ticket: Ticket, _ found: InCompany) async throws -> TicketFacts {
        let account = found.signedIn.account.id
        return try await found.store.read { session in
            let (hasTask, hadTasks) = try session.work(of: account, on: ticket.id)
            return TicketFacts(
                requester: ticket.requesterID, viewRoles: try session.viewRoles(ticket: ticket.id), hasTask: hasTask,
                hadTasks: hadTasks)
        }
    }
}

extension Decision {
    /// - Throws: `Failure` where it is no.
    fileprivate func demand() throws {
        switch self {
        case .allowed: break
        case .forbidden(let sentence): throw Failure.forbidden(sentence)
        case .invisible: throw Failure.notFound
        }
    }
}
