import TFStore

/// A role that a company has declared, and the visitor may take the route's action there.
struct OnRole: Subject {
    static let kind = ResourceKind.company

    let company: Company
    let role: String

    var companyOfFrame: Company? { company }

    static func find(for visitor: Visitor, in session: ReadSession) throws -> OnRole {
        let company = try InCompany.find(for: visitor, in: session).company
        guard let role = visitor.parts["role"],
            try session.inside(company.id).companyRoles().contains(role)
        else { throw Failure.notFound }
        return OnRole(company: company, role: role)
    }

    func reading(_ session: ReadSession) -> CompanyReadSession { session.inside(company.id) }
    func writing(_ session: WriteSession) -> CompanyWriteSession { session.inside(company.id) }
}

extension SubjectKind where Kind == OnRole {
    static var role: Self { Self() }
}
