import TFDefinition
import TFEngine
import TFStore

/// The shapes of what the API takes and gives, by name. `JSON+Records.swift` writes what these describe.
extension Shape {
    static let problem = Shape.named(
        "Problem",
        .object([
            .required("type", .text), .required("title", .text), .required("status", .integer(400...599)),
            .required("detail", .text),
            .optional(
                "errors",
                .list(.either([fieldError, diagnostic]), most: nil), "What is wrong, field by field or line by line."),
        ]))
    private static let fieldError = Shape.named(
        "FieldError",
        .object([
            .required("field", .text, "The path in the body, such as `form.system`, or the query's parameter."),
            .required("message", .text),
        ]))
    static let diagnostic = Shape.named(
        "Diagnostic",
        .object([
            .required("file", .text), .required("line", .count), .required("column", .count),
            .required("severity", .choice(["error", "warning", "notice"])), .required("message", .text),
            .optional("suggestion", .orNull(.text)),
        ]))

    static let systemRole = Shape.choice(SystemRole.allCases.map(\.rawValue))
    static let priority = Shape.choice(["low", "normal", "high", "urgent"])
    static let version = Shape.Member.optional(
        "version", .integer(1...Int64(Int32.max)), "The version that was read; a stale one is answered 409.")
    static let names = Shape.list(.text(1, .identifier), most: 200)

    // MARK: Accounts

    static let tokens = Shape.named(
        "Tokens",
        .object([
            .required("access_token", .text), .required("refresh_token", .text),
            .required("token_type", .choice(["Bearer"])), .required("expires_in", .count, "In seconds."),
        ]))
    static let introspection = Shape.named(
        "Introspection",
        .object([
            .required("active", .flag), .optional("client_id", .text), .optional("username", .text),
            .optional("token_type", .text), .optional("exp", .count), .optional("iat", .count), .optional("sub", .text),
            .optional("aud", .text), .optional("iss", .text), .optional("jti", .text), .optional("sid", .text),
        ]))
    private static let membership = Shape.named(
        "Membership",
        .object([
            .required("company", slug), .required("name", .text), .required("roles", .list(systemRole, most: nil)),
            .required("company_roles", .list(.text, most: nil)), .required("available", .flag),
        ]))
    static let me = Shape.named(
        "Me",
        .object([
            .required("id", id), .required("login", .text), .required("name", .text),
            .required("kind", .choice(["person", "service"])), .required("roles", .list(systemRole, most: nil)),
            .required("companies", .list(membership, most: nil)),
        ]))
    static let user = Shape.named(
        "User",
        .object([
            .required("id", id), .required("login", .text), .required("name", .text),
            .required("email", .orNull(.text)),
            .required("kind", .choice(["person", "service"])), .required("roles", .list(systemRole, most: nil)),
            .required("companies", .list(membership, most: nil)), .required("disabled", .flag),
            .required("second_factor", .flag), .required("created", time), .required("version", .count),
            .optional("invite", .text, "Only in the answer to the request that made the user without a password."),
        ]))
    static let member = Shape.named(
        "Member",
        .object([
            .required("login", .text), .required("name", .text), .required("kind", .choice(["person", "service"])),
            .required("roles", .list(systemRole, most: nil), "The system roles that count in this company."),
            .required("company_roles", .list(.text, most: nil)), .required("available", .flag),
            .required("disabled", .flag),
        ]))
    static let company = Shape.named(
        "Company",
        .object([
            .required("slug", slug), .required("name", .text), .required("timezone", .text),
            .required("version", .count),
        ]))
    static let role = Shape.named(
        "Role", .object([.required("name", slug), .required("members", .list(.text, most: nil))]))
    static let auditEntry = Shape.named(
        "AuditEntry",
        .object([
            .required("id", id), .required("at", time), .required("actor", .text),
            .required("action", .choice(AuditAction.allCases.map(\.rawValue))), .required("subject", .text),
            .required("company", .orNull(.text)), .required("old", .any),
            .required("new", .any), .required("address", .text),
        ]))
    static let notification = Shape.named(
        "Notification",
        .object([
            .required("id", id), .required("company", slug),
            .required("kind", .choice(NoticeKind.allCases.map(\.rawValue))), .required("ticket", id),
            .required("title", .text), .required("task", .orNull(id)),
            .required("created", time), .required("read", .orNull(time)),
        ]))
    static let queue = Shape.named(
        "Queue",
        .object([
            .required("company", slug), .required("login", .text), .required("key", .text),
            .required("open", .count, "Open tasks in the store."),
            .required("length", .orNull(.count), "Of the list in Redis; null: Redis does not answer."),
        ]))

