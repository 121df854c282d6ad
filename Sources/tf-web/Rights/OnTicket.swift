import TFEngine
import TFStore

/// A ticket that the visitor may see and on which they may take the route's action.
struct OnTicket: RouteSubject {
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
    /// Its address for programs.
    var operation: String { "/api/v1/companies/\(company.slug)/tickets/\(ticket.number)" }

    static func find(for visitor: Visitor, in session: ReadSession) throws -> OnTicket {
        let access = try InCompany.around(visitor, session)
        let inside = access.reading(session)
        guard let number = visitor.parts.number("number"), let ticket = try inside.ticket(number: number) else {
            throw Failure.notFound
        }
        var subject = try OnTicket(ticket, access, inside)
        try subject.demand(visitor.action)
        subject.adminNote = AdminNote(
            visitor.action, access, of: .ticket(subject.facts), .ticket(ticket.number), reading: .readTicket)
        return subject
    }

    static func demandReader(_ visitor: Visitor, in session: ReadSession) throws {
        _ = try find(for: visitor.wanting(.readTicket), in: session)
    }

    /// A ticket whatever the visitor may do with it, to ask that first: nothing is checked.
    init(_ ticket: Ticket, _ access: InCompany, _ session: CompanyReadSession) throws {
        company = access.company
        actor = access.actor
        signedIn = access.signedIn
        self.ticket = ticket
        facts = try TicketFacts(of: ticket, for: access.account, session)
    }

    /// The same ticket, read again after it was changed.
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

    /// Whether the visitor may see all of the ticket's tasks.
    var readsAllTasks: Bool { Policy.readsTasks(actor, facts) }

    /// The tasks that the visitor may see.
    func told(_ tasks: [TaskRecord]) -> [TaskRecord] {
        readsAllTasks ? tasks : tasks.filter(mayRead)
    }

    /// The history entries that concern one of these tasks, or no task.
    func told(_ history: [HistoryEntry], of tasks: [TaskRecord]) -> [HistoryEntry] {
        let ids = Set(tasks.map(\.id))
        return history.filter { $0.taskID.map(ids.contains) ?? true }
    }

    /// What the visitor may read of the ticket.
    /// - Parameter tasks: all tasks of the ticket; nil to look them up.
    func reader(_ session: CompanyReadSession, tasks: [TaskRecord]? = nil) throws -> TicketReader {
        TicketReader(
            actor, ticket, form: try session.ticketType(ticket: ticket).form,
            tasks: try tasks ?? session.tasks(ticket: ticket.id), decidesFaults: may(.decideFault))
    }

    /// Whether the visitor may read a file of the ticket: it answers a field whose answer they may read, or was
    /// attached to the ticket itself.
    func mayRead(_ file: Attachment, _ session: CompanyReadSession) throws -> Bool {
        // Attached to the ticket itself.
        guard let name = file.field else { return true }
        var fields = ticket.fields
        var giver: AccountID? = ticket.requesterID
        if let task = try file.taskID.flatMap({ try session.task(id: $0) }) {
            if told([task]).isEmpty {
                // The visitor may not see the task, so only what it wrote into the ticket's own answers counts.
                let shown = ticket.form[name].arrayValue ?? []
                if !shown.contains(.id(file.id)) { fields = [] }
            } else {
                fields = task.fields + fields
                giver = file.accountID
            }
        }
        guard let field = fields.first(where: { $0.id == name }) else {
            // A file of a draft, or one that no answer names any more: only its uploader may read it.
            return file.accountID == account.id
        }
        return AnswerReader(actor: actor, giver: giver).maySee(field)
    }

    /// - Throws: `Failure.invalid` for a ticket that the visitor may not see, as for one that does not exist: it cannot
    ///   be the original of a duplicate.
    func demandOther(_ number: Int, _ session: CompanyReadSession) throws {
        guard let other = try session.ticket(number: number), try session.holds(actor.tickets, other) else {
            throw Failure.invalid([StoreError.noOther(ticket: number)])
        }
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
    /// nil if the action was possible without a site admin's rights.
    /// - Parameter reading: the action that would not be allowed without them.
    init?(_ action: Action, _ access: InCompany, of resource: Resource, _ subject: AuditSubject, reading: Action) {
        guard access.actor.isAdmin, Policy.decide(access.actor.withoutAdmin, reading, resource) != .allowed,
            let look = AuditAction(byAdmin: reading)
        else { return nil }
        self.init(
            action: AuditAction(byAdmin: action) ?? look, look: look, export: nil, subject: subject,
            company: access.company.id)
    }
}
