/// A worker as the queues know them.
public struct Worker: Sendable, Hashable {
    /// Who does a task: a person or a program.
    public enum Kind: String, Sendable, Hashable {
        case person
        case service
    }

    /// Whether a worker gets new tasks.
    public enum State: String, Sendable, Hashable {
        case available
        case away
        /// Not a worker of this company any more.
        case gone
    }

    /// The worker's login.
    public let login: String
    /// A person or a program.
    public let kind: Kind
    /// The worker's company roles.
    public let roles: [String]
    /// Whether the worker gets new tasks.
    public let state: State

    /// A worker.
    public init(login: String, kind: Kind = .person, roles: [String], state: State) {
        self.login = login
        self.kind = kind
        self.roles = roles
        self.state = state
    }
}
