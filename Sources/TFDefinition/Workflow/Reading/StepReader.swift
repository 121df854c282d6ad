import TFExpression

/// What a step needs to know of where it stands.
struct StepContext {
    let reusables: Reusables
    /// The names of the list that the step is in: where its `then` may lead.
    var siblings: [String] = []
    var siblingSet: Set<String> = []
    /// The step's own name.
    var name = ""
}

/// Reads the steps of a list, one kind each.
enum StepReader {
    private static let common = [
        Key("if", .expression, "It runs only where this holds."),
        Key("input", .mapping(DataTransformation.keys("input", "from")), "What becomes of its input."),
        Key("output", .mapping(DataTransformation.keys("output", "as")), "What becomes of its output."),
        Key("export", .mapping(DataTransformation.keys("export", "as")), "What becomes $context."),
        Key("timeout", .any, "How long it may take: after, or the name of one in use.timeouts."),
        Key("then", .text, "Where to go on: continue, exit, end, or a task of the same list."),
        Key("metadata", .any, "ticketStatus, background, idempotent; anything else is for people."),
    ]
    /// The key that says what a step does, with those that go with it.
    private static let kindKeys: [(kind: String, keys: [Key])] = [
        // `for` stands before `do`, which a loop has too.
        (
            "for",
            [
                Key("for", .mapping(ForLoop.keys), "What it runs for.", isRequired: true),
                Key("while", .expression, "Asked before each round."),
                Key("do", listShape, "What runs in each round.", isRequired: true),
            ]
        ),
        ("do", [Key("do", listShape, "Tasks to run in order.", isRequired: true)]),
        ("set", [Key("set", .any, "The value that becomes its output.", isRequired: true)]),
        (
            "switch",
            [Key("switch", .namedEntries(.mapping(caseKeys)), "The first true case decides.", isRequired: true)]
        ),
        (
            "call",
            [
                Key("call", .text, "A task or function, http or openapi: name, name:1.0.0.", isRequired: true),
                Key("with", .any, "Its input; assign changes who gets this one."),
            ]
        ),
        ("fork", [Key("fork", .mapping(Fork.keys), "Branches side by side.", isRequired: true)]),
        (
            "try",
            [
                Key("try", listShape, "What may fail.", isRequired: true),
                Key("catch", .mapping(TryCatch.catchKeys), "What becomes of errors.", isRequired: true),
            ]
        ),
        ("raise", [Key("raise", .mapping(RaisedError.raiseKeys), "The error.", isRequired: true)]),
        ("wait", [Key("wait", DurationRule.shape, "How long.", isRequired: true)]),
        ("emit", [Key("emit", .mapping(emitKeys), "The event.", isRequired: true)]),
        (
            "listen",
            [
                Key("listen", .mapping(Listen.keys), "The events.", isRequired: true),
                Key("foreach", .mapping(Listen.iteratorKeys), "What runs for each."),
            ]
        ),
        ("run", [Key("run", .mapping(RunWorkflow.keys), "The workflow.", isRequired: true)]),
    ]
    static let kinds = kindKeys.map(\.kind)
    private static let caseKeys = KeyTable(
        "a case",
        [
            Key("when", .expression, "Without it, the case that is taken when no other is."),
            Key("then", .text, "continue, exit, end, or a task of the same list.", isRequired: true),
        ])
    private static let emitKeys = KeyTable(
        "\"emit\"", [Key("event", .any, "Its attributes in with.", isRequired: true)])
    private static let eventKeys = KeyTable("\"event\"", [Key("with", .any, "Its attributes.", isRequired: true)])

    /// A `do` list, for editors.
    static let listShape = Shape.named("tasks") {
        .namedEntries(.either(kindKeys.map { .mapping(KeyTable("a task", $0.keys + common)) }))
    }

    // MARK: Lists

    /// Reads a member that holds a list of steps; nil where there is none.
    static func list(
        _ key: String, of what: String, _ fields: Fields, _ context: StepContext, isBranches: Bool = false,
        _ reader: inout DefinitionReader
    ) -> [WorkflowStep]? {
        guard let nodes = fields.list(key, &reader.diagnostics) else {
            if fields.value(key) == nil { fields.need(key, of: what, &reader.diagnostics) }
            return nil
        }
        return read(nodes, at: fields.position(key), context, isBranches: isBranches, &reader)
    }

    /// Reads entries of one name each.
    static func read(
        _ nodes: [YAMLNode], at position: Position, _ context: StepContext, isBranches: Bool = false,
        _ reader: inout DefinitionReader
    ) -> [WorkflowStep] {
        if nodes.isEmpty { reader.diagnostics.error("a list of tasks must not be empty", at: position) }
        let entries = nodes.compactMap { entry($0, &reader.diagnostics) }
        var inner = context
        // Branches run side by side: there is no other to go on at.
        inner.siblings = isBranches ? [] : entries.map(\.key)
        inner.siblingSet = Set(inner.siblings)
        var seen: Set<String> = []
        return entries.compactMap { entry in
            if !seen.insert(entry.key).inserted {
                reader.diagnostics.error("the task \"\(entry.key)\" stands twice in this list", at: entry.keyPosition)
            }
            inner.name = entry.key
            return step(entry, inner, &reader)
        }
    }

