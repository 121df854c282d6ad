import TFEngine
import TFStore

/// A ticket, of which the visitor may know and to which they may do what the route is for.
struct OnTicket: Subject {
    static let kind = ResourceKind.ticket

    let company: Company
    let actor: Actor
    let signedIn: SignedIn
    let ticket: Ticket
    let facts: TicketFacts
    private(set) var adminNote: AdminNote?

    var companyOfFrame: Company? { company }
    var account: Account { signedIn.account }
    /// The address of its page.
    var path: String { "/c/\(company.slug)/tickets/\(ticket.number)" }

    static func find(for visitor: Visitor, in session: ReadSession) throws -> OnTicket {
        let place = try InCompany.around(visitor, session)
        let inside = place.reading(session)
        guard let number = visitor.parts.number("number"), let ticket = try inside.ticket(number: number) else {
            throw Failure.notFound
        }
        var found = try OnTicket(ticket, place, inside)
        try found.demand(visitor.action)
        found.adminNote = AdminNote(
            visitor.action, place, of: .ticket(found.facts), "ticket \(ticket.number)", reading: .readTicket)
        return found
    }

    /// A ticket of a company that somebody may open in any case, such as one that they have just submitted.
    init(_ ticket: Ticket, _ place: InCompany, _ session: CompanyReadSession) throws {
        company = place.company
        actor = place.actor
        signedIn = place.signedIn
        self.ticket = ticket
        facts = try TicketFacts(of: ticket, for: place.account, session)
    }

    /// The same ticket after a change of it.
    func asItIsNow(_ session: CompanyReadSession) throws -> OnTicket {
        guard let ticket = try session.ticket(id: ticket.id) else { throw Failure.notFound }
        return try OnTicket(
            ticket, InCompany(company: company, actor: actor, signedIn: signedIn), session)
    }

    func reading(_ session: ReadSession) -> CompanyReadSession { session.inside(company.id) }
    func writing(_ session: WriteSession) -> CompanyWriteSession { session.inside(company.id) }

    // MARK: Rights

    func may(_ action: Action) -> Bool { Policy.decide(actor, action, .ticket(facts)) == .allowed }

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
    func reader(_ tasks: [TaskRecord]? = nil, _ session: CompanyReadSession) throws -> TicketReader {
        TicketReader(
            actor, ticket, form: try session.ticketType(ticket: ticket).form,
            tasks: try tasks ?? session.tasks(ticket: ticket.id), decidesFaults: may(.decideFault))
    }
}

extension TicketFacts {
    init(of ticket: Ticket, for account: Account, _ session: CompanyReadSession) throws {
        let (hasTask, hadTasks) = try session.work(of: account.id, on: ticket.id)
        self.init(
            requester: ticket.requesterID, viewRoles: try session.viewRoles(ticket: ticket.id), hasTask: hasTask,
            hadTasks: hadTasks)
    }
}

extension AdminNote {
    /// nil: it was possible without the rights of a site's admin.
    /// - Parameter reading: what the visitor could not do without them.
    init?(_ action: Action, _ place: InCompany, of resource: Resource, _ subject: String, reading: Action) {
        guard place.actor.isAdmin, Policy.decide(place.actor.withoutAdmin, reading, resource) != .allowed,
            let noted = AuditAction(byAdmin: action) ?? AuditAction(byAdmin: reading)
        else { return nil }
        self.init(action: noted, subject: subject, company: place.company.id)
    }
}
