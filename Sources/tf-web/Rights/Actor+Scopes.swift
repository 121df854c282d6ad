import TFDefinition
import TFStore

/// The scopes of an actor's lists in a company.
extension Actor {
    /// Every ticket that the actor may open.
    var tickets: TicketScope { Policy.tickets(self) }
    /// The tickets whose tasks the actor may all see.
    var ticketsWithTasks: TicketScope { Policy.ticketsWithTasks(self) }
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
