import TFStore

extension AuditAction {
    /// The audit entry for an action that only an admin's rights allowed; nil unless it concerns a single ticket or
    /// task.
    init?(byAdmin action: Action) {
        switch action {
        case .readTicket: self = .adminReadTicket
        case .commentTicket: self = .adminCommentTicket
        case .attachToTicket: self = .adminAttachToTicket
        case .cancelTicket: self = .adminCancelTicket
        case .reopenTicket: self = .adminReopenTicket
        case .editTicket: self = .adminEditTicket
        case .decideFault: self = .adminDecideFault
        case .readTask: self = .adminReadTask
        case .workTask: self = .adminWorkTask
        case .releaseTask: self = .adminReleaseTask
        case .holdTask: self = .adminHoldTask
        case .handOverTask: self = .adminHandOverTask
        case .claimTask: self = .adminClaimTask
        case .assignTask: self = .adminAssignTask
        case .prioritizeTask: self = .adminPrioritizeTask
        case .signIn, .askAsMachine, .useSite, .submitTicket, .readTickets, .readInternalNotes, .sendEvents,
            .listOwnTickets, .listTickets, .readTasks, .workJobs, .listOwnTasks, .setOwnAvailability, .seeWorkers,
            .setAvailability, .upload, .listDefinitionNames, .readDefinitions, .editDefinitions, .giveCompanyRoles,
            .administer:
            return nil
        }
    }

    /// The entries for a list of a company that an admin of the site sees: of who looks at it, and of who takes it out
    /// as a table; nil unless it is one of tickets or of tasks.
    static func ofList(byAdmin action: Action) -> (look: AuditAction, export: AuditAction)? {
        switch action {
        case .listTickets, .readTickets: return (look: Self.adminListTickets, export: Self.adminExportTickets)
        case .assignTask, .readTasks: return (look: Self.adminListTasks, export: Self.adminExportTasks)
        default: return nil
        }
    }
}

extension AdminNote {
    /// Of a list of tickets or of tasks. Admins who are ticket admins of the company too have these lists anyway, but
    /// only with the tickets that `view_roles` leaves them: the rest is theirs as admins.
    init?(ofList action: Action, _ access: InCompany) {
        guard access.actor.isAdmin, let (look, export) = AuditAction.ofList(byAdmin: action) else { return nil }
        self.init(
            action: nil, look: look, export: export, subject: .company(access.company.slug),
            company: access.company.id)
    }
}
