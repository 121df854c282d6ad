import TFEngine
import TFStore

/// What an action is done to.
enum Resource: Sendable {
    case site
    case company
    case ticketType(submitRoles: [String])
    case ticket(TicketFacts)
    case task(TaskFacts)
}

/// What a decision about a ticket needs to know about it.
struct TicketFacts: Sendable {
    let requester: AccountID
    let viewRoles: Set<String>
    /// Whether the actor has an open task of it.
    let hasTask: Bool
    /// The ids of its tasks that the actor has or had.
    let hadTasks: Set<TaskID>
}

/// What a decision about a task needs to know about it.
struct TaskFacts: Sendable {
    let id: TaskID
    let ticket: TicketFacts
    let assignee: AccountID?
    let role: String?
    let state: TaskState
    /// Whether the actor is excluded from the task.
    let isExcluded: Bool

    init(id: TaskID, ticket: TicketFacts, assignee: AccountID?, role: String?, state: TaskState, isExcluded: Bool) {
        self.id = id
        self.ticket = ticket
        self.assignee = assignee
        self.role = role
        self.state = state
        self.isExcluded = isExcluded
    }

    /// - Parameter ticket: the facts of the task's ticket, for this actor.
    init(_ task: TaskRecord, _ ticket: TicketFacts, _ actor: Actor) {
        self.init(task, ticket, login: actor.login)
    }

    /// - Parameter login: the actor's.
    init(_ task: TaskRecord, _ ticket: TicketFacts, login: String) {
        self.init(
            id: task.id, ticket: ticket, assignee: task.assigneeID, role: task.role, state: task.state,
            isExcluded: task.excluded.arrayValue?.contains(.string(login)) ?? false)
    }
}

enum Decision: Sendable, Equatable {
    case allowed
    /// Visible, but not allowed; the sentence says what is missing.
    case forbidden(String)
    /// Answered as if the resource did not exist.
    case invisible
}
