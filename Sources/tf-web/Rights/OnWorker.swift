import TFStore

/// A worker of a company, whose availability the visitor may set: a ticket admin anybody's, and everybody their own where
/// the route is for that.
struct OnWorker: Subject {
    static let kind = ResourceKind.company

    let company: Company
    /// Nobody may have it, and not every account is a worker: the change itself finds that out.
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
