import TFEngine
import TFStore

/// Which rows somebody finds in lists, and which answers in what they read; it agrees with `decide`.
extension Policy {
    /// Every ticket that somebody may open here; it agrees with `decide`.
    static func tickets(_ actor: Actor) -> TicketScope {
        if actor.isAdmin { return .everything }
        var scope = managedTickets(actor) ?? TicketScope()
        if actor.has(.user) { scope.requester = actor.account }
        if actor.has(.taskWorker) { scope.worker = actor.account }
        return scope
    }

    /// The tickets that somebody manages; nil if they have no list of all tickets.
    static func managedTickets(_ actor: Actor) -> TicketScope? {
        if actor.isAdmin { return .everything }
        guard actor.has(.ticketAdmin) else { return nil }
        var scope = TicketScope()
        scope.viewRoles = actor.membership?.companyRoles ?? []
        return scope
    }

    /// The tickets of which somebody is told everything that their tasks are, who has them and how they went; it agrees
    /// with `readsTasks`. Of the others that they may open they are told of the tasks that they had themselves.
    static func ticketsWithTasks(_ actor: Actor) -> TicketScope {
        var scope = tickets(actor)
        scope.holder = scope.worker
        scope.worker = nil
        return scope
    }

    /// Whether somebody who may open a ticket is told of all its tasks. Who had a task and has none any more is not: later
    /// tasks are not theirs.
    static func readsTasks(_ actor: Actor, _ facts: TicketFacts) -> Bool {
        actor.isAdmin || isOwn(actor, facts) || manages(actor, facts) || worksOn(actor, facts)
    }

    /// Whether somebody who may open a task also reads there what was answered in the ticket's other tasks: those who do
    /// the ticket's work, may claim the task or manage it.
    static func readsOtherTasks(_ actor: Actor, _ facts: TaskFacts) -> Bool {
        actor.isAdmin || manages(actor, facts.ticket) || (actor.membership != nil && facts.ticket.hasTask)
            || isClaimable(actor, facts)
    }

    /// Every task that somebody may open here; it agrees with `decide`.
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

    /// The tasks of the tickets that somebody manages; nil if they have no list of all tasks.
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

    /// Whether somebody who reads a form's answers reads one with this `audience`.
    static func maySeeAnswer(_ actor: Actor, audience: [String], giver: AccountID?) -> Bool {
        if audience.isEmpty || giver == actor.account { return true }
        guard let membership = actor.membership else { return false }
        return audience.contains { name in
            name == "ticket_admin" ? actor.has(.ticketAdmin) : membership.companyRoles.contains(name)
        }
    }
}
