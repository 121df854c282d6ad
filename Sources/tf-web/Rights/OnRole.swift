import TFStore

/// A role that a company has declared, and the visitor may take the route's action there.
struct OnRole: RouteSubject {
    static let kind = ResourceKind.company

    let company: Company
    let role: String
    private let actor: Actor

    var companyOfFrame: Company? { company }
    /// Whether the visitor may give the role even if it decides who sees what: the store refuses everybody else.
    var mayGiveGuarded: Bool { actor.isAdmin || actor.companyRoles.contains(role) }

    static func find(for visitor: Visitor, in session: ReadSession) throws -> OnRole {
        let access = try InCompany.find(for: visitor, in: session)
        guard let role = visitor.parts["role"],
            try session.inside(access.company.id).companyRoles().contains(role)
        else { throw Failure.notFound }
        return OnRole(company: access.company, role: role, actor: access.actor)
    }

    func reading(_ session: ReadSession) -> CompanyReadSession { session.inside(company.id) }
    func writing(_ session: WriteSession) -> CompanyWriteSession { session.inside(company.id) }
}

extension RouteSubjectKind where Kind == OnRole {
    static var role: Self { Self() }
}
