import TFDefinition
import TFStore

/// What of a company somebody sees, for lists.
extension Actor {
    /// Every ticket that they may open.
    var tickets: TicketScope { Policy.tickets(self) }
    /// The tickets of which they are told everything that their tasks are.
    var ticketsWithTasks: TicketScope { Policy.ticketsWithTasks(self) }
    /// The tickets that they manage; nil if they have no list of all tickets.
    var managedTickets: TicketScope? { Policy.managedTickets(self) }
    /// Every task that they may open.
    var tasks: TaskScope { Policy.tasks(self) }
    /// The tasks of the tickets that they manage; nil if they have no list of all tasks.
    var managedTasks: TaskScope? { Policy.managedTasks(self) }

    func maySubmit(_ type: TicketDefinition) -> Bool {
        Policy.decide(self, .submitTicket, .ticketType(submitRoles: type.submitRoles)) == .allowed
    }
}
