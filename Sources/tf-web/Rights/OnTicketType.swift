import TFDefinition
import TFEngine
import TFStore

/// A ticket type, and the visitor may take the route's action on it.
struct OnTicketType: RouteSubject {
    /// Looked up by name in a company, so it counts as a part of the company.
    static let kind = ResourceKind.company

    let access: InCompany
    let type: TicketDefinition
    /// The revision whose form is shown now.
    let revision: RevisionID

    var companyOfFrame: Company? { access.company }
    var company: Company { access.company }
    var account: Account { access.account }
    /// The address of the page that shows its form.
    var path: String { "/c/\(company.slug)/tickets/new/\(type.name)" }

    static func find(for visitor: Visitor, in session: ReadSession) throws -> OnTicketType {
        let access = try InCompany.find(for: visitor, in: session)
        // Pages and API operations name the parameter differently.
        let inside = access.reading(session)
        guard let name = visitor.parts["type"] ?? visitor.parts["name"] else { throw Failure.notFound }
        guard let (type, revision) = try inside.ticketType(name),
            Policy.decide(access.actor, visitor.action, .ticketType(submitRoles: type.submitRoles)) == .allowed
        else {
            if visitor.sendsForm || visitor.opensPage, let former = try FormerType(name, for: access.actor, inside) {
                guard visitor.opensPage else { throw Failure.conflict("\(former.sentence), so nothing was sent") }
                throw ShownInstead(page: former.page(in: access.company, now: visitor.now))
            }
            throw Failure.notFound
        }
        return OnTicketType(access: access, type: type, revision: revision)
    }

    func reading(_ session: ReadSession) -> CompanyReadSession { session.inside(company.id) }
    func writing(_ session: WriteSession) -> CompanyWriteSession { session.inside(company.id) }
}
