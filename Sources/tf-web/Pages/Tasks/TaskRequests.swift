import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// The form that completes a task.
struct TaskCompletion: RequestFields {
    let outcome: String
    let form: GivenAnswers
    /// Whether the visitor has confirmed the outcome; pages ask for that if the outcome says so.
    let isConfirmed: Bool
    /// Whether the visitor was asked to confirm it, and would rather not.
    let isTakenBack: Bool
    let version: Int?

    init(_ fields: inout FieldReader) {
        outcome = fields.required("outcome", .text(1, .outcome), ask: "Choose an outcome")
        form = fields.answers("form", "The answers by the fields' ids.")
        isConfirmed = fields.onPage("confirmed", .flag) ?? false
        isTakenBack = fields.onPage("back", .flag) ?? false
        version = fields.version()
    }
}

/// A partly filled form, to be saved.
struct TaskDraft: RequestFields {
    static let isAlwaysSent = true

    let form: GivenAnswers
    /// Where a page goes on once what was typed is safe.
    let next: NextStep?
    let version: Int?

    /// A page behind the task's menu.
    enum NextStep: String, Sendable, CaseIterable {
        case hold
        case assignment
        case release
    }

    init(_ fields: inout FieldReader) {
        form = fields.answers("form", "The answers by the fields' ids.")
        next = fields.onPage("next", .word)
        version = fields.version()
    }
}

/// What the script of a task's page sends while somebody types.
struct TypedAnswers: RequestFields {
    let form: GivenAnswers

    init(_ fields: inout FieldReader) { form = fields.answers("form", "The answers by the fields' ids.") }
}

/// Claims a task. The list of tasks to claim has one form for all of them, so it names no version: whoever is second
/// is told who was first.
struct TaskClaim: RequestFields {
    let version: Int?

    init(_ fields: inout FieldReader) { version = fields.version(isOnForms: false) }
}

/// Tries a task's failed step again. The form names no version: whoever is second finds nothing that has failed.
struct TaskRetry: RequestFields {
    let version: Int?

    init(_ fields: inout FieldReader) { version = fields.version(isOnForms: false) }
}

/// Releases a task.
struct TaskRelease: RequestFields {
    let reason: String?
    let version: Int?

    init(_ fields: inout FieldReader) {
        reason = fields.optional("reason", .text(0, .reason))
        version = fields.version()
    }
}

/// Puts a task on hold.
struct TaskHold: RequestFields {
    let until: WrittenMoment
    let reason: String?
    let version: Int?

    init(_ fields: inout FieldReader) {
        until = fields.required("until", .moment, ask: "Say until when the task is on hold")
        reason = fields.optional("reason", .text(0, .reason))
        version = fields.version()
    }
}

/// Assigns a task to another worker.
struct TaskAssignment: RequestFields {
    let target: Reassignment
    let reason: String?
    /// The address at which a page continues.
    let next: String?
    let version: Int?

    init(_ fields: inout FieldReader) {
        let assignee = fields.optional("assignee", .login, "Nobody: the rule chooses.")
        target = assignee.map(Reassignment.to) ?? .byRule
        reason = fields.optional("reason", .text(0, .reason))
        next = fields.onPage("next", .text)
        version = fields.version()
    }
}

/// Sets a task's priority.
struct TaskPriority: RequestFields {
    let priority: Priority
    let version: Int?

    init(_ fields: inout FieldReader) {
        priority = fields.required("priority", .word)
        version = fields.version()
    }
}

/// The filter of a list of tasks.
struct TaskQuery: RequestFields {
    private let assignee: String?
    private let state: TaskState?
    private let ticket: Int?
    private let name: String?
    private let isOpen: Bool
    private let isUnassigned: Bool
    private let isOverdue: Bool
    let paging: Paging

    init(_ fields: inout FieldReader) {
        assignee = fields.optional("assignee", .login, "A login, or `me`.")
        state = fields.optional("state", .word, "Only tasks in this state.")
        ticket = fields.optional("ticket", .number, "Only tasks of the ticket with this number.")
        name = fields.optional("name", .slug, "Only tasks of the definition with this name.")
        isOpen = fields.optional("open", .flag, "true: only those that have not ended.") ?? false
        isUnassigned = fields.optional("unassigned", .flag, "true: only those that nobody has.") ?? false
        isOverdue = fields.optional("overdue", .flag, "true: only open ones that were due.") ?? false
        paging = Paging(&fields, canBeTable: true)
    }

    func filter(me: String, now: Int64) throws -> TaskFilter {
        var filter = TaskFilter()
        filter.state = state
        filter.isOpen = isOpen
        filter.isUnassigned = isUnassigned
        filter.overdueAt = isOverdue ? now : nil
        filter.ticket = ticket
        filter.name = name
        filter.after = try paging.afterID()
        filter.limit = paging.limit
        filter.assignee = assignee == "me" ? me : assignee
        return filter
    }
}
