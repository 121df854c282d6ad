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
        let store: Store
    }

    struct OfTicket: Sendable {
        let company: Company
        let actor: Actor
        let signedIn: SignedIn
        let store: Store
        let ticket: Ticket
        let facts: TicketFacts

        func may(_ action: Action) -> Bool { Policy.decide(actor, action, .ticket(facts)) == .allowed }

        /// What they read of the ticket.
        /// - Parameter tasks: the ticket's; nil: they are looked up.
        func reader(_ tasks: [TaskRecord]? = nil) async throws -> TicketReader {
            let known: [TaskRecord]
            if let tasks { known = tasks } else { known = try await store.tasks(ticket: ticket.id) }
            return TicketReader(
                actor, ticket, form: try await store.ticketType(ticket: ticket).form, tasks: known,
                decidesFaults: may(.decideFault))
        }
    }

    struct OfTask: Sendable {
        let company: Company
        let actor: Actor
        let signedIn: SignedIn
        let store: Store
        let task: TaskRecord
        let facts: TaskFacts

        func may(_ action: Action) -> Bool { Policy.decide(actor, action, .task(facts)) == .allowed }
    }

    /// The store, working for who is signed in.
    func store(_ context: WebContext) -> Store {
        site.store.acting(for: context.caller).under(context.submission)
    }

    /// - Returns: the store, working for who is signed in.
    @discardableResult
    func ofSite(_ context: WebContext) throws -> Store {
        let signedIn = try context.requireSignedIn()
        try demand(Policy.decide(Actor(signedIn.identity, company: nil), context.action, .site))
        return store(context)
    }

    /// - Parameter action: nil: the route's.
    func company(_ context: WebContext, _ action: Action? = nil) async throws -> InCompany {
        let signedIn = try context.requireSignedIn()
        guard let slug = context.part("company"), let company = try await site.store.company(slug) else {
            throw Failure.notFound
        }
        let actor = Actor(signedIn.identity, company: slug)
        try demand(Policy.decide(actor, action ?? context.action, .company))
        return InCompany(
            company: company, actor: actor, signedIn: signedIn, store: store(context).inside(company.id))
    }

    func ticket(_ context: WebContext) async throws -> OfTicket {
        let found = try await company(context, .listDefinitionNames)
        guard let number = Self.number(context.part("number")),
            let ticket = try await found.store.ticket(found.company.id, number: Int(number))
        else { throw Failure.notFound }
        let facts = try await facts(ticket, found.signedIn)
        try demand(Policy.decide(found.actor, context.action, .ticket(facts)))
        let result = OfTicket(
            company: found.company, actor: found.actor, signedIn: found.signedIn, store: found.store, ticket: ticket,
            facts: facts)
        try await noteAdmin(result.actor, .ticket(facts), "ticket \(ticket.number)", found.company, context)
        return result
    }

    func task(_ context: WebContext) async throws -> OfTask {
        let found = try await company(context, .listDefinitionNames)
        guard let id = Self.number(context.part("id")), let task = try await found.store.task(found.company.id, id: id),
            let ticket = try await found.store.ticket(id: task.ticketID)
        else { throw Failure.notFound }
        let excluded = task.excluded.arrayValue?.contains(.string(found.signedIn.account.login)) ?? false
        let facts = TaskFacts(
            ticket: try await facts(ticket, found.signedIn), assignee: task.assigneeID, role: task.role,
            state: task.state, isExcluded: excluded)
        try demand(Policy.decide(found.actor, context.action, .task(facts)))
        let result = OfTask(
            company: found.company, actor: found.actor, signedIn: found.signedIn, store: found.store, task: task,
            facts: facts)
        try await noteAdmin(result.actor, .task(facts), "task \(task.id)", found.company, context)
        return result
    }

    /// What an admin sees only since he is admin is written down.
    private func noteAdmin(
        _ actor: Actor, _ resource: Resource, _ subject: String, _ company: Company, _ context: WebContext
    ) async throws {
        guard actor.isAdmin else { return }
        let read: Action = if case .ticket = resource { .readTicket } else { .readTask }
        guard Policy.decide(actor.withoutAdmin, read, resource) != .allowed else { return }
        try await site.store.acting(for: context.caller).note(
            "admin-\(context.action.rawValue)", subject, company: company.id, now: site.now)
    }

    /// A number as it stands in an address: digits alone.
    private static func number(_ text: String?) -> Int64? {
        guard let text, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(text)
    }

    /// Fields of the ticket's own form, where a task shows that, whose answers this person may not see.
    func unseenFields(_ found: OfTask) async throws -> Set<String> {
        let form = try await found.store.taskForm(found.task).form
        guard form.replacesTicketAnswers, let fields = form.form?.fields else { return [] }
        let giver = found.facts.ticket.requester
        return Set(
            fields.filter { !Policy.maySeeAnswer(found.actor, audience: $0.element.audience, giver: giver) }.map(\.id))
    }

    private func facts(_ ticket: Ticket, _ signedIn: SignedIn) async throws -> TicketFacts {
        TicketFacts(
            requester: ticket.requesterID, viewRoles: try await site.store.viewRoles(ticket: ticket.id),
            hasWorked: try await site.store.hasWorked(account: signedIn.account.id, on: ticket.id))
    }

    private func demand(_ decision: Decision) throws {
        switch decision {
        case .allowed: break
        case .forbidden(let sentence): throw Failure.forbidden(sentence)
        case .invisible: throw Failure.notFound
        }
    }
}
