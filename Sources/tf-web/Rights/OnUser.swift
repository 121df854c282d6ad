import TFStore

/// An account of the site, on which an admin may take the route's action.
struct OnUser: RouteSubject {
    static let kind = ResourceKind.site

    let signedIn: SignedIn
    /// The account's owner.
    let user: Identity

    var companyOfFrame: Company? { signedIn.identity.onlyCompany }

    static func find(for visitor: Visitor, in session: ReadSession) throws -> OnUser {
        let site = try OnSite.find(for: visitor, in: session)
        guard let login = visitor.parts["login"], let user = try session.identity(login) else {
            throw Failure.notFound
        }
        return OnUser(signedIn: site.signedIn, user: user)
    }

    static func demandReader(_ visitor: Visitor, in session: ReadSession) throws {
        _ = try OnSite.find(for: visitor, in: session)
    }

    func reading(_ session: ReadSession) -> ReadSession { session }
    func writing(_ session: WriteSession) -> WriteSession { session }
}

extension RouteSubjectKind where Kind == OnUser {
    static var user: Self { Self() }
}
