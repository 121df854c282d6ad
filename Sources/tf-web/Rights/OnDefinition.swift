import TFDefinition
import TFStore

/// A definition of a company on which the visitor may take the route's action.
struct OnDefinition: RouteSubject {
    static let kind = ResourceKind.company

    let company: Company
    let actor: Actor
    let signedIn: SignedIn
    /// The newest row, whatever its state.
    let definition: DefinitionRow

    var companyOfFrame: Company? { company }
    var account: Account { signedIn.account }
    /// The address of its page.
    var path: String { "/c/\(company.slug)/definitions/\(definition.kind.rawValue)/\(definition.name)" }
    /// Whether the visitor has the company's list of tickets.
    var listsTickets: Bool { Policy.decide(actor, .listTickets, .company) == .allowed }
    var mayEdit: Bool { Policy.decide(actor, .editDefinitions, .company) == .allowed }

    static func find(for visitor: Visitor, in session: ReadSession) throws -> OnDefinition {
        let around = try InCompany.find(for: visitor, in: session)
        guard let kind = visitor.parts["kind"].flatMap(DefinitionKind.init(rawValue:)),
            let name = visitor.parts["name"],
            let definition = try around.reading(session).definition(kind, name)
        else { throw Failure.notFound }
        return OnDefinition(
            company: around.company, actor: around.actor, signedIn: around.signedIn, definition: definition)
    }

    func reading(_ session: ReadSession) -> CompanyReadSession { session.inside(company.id) }
    func writing(_ session: WriteSession) -> CompanyWriteSession { session.inside(company.id) }
}
