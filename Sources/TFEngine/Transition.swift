import TFDefinition
import TFExpression

/// What happens to an instance from outside.
package enum EngineEvent: Sendable, Hashable {
    case start(input: JSON)
    /// A task was done; `output` is `{answers…, outcome, by, at}`, without `visit`.
    case taskCompleted(reference: String, visit: Int, output: JSON)
    case cancel
}

/// What an event does: the new state and what the world has to be told, in order.
package struct Transition: Sendable, Hashable {
    package let state: InstanceState
    package let effects: [Effect]
}

/// One thing that a transition does outside the instance's own state.
package enum Effect: Sendable, Hashable {
    /// A step began, ended or was passed over.
    case step(StepChange)
    case openTask(TaskRequest)
    case withdrawTask(reference: String, visit: Int)
    /// `metadata.ticketStatus` of the innermost running step; nil: none has one.
    case ticketStatus(String?)
    case completed(output: JSON)
    case faulted(WorkflowError)
    case cancelled
}

package struct StepChange: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Hashable, Codable {
        case started
        case completed
        case skipped
        case faulted
        case cancelled
    }

    package let kind: Kind
    package let reference: String
    package let name: String
}

/// A task that somebody shall do.
package struct TaskRequest: Sendable, Hashable {
    package let reference: String
    package let visit: Int
    /// The step's name in the workflow.
    package let step: String
    package let definition: DefinitionName
    package let title: String
    /// Markdown; nil: none.
    package let description: String?
    package let input: JSON
    /// What the form's `value` and `default` expressions gave, by field.
    package let prefilled: JSONObject
    package let role: String?
    package let strategy: AssignmentStrategy
    /// Logins that may not have it.
    package let exclude: [String]
    package let prefer: String?
    /// The login, for the strategy `person`.
    package let person: String?
    /// nil: the ticket's.
    package let priority: Priority?
    /// Milliseconds since 1970, UTC.
    package let dueAt: Int64?
}
