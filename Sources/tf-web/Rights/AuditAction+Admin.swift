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
}
