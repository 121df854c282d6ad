/// Where a task stands.
package enum TaskState: String, Sendable, Hashable, Codable, CaseIterable {
    /// Nobody has it: the rule has not chosen yet, nobody is eligible, or it is to be claimed.
    case ready
    /// In somebody's list, not begun.
    case assigned
    /// Its worker opened it, or a program has taken it up.
    case started
    /// Put off until a moment: still somebody's, but out of their list.
    case held
    case completed
    case withdrawn
    case failed

    /// Whether it is still to be done.
    package var isOpen: Bool {
        switch self {
        case .ready, .assigned, .started, .held: true
        case .completed, .withdrawn, .failed: false
        }
    }
}

/// Whether a person or a program does a task.
package enum WorkerKind: String, Sendable, Hashable, Codable, CaseIterable {
    case person
    case service
}
