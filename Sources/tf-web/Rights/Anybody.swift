import TFEngine
import TFStore

/// The subject of an address that is open to everybody, signed in or not.
struct Anybody: RouteSubject {
    static let kind = ResourceKind.none

    /// nil if nobody is signed in.
    let signedIn: SignedIn?

    static func find(for visitor: Visitor, in session: ReadSession) throws -> Anybody {
        Anybody(signedIn: visitor.signedIn)
    }

    func reading(_ session: ReadSession) -> ReadSession { session }
    func writing(_ session: WriteSession) -> WriteSession { session }
}

/// The visitor's own account.
struct OwnAccount: RouteSubject {
    static let kind = ResourceKind.account

    let signedIn: SignedIn
    var identity: Identity { signedIn.identity }
    var account: Account { signedIn.account }
    /// Whoever belongs to one company alone is in it on their own pages too.
    var companyOfFrame: Company? { identity.onlyCompany }

    /// Whether the visitor may introspect other accounts' tokens: service accounts and admins may.
    var mayIntrospectAny: Bool { account.kind == .service || identity.systemRoles.contains(.admin) }

    /// For each of their companies, what they may be told of.
    var notices: [NoticeScope] { identity.noticeScopes }

    static func find(for visitor: Visitor, in session: ReadSession) throws -> OwnAccount {
        OwnAccount(signedIn: try visitor.requireSignedIn())
    }

    func reading(_ session: ReadSession) -> ReadSession { session }
    func writing(_ session: WriteSession) -> WriteSession { session }
}

/// What belongs to the whole site.
struct OnSite: RouteSubject {
    static let kind = ResourceKind.site

    let signedIn: SignedIn

    var companyOfFrame: Company? { signedIn.identity.onlyCompany }

    static func find(for visitor: Visitor, in session: ReadSession) throws -> OnSite {
        let signedIn = try visitor.requireSignedIn()
        try Policy.decide(Actor(signedIn.identity, company: nil), visitor.action, .site).demand()
        return OnSite(signedIn: signedIn)
    }

    static func demandReader(_ visitor: Visitor, in session: ReadSession) throws {
        _ = try find(for: visitor, in: session)
    }

    func reading(_ session: ReadSession) -> ReadSession { session }
    func writing(_ session: WriteSession) -> WriteSession { session }
}
