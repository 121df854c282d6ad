import TFEngine
import TFStore

/// The resource that an address names: the router finds it and asks the policy before it calls the handler.
///
/// A resource in another company, one that the visitor may not see and one that does not exist all give
/// `Failure.notFound`.
protocol RouteSubject: Sendable {
    /// The type of session with which its pages read.
    associatedtype Reading
    /// The type of session with which it is changed.
    associatedtype Writing

    static var kind: ResourceKind { get }

    /// - Throws: `Failure` if it does not exist for this visitor, or if the visitor may not do this.
    static func find(for visitor: Visitor, in session: ReadSession) throws -> Self

    /// Checks that the visitor may still read the answer to their earlier request, even if that request ended their
    /// right to repeat it.
    /// - Throws: `Failure` if they may not.
    static func demandReader(_ visitor: Visitor, in session: ReadSession) throws

    /// The part of the session that covers this resource.
    func reading(_ session: ReadSession) -> Reading
    func writing(_ session: WriteSession) -> Writing

    /// The company whose name the page's layout shows.
    var companyOfFrame: Company? { get }
    /// The entry for the audit log if only an admin's rights allowed this; else nil.
    var adminNote: AdminNote? { get }
}

extension RouteSubject {
    var companyOfFrame: Company? { nil }
    var adminNote: AdminNote? { nil }

    static func demandReader(_ visitor: Visitor, in session: ReadSession) throws {
        if visitor.parts["company"] != nil { _ = try InCompany.around(visitor, session) }
    }
}

/// An entry of the audit log.
struct AdminNote: Sendable {
    /// The action of who changes the subject; nil: what they change is noted by itself.
    let action: AuditAction?
    /// The action of who only looks at the subject.
    let look: AuditAction
    /// The action of who takes a list out as a table; nil: it is no list.
    let export: AuditAction?
    let subject: AuditSubject
    let company: CompanyID
}

/// Names a kind of subject in a route's line: `on: .task`.
struct RouteSubjectKind<Kind: RouteSubject>: Sendable {}

extension RouteSubjectKind where Kind == Anybody {
    /// Needs no sign-in.
    static var anybody: Self { Self() }
}

extension RouteSubjectKind where Kind == OwnAccount {
    /// The visitor's own account.
    static var account: Self { Self() }
}

extension RouteSubjectKind where Kind == OnSite {
    static var site: Self { Self() }
}

extension RouteSubjectKind where Kind == InCompany {
    static var company: Self { Self() }
}

extension RouteSubjectKind where Kind == OnWorker {
    static var worker: Self { Self() }
}

extension RouteSubjectKind where Kind == OnDefinition {
    static var definition: Self { Self() }
}

extension RouteSubjectKind where Kind == OnTicketType {
    static var ticketType: Self { Self() }
}

extension RouteSubjectKind where Kind == OnTicket {
    static var ticket: Self { Self() }
}

extension RouteSubjectKind where Kind == OnTask {
    static var task: Self { Self() }
}
