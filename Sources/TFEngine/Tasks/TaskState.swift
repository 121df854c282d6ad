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

    /// Whether somebody has the task, in their list or put off.
    package var isWithSomebody: Bool {
        switch self {
        case .assigned, .started, .held: true
        case .ready, .completed, .withdrawn, .failed: false
        }
    }

    /// Whether Redis has a job of the task.
    package func isQueued(waitsForNextTry: Bool) -> Bool {
        switch self {
        case .ready: !waitsForNextTry
        case .assigned, .started: true
        case .held, .completed, .withdrawn, .failed: false
        }
    }

    /// Whether the task is in its worker's list, whose length the queues count.
    package var isInList: Bool {
        switch self {
        case .assigned, .started: true
        case .ready, .held, .completed, .withdrawn, .failed: false
        }
    }
}

/// Whether a person or a program does a task.
package enum WorkerKind: String, Sendable, Hashable, Codable, CaseIterable {
    case person
    case service
}
