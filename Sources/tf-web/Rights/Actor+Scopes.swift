import TFDefinition
import TFStore

/// The scopes of an actor's lists in a company.
extension Actor {
    /// Every ticket that the actor may open.
    var tickets: TicketScope { Policy.tickets(self) }
    /// The tickets whose tasks the actor may all see.
    var ticketsWithTasks: TicketScope { Policy.ticketsWithTasks(self) }
    /// The tickets whose internal notes the actor may read.
    var ticketsWithNotes: TicketScope { Policy.ticketsWithNotes(self) }
    /// The tickets that the actor manages; nil if they have no list of all tickets.
    var managedTickets: TicketScope? { Policy.managedTickets(self) }
    /// Every task that the actor may open.
    var tasks: TaskScope { Policy.tasks(self) }
    /// The tasks of the tickets that the actor manages; nil if they have no list of all tasks.
    var managedTasks: TaskScope? { Policy.managedTasks(self) }

    func maySubmit(_ type: TicketDefinition) -> Bool {
        Policy.decide(self, .submitTicket, .ticketType(submitRoles: type.submitRoles)) == .allowed
    }
}

extension Identity {
    /// For each of its companies, what the account may be told of.
    var noticeScopes: [NoticeScope] {
        memberships.map { slug, membership in
            let actor = Actor(self, company: slug)
            return NoticeScope(
                company: membership.company.id, tickets: actor.tickets, tasks: actor.tasks,
                notes: actor.ticketsWithNotes)
        }
    }
}

extension ReadSession {
    /// The number of notifications that somebody has not read, up to `Store.limitUnread`; for the bell on every page.
    func unreadNotifications(of identity: Identity) throws -> Int {
        try unreadNotifications(of: identity.account.id, scopes: identity.noticeScopes)
    }
}
