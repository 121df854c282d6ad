/// The state of a task.
package enum TaskState: String, Sendable, Hashable, Codable, CaseIterable {
    /// Nobody has the task: the rule has not chosen yet, nobody is eligible, or it is to be claimed.
    case ready
    /// The task is in its worker's list, not begun.
    case assigned
    /// The worker has opened the task, or a program has it.
    case started
    /// The task is put off until a moment: its worker still has it, but it is out of their list.
    case held
    case completed
    case withdrawn
    case failed

    /// Whether the task is still to be done.
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
