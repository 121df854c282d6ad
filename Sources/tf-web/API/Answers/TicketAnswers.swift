import TFDefinition
import TFEngine
import TFExpression
import TFStore

extension TicketRow: Answer {
    static let answer = AnswerType<TicketRow>(
        "TicketRow",
        [
            .required("number", .number) { $0.number },
            .required("type", .text) { $0.type },
            .required("title", .text) { $0.title },
            .required("status", .text) { $0.status },
            .required("state", .word) { $0.state },
            .required("priority", .word) { $0.priority },
            .required("labels", .shaped(.list(.text, most: nil))) { $0.labels },
            .required("requester", .text) { $0.requester },
            .required("created", .time) { $0.createdAtMs },
            .required("updated", .time) { $0.updatedAtMs },
            .required("due", .orNull(.time)) { $0.dueAtMs },
            .required("closed", .orNull(.time)) { $0.closedAtMs },
            .required("duplicate_of", .orNull(.number)) { $0.duplicateOf },
            .required("version", .count) { $0.version },
        ])
}

/// A ticket with what its reader may see of it.
struct TicketAnswer: Answer {
    let ticket: TicketRow
    let form: JSON
    let tasks: [TaskRecord]
    let history: [HistoryAnswer]
    let comments: [Comment]
    let attachments: [Attachment]

    static let answer = AnswerType<TicketAnswer>(
        "Ticket",
        AnswerType.members(of: TicketRow.answer, \.ticket) + [
            .required("form", .shaped(.map(.any))) { $0.form },
            .required("tasks", .list(of: .object(task))) { $0.tasks },
            .required("history", .list(of: .object(HistoryAnswer.answer))) { $0.history },
            .required("comments", .list(of: .object(Comment.answer))) { $0.comments },
            .required("attachments", .list(of: .object(Attachment.answer))) { $0.attachments },
        ])

    private static let task = AnswerType<TaskRecord>(
        nil,
        [
            .required("id", .id) { $0.id },
            .required("name", .text) { $0.name },
            .required("title", .text) { $0.title },
            .required("state", .word) { $0.state },
            .required("assignee", .orNull(.text)) { $0.assignee },
            .required("outcome", .shaped(.orNull(.text))) { $0.output?["outcome"] ?? .null },
        ])
}

/// An entry of a ticket's history with what its reader may see of it.
struct HistoryAnswer: Answer {
    let entry: HistoryEntry
    let data: JSON

    init(_ entry: HistoryEntry, _ reader: TicketReader) {
        self.entry = entry
        data = reader.visible(entry)
    }

    static let answer = AnswerType<HistoryAnswer>(
        nil,
        [
            .required("at", .time) { $0.entry.atMs },
            .required("actor", .text) { $0.entry.actor },
            .required("kind", .word) { $0.entry.kind },
            .required("data", .shaped(.map(.any))) { $0.data },
        ])
}

extension Comment: Answer {
    static let answer = AnswerType<Comment>(
        "Comment",
        [
            .required("id", .id) { $0.id },
            .required("author", .text) { $0.login },
            .required("text", .text) { $0.text },
            .required("internal", .flag) { $0.isInternal },
            .required("created", .time) { $0.createdAtMs },
        ])
}

extension Attachment: Answer {
    static let answer = AnswerType<Attachment>(
        "Attachment",
        [
            .required("id", .text) { $0.id.rawValue },
            .required("name", .text) { $0.name },
            .required("size", .count) { $0.size },
            .required("created", .time) { $0.createdAtMs },
        ])
}

extension FormUpload: Answer {
    static let answer = AnswerType<FormUpload>(
        "Upload",
        [
            .required("id", .text) { $0.id.rawValue },
            .required("name", .text) { $0.name },
            .required("size", .count) { $0.size },
        ])
}

extension TicketDefinition: Answer {
    static let answer = AnswerType<TicketDefinition>(
        "TicketType",
        [
            .required("name", .text) { $0.name },
            .required("title", .text) { $0.title },
            .required("description", .orNull(.text)) { $0.description },
            .required("asks_title", .flag) { $0.asksTitle },
            .required("labels", .list(of: .text)) { $0.labels },
            .required("priority", .orNull(.word)) { $0.priority.fixed },
            .required("form", .shaped(.formSchema)) { $0.form.jsonSchema() },
        ])
}

/// A workflow instance with what its reader may see of it.
struct InstanceAnswer: Answer {
    let instance: InstanceView
    let reader: TicketReader

    private func data(_ value: JSON) -> JSON { reader.readsData ? value : .null }

    private struct Waiting: Sendable {
        let step: String
        let because: String

        static let answer = AnswerType<Waiting>(
            nil,
            [
                .required("step", .text) { $0.step },
                .required("for", .text) { $0.because },
            ])
    }

    static let answer = AnswerType<InstanceAnswer>(
        "Instance",
        [
            .required("id", .id) { $0.instance.id },
            .required("workflow", .text) { $0.instance.workflow },
            .required("status", .text) { $0.instance.status.rawValue },
            .required("depth", .count) { $0.instance.depth },
            .required("waiting", .list(of: .object(Waiting.answer))) {
                $0.instance.waiting.map { Waiting(step: $0.reference, because: $0.because) }
            },
            .required("next_timer", .orNull(.time)) { $0.instance.nextTimer },
            .required("input", .any) { $0.data($0.instance.data.input) },
            .required("context", .any) { $0.data($0.instance.data.context) },
            .required("tasks", .any) { $0.data($0.instance.data.tasks) },
            .required("output", .any) { $0.data($0.instance.data.output) },
            .required("error", .any) { $0.data($0.instance.error?.json ?? .null) },
            .required("stopped_at", .orNull(.text)) { $0.instance.stopped?.reference },
            .required("stopped_with", .any) { $0.data($0.instance.stopped?.input ?? .null) },
            .required(
                "withheld", .flag, "true: the data is null, since it may hold answers that are not yours to read."
            ) { !$0.reader.readsData },
        ])
}
