import TFStore

/// A member of a company, and the visitor may take the route's action there.
struct OnMember: RouteSubject {
    static let kind = ResourceKind.company

    let company: Company
    let member: Identity

    var companyOfFrame: Company? { company }

    static func find(for visitor: Visitor, in session: ReadSession) throws -> OnMember {
        let company = try InCompany.find(for: visitor, in: session).company
        guard let login = visitor.parts["login"], let member = try session.identity(login),
            member.memberships[company.slug] != nil
        else { throw Failure.notFound }
        return OnMember(company: company, member: member)
    }

    func reading(_ session: ReadSession) -> CompanyReadSession { session.inside(company.id) }
    func writing(_ session: WriteSession) -> CompanyWriteSession { session.inside(company.id) }
}

extension RouteSubjectKind where Kind == OnMember {
    static var member: Self { Self() }
}
