import TFEngine
import TFStore

/// What an address names: the router finds it and asks the policy about it before it calls the handler.
///
/// What lies in another company, what may not be seen and what does not exist are the same `Failure.notFound`.
protocol Subject: Sendable {
    /// What a page of it reads with.
    associatedtype Reading
    /// What a change of it is made with.
    associatedtype Writing

    static var kind: ResourceKind { get }

    /// - Throws: `Failure` where there is no such thing for this visitor, or where the visitor may not do this.
    static func find(for visitor: Visitor, in session: ReadSession) throws -> Self

    /// Whether the visitor may still be told what an earlier request of theirs was answered, though what it did may have
    /// ended the right to do it again.
    /// - Throws: `Failure` where they may not.
    static func demandReader(_ visitor: Visitor, in session: ReadSession) throws

    /// The part of a session that belongs to it.
    func reading(_ session: ReadSession) -> Reading
    func writing(_ session: WriteSession) -> Writing

    /// The company it is in, for the page's frame.
    var companyOfFrame: Company? { get }
    /// What the audit log is told where only an admin's rights made this possible.
    var adminNote: AdminNote? { get }
}

extension Subject {
    var companyOfFrame: Company? { nil }
    var adminNote: AdminNote? { nil }

    static func demandReader(_ visitor: Visitor, in session: ReadSession) throws {
        if visitor.parts["company"] != nil { _ = try InCompany.around(visitor, session) }
    }
}

/// A line of the audit log.
struct AdminNote: Sendable {
    let action: AuditAction
    let subject: String
    let company: CompanyID
}

/// Names a kind of subject in a route's line: `on: .task`.
struct SubjectKind<Kind: Subject>: Sendable {}

extension SubjectKind where Kind == Anybody {
    /// Needs nobody who is signed in.
    static var anybody: Self { Self() }
}

extension SubjectKind where Kind == OwnAccount {
    /// The visitor's own account.
    static var account: Self { Self() }
}

extension SubjectKind where Kind == OnSite {
    static var site: Self { Self() }
}

extension SubjectKind where Kind == InCompany {
    static var company: Self { Self() }
}

extension SubjectKind where Kind == OnWorker {
    static var worker: Self { Self() }
}

extension SubjectKind where Kind == OnDefinition {
    static var definition: Self { Self() }
}

extension SubjectKind where Kind == OnTicketType {
    static var ticketType: Self { Self() }
}

extension SubjectKind where Kind == OnTicket {
    static var ticket: Self { Self() }
}

extension SubjectKind where Kind == OnTask {
    static var task: Self { Self() }
}