    private static func entry(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> YAMLNode.Entry? {
        guard case .mapping(let entries) = node.content, entries.count == 1 else {
            diagnostics.error("an entry of a list of tasks must be \"name: { … }\" with one name", at: node.position)
            return nil
        }
        return entries[0]
    }

    // MARK: Steps

    /// Reads a step under its name.
    static func step(
        _ entry: YAMLNode.Entry, _ context: StepContext, _ reader: inout DefinitionReader
    ) -> WorkflowStep? {
        if ["continue", "exit", "end"].contains(entry.key) {
            reader.diagnostics.error("a task cannot be named \"\(entry.key)\"", at: entry.keyPosition)
        }
        if entry.key.contains("/") || entry.key.contains("~") {
            reader.diagnostics.error("a task's name holds no / and no ~", at: entry.keyPosition)
        }
        let what = "task \"\(entry.key)\""
        guard case .mapping(let members) = entry.value.content else {
            reader.diagnostics.error(
                "\(what) must be a mapping, not \(entry.value.kindDescription)", at: entry.value.position)
            return nil
        }
        let keys = Set(members.map(\.key))
        guard let kindKey = kinds.first(where: keys.contains) else {
            refuse(entry, members, what, &reader)
            return nil
        }
        let table = KeyTable(what, (kindKeys.first { $0.kind == kindKey }?.keys ?? []) + common)
        guard let fields = Fields(entry.value, table, &reader.diagnostics) else { return nil }
        let kind = kind(kindKey, fields, context, &reader)
        let metadata = metadata(fields, &reader)
        let step = kind.map { kind in
            WorkflowStep(
                name: entry.key, kind: kind, condition: condition("if", fields, &reader),
                input: DataTransformation.read("input", "from", fields, &reader, variables: ["secrets"]),
                output: DataTransformation.read("output", "as", fields, &reader),
                export: DataTransformation.read("export", "as", fields, &reader),
                timeout: timeout(fields, context, &reader), then: directive(fields, context, &reader),
                ticketStatus: metadata.status, isBackground: metadata.isBackground, isIdempotent: metadata.isIdempotent)
        }
        return step
    }

    private static func refuse(
        _ entry: YAMLNode.Entry, _ members: [YAMLNode.Entry], _ what: String, _ reader: inout DefinitionReader
    ) {
        for member in members {
            guard let nearest = nearestName(to: member.key, among: kinds) else { continue }
            reader.diagnostics.error(
                "unknown key \"\(member.key)\"", at: member.keyPosition, suggestion: nearest)
            return
        }
        reader.diagnostics.error(
            "\(what) does nothing: it needs one of \(kinds.joined(separator: ", "))", at: entry.keyPosition)
    }

    private static func kind(
        _ key: String, _ fields: Fields, _ context: StepContext, _ reader: inout DefinitionReader
    ) -> WorkflowStep.Kind? {
        switch key {
        case "for": return ForLoop.read(fields, context, &reader).map(WorkflowStep.Kind.for)
        case "do": return list("do", of: "a task", fields, context, &reader).map(WorkflowStep.Kind.do)
        case "set":
            guard let node = fields.value("set") else {
                reader.diagnostics.error("\"set\" needs a value", at: fields.keyPosition("set"))
                return nil
            }
            return .set(ValueExpression.read(node, &reader))
        case "switch": return .switch(cases(fields, context, &reader))
        case "fork": return Fork.read(fields, context, &reader).map(WorkflowStep.Kind.fork)
        case "try": return TryCatch.read(fields, context, &reader).map(WorkflowStep.Kind.try)
        case "raise": return RaisedError.read(fields, context, &reader).map(WorkflowStep.Kind.raise)
        case "wait": return wait(fields, &reader)
        case "emit": return emit(fields, &reader)
        case "listen": return Listen.read(fields, context, &reader).map(WorkflowStep.Kind.listen)
        case "run": return RunWorkflow.read(fields, &reader).map(WorkflowStep.Kind.run)
        default: return CallReader.read(fields, functions: context.reusables.functions, &reader)
        }
    }

    private static func wait(_ fields: Fields, _ reader: inout DefinitionReader) -> WorkflowStep.Kind? {
        guard fields.value("wait") != nil else {
            reader.diagnostics.error("\"wait\" needs a duration", at: fields.keyPosition("wait"))
            return nil
        }
        return DurationRule.read("wait", fields, &reader).map(WorkflowStep.Kind.wait)
    }

    private static func emit(_ fields: Fields, _ reader: inout DefinitionReader) -> WorkflowStep.Kind? {
        guard let node = fields.value("emit"), let emit = Fields(node, emitKeys, &reader.diagnostics) else {
            return nil
        }
        guard let eventNode = emit.value("event") else {
            emit.need("event", of: "\"emit\"", &reader.diagnostics)
            return nil
        }
        guard let event = Fields(eventNode, eventKeys, &reader.diagnostics) else { return nil }
        guard let with = event.value("with") else {
            event.need("with", of: "\"event\"", &reader.diagnostics)
            return nil
        }
        guard case .mapping(let entries) = with.content else {
            reader.diagnostics.error("\"with\" must be a mapping, not \(with.kindDescription)", at: with.position)
            return nil
        }
        if !entries.contains(where: { $0.key == "type" }) {
            reader.diagnostics.error("an event needs \"type\"", at: with.position)
        }
        return .emit(entries.map { .init(name: $0.key, value: ValueExpression.read($0.value, &reader)) })
    }

    private static func cases(
        _ fields: Fields, _ context: StepContext, _ reader: inout DefinitionReader
    ) -> [SwitchCase] {
        guard let nodes = fields.list("switch", &reader.diagnostics) else { return [] }
        if nodes.isEmpty {
            reader.diagnostics.error("\"switch\" must list at least one case", at: fields.position("switch"))
        }
        var hasDefault = false
        return nodes.compactMap { node in
            guard let entry = entry(node, &reader.diagnostics),
                let members = Fields(
                    entry.value, caseKeys, what: "case \"\(entry.key)\"", &reader.diagnostics)
            else { return nil }
            let when = condition("when", members, &reader)
            if !members.has("when") {
                if hasDefault {
                    reader.diagnostics.error("a second case without \"when\"", at: entry.keyPosition)
                }
                hasDefault = true
            }
            guard let then = directive(members, context, &reader) else {
                if !members.has("then") {
                    members.need("then", of: "case \"\(entry.key)\"", &reader.diagnostics)
                }
                return nil
            }
            return SwitchCase(name: entry.key, when: when, then: then)
        }
    }

    // MARK: What all steps have

    static func condition(_ key: String, _ fields: Fields, _ reader: inout DefinitionReader) -> Expression? {
        guard let node = fields.value(key), let text = fields.text(key, &reader.diagnostics) else { return nil }
        return ValueExpression.expression(node, text, &reader)
    }

    static func directive(
        _ fields: Fields, _ context: StepContext, _ reader: inout DefinitionReader
    ) -> FlowDirective? {
        guard let text = fields.text("then", &reader.diagnostics) else { return nil }
        let directive = FlowDirective(text)
        if case .step(let name) = directive, !context.siblingSet.contains(name) {
            let known = context.siblings.isEmpty ? "no other" : listed(context.siblings)
            reader.diagnostics.error(
                "task \"\(context.name)\" continues at \"\(name)\", which is not in this list; it has \(known)",
                at: fields.position("then"))
        }
        return directive
    }

    private static let timeoutKeys = KeyTable(
        "\"timeout\"", [Key("after", DurationRule.shape, "How long.", isRequired: true)])

    static func timeout(
        _ fields: Fields, _ context: StepContext, _ reader: inout DefinitionReader
    ) -> DurationRule? {
        guard let node = fields.value("timeout") else { return nil }
        guard case .scalar(let name, _) = node.content else { return timeout(node, &reader) }
        guard let known = context.reusables.timeouts[name] else {
            context.reusables.refuse(name, "timeouts", at: node.position, &reader)
            return nil
        }
        return timeout(known, &reader)
    }

    static func timeout(_ node: YAMLNode, _ reader: inout DefinitionReader) -> DurationRule? {
        guard let inner = Fields(node, timeoutKeys, &reader.diagnostics) else { return nil }
        if inner.value("after") == nil { inner.need("after", of: "\"timeout\"", &reader.diagnostics) }
        return DurationRule.read("after", inner, &reader)
    }

    private static func metadata(
        _ fields: Fields, _ reader: inout DefinitionReader
    ) -> (status: String?, isBackground: Bool, isIdempotent: Bool) {
        guard let node = fields.value("metadata") else { return (nil, false, false) }
        guard case .mapping(let entries) = node.content else {
            reader.diagnostics.error("\"metadata\" must be a mapping, not \(node.kindDescription)", at: node.position)
            return (nil, false, false)
        }
        func flag(_ key: String) -> Bool {
            guard let entry = entries.first(where: { $0.key == key }) else { return false }
            if let flag = entry.value.json.boolValue { return flag }
            reader.diagnostics.error(
                "\"\(key)\" must be true or false, not \(entry.value.kindDescription)", at: entry.value.position)
            return false
        }
        var status: String?
        if let entry = entries.first(where: { $0.key == "ticketStatus" }) {
            if case .scalar(let text, _) = entry.value.content, !text.isEmpty, text.count <= 60 {
                status = text
            } else {
                reader.diagnostics.error(
                    "\"ticketStatus\" must be a text of 1 to 60 characters", at: entry.value.position)
            }
        }
        return (status, flag("background"), flag("idempotent"))
    }
}
