/// The kind of an event that waits to be applied to a workflow instance: the column `instance_event.kind`. Each case says
/// what its payload is; `reference` and `visit` name the step that waits for it.
package enum InstanceEventKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// The instance begins. Its input.
    case start
    /// A task is completed, or one of the people whom an `each` task asks has answered: `reference`, `visit`, `output`, and
    /// of such an answer `seat` and `people`. Without these, an `each` task was decided before anybody was asked.
    case task
    /// A task has failed for good: `reference`, `visit`, `error`.
    case taskFailed = "task_failed"
    /// Somebody ends the ticket, or the step that started the instance was ended. Empty.
    case cancel
    /// A request was answered, or its outcome is unknown: `reference`, `visit`, `stage`, `outcome`.
    case http
    /// A workflow that a step started has ended, or could not be started: `reference`, `visit`, `outcome`.
    case run
    /// The ticket that a step opens is open, or could not be opened: `reference`, `visit`, `outcome`.
    case ticket
    /// A CloudEvent arrived while the instance was listening. The whole event.
    case received
    /// The instance goes on after it gave others their turn. Empty.
    case resume
    /// An admin has the failed step tried again. Empty.
    case retry
    /// An admin goes on behind the failed step: the `output` that stands for the step's own.
    case skip
}
