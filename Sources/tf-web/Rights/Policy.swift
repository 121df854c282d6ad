import TFEngine
import TFStore

/// All authorisation rules: a system role plus membership of the company, narrowed by company roles.
///
/// Pure functions: pages, the API and lists ask here. Each condition is noted where it is looked at, so that `explain`
/// gives the reasons of the very rule that decides. What one action may do beyond another, such as to share a view, is
/// said where its form is read.
enum Policy {
    static func decide(_ actor: Actor, _ action: Action, _ resource: Resource) -> Decision {
        var reasons = PolicyReasons.unasked
        return decide(actor, action, resource, &reasons)
    }

    static func decide(
        _ actor: Actor, _ action: Action, _ resource: Resource, _ reasons: inout PolicyReasons
    ) -> Decision {
        switch resource {
        case .site:
            if action == .useSite { return .allowed }
            guard action == .administer else { return notDecided }
            return reasons.isAdmin(actor)
                ? .allowed : .forbidden("This is for those who run the site: it needs the role “Admin”.")
        case .company: return company(actor, action, &reasons)
        case .ticketType(let submitRoles): return ticketType(actor, action, submitRoles, &reasons)
        case .ticket(let facts): return ticket(actor, action, facts, &reasons)
        case .task(let facts): return task(actor, action, facts, &reasons)
        }
    }

    // MARK: By resource

    private static func company(_ actor: Actor, _ action: Action, _ reasons: inout PolicyReasons) -> Decision {
        let isMember = reasons.isMember(actor)
        guard isMember || reasons.isAdmin(actor) else { return .invisible }
        switch action {
        case .signIn, .askAsMachine, .useSite, .listDefinitionNames, .upload, .readTickets, .readTasks: return .allowed
        case .submitTicket: return reasons.has(.ticketAdmin, actor) ? .allowed : has(actor, .user, &reasons)
        case .listOwnTickets: return has(actor, .user, &reasons)
        case .listOwnTasks, .setOwnAvailability: return has(actor, .taskWorker, &reasons)
        case .claimTask: return reasons.has(.ticketAdmin, actor) ? .allowed : has(actor, .taskWorker, &reasons)
        case .workJobs:
            guard reasons.note(actor.kind == .service, "is a program") else {
                return .forbidden("Jobs are for service accounts.")
            }
            return has(actor, .taskWorker, &reasons)
        case .listTickets, .seeWorkers, .setAvailability, .assignTask, .prioritizeTask, .giveCompanyRoles:
            return reasons.isAdmin(actor) ? .allowed : has(actor, .ticketAdmin, &reasons)
        case .readDefinitions:
            if reasons.isAdmin(actor) || reasons.has(.ticketAdmin, actor) { return .allowed }
            return has(actor, .workflowCreator, &reasons)
        case .editDefinitions: return reasons.isAdmin(actor) ? .allowed : has(actor, .workflowCreator, &reasons)
        case .administer: return reasons.isAdmin(actor) ? .allowed : missing(.admin)
        case .sendEvents:
            if reasons.isAdmin(actor) || reasons.note(actor.kind == .service, "is a program") { return .allowed }
            return .forbidden("Events come from service accounts and admins.")
        case .readTicket, .commentTicket, .attachToTicket, .readInternalNotes, .cancelTicket, .reopenTicket,
            .editTicket, .decideFault, .readTask, .workTask, .releaseTask, .holdTask, .handOverTask:
            return notDecided
        }
    }

    private static func ticketType(
        _ actor: Actor, _ action: Action, _ submitRoles: [String], _ reasons: inout PolicyReasons
    ) -> Decision {
        let isMember = reasons.isMember(actor)
        guard isMember || reasons.isAdmin(actor) else { return .invisible }
        switch action {
        // What types there are, and what their forms ask, everybody of the company may know.
        case .listDefinitionNames: return .allowed
        case .submitTicket: break
        default: return notDecided
        }
        guard isMember else { return missing(.user) }
        if reasons.has(.ticketAdmin, actor) { return .allowed }
        guard reasons.has(.user, actor) else { return missing(.user) }
        return reasons.meets(Set(submitRoles), "may ask for this", actor) ? .allowed : .invisible
    }