    // MARK: Tickets

    static let ticketState = Shape.choice(TicketState.allCases.map(\.rawValue))
    static let ticketType = Shape.named(
        "TicketType",
        .object([
            .required("name", .text), .required("title", .text), .required("description", .orNull(.text)),
            .required("asks_title", .flag), .required("labels", .list(.text, most: nil)),
            .required("priority", .orNull(priority)),
            .required("form", formSchema),
        ]))
    private static let condition = Shape.map(.any)
    /// What `Form.jsonSchema` gives.
    static let formSchema = Shape.named(
        "FormSchema",
        .object([
            .required("$schema", .text), .required("type", .choice(["object"])),
            .required(
                "properties",
                .map(
                    .open(
                        [
                            .required("title", .text, "The question, as people read it."),
                            .optional("description", .text, "A hint under it; Markdown."),
                            .required("x-type", .choice(ElementType.allCases.map(\.rawValue))),
                            .optional("default", .any, "What stands in the field at first."),
                            .optional(
                                "x-default", .any,
                                "The same, where it is known only when the form is opened: today+3d, now, me, requester."
                            ),
                            .optional("oneOf", .list(option, most: nil), "The options, with their labels."),
                            .optional("x-other", .flag, "People may write something else."),
                            .optional("x-multiline", .flag, "The text may have several lines."),
                            .optional("x-unit", .text, "What is counted."),
                            .optional("x-placeholder", .text, "A faint example inside the empty field."),
                            .optional("x-visible-if", condition, "When it is asked for, as a definition has it."),
                            .optional("x-visible-if-words", .text, "The same for people."),
                        ], others: .any)), "The fields by their ids, each with the schema of its answer."),
            .required("required", .list(.text, most: nil)), .required("additionalProperties", .flag),
            .required(
                "x-elements",
                .list(
                    .object([
                        .optional("field", .text, "A field's id."),
                        .optional("type", .choice(["markdown", "section"]), "What stands between fields."),
                        .optional("markdown", .text), .optional("title", .text, "A section's heading."),
                        .optional("description", .text), .optional("x-visible-if", condition),
                        .optional("x-visible-if-words", .text),
                    ]), most: nil), "All that the form shows, in its order."),
        ]))
    private static let option = Shape.object([
        .required("const", .text), .required("title", .text), .optional("description", .text),
    ])
    private static let ticketMembers: [Member] = [
        .required("number", id), .required("type", .text), .required("title", .text), .required("status", .text),
        .required("state", ticketState), .required("priority", priority), .required("labels", .list(.text, most: nil)),
        .required("requester", .text), .required("created", time), .required("updated", time),
        .required("due", .orNull(time)), .required("closed", .orNull(time)), .required("duplicate_of", .orNull(id)),
        .required("version", .count),
    ]
    static let ticketRow = Shape.named("TicketRow", .object(ticketMembers))
    private static let attachment = Shape.named(
        "Attachment",
        .object([
            .required("id", .text), .required("name", .text), .required("size", .count), .required("created", time),
        ]))
    static let ticket = Shape.named(
        "Ticket",
        .object(
            ticketMembers + [
                .required("form", .map(.any)),
                .required(
                    "tasks",
                    .list(
                        .object([
                            .required("id", id), .required("name", .text), .required("title", .text),
                            .required("state", taskState), .required("assignee", .orNull(.text)),
                            .required("outcome", .orNull(.text)),
                        ]), most: nil)),
                .required(
                    "history",
                    .list(
                        .object([
                            .required("at", time), .required("actor", .text),
                            .required("kind", .choice(HistoryKind.allCases.map(\.rawValue))),
                            .required("data", .map(.any)),
                        ]), most: nil)),
                .required("comments", .list(comment, most: nil)),
                .required("attachments", .list(attachment, most: nil)),
            ]))
    static let comment = Shape.named(
        "Comment",
        .object([
            .required("id", id), .required("author", .text), .required("text", .text), .required("internal", .flag),
            .required("created", time),
        ]))
    static let upload = Shape.named(
        "Upload", .object([.required("id", .text), .required("name", .text), .required("size", .count)]))
    static let instance = Shape.named(
        "Instance",
        .object([
            .required("id", id), .required("workflow", .text), .required("status", .text), .required("depth", .count),
            .required("waiting", .list(.object([.required("step", .text), .required("for", .text)]), most: nil)),
            .required("next_timer", .orNull(time)), .required("input", .any), .required("context", .any),
            .required("tasks", .any), .required("output", .any), .required("error", .any),
            .required("stopped_at", .orNull(.text)), .required("stopped_with", .any),
            .required(
                "withheld", .flag, "true: the data is null, since it may hold answers that are not yours to read."),
        ]))

