import TFEngine
import TFStore

/// A company in which the visitor searches, with what they may find there.
struct SearchedCompany {
    let company: Company
    let scope: SearchScope
}

extension OwnAccount {
    /// The visitor's companies, the one where they were first. That somebody runs the site adds nothing: what they open
    /// as an admin is logged, and excerpts would not be.
    func searchedCompanies(first slug: String?, _ session: ReadSession) -> [SearchedCompany] {
        let members = identity.memberships.values.map(\.company)
        let inOrder = members.sorted { left, right in
            if (left.slug == slug) != (right.slug == slug) { return left.slug == slug }
            return left.slug < right.slug
        }
        return inOrder.map { company in
            SearchedCompany(company: company, scope: Actor(identity, company: company.slug).withoutAdmin.search)
        }
    }
}

extension OwnAccount {
    /// The address of a ticket that the visitor may open in a company.
    func path(toTicket number: Int, in slug: String, _ session: ReadSession) throws -> String? {
        guard let company = try identity.memberships[slug]?.company ?? session.company(slug) else { return nil }
        let inside = session.inside(company.id)
        guard let ticket = try inside.ticket(number: number),
            try inside.holds(Actor(identity, company: slug).tickets, ticket)
        else { return nil }
        return "/c/\(slug)/tickets/\(number)"
    }
}

extension Actor {
    /// What the actor may find: as they may open it.
    var search: SearchScope {
        SearchScope(
            tickets: tickets, notes: Policy.ticketsWithNotes(self), results: ticketsWithTasks, tasks: tasks,
            reader: SearchScope.Reader(account, audiences: Policy.audiences(self)))
    }
}

extension Policy {
    /// The audiences to which the actor belongs; agrees with `maySeeAnswer`.
    static func audiences(_ actor: Actor) -> Set<String> {
        guard let membership = actor.membership else { return [] }
        return membership.companyRoles.union(actor.has(.ticketAdmin) ? ["ticket_admin"] : [])
    }
}
