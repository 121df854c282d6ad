/// The columns that may name a person, of each table, and those that cannot. A test holds both against the schema.
struct NamingColumns: Sendable {
    enum Kind: Sendable, Hashable {
        /// What people write.
        case text
        /// What the program composes, such as the query of an address.
        case ours
        case json
        /// The engine's own record of an instance.
        case state
    }

    let table: StoreTable
    /// The columns of the primary key.
    let key: [String]
    let columns: [(name: String, kind: Kind)]

    private init(_ table: StoreTable, _ columns: [(String, Kind)], key: [String] = ["id"]) {
        (self.table, self.key) = (table, key)
        self.columns = columns.map { (name: $0.0, kind: $0.1) }
    }

    static let all = [
        NamingColumns(.apiKey, [("name", .text)]),
        NamingColumns(.problem, [("message", .ours), ("suggestion", .ours)]),
        NamingColumns(.schedule, [("met", .json), ("set_aside_facts", .json)], key: ["company_id", "definition_id"]),
        NamingColumns(
            .ticket,
            [
                ("title", .text), ("folded_title", .text), ("status", .text), ("labels", .json),
                ("folded_labels", .json), ("form", .json), ("fields", .json),
            ]),
        NamingColumns(.comment, [("text", .text)]),
        NamingColumns(.instance, [("state", .state), ("set_aside_facts", .json)]),
        NamingColumns(.instanceEvent, [("payload", .json)], key: ["company_id", "position"]),
        NamingColumns(
            .cloudEvent, [("source", .text), ("event_id", .text), ("payload", .json)], key: ["company_id", "position"]),
        NamingColumns(
            .task,
            [
                ("title", .text), ("description", .text), ("excluded", .json), ("avoided", .json), ("preferred", .text),
                ("addressee", .text), ("waiting_facts", .json), ("input", .json), ("output", .json), ("fields", .json),
                ("prefilled", .json), ("draft", .json), ("error", .json), ("decision", .json),
            ]),
        NamingColumns(.history, [("actor", .text), ("data", .json)]),
        NamingColumns(.attachment, [("name", .text)]),
        NamingColumns(.idempotencyKey, [("answer", .json)], key: ["account_id", "name"]),
        NamingColumns(.parkedForm, [("page", .ours), ("fields", .json)]),
        NamingColumns(.savedView, [("name", .text), ("query", .ours)]),
        NamingColumns(.failingPart, [("error", .ours)], key: ["daemon", "name"]),
        // Last: it tells what the person was called before, also to an erasure that begins again.
        NamingColumns(.audit, [("actor", .ours), ("subject", .ours), ("old", .json), ("new", .json)]),
    ]

    /// The texts in which people search are written anew, by `OwnTexts` and `replaceSearched`.
    static let searched = ["search_text.text", "search_text.words"]

    /// What cannot name a person, or goes with the account; and, as files do, definitions, which are not ours to change.
    static let others = [
        "account.*", "account_role.*", "company.*", "company_role.*", "member_role.*", "membership.*",
        "membership_limit.*", "session.*", "throttle.*", "recovery_code.*", "password_link.*", "secret.*",
        "definition.*", "revision.*", "diagram.*", "outbox.*", "queue_epoch.*", "mended_key.*", "notification.*",
        "notice_setting.*", "ticket_view_role.*", "http_call.*", "leader.*", "attachment_chunk.*", "daemon.*",
        "site_key.*",
        "audit.action", "audit.address", "api_key.id", "api_key.hash", "attachment.id", "attachment.media_type",
        "attachment.field", "instance_event.kind", "instance_event.set_aside", "failing_part.daemon",
        "failing_part.name", "history.kind",
        "instance.pins",
        "instance.status", "instance.parent_reference", "instance.set_aside", "parked_form.id", "problem.file",
        "problem.severity", "saved_view.list", "saved_view.role", "schedule.set_aside", "search_text.kind",
        "search_text.audience", "idempotency_key.name", "idempotency_key.request", "task.reference", "task.step",
        "task.name",
        "task.kind", "task.role", "task.strategy", "task.state", "task.waiting_reason", "task.lease", "task.priority",
        "ticket.type", "ticket.state", "ticket.priority",
    ]
}