    // MARK: Tasks

    static let taskState = Shape.choice(TaskState.allCases.map(\.rawValue))
    static let task = Shape.named(
        "Task",
        .object([
            .required("id", id), .required("name", .text), .required("title", .text),
            .required("kind", .orNull(.text), "null in lists."), .required("state", taskState),
            .required("assignee", .orNull(.text)), .required("ticket", id), .required("priority", priority),
            .required("due", .orNull(time)),
            .required("form", .orNull(formSchema), "null in lists and where there is no form."),
            .required("input", .any), .required("output", .orNull(.map(.any))), .required("decision", .any),
            .required("waiting_because", .orNull(.text)), .required("attempt", .count), .required("failures", .count),
            .required("error", .any), .required("held_until", .orNull(time)), .required("version", .count),
        ]))
    static let worker = Shape.named(
        "Worker",
        .object([
            .required("login", .text), .required("name", .text), .required("kind", .choice(["person", "service"])),
            .required("roles", .list(.text, most: nil)), .required("available", .flag),
            .required("changes", .orNull(time)), .required("open", .list(id, most: nil)), .required("held", .count),
            .required("done", .count), .required("length", .orNull(.count)),
        ]))
    static let job = Shape.named(
        "Job",
        .object([
            .required("task", id), .required("name", .text), .required("title", .text), .required("input", .any),
            .required("ticket", id), .required("attempt", .count), .required("lease", .text),
            .required("expires", time),
        ]))
    static let jobState = Shape.named(
        "JobState",
        .object([
            .required("task", id), .required("state", taskState), .required("attempt", .count),
            .required("failures", .count), .required("again", .orNull(time)),
        ]))

    // MARK: Definitions

    static let definition = Shape.named(
        "Definition",
        .object([
            .required("kind", .choice(["ticket", "task", "workflow"])), .required("name", .text),
            .required("version", .text), .required("revision", .text),
            .required(
                "state", .choice(["active", "incomplete", "retired", "refused"]),
                "refused: a file with errors of which nothing was ever published; it has no version and no revision."),
            .required("file", .text),
            .required("problems", .list(diagnostic, most: nil)),
        ]))
    static let definitionWritten = Shape.named(
        "WrittenDefinition",
        .object([
            .required("kind", .choice(["ticket", "task", "workflow"])), .required("name", .text),
            .required("version", .text), .required("revision", .text), .required("file", .text),
            .required("problems", .list(diagnostic, most: nil)),
        ]))
    static let check = Shape.named(
        "Check",
        .object([
            .required("kind", .orNull(.text)), .required("name", .orNull(.text)),
            .required("problems", .list(diagnostic, most: nil)),
        ]))
    static let event = Shape.named(
        "ReceivedEvent",
        .object([
            .required("id", .text), .required("source", .text), .required("type", .text),
            .required("is_new", .flag, "false: an event with this source and id came before."),
        ]))
}
