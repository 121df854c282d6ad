import TFEngine
import TFStore

/// All authorisation rules: a system role plus membership of the company, narrowed by company roles.
///
/// Pure functions, and the only place that decides: pages, the API and lists ask here.
enum Policy {
    static func decide(_ actor: Actor, _ action: Action, _ resource: Resource) -> Decision {
        switch resource {
        case .site:
            return actor.isAdmin || action == .useSite ? .allowed : .forbidden("This needs the system role admin.")
        case .company: return company(actor, action)
        case .ticketType(let submitRoles):
            guard actor.membership != nil else { return actor.isAdmin ? missing(.user) : .invisible }
            if actor.has(.ticketAdmin) { return .allowed }
            guard actor.has(.user) else { return missing(.user) }
            let holds = submitRoles.isEmpty || !(actor.membership?.companyRoles.isDisjoint(with: submitRoles) ?? true)
            return holds ? .allowed : .invisible
        case .ticket(let facts): return ticket(actor, action, facts)
        case .task(let facts): return task(actor, action, facts)
        }
    }

    // MARK: By resource

    private static func company(_ actor: Actor, _ action: Action) -> Decision {
        guard actor.membership != nil || actor.isAdmin else { return .invisible }
        switch action {
        case .signIn, .askAsMachine, .useSite, .listDefinitionNames, .upload, .readTickets, .readTasks: return .allowed
        case .submitTicket: return actor.has(.ticketAdmin) ? .allowed : has(actor, .user)
        case .listOwnTickets: return has(actor, .user)
        case .listOwnTasks, .setOwnAvailability: return has(actor, .taskWorker)
        case .claimTask: return actor.has(.ticketAdmin) ? .allowed : has(actor, .taskWorker)
        case .workJobs:
            guard actor.kind == .service else { return .forbidden("Jobs are for service accounts.") }
            return has(actor, .taskWorker)
        case .listTickets, .seeWorkers, .setAvailability, .assignTask, .prioritizeTask, .giveCompanyRoles:
            return actor.isAdmin ? .allowed : has(actor, .ticketAdmin)
        case .readDefinitions:
            if actor.isAdmin || actor.has(.ticketAdmin) { return .allowed }
            return has(actor, .workflowCreator)
        case .editDefinitions: return actor.isAdmin ? .allowed : has(actor, .workflowCreator)
        case .administer: return actor.isAdmin ? .allowed : missing(.admin)
        case .sendEvents:
            if actor.isAdmin || actor.kind == .service { return .allowed }
            return .forbidden("Events come from service accounts and admins.")
        // Only the rules for tickets and tasks allow these.
        case .readTicket, .commentTicket, .attachToTicket, .readInternalNotes, .cancelTicket, .reopenTicket,
            .editTicket,
            .decideFault, .readTask, .workTask, .releaseTask, .holdTask, .handOverTask:
            return .allowed
        }
    }

    private static func ticket(_ actor: Actor, _ action: Action, _ facts: TicketFacts) -> Decision {
        let isOwn = isOwn(actor, facts)
        let isTicketAdmin = manages(actor, facts)
        let hasWorked = actor.has(.taskWorker) && !facts.hadTasks.isEmpty
        guard isOwn || hasWorked || worksOn(actor, facts) || isTicketAdmin || actor.isAdmin else { return .invisible }
        switch action {
        case .readInternalNotes:
            return worksOn(actor, facts) || isTicketAdmin
                ? .allowed
                : .forbidden("Internal notes are for those who have a task of the ticket, and for ticket admins.")
        case .cancelTicket, .reopenTicket:
            return isOwn || isTicketAdmin || actor.isAdmin
                ? .allowed : .forbidden("Only the requester and ticket admins may cancel or reopen a ticket.")
        case .editTicket: return isTicketAdmin ? .allowed : missing(.ticketAdmin)
        case .decideFault:
            return isTicketAdmin || actor.isAdmin
                ? .allowed : .forbidden("Only ticket admins may decide about a failed step.")
        case .readTicket, .commentTicket, .attachToTicket, .readTask, .workTask, .releaseTask, .holdTask,
            .handOverTask, .claimTask, .assignTask, .prioritizeTask, .signIn, .askAsMachine, .useSite, .submitTicket,
            .readTickets, .sendEvents, .listOwnTickets, .listTickets,
            .readTasks, .workJobs, .listOwnTasks, .setOwnAvailability, .seeWorkers, .setAvailability, .upload,
            .listDefinitionNames, .readDefinitions, .editDefinitions, .giveCompanyRoles, .administer:
            return .allowed
        }
    }

