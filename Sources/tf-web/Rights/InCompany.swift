import TFStore

/// A company in which the visitor may take the route's action.
struct InCompany: RouteSubject {
    static let kind = ResourceKind.company

    let company: Company
    let actor: Actor
    let signedIn: SignedIn
    private(set) var adminNote: AdminNote?

    var companyOfFrame: Company? { company }
    var account: Account { signedIn.account }

    static func find(for visitor: Visitor, in session: ReadSession) throws -> InCompany {
        var access = try around(visitor, session)
        try Policy.decide(access.actor, visitor.action, .company).demand()
        access.adminNote = AdminNote(ofList: visitor.action, access)
        return access
    }

    /// The company of a ticket or a task, without a check: the ticket's or task's own rule decides.
    static func around(_ visitor: Visitor, _ session: ReadSession) throws -> InCompany {
        let signedIn = try visitor.requireSignedIn()
        // Memberships were loaded with their companies.
        guard let slug = visitor.parts["company"],
            let company = try signedIn.identity.memberships[slug]?.company ?? session.company(slug)
        else { throw Failure.notFound }
        let actor = Actor(signedIn.identity, company: slug)
        try Policy.decide(actor, .listDefinitionNames, .company).demand()
        return InCompany(company: company, actor: actor, signedIn: signedIn)
    }

    func may(_ action: Action) -> Bool { Policy.decide(actor, action, .company) == .allowed }

    func reading(_ session: ReadSession) -> CompanyReadSession { session.inside(company.id) }
    func writing(_ session: WriteSession) -> CompanyWriteSession { session.inside(company.id) }
}

extension Decision {
    /// - Throws: `Failure` unless the decision is `allowed`.
    func demand() throws {
        switch self {
        case .allowed: break
        case .forbidden(let sentence): throw Failure.forbidden(sentence)
        case .invisible: throw Failure.notFound
        }
    }
}
