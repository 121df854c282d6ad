import TFDefinition
import TFExpression

/// What happens to an instance from outside.
package enum EngineEvent: Sendable, Hashable {
    case start(input: JSON)
    /// A task was completed; `output` is `{answers…, outcome}`, without `visit`; a person's has `by` and `at` too. Of an
    /// `each` task: it was decided before anybody was asked.
    case taskCompleted(reference: String, visit: Int, output: JSON)
    /// One of the people whom an `each` task asks has answered. `seat` is that person's number, `people` how many are
    /// asked.
    case taskAnswered(reference: String, visit: Int, seat: Int, people: Int, output: JSON)
    case taskFailed(reference: String, visit: Int, error: JSON)
    /// The moment that `nextTimer` named has come.
    case tick
    case httpFinished(reference: String, visit: Int, stage: Int, HTTPOutcome)
    case runFinished(reference: String, visit: Int, RunOutcome)
    case ticketOpened(reference: String, visit: Int, RunOutcome)
    /// A CloudEvent, its envelope as JSON with `id`.
    case received(JSON)
    /// The next turn of an instance that yielded.
    case resume
    /// A ticket admin tries the failed step again.
    case retry
    /// A ticket admin skips the failed step, with this as its output.
    case skip(output: JSON)
    case cancel
}

/// The outcome of a workflow or ticket that a step started.
package enum RunOutcome: Sendable, Hashable, Codable {
    case completed(JSON)
    case failed(WorkflowError)
}

/// What an event does: the new state, and the effects on the world in order.
package struct Transition: Sendable, Hashable {
    package let state: InstanceState
    package let effects: [Effect]
}

/// One thing that a transition does outside the instance's own state.
package enum Effect: Sendable, Hashable {
    /// A step began, ended or was skipped.
    case step(StepChange)
    case openTask(TaskRequest)
    case withdrawTask(reference: String, visit: Int)
    /// A request is to be sent; `Engine.request` makes it.
    case sendHTTP(HTTPIntent)
    case cancelHTTP(reference: String, visit: Int)
    case runWorkflow(RunRequest)
    case cancelRun(reference: String, visit: Int)
    case openTicket(TicketRequest)
    case updateTicket(TicketUpdate)
    case comment(body: String, isInternal: Bool)
    /// A CloudEvent for the company's listeners.
    case emit(JSON)
    /// A listener was opened: events since this moment, which the instance may have missed, are to be delivered again.
    case replayEvents(since: Int64)
    /// The ticket's status; nil if the workflow names none.
    case ticketStatus(String?)
    /// The instance has used up its turn and needs another.
    case yield
    /// A faulted instance runs again.
    case resumed
    case completed(output: JSON)
    case faulted(WorkflowError)
    case cancelled
}

/// What happened to a step, for the ticket's history and the path through its diagram.
package struct StepChange: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Hashable, Codable {
        case started
        case completed
        case skipped
        case faulted
        case cancelled
        case retried
        case waiting
    }

    package let kind: Kind
    /// The step's JSON Pointer; empty for the workflow itself.
    package let reference: String
    package let name: String
    /// Why it failed, as the error's title, and of an expression which one and how; nil for other changes.
    package var reason: String?
}

/// A task to be opened.
package struct TaskRequest: Sendable, Hashable {
    package let reference: String
    package let visit: Int
    /// The step's name in the workflow; of a step in a function, that of the step that calls the function.
    package let step: String
    package let definition: DefinitionName
    package let title: String
    /// The instructions in Markdown, if there are any.
    package let description: String?
    package let input: JSON
    /// Computed initial answers, by field: the results of the form's `value` and `default` expressions.
    package let prefilled: JSONObject
    package let role: String?
    package let strategy: AssignmentStrategy
    /// Logins that may not have the task.
    package let exclude: [String]
    package let prefer: String?
    /// The login, for the strategy `person`.
    package let person: String?
    /// The logins to ask, for the strategy `each`; nil: every holder of `role`.
    package let people: [String]?
    /// The task's priority; nil: the ticket's.
    package let priority: Priority?
    /// Milliseconds since 1970, UTC.
    package let dueAt: Int64?

    /// The output of an `each` task that asks nobody, because too few could answer.
    package static func undecided(_ outcome: String) -> JSON { ["outcome": .string(outcome), "answers": []] }
}

/// A workflow that a step starts.
package struct RunRequest: Sendable, Hashable {
    /// The step's JSON Pointer.
    package let reference: String
    package let visit: Int
    package let workflow: DefinitionName
    package let input: JSON
    /// Whether the step waits for its end.
    package let isAwaited: Bool
}

/// A ticket that a step opens.
package struct TicketRequest: Sendable, Hashable {
    package let reference: String
    package let visit: Int
    package let type: String
    package let form: JSON
    /// The new ticket's requester; nil: the requester of the instance's own ticket.
    package let requester: String?
}

/// What a step changes of its ticket; nil: it stays.
package struct TicketUpdate: Sendable, Hashable {
    package let priority: Priority?
    package let title: String?
    package let labels: [String]?
}
