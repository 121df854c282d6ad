import TFEngine
import TFStore

/// What somebody wants to do.
enum Action: String, Sendable, CaseIterable {
    /// What needs nobody.
    case signIn
    case askAsMachine
    /// The actor's own account, sessions and notifications.
    case useSite
    case submitTicket
    case readTickets
    case readTicket
    case commentTicket
    case attachToTicket
    case readInternalNotes
    case cancelTicket
    case reopenTicket
    case editTicket
    case decideFault
    case sendEvents
    case listOwnTickets
    case listTickets
    case readTasks
    case readTask
    case workTask
    case releaseTask
    case holdTask
    case handOverTask
    case claimTask
    case assignTask
    case prioritizeTask
    case workJobs
    case listOwnTasks
    case setOwnAvailability
    case seeWorkers
    case setAvailability
    case upload
    case listDefinitionNames
    case readDefinitions
    case editDefinitions
    case giveCompanyRoles
    case administer
}

/// Who wants to do something, with what they may be in the company of the address.
struct Actor: Sendable {
    let account: AccountID
    let login: String
    let kind: Account.Kind
    let isAdmin: Bool
    /// nil: no member of the company.
    let membership: Membership?

    init(_ identity: Identity, company: String?) {
        account = identity.account.id
        login = identity.account.login
        kind = identity.account.kind
        isAdmin = identity.systemRoles.contains(.admin)
        membership = company.flatMap { identity.memberships[$0] }
    }

    private init(_ actor: Actor, isAdmin: Bool) {
        account = actor.account
        login = actor.login
        kind = actor.kind
        self.isAdmin = isAdmin
        membership = actor.membership
    }

    /// The same person without the site administrator's rights.
    var withoutAdmin: Actor { Actor(self, isAdmin: false) }

    func has(_ role: SystemRole) -> Bool { membership?.systemRoles.contains(role) ?? false }
}

/// What it is done to.
enum Resource: Sendable {
    case site
    case company
    case ticketType(submitRoles: [String])
    case ticket(TicketFacts)
    case task(TaskFacts)
}

/// What a decision about a ticket needs to know of it.
struct TicketFacts: Sendable {
    let requester: AccountID
    let viewRoles: Set<String>
    /// The actor has an open task of it.
    let hasTask: Bool
    /// The ids of its tasks that the actor has, or had.
    let hadTasks: Set<TaskID>
}

/// What a decision about a task needs to know of it.
struct TaskFacts: Sendable {
    let id: TaskID
    let ticket: TicketFacts
    let assignee: AccountID?
    let role: String?
    let state: TaskState
    /// The actor is among those who may not have it.
    let isExcluded: Bool

    init(id: TaskID, ticket: TicketFacts, assignee: AccountID?, role: String?, state: TaskState, isExcluded: Bool) {
        self.id = id
        self.ticket = ticket
        self.assignee = assignee
        self.role = role
        self.state = state
        self.isExcluded = isExcluded
    }

    /// - Parameter ticket: of the task's ticket, for this actor.
    init(_ task: TaskRecord, _ ticket: TicketFacts, _ actor: Actor) {
        self.init(
            id: task.id, ticket: ticket, assignee: task.assigneeID, role: task.role, state: task.state,
            isExcluded: task.excluded.arrayValue?.contains(.string(actor.login)) ?? false)
    }
}

enum Decision: Sendable, Equatable {
    case allowed
    /// Visible, but not to be done; the sentence names what is missing.
    case forbidden(String)
    /// As if it did not exist.
    case invisible
}

/// The whole of who may do what: a system role plus membership of the company, narrowed by company roles.
///
/// Pure, and the only place that decides: pages, the API and lists ask here.
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
        // About these only the ticket or the task itself says anything.
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

    private static func isOwn(_ actor: Actor, _ facts: TicketFacts) -> Bool {
        actor.membership != nil && facts.requester == actor.account && actor.has(.user)
    }

    private static func manages(_ actor: Actor, _ facts: TicketFacts) -> Bool {
        actor.has(.ticketAdmin) && meets(actor, facts.viewRoles)
    }

    /// A worker, as long as they have a task of it.
    private static func worksOn(_ actor: Actor, _ facts: TicketFacts) -> Bool {
        actor.has(.taskWorker) && facts.hasTask
    }

    private static func holdsRole(_ actor: Actor, _ facts: TaskFacts) -> Bool {
        facts.role.map { actor.membership?.companyRoles.contains($0) ?? false } ?? true
    }

    /// Whoever is excluded may not claim it, and so has no reason to read it: an approver's remarks are not for the one
    /// who asks.
    private static func isClaimable(_ actor: Actor, _ facts: TaskFacts) -> Bool {
        facts.assignee == nil && facts.state == .ready && couldClaim(actor, facts)
    }

    /// Whether somebody could claim a task if nobody had it: who comes too late is told who was faster, and no more.
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
