/// An action that needs authorisation.
enum Action: String, Sendable, CaseIterable {
    /// Needs no sign-in.
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