    private static func ticket(
        _ actor: Actor, _ action: Action, _ facts: TicketFacts, _ reasons: inout PolicyReasons
    ) -> Decision {
        let isOwn = isOwn(actor, facts, &reasons)
        let isTicketAdmin = manages(actor, facts, &reasons)
        let worksOn = worksOn(actor, facts, &reasons)
        let hasWorked =
            reasons.note(!facts.hadTasks.isEmpty, "has or had a task of the ticket") && actor.has(.taskWorker)
        guard isOwn || hasWorked || worksOn || isTicketAdmin || reasons.isAdmin(actor) else { return .invisible }
        switch action {
        case .readInternalNotes:
            return worksOn || isTicketAdmin
                ? .allowed
                : .forbidden("Internal notes are for those who have a task of the ticket, and for ticket admins.")
        case .cancelTicket, .reopenTicket:
            return isOwn || isTicketAdmin || actor.isAdmin
                ? .allowed : .forbidden("Only the requester and ticket admins may cancel or reopen a ticket.")
        case .editTicket: return isTicketAdmin ? .allowed : missing(.ticketAdmin)
        case .decideFault:
            return isTicketAdmin || actor.isAdmin
                ? .allowed : .forbidden("Only ticket admins look inside the workflow and decide about failed steps.")
        case .readTicket, .commentTicket, .attachToTicket: return .allowed
        case .readTask, .workTask, .releaseTask, .holdTask, .handOverTask, .claimTask, .assignTask, .prioritizeTask,
            .signIn, .askAsMachine, .useSite, .submitTicket, .readTickets, .sendEvents, .listOwnTickets, .listTickets,
            .readTasks, .workJobs, .listOwnTasks, .setOwnAvailability, .seeWorkers, .setAvailability, .upload,
            .listDefinitionNames, .readDefinitions, .editDefinitions, .giveCompanyRoles, .administer:
            return notDecided
        }
    }

    private static func task(
        _ actor: Actor, _ action: Action, _ facts: TaskFacts, _ reasons: inout PolicyReasons
    ) -> Decision {
        let isTheirs =
            reasons.note(facts.assignee == actor.account, "has the task now") && actor.membership != nil
        let managesTickets = manages(actor, facts.ticket, &reasons)
        let isTicketAdmin = managesTickets || reasons.isAdmin(actor)
        let hadIt =
            reasons.note(facts.ticket.hadTasks.contains(facts.id), "has or had the task") && actor.has(.taskWorker)
        let isClaimable = isClaimable(actor, facts, &reasons)
        let mayRead = isTheirs || hadIt || isClaimable || isTicketAdmin || worksOn(actor, facts.ticket, &reasons)
        guard mayRead else { return .invisible }
        switch action {
        case .workTask:
            return isTheirs ? .allowed : .forbidden("Only the person who has this task may work on it.")
        case .releaseTask, .holdTask:
            guard managesTickets || (isTheirs && reasons.has(.taskWorker, actor)) else {
                return .forbidden("Only the worker who has this task, and ticket admins, may do that.")
            }
            return .allowed
        case .handOverTask:
            guard isTicketAdmin || (isTheirs && reasons.has(.taskWorker, actor)) else {
                return .forbidden("Only the worker who has this task, and ticket admins, may give it to others.")
            }
            return .allowed
        case .claimTask:
            guard managesTickets || (actor.has(.taskWorker) && holdsRole(actor, facts)) else {
                return .forbidden("You do not hold the task's role.")
            }
            return facts.isExcluded ? .forbidden("You are excluded from this task.") : .allowed
        case .assignTask, .prioritizeTask, .decideFault: return isTicketAdmin ? .allowed : missing(.ticketAdmin)
        case .readTask: return .allowed
        case .readTicket, .commentTicket, .attachToTicket, .readInternalNotes, .cancelTicket, .reopenTicket,
            .editTicket, .signIn, .askAsMachine, .useSite, .submitTicket, .readTickets, .sendEvents, .listOwnTickets,
            .listTickets, .readTasks, .workJobs, .listOwnTasks, .setOwnAvailability, .seeWorkers, .setAvailability,
            .upload, .listDefinitionNames, .readDefinitions, .editDefinitions, .giveCompanyRoles, .administer:
            return notDecided
        }
    }

    /// The answer to a question that is asked about another kind of thing: a route that names the wrong one lets nobody
    /// in.
    private static let notDecided = Decision.forbidden("This cannot be done here.")

    private static func has(_ actor: Actor, _ role: SystemRole, _ reasons: inout PolicyReasons) -> Decision {
        reasons.has(role, actor) ? .allowed : missing(role)
    }

    private static func missing(_ role: SystemRole) -> Decision {
        .forbidden("This needs the role “\(role.label)” in this company. Whoever runs TicketFlower here gives it.")
    }
}
