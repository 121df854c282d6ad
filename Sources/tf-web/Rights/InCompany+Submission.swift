import TFDefinition
import TFStore

/// Which tickets the visitor may submit, and for whom.
extension InCompany {
    /// The ticket types that the visitor may submit, by name.
    func submittableTypes(_ session: CompanyReadSession) throws -> [TicketDefinition] {
        try session.ticketTypes().filter { actor.maySubmit($0) }
    }

    /// The requester of a new ticket: the visitor, or a member for whom a ticket admin submits it.
    /// - Parameter login: the requester's; nil for the visitor.
    func requester(_ login: String?, _ session: CompanyReadSession) throws -> Account {
        guard let login, login != account.login else { return account }
        try demandSubmissionForOthers()
        guard let identity = try session.site.identity(login), !identity.account.isDisabled,
            identity.memberships[company.slug] != nil
        else {
            throw Failure.invalid([
                FieldError(field: "requester", message: "There is no member \"\(login)\" in this company")
            ])
        }
        return identity.account
    }

    /// - Throws: `Failure` if the visitor may not have submitted this ticket.
    func demandSubmission(of ticket: SubmittedTicket) throws {
        if ticket.requester != account.id { try demandSubmissionForOthers() }
        guard actor.maySubmit(ticket.type) else { throw Failure.notFound }
    }

    private func demandSubmissionForOthers() throws {
        guard actor.has(.ticketAdmin) else {
            throw Failure.forbidden("Only ticket admins submit tickets for others.")
        }
    }
}
