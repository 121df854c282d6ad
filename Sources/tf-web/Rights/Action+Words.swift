/// Actions in words, for people who ask why somebody may do something.
extension Action {
    /// What an action is done to, as somebody names it in a question.
    enum Object: String, Sendable, CaseIterable {
        case site
        case company
        case ticketType
        case ticket
        case task
    }

    /// nil: everybody may do it, or it only prepares another action.
    var object: Object? {
        switch self {
        case .signIn, .askAsMachine, .useSite, .upload, .listDefinitionNames, .readTickets, .readTasks: nil
        case .submitTicket: .ticketType
        case .readTicket, .commentTicket, .attachToTicket, .readInternalNotes, .cancelTicket, .reopenTicket,
            .editTicket, .decideFault:
            .ticket
        case .readTask, .workTask, .releaseTask, .holdTask, .handOverTask, .claimTask, .assignTask, .prioritizeTask:
            .task
        case .sendEvents, .listOwnTickets, .listTickets, .workJobs, .listOwnTasks, .setOwnAvailability, .seeWorkers,
            .setAvailability, .readDefinitions, .editDefinitions, .giveCompanyRoles:
            .company
        case .administer: .site
        }
    }

    /// What somebody may do, to follow `may`.
    var words: String {
        switch self {
        case .signIn: "sign in"
        case .askAsMachine: "read the public addresses"
        case .useSite: "use their own account"
        case .submitTicket: "submit a ticket of a type"
        case .readTickets: "search tickets"
        case .readTicket: "open a ticket"
        case .commentTicket: "comment on a ticket"
        case .attachToTicket: "attach a file to a ticket"
        case .readInternalNotes: "read the internal notes of a ticket"
        case .cancelTicket: "cancel a ticket"
        case .reopenTicket: "reopen a ticket"
        case .editTicket: "change the details of a ticket"
        case .decideFault: "retry or skip a failed step of a ticket"
        case .sendEvents: "send events"
        case .listOwnTickets: "see the list of their own tickets"
        case .listTickets: "see the list of all tickets"
        case .readTasks: "search tasks"
        case .readTask: "open a task"
        case .workTask: "work on a task"
        case .releaseTask: "give a task back"
        case .holdTask: "put a task on hold"
        case .handOverTask: "hand a task to a colleague"
        case .claimTask: "claim a task"
        case .assignTask: "assign a task"
        case .prioritizeTask: "change the priority of a task"
        case .workJobs: "take jobs as a program"
        case .listOwnTasks: "see the list of their tasks"
        case .setOwnAvailability: "set their availability"
        case .seeWorkers: "see the load of the workers"
        case .setAvailability: "set the availability of others"
        case .upload: "upload a file"
        case .listDefinitionNames: "see which ticket types there are"
        case .readDefinitions: "read the source of workflows"
        case .editDefinitions: "write workflows"
        case .giveCompanyRoles: "declare and give company roles"
        case .administer: "run the site"
        }
    }
}
