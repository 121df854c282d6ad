/// The kind of an event that waits to be applied to a workflow instance: the column `event.kind`.
package enum EventKind: String, Sendable, Hashable, Codable, CaseIterable {
    case start
    /// A task is completed, or one of the people whom an `each` task asks has answered.
    case task
    case taskFailed = "task_failed"
    case cancel
    case http
    case run
    case ticket
    case received
    case resume
    case retry
    case skip
}
