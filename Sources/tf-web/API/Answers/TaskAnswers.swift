import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// A task with what its reader may see of it.
struct TaskAnswer: Answer {
    let task: TaskRecord
    /// nil in a list, where it is not needed.
    let kind: TaskDefinition.Kind?
    let form: JSON
    /// The ways in which it can end; nil in a list.
    let outcomes: [Outcome]?
    let output: JSON

    /// A task in a list: without its form, and only with output that every reader may see.
    init(inList task: TaskRecord) {
        self.task = task
        kind = nil
        form = .null
        outcomes = nil
        var output = task.output
        if var members = output?.objectValue {
            for field in task.fields where !field.audience.isEmpty { members[field.id] = nil }
            output = .object(members)
        }
        self.output = output ?? .null
    }

    /// - Parameters:
    ///   - unseen: the fields whose answers the reader may not see.
    ///   - output: the part of the output that the reader may see.
    init(_ task: TaskRecord, _ definition: TaskDefinition, form: Form?, unseen: Set<String>, output: JSON?) {
        self.task = task
        kind = definition.kind
        outcomes = definition.outcomes
        let defaults = (task.prefilled.objectValue ?? [:]).filter { !unseen.contains($0.key) }
        self.form = form?.jsonSchema(prefilled: defaults) ?? .null
        self.output = output ?? .null
    }

    private static let outcome = AnswerType<Outcome>(
        "Outcome",
        [
            .required("value", .text, "What a completion names as its `outcome`.") { $0.value },
            .required("label", .text, "What people read on its button.") { $0.label },
        ])

    static let answer = AnswerType<TaskAnswer>(
        "Task",
        [
            .required("id", .id) { $0.task.id },
            .required("name", .text) { $0.task.name },
            .required("title", .text) { $0.task.title },
            .required("kind", .orNull(.text), "null in lists.") { $0.kind?.rawValue },
            .required("state", .word) { $0.task.state },
            .required("assignee", .orNull(.text)) { $0.task.assignee },
            .required("ticket", .number) { $0.task.ticketNumber },
            .required("priority", .word) { $0.task.priority },
            .required("due", .orNull(.time)) { $0.task.dueAtMs },
            .required("form", .shaped(.orNull(.formSchema)), "null in lists and where there is no form.") { $0.form },
            .required("outcomes", .orNull(.list(of: .object(outcome))), "How it can end; null in lists.") {
                $0.outcomes
            },
            .required("input", .any) { $0.task.input },
            .required("output", .shaped(.orNull(.map(.any)))) { $0.output },
            .required("decision", .any) { $0.task.explainedDecision },
            .required("waiting_because", .orNull(.text)) { $0.task.waitingBecause },
            .required("attempt", .count) { $0.task.attempt },
            .required("failures", .count) { $0.task.failures },
            .required("error", .any) { $0.task.error?.problem ?? .null },
            .required("held_until", .orNull(.time)) { $0.task.state == .held ? $0.task.wakeAtMs : nil },
            .required("version", .count) { $0.task.version },
        ])
}

extension TaskRecord {
    /// The stored decision, with a sentence as `because` and its code as `reason`.
    fileprivate var explainedDecision: JSON {
        guard let decision, var members = decision.json.objectValue else { return .null }
        members["because"] = .optional(because)
        members["reason"] = .optional(decision.because?.code.rawValue ?? waiting?.code.rawValue)
        return .object(members)
    }
}

/// A worker with their load.
struct WorkerAnswer: Answer {
    let load: WorkerLoad
    /// The ids of their open tasks, including those on hold.
    let open: [TaskID]
    /// The length of their list in Redis; nil if Redis does not answer. After a change: how many open tasks they have.
    let length: Int?

    static let answer = AnswerType<WorkerAnswer>(
        "Worker",
        [
            .required("login", .text) { $0.load.login },
            .required("name", .text) { $0.load.name },
            .required("kind", .word) { $0.load.kind },
            .required("roles", .list(of: .text)) { $0.load.roles },
            .required("available", .flag) { $0.load.isAvailable },
            .required("changes", .orNull(.time)) { $0.load.presence.changesAtMs },
            .required("changes_back", .orNull(.time), "When that ends.") { $0.load.presence.changesBackAtMs },
            .required("open", .list(of: .id)) { $0.open },
            .required("held", .count) { $0.load.held },
            .required("done", .count) { $0.load.done },
            .required(
                "length", .orNull(.count),
                "Of their list in Redis; null: Redis does not answer. In the answer to a change of their availability: the number of their open tasks as of the change, which the list then has, too."
            ) { $0.length },
        ])
}

/// A worker's list in Redis, with the store's figures.
struct ListLengthAnswer: Answer {
    let company: String
    let login: String
    let open: Int
    let length: Int?

    static let answer = AnswerType<ListLengthAnswer>(
        "Queue",
        [
            .required("company", .slug) { $0.company },
            .required("login", .text) { $0.login },
            .required("key", .text) { "queue:\($0.company).\($0.login)" },
            .required("open", .count, "Open tasks in the store.") { $0.open },
            .required("length", .orNull(.count), "Of the list in Redis; null: Redis does not answer.") { $0.length },
        ])
}

/// A page of the lists of the site's queues.
struct QueueList: Answer {
    let queues: [ListLengthAnswer]
    let next: String?
    let outbox: Int

    static let answer = AnswerType<QueueList>(
        nil,
        [
            .required("items", .list(of: .object(ListLengthAnswer.answer))) { $0.queues },
            .required("next", .orNull(.text)) { $0.next },
            .required("outbox", .count, "Changes on their way to Redis.") { $0.outbox },
        ])
}
