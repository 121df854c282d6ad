import TFStore

/// System roles as people know them.
extension SystemRole {
    /// All of them, from the most common to the most powerful.
    static let inOrder: [SystemRole] = [.user, .taskWorker, .workflowCreator, .ticketAdmin, .admin]

    var label: String {
        switch self {
        case .user: "User"
        case .taskWorker: "Worker"
        case .workflowCreator: "Workflow creator"
        case .ticketAdmin: "Ticket admin"
        case .admin: "Admin"
        }
    }

    /// What somebody with the role does.
    var meaning: String {
        switch self {
        case .user: "submits tickets"
        case .taskWorker: "gets tasks"
        case .workflowCreator: "writes forms and workflows"
        case .ticketAdmin: "sees and moves all tickets"
        case .admin: "runs the site"
        }
    }

    /// With its article, to follow `is`.
    var inSentence: String {
        switch self {
        case .user: "a user"
        case .taskWorker: "a worker"
        case .workflowCreator: "a workflow creator"
        case .ticketAdmin: "a ticket admin"
        case .admin: "an admin"
        }
    }

    /// Several roles, such as `Worker, user`.
    static func sentence(_ roles: Set<SystemRole>) -> String {
        let labels = inOrder.filter(roles.contains).map(\.label)
        return labels.enumerated().map { $0 == 0 ? $1 : $1.lowercased() }.joined(separator: ", ")
    }
}
