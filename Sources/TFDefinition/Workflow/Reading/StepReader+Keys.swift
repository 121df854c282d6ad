/// The keys of steps.
extension StepReader {
    static let common = [
        Key("if", .expression, "It runs only where this holds.", examples: [".outcome == \"approve\""]),
        Key("input", .mapping(DataTransformation.keys("input", "from")), "What becomes of its input."),
        Key("output", .mapping(DataTransformation.keys("output", "as")), "What becomes of its output."),
        Key("export", .mapping(DataTransformation.keys("export", "as")), "What becomes $context."),
        Key("timeout", timeoutShape, "How long it may take: after, or the name of one in use.timeouts."),
        Key(
            "then", .text, "Where to go on: continue, exit, end, or a task of the same list.", standard: "continue"),
        Key("metadata", .open(metadataKeys), "ticketStatus, background, idempotent; anything else is for people."),
    ]
    private static let metadataKeys = KeyTable(
        "\"metadata\"",
        [
            Key("ticketStatus", .text, "The ticket's visible status while it runs.", examples: ["in approval"]),
            Key("background", .flag, "A branch that the fork does not wait for.", standard: false),
            Key("idempotent", .flag, "A request that may be sent twice.", standard: false),
        ])
    static let timeoutKeys = KeyTable(
        "\"timeout\"", [Key("after", DurationRule.shape, "How long.", isRequired: true, examples: ["P2D"])])
    static let timeoutShape = Shape.either([.mapping(timeoutKeys), .text])

    /// The kinds of steps: the key that tells the kind, a title, and the keys that go with it.
    static let kindKeys: [(kind: String, title: String, keys: [Key])] = [
        // `for` comes before `do`, since a loop has `do` too.
        (
            "for", "for: a loop over a list",
            [
                Key("for", .mapping(ForLoop.keys), "What it runs for.", isRequired: true),
                Key("while", .expression, "Asked before each round."),
                Key("do", listShape, "What runs in each round.", isRequired: true),
            ]
        ),
        ("do", "do: tasks in order", [Key("do", listShape, "Tasks to run in order.", isRequired: true)]),
        (
            "set", "set: a value",
            [
                Key(
                    "set", .either([.text, .byName(.any)]), "The value that becomes its output.", isRequired: true,
                    examples: [["status": "paid", "by": "${ .by }"]])
            ]
        ),
        (
            "switch", "switch: where to go on",
            [Key("switch", .namedEntries(.mapping(caseKeys)), "The first true case decides.", isRequired: true)]
        ),
        (
            "call", "call: a task, a function, http or openapi",
            [
                Key(
                    "call", .text, "A task or function, http or openapi: name, name:1.0.0.", isRequired: true,
                    examples: .init(CallReader.builtIn.map { .string($0) })),
                Key("with", .any, "Its input; assign changes who gets this one."),
            ]
        ),
        (
            "fork", "fork: branches side by side",
            [Key("fork", .mapping(Fork.keys), "Branches side by side.", isRequired: true)]
        ),
        (
            "try", "try: tasks whose errors are caught",
            [
                Key("try", listShape, "What may fail.", isRequired: true),
                Key("catch", .mapping(TryCatch.catchKeys), "What becomes of errors.", isRequired: true),
            ]
        ),
        (
            "raise", "raise: an error",
            [Key("raise", .mapping(RaisedError.raiseKeys), "The error.", isRequired: true)]
        ),
        (
            "wait", "wait: some time",
            [Key("wait", DurationRule.shape, "How long.", isRequired: true, examples: ["PT4H", ["days": 2]])]
        ),
        ("emit", "emit: an event", [Key("emit", .mapping(emitKeys), "The event.", isRequired: true)]),
        (
            "listen", "listen: wait for events",
            [
                Key("listen", .mapping(Listen.keys), "The events.", isRequired: true),
                Key("foreach", .mapping(Listen.iteratorKeys), "What runs for each."),
            ]
        ),
        (
            "run", "run: another workflow",
            [Key("run", .mapping(RunWorkflow.keys), "The workflow.", isRequired: true)]
        ),
    ]
    static let kinds = kindKeys.map(\.kind)
    static let caseKeys = KeyTable(
        "a case",
        [
            Key(
                "when", .expression, "Without it, the case that is taken when no other is.",
                examples: [".outcome == \"approve\""]),
            Key("then", .text, "continue, exit, end, or a task of the same list.", isRequired: true),
        ])
    static let emitKeys = KeyTable(
        "\"emit\"", [Key("event", .mapping(eventKeys), "Its attributes in with.", isRequired: true)])
    static let eventKeys = KeyTable(
        "\"event\"", [Key("with", .open(attributeKeys), "Its attributes.", isRequired: true)])
    private static let attributeKeys = KeyTable(
        "\"with\"",
        [
            Key("type", .textOrExpression, "What has happened.", isRequired: true, examples: ["com.acme.order.paid"]),
            Key("source", .textOrExpression, "Where; without it, this site."),
            Key("data", .any, "What is told."),
        ])

    /// One step, for editors.
    static let stepShape = Shape.named("task") { .step(kindKeys.map { ($0.kind, $0.title, $0.keys + common) }) }
    /// A `do` list, for editors.
    static let listShape = Shape.named("tasks") { .namedEntries(stepShape) }
}
