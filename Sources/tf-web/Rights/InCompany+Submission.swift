import TFDefinition
import TFStore

/// Which tickets the visitor may submit, and for whom.
extension InCompany {
    /// The ticket types that the visitor may submit, by name.
    func submittableTypes(_ session: CompanyReadSession) throws -> [TicketDefinition] {
        try session.ticketTypes().filter { actor.maySubmit($0) }
    }

    /// Whether the visitor may submit tickets for others.
    var maySubmitForOthers: Bool { actor.has(.ticketAdmin) }

    /// The requester of a new ticket: the visitor, or a member for whom a ticket admin submits it.
    /// - Parameter login: the requester's; nil for the visitor.
    /// - Throws: `Failure.invalid` for somebody who could not see the ticket afterwards.
    func requester(_ login: String?, _ session: CompanyReadSession) throws -> Account {
        guard let login, login != account.login else { return account }
        try demandSubmissionForOthers()
        guard let identity = try session.site.identity(login), !identity.account.isDisabled,
            identity.memberships[company.slug] != nil
        else { throw Self.noRequester("There is no member \"\(login.prefix(100))\" in this company") }
        guard identity.account.kind == .person else {
            throw Self.noRequester("\(identity.account.name) is a program: tickets are for people")
        }
        guard Policy.decide(Actor(identity, company: company.slug), .listOwnTickets, .company) == .allowed else {
            throw Self.noRequester(
                "\(identity.account.name) cannot have tickets here: they do not have the role "
                    + "“\(SystemRole.user.label)” in this company")
        }
        return identity.account
    }

    private static func noRequester(_ message: String) -> Failure {
        .invalid([FieldError(field: "requester", message: message)])
    }

    /// - Throws: `Failure` if the visitor may not have submitted this ticket.
    func demandSubmission(of ticket: SubmittedTicket) throws {
        if ticket.requester != account.id { try demandSubmissionForOthers() }
        guard actor.maySubmit(ticket.type) else { throw Failure.notFound }
    }

    /// Whether the visitor may open a ticket that they have just submitted: one for somebody else may be none of theirs.
    func mayRead(_ ticket: SubmittedTicket) -> Bool {
        let facts = TicketFacts(
            requester: ticket.requester, viewRoles: Set(ticket.type.viewRoles), hasTask: false, hadTasks: [])
        return Policy.decide(actor, .readTicket, .ticket(facts)) == .allowed
    }

    private func demandSubmissionForOthers() throws {
        guard maySubmitForOthers else { throw Failure.forbidden("Only ticket admins submit tickets for others.") }
    }
}
