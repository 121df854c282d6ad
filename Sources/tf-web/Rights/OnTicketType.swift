import TFDefinition
import TFEngine
import TFStore

/// A ticket type, and the visitor may take the route's action on it.
struct OnTicketType: Subject {
    /// Looked up by name in a company, so it counts as a part of the company.
    static let kind = ResourceKind.company

    let access: InCompany
    let type: TicketDefinition
    /// The revision whose form is shown now.
    let revision: RevisionID

    var companyOfFrame: Company? { access.company }
    var company: Company { access.company }
    var actor: Actor { access.actor }
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
            if visitor.sendsForm, let former = try formerType(name, access.actor, inside) {
                throw Failure.conflict("“\(former.title)” is not offered any more, so nothing was sent")
            }
            throw Failure.notFound
        }
        return OnTicketType(access: access, type: type, revision: revision)
    }

    /// A type that went out of force while its form was filled in; nil for one that the visitor could never submit.
    private static func formerType(
        _ name: String, _ actor: Actor, _ session: CompanyReadSession
    ) throws -> TicketDefinition? {
        guard let row = try session.definition(.ticket, name),
            case .ticket(let type) = try session.revision(row.revisionID), actor.maySubmit(type)
        else { return nil }
        return type
    }

    func reading(_ session: ReadSession) -> CompanyReadSession { session.inside(company.id) }
    func writing(_ session: WriteSession) -> CompanyWriteSession { session.inside(company.id) }
}
