import TFEngine
import TFStore

/// Finds the company that an address names and asks the policy about the route's action, so that no handler can forget to.
///
/// What lies in another company, what may not be seen and what does not exist are the same `Failure.notFound`.
struct Access: Sendable {
    let site: Site

    struct InCompany: Sendable {
        let company: Company
        let actor: Actor
        let signedIn: SignedIn
        /// What the request changes, inside this company.
        let changes: RequestChanges

        var store: CompanyStore { changes.store }
    }

    /// The store, working for who is signed in.
    func store(_ context: WebContext) -> Store {
        site.store.acting(for: context.caller)
    }

    /// - Parameter action: nil: the route's.
    func company(_ context: WebContext, _ action: Action? = nil) async throws -> InCompany {
        let signedIn = try context.requireSignedIn()
        guard let slug = context.part("company"), let company = try await company(slug, signedIn) else {
            throw Failure.notFound
        }
        let actor = Actor(signedIn.identity, company: slug)
        try Policy.decide(actor, action ?? context.action, .company).demand()
        return InCompany(
            company: company, actor: actor, signedIn: signedIn,
            changes: RequestChanges(store: store(context).inside(company.id), context))
    }

    /// A company by its slug: a member's was read with the member.
    private func company(_ slug: String, _ signedIn: SignedIn) async throws -> Company? {
        if let membership = signedIn.identity.memberships[slug] { return membership.company }
        return try await site.store.read { try $0.company(slug) }
    }
}
