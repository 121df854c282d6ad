/// The kind of an entry in a ticket's history: the column `history.kind`.
package enum HistoryKind: String, Sendable, Hashable, Codable, CaseIterable {
    // The ticket
    case submitted
    /// A key of the ticket type, whose expression failed: its default stands.
    case uncomputed
    case updated
    case attached
    case cancellation
    case reopened
    /// A step of the workflow began or ended; the diagram's path is drawn from these.
    case step
    case closed
    case failed
    case cancelled
    case stepRetry = "step-retry"
    case stepSkip = "step-skip"
    // A task
    case assigned
    case claimed
    case started
    case held
    case released
    case reassigned
    case handedOver = "handed-over"
    case prioritized
    case completed
    case answersReplaced = "answers-replaced"
    case tryFailed = "try-failed"
    case taskFailed = "task-failed"
    case leaseEnded = "lease-ended"
}