    private static func task(_ actor: Actor, _ action: Action, _ facts: TaskFacts) -> Decision {
        let isMember = actor.membership != nil
        let isTheirs = isMember && facts.assignee == actor.account
        let managesTickets = manages(actor, facts.ticket)
        let isTicketAdmin = managesTickets || actor.isAdmin
        let hadIt = actor.has(.taskWorker) && facts.ticket.hadTasks.contains(facts.id)
        let mayRead = isTheirs || hadIt || isClaimable(actor, facts) || isTicketAdmin || worksOn(actor, facts.ticket)
        guard mayRead else { return .invisible }
        switch action {
        case .workTask:
            return isTheirs ? .allowed : .forbidden("Only the person who has this task may work on it.")
        case .releaseTask, .holdTask:
            guard managesTickets || (isTheirs && actor.has(.taskWorker)) else {
                return .forbidden("Only the worker who has this task, and ticket admins, may do that.")
            }
            return .allowed
        case .handOverTask:
            guard isTicketAdmin || (isTheirs && actor.has(.taskWorker)) else {
                return .forbidden("Only the worker who has this task, and ticket admins, may give it to others.")
            }
            return .allowed
        case .claimTask:
            guard managesTickets || (actor.has(.taskWorker) && holdsRole(actor, facts)) else {
                return .forbidden("You do not hold the task's role.")
            }
            return facts.isExcluded ? .forbidden("You are excluded from this task.") : .allowed
        case .assignTask, .prioritizeTask, .decideFault: return isTicketAdmin ? .allowed : missing(.ticketAdmin)
        case .readTask, .readTicket, .commentTicket, .attachToTicket, .readInternalNotes, .cancelTicket,
            .reopenTicket, .editTicket, .signIn, .askAsMachine, .useSite, .submitTicket, .readTickets, .sendEvents,
            .listOwnTickets, .listTickets,
            .readTasks, .workJobs, .listOwnTasks, .setOwnAvailability, .seeWorkers, .setAvailability, .upload,
            .listDefinitionNames, .readDefinitions, .editDefinitions, .giveCompanyRoles, .administer:
            return .allowed
        }
    }

    // MARK: Shared

    static func isOwn(_ actor: Actor, _ facts: TicketFacts) -> Bool {
        actor.membership != nil && facts.requester == actor.account && actor.has(.user)
    }

    static func manages(_ actor: Actor, _ facts: TicketFacts) -> Bool {
        actor.has(.ticketAdmin) && meets(actor, facts.viewRoles)
    }

    /// Whether the actor is a worker with an open task of the ticket.
    static func worksOn(_ actor: Actor, _ facts: TicketFacts) -> Bool {
        actor.has(.taskWorker) && facts.hasTask
    }

    private static func holdsRole(_ actor: Actor, _ facts: TaskFacts) -> Bool {
        facts.role.map { actor.membership?.companyRoles.contains($0) ?? false } ?? true
    }

    /// Whether the actor may claim the task now. Somebody who is excluded may not, and so has no reason to read it: an
    /// approver's remarks are not for the requester.
    static func isClaimable(_ actor: Actor, _ facts: TaskFacts) -> Bool {
        facts.assignee == nil && facts.state == .ready && couldClaim(actor, facts)
    }

    /// Whether the actor could claim the task if it were unassigned; after losing a race they learn only who was
    /// faster.
    static func couldClaim(_ actor: Actor, _ facts: TaskFacts) -> Bool {
        actor.has(.taskWorker) && holdsRole(actor, facts) && !facts.isExcluded
    }

    private static func meets(_ actor: Actor, _ roles: Set<String>) -> Bool {
        roles.isEmpty || !(actor.membership?.companyRoles.isDisjoint(with: roles) ?? true)
    }

    private static func has(_ actor: Actor, _ role: SystemRole) -> Decision {
        actor.has(role) ? .allowed : missing(role)
    }

    private static func missing(_ role: SystemRole) -> Decision {
        .forbidden("This needs the system role \(role.rawValue) in this company.")
    }
}
