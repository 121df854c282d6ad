import TFEngine
import TFStore

/// Which rows an actor finds in lists, and which answers they may read; agrees with `decide`.
extension Policy {
    /// Every ticket that the actor may open here; agrees with `decide`.
    static func tickets(_ actor: Actor) -> TicketScope {
        if actor.isAdmin { return .everything }
        var scope = managedTickets(actor) ?? TicketScope()
        if actor.has(.user) { scope.requester = actor.account }
        if actor.has(.taskWorker) { scope.worker = actor.account }
        return scope
    }

    /// The tickets that the actor manages; nil if they have no list of all tickets.
    static func managedTickets(_ actor: Actor) -> TicketScope? {
        if actor.isAdmin { return .everything }
        guard actor.has(.ticketAdmin) else { return nil }
        var scope = TicketScope()
        scope.viewRoles = actor.membership?.companyRoles ?? []
        return scope
    }

    /// The tickets of which the actor may see all tasks, with their holders and outcomes; agrees with `readsTasks`. Of
    /// other tickets that they may open, they see only the tasks that they had themselves.
    static func ticketsWithTasks(_ actor: Actor) -> TicketScope {
        var scope = tickets(actor)
        scope.holder = scope.worker
        scope.worker = nil
        return scope
    }

    /// The tickets whose internal notes the actor may read; agrees with `decide`.
    static func ticketsWithNotes(_ actor: Actor) -> TicketScope {
        var scope = TicketScope()
        if actor.has(.taskWorker) { scope.holder = actor.account }
        if actor.has(.ticketAdmin) { scope.viewRoles = actor.membership?.companyRoles ?? [] }
        return scope
    }

    /// Whether an actor who may open the ticket may see all its tasks. Somebody who had a task but has none now may
    /// not: they should not see later tasks.
    static func readsTasks(_ actor: Actor, _ facts: TicketFacts) -> Bool {
        actor.isAdmin || isOwn(actor, facts) || manages(actor, facts) || worksOn(actor, facts)
    }

    /// Whether an actor who may open a task may also read the answers in the ticket's other tasks: those who have a
    /// task of the ticket, may claim this one or manage the ticket.
    static func readsOtherTasks(_ actor: Actor, _ facts: TaskFacts) -> Bool {
        actor.isAdmin || manages(actor, facts.ticket) || (actor.membership != nil && facts.ticket.hasTask)
            || isClaimable(actor, facts)
    }

    /// Every task that the actor may open here; agrees with `decide`.
    static func tasks(_ actor: Actor) -> TaskScope {
        var scope = managedTasks(actor) ?? TaskScope()
        if scope.isEverything { return scope }
        if actor.membership != nil { scope.assignee = actor.account }
        if actor.has(.taskWorker) {
            scope.worker = actor.account
            scope.claimant = Claimant(login: actor.login, roles: actor.membership?.companyRoles ?? [])
        }
        return scope
    }

    /// The tasks of the tickets that the actor manages; nil if they have no list of all tasks.
    static func managedTasks(_ actor: Actor) -> TaskScope? {
        var scope = TaskScope()
        if actor.isAdmin {
            scope.isEverything = true
            return scope
        }
        guard actor.has(.ticketAdmin) else { return nil }
        scope.viewRoles = actor.membership?.companyRoles ?? []
        return scope
    }

    /// Whether an actor who may read a form's answers may read one with this `audience`.
    static func maySeeAnswer(_ actor: Actor, audience: [String], giver: AccountID?) -> Bool {
        if audience.isEmpty || giver == actor.account { return true }
        guard let membership = actor.membership else { return false }
        return audience.contains { name in
            name == "ticket_admin" ? actor.has(.ticketAdmin) : membership.companyRoles.contains(name)
        }
    }
}
