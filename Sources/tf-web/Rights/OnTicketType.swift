import TFDefinition
import TFEngine
import TFStore

/// A ticket type that the visitor may submit.
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
        guard let name = visitor.parts["type"] ?? visitor.parts["name"],
            let (type, revision) = try access.reading(session).ticketType(name), access.actor.maySubmit(type)
        else { throw Failure.notFound }
        return OnTicketType(access: access, type: type, revision: revision)
    }

    func reading(_ session: ReadSession) -> CompanyReadSession { session.inside(company.id) }
    func writing(_ session: WriteSession) -> CompanyWriteSession { session.inside(company.id) }
}
