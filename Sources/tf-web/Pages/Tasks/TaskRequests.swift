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

/// The filter of an API list of tasks: that of the page, and what programs ask besides.
struct TaskQuery: RequestFields {
    private let state: ListedStates
    private let conditions: TaskConditions
    private let name: String?
    private let isOpen: Bool
    private let opened: OpenedDays
    private let order: TaskFilter.Order
    let paging: Paging

    init(_ fields: inout FieldReader) {
        state =
            fields.optional(
                "state", .word, "Only tasks in this state; open: that have not ended; all where nothing is said.")
            ?? .all
        conditions = TaskConditions(&fields)
        name = fields.optional("name", .slug, "Only tasks of the definition with this name.")
        isOpen = fields.optional("open", .flag, "true: only those that have not ended.") ?? false
        opened = OpenedDays(&fields, isOnPage: false)
        order =
            fields.optional(
                "sort", .word,
                "id where nothing is said: oldest first. due: only those that have not ended, what is due first on top."
            )
            ?? .oldest
        paging = Paging(&fields, canBeTable: true)
    }

    /// - Parameter me: the login for which `me` stands in the query.
    /// - Throws: `Failure.invalid` if `after` is not a cursor of this list, or for no day and no moment.
    func filter(in company: Company, me: String, now: Int64) throws -> TaskFilter {
        let errors = opened.errors(in: company)
        guard errors.isEmpty else { throw Failure.invalid(errors) }
        var filter = conditions.filter(me: me, now: now)
        filter.keep(state)
        if isOpen { filter.isOpen = true }
        filter.definition = name
        filter.from = opened.start(in: company)
        filter.to = opened.end(in: company)
        filter.order = order
        filter.limit = paging.limit
        do { try filter.go(to: paging.after) } catch { throw Paging.refusal(error) }
        return filter
    }
}
