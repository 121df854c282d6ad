import TFStore

/// A worker of a company whose availability the visitor may set: a ticket admin may set anybody's; other workers only
/// their own, if the route allows that.
struct OnWorker: RouteSubject {
    static let kind = ResourceKind.company

    let company: Company
    /// May be an unknown login or an account that is no worker: the change itself checks that.
    let login: String

    var companyOfFrame: Company? { company }

    static func find(for visitor: Visitor, in session: ReadSession) throws -> OnWorker {
        let around = try InCompany.around(visitor, session)
        guard let written = visitor.parts["login"] else { throw Failure.notFound }
        let own = around.account.login
        let login = written == "me" ? own : written
        let isOfOther = visitor.action == .setOwnAvailability && login != own
        try Policy.decide(around.actor, isOfOther ? .setAvailability : visitor.action, .company).demand()
        return OnWorker(company: around.company, login: login)
    }

    func reading(_ session: ReadSession) -> CompanyReadSession { session.inside(company.id) }
    func writing(_ session: WriteSession) -> CompanyWriteSession { session.inside(company.id) }
}
