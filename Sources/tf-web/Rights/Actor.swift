import TFEngine
import TFStore

/// The account that acts, with its rights in the company of the address.
struct Actor: Sendable {
    let account: AccountID
    let login: String
    let kind: Account.Kind
    let isAdmin: Bool
    /// The account's system roles, of which a membership may leave some out.
    let systemRoles: Set<SystemRole>
    /// nil if not a member of the company.
    let membership: Membership?

    init(_ identity: Identity, company: String?) {
        account = identity.account.id
        login = identity.account.login
        kind = identity.account.kind
        isAdmin = identity.systemRoles.contains(.admin)
        systemRoles = identity.systemRoles
        membership = company.flatMap { identity.memberships[$0] }
    }

    private init(_ actor: Actor, isAdmin: Bool) {
        account = actor.account
        login = actor.login
        kind = actor.kind
        self.isAdmin = isAdmin
        systemRoles = actor.systemRoles
        membership = actor.membership
    }

    /// The same person without the site administrator's rights.
    var withoutAdmin: Actor { Actor(self, isAdmin: false) }

    /// The roles that the company has given to the actor.
    var companyRoles: Set<String> { membership?.companyRoles ?? [] }

    func has(_ role: SystemRole) -> Bool { membership?.systemRoles.contains(role) ?? false }
}
