import TFStore

/// Finds what an address names and asks the policy, so that no handler can forget to.
///
/// What lies in another company, what may not be seen and what does not exist are the same `Failure.notFound`.
struct Access: Sendable {
    let store: Store

    struct InCompany: Sendable {
        let company: Company
        let actor: Actor
        let signedIn: SignedIn
    }

    struct OfTicket: Sendable {
        let company: Company
        let actor: Actor
        let signedIn: SignedIn
        let ticket: Ticket
        let facts: TicketFacts

        func may(_ action: Action) -> Bool { Policy.decide(actor, action, .ticket(facts)) == .allowed }
    }

    struct OfTask: Sendable {
        let company: Company
        let actor: Actor
        let signedIn: SignedIn
        let task: TaskRecord
        let facts: TaskFacts

        func may(_ action: Action) -> Bool { Policy.decide(actor, action, .task(facts)) == .allowed }
    }

    func site(_ signedIn: SignedIn, _ action: Action) throws {
        try demand(Policy.decide(Actor(signedIn.identity, company: nil), action, .site))
    }

    func company(_ slug: String?, _ signedIn: SignedIn, _ action: Action) async throws -> InCompany {
        guard let slug, let company = try await store.company(slug) else { throw Failure.notFound }
        let actor = Actor(signedIn.identity, company: slug)
        try demand(Policy.decide(actor, action, .company))
        return InCompany(company: company, actor: actor, signedIn: signedIn)
    }

    func ticket(_ slug: String?, number: String?, _ signedIn: SignedIn, _ action: Action) async throws -> OfTicket {
        let found = try await company(slug, signedIn, .listDefinitionNames)
        guard let number = number.flatMap({ Int($0) }),
            let ticket = try await store.ticket(found.company.id, number: number)
        else { throw Failure.notFound }
        let facts = try await facts(ticket, signedIn)
        try demand(Policy.decide(found.actor, action, .ticket(facts)))
        return OfTicket(
            company: found.company, actor: found.actor, signedIn: signedIn, ticket: ticket, facts: facts)
    }

    func task(_ slug: String?, id: String?, _ signedIn: SignedIn, _ action: Action) async throws -> OfTask {
        let found = try await company(slug, signedIn, .listDefinitionNames)
        guard let id = id.flatMap({ Int64($0) }), let task = try await store.task(found.company.id, id: id),
            let ticket = try await store.ticket(id: task.ticketID)
        else { throw Failure.notFound }
        let excluded = task.excluded.arrayValue?.contains(.string(signedIn.account.login)) ?? false
        let facts = TaskFacts(
            ticket: try await facts(ticket, signedIn), assignee: task.assigneeID, role: task.role, state: task.state,
            isExcluded: excluded)
        try demand(Policy.decide(found.actor, action, .task(facts)))
        return OfTask(company: found.company, actor: found.actor, signedIn: signedIn, task: task, facts: facts)
    }

    /// Fields of the ticket's own form, where a task shows that, whose answers this person may not see.
    func unseenFields(_ found: OfTask) async throws -> Set<String> {
        let form = try await store.taskForm(found.task).form
        guard form.replacesTicketAnswers, let fields = form.form?.fields else { return [] }
        let giver = found.facts.ticket.requester
        return Set(
            fields.filter { !Policy.maySeeAnswer(found.actor, audience: $0.element.audience, giver: giver) }.map(\.id))
    }

    private func facts(_ ticket: Ticket, _ signedIn: SignedIn) async throws -> TicketFacts {
        TicketFacts(
            requester: ticket.requesterID, viewRoles: try await store.viewRoles(ticket: ticket.id),
            hasWorked: try await store.hasWorked(account: signedIn.account.id, on: ticket.id))
    }

    private func demand(_ decision: Decision) throws {
        switch decision {
        case .allowed: break
        case .forbidden(let sentence): throw Failure.forbidden(sentence)
        case .invisible: throw Failure.notFound
        }
    }
}
