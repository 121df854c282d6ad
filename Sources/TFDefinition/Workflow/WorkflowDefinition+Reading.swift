import TFExpression

extension WorkflowDefinition {
    /// Keys of the DSL that the profile refuses or that this version does not run yet.
    private static let unsupported = ["use", "timeout", "schedule", "evaluate"]

    static let keys = KeyTable(
        "a workflow",
        [
            Key("document", .mapping(documentKeys), "What it is called.", isRequired: true),
            Key("input", .mapping(transformationKeys("input", "from")), "What becomes of its input."),
            Key("output", .mapping(transformationKeys("output", "as")), "What becomes of its output."),
            Key("do", WorkflowStep.listShape, "Its tasks, in order.", isRequired: true),
            Key("metadata", .any, "Notes for people and programs."),
        ])

    private static let documentKeys = KeyTable(
        "\"document\"",
        [
            Key("dsl", .choice(["1.0.3"]), "The version of the Open Workflow DSL.", isRequired: true),
            Key("namespace", .text, "The company's slug, or default.", isRequired: true),
            Key("name", .text, "The name that tickets name.", isRequired: true),
            Key("version", .text, "Such as 1.2.0; quote it.", isRequired: true),
            Key("title", .text, "What people read."), Key("summary", .text, "What it does; Markdown."),
            Key("tags", .any, "Words to find it by."), Key("metadata", .any, "Notes for people and programs."),
        ])

    static func transformationKeys(_ what: String, _ member: String) -> KeyTable {
        KeyTable("\"\(what)\"", [Key(member, .any, "An expression, or a value with expressions in it.")])
    }

    static func read(_ root: YAMLNode, _ reader: inout DefinitionReader) -> WorkflowDefinition? {
        guard let fields = Fields(root, keys, besides: unsupported, &reader.diagnostics) else { return nil }
        for key in unsupported where fields.has(key) {
            reader.diagnostics.error("\"\(key)\" is not supported by this version", at: fields.keyPosition(key))
        }
        guard let documentNode = fields.value("document") else {
            fields.need("document", of: "a workflow", &reader.diagnostics)
            return nil
        }
        guard let document = Fields(documentNode, documentKeys, &reader.diagnostics) else { return nil }
        let header = header(document, &reader)
        guard let list = fields.list("do", &reader.diagnostics) else {
            if fields.value("do") == nil {
                fields.need("do", of: "a workflow", &reader.diagnostics)
            }
            return nil
        }
        let steps = WorkflowStep.readList(list, at: fields.position("do"), &reader)
        guard let header else { return nil }
        return WorkflowDefinition(
            name: header.name, version: header.version, title: document.text("title", &reader.diagnostics),
            input: transformation("input", "from", fields, &reader),
            output: transformation("output", "as", fields, &reader), steps: steps)
    }

    private static func header(
        _ document: Fields, _ reader: inout DefinitionReader
    ) -> (name: String, version: String)? {
        if let dsl = document.requiredText("dsl", of: "\"document\"", &reader.diagnostics), dsl != "1.0.3" {
            reader.diagnostics.error("\"dsl\" must be '1.0.3', not \"\(dsl)\"", at: document.position("dsl"))
        }
        if let namespace = document.requiredText("namespace", of: "\"document\"", &reader.diagnostics),
            let company = reader.company, namespace != company, namespace != "default"
        {
            reader.diagnostics.error(
                "\"namespace\" must be the company \"\(company)\" or \"default\", not \"\(namespace)\"",
                at: document.position("namespace"))
        }
        reader.namePosition = document.position("name")
        reader.versionPosition = document.position("version")
        let name = document.requiredText("name", of: "\"document\"", &reader.diagnostics)
        if let name, !Slug.isValid(name) {
            reader.diagnostics.error(
                "\"\(name)\" cannot be a workflow's name: \(Slug.rule)", at: document.position("name"))
        }
        let version = document.requiredText("version", of: "\"document\"", &reader.diagnostics)
        if let version, SemanticVersion(version) == nil {
            reader.diagnostics.error(
                "\"version\" must be numbers such as 1.2.0, not \"\(version)\"", at: document.position("version"))
        }
        guard let name, let version else { return nil }
        return (name, version)
    }

    /// `input: {from: …}`, `output: {as: …}` and `export: {as: …}`, of a workflow and of a step.
    static func transformation(
        _ key: String, _ member: String, _ fields: Fields, _ reader: inout DefinitionReader
    ) -> ValueExpression? {
        guard let node = fields.value(key),
            let inner = Fields(node, transformationKeys(key, member), besides: ["schema"], &reader.diagnostics)
        else { return nil }
        if inner.has("schema") {
            reader.diagnostics.error("\"schema\" is not supported by this version", at: inner.keyPosition("schema"))
        }
        return inner.value(member).map { ValueExpression.readExpression($0, &reader) }
    }
}

/// The names of one list of tasks: where a `then` in it may lead.
private struct Siblings {
    let names: [String]
    let set: Set<String>

    init(names: [String]) {
        self.names = names
        set = Set(names)
    }
}

extension WorkflowStep {
    private static let common = [
        Key("if", .expression, "It runs only where this holds."),
        Key("input", .mapping(WorkflowDefinition.transformationKeys("input", "from")), "What becomes of its input."),
        Key("output", .mapping(WorkflowDefinition.transformationKeys("output", "as")), "What becomes of its output."),
        Key("export", .mapping(WorkflowDefinition.transformationKeys("export", "as")), "What becomes $context."),
        Key("then", .text, "Where to go on: continue, exit, end, or a task of the same list."),
        Key("metadata", .any, "ticketStatus: the ticket's visible status while it runs."),
    ]
    /// The key that says what a step does, with those that go with it.
    private static let kindKeys: [(kind: String, keys: [Key])] = [
        ("do", [Key("do", listShape, "Tasks to run in order.", isRequired: true)]),
        ("set", [Key("set", .any, "The value that becomes its output.", isRequired: true)]),
        (
            "switch",
            [Key("switch", .namedEntries(.mapping(caseKeys)), "The first true case decides.", isRequired: true)]
        ),
        (
            "call",
            [
                Key("call", .text, "A task definition: name, name:1.0.0.", isRequired: true),
                Key("with", .any, "The task's input; assign changes who gets this one."),
            ]
        ),
    ]
    private static let kinds = kindKeys.map(\.kind)
    private static let caseKeys = KeyTable(
        "a case",
        [
            Key("when", .expression, "Without it, the case that is taken when no other is."),
            Key("then", .text, "continue, exit, end, or a task of the same list.", isRequired: true),
        ])
    private static let assignKeys = KeyTable(
        "\"assign\"",
        [
            Key("role", .text, "The company role."), Key("person", .any, "The login."),
            Key("prefer", .any, "A login that gets it where possible."), Key("exclude", .any, "Logins that may not."),
            Key("priority", PriorityRule.shape, "Of this task."), Key("due", DueRule.shape, "Of this task."),
        ])

    /// A `do` list, for editors.
    static let listShape = Shape.named("tasks") {
        .namedEntries(.either(kindKeys.map { .mapping(KeyTable("a task", $0.keys + common)) }))
    }

    /// Steps of the DSL that are read to say so, not run.
    private static let unsupported = ["for", "fork", "try", "raise", "wait", "emit", "listen", "run"]

    /// Reads a `do` list: entries of one name each.
    static func readList(_ nodes: [YAMLNode], at position: Position, _ reader: inout DefinitionReader) -> [WorkflowStep]
    {
        if nodes.isEmpty { reader.diagnostics.error("a list of tasks must not be empty", at: position) }
        let entries = nodes.compactMap { entry($0, &reader.diagnostics) }
        let siblings = Siblings(names: entries.map(\.key))
        var seen: Set<String> = []
        return entries.compactMap { entry in
            if !seen.insert(entry.key).inserted {
                reader.diagnostics.error("the task \"\(entry.key)\" stands twice in this list", at: entry.keyPosition)
            }
            return read(entry, siblings: siblings, &reader)
        }
    }

    private static func entry(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> YAMLNode.Entry? {
        guard case .mapping(let entries) = node.content, entries.count == 1 else {
            diagnostics.error("an entry of a list of tasks must be \"name: { … }\" with one name", at: node.position)
            return nil
        }
        return entries[0]
    }

    private static func read(
        _ entry: YAMLNode.Entry, siblings: Siblings, _ reader: inout DefinitionReader
    ) -> WorkflowStep? {
        if ["continue", "exit", "end"].contains(entry.key) {
            reader.diagnostics.error("a task cannot be named \"\(entry.key)\"", at: entry.keyPosition)
        }
        let what = "task \"\(entry.key)\""
        guard case .mapping(let members) = entry.value.content else {
            reader.diagnostics.error(
                "\(what) must be a mapping, not \(entry.value.kindDescription)", at: entry.value.position)
            return nil
        }
        let keys = members.map(\.key)
        if let key = keys.first(where: unsupported.contains), !keys.contains(where: kinds.contains) {
            let position = members.first { $0.key == key }?.keyPosition ?? entry.keyPosition
            reader.diagnostics.error("\(what) uses \"\(key)\", which is not supported by this version", at: position)
            return nil
        }
        guard let kindKey = keys.first(where: kinds.contains) else {
            for member in members {
                guard let nearest = nearestName(to: member.key, among: kinds) else { continue }
                reader.diagnostics.error(
                    "unknown key \"\(member.key)\"", at: member.keyPosition, suggestion: nearest)
                return nil
            }
            reader.diagnostics.error(
                "\(what) does nothing: it needs one of \(kinds.joined(separator: ", "))", at: entry.keyPosition)
            return nil
        }
        let table = KeyTable(what, (kindKeys.first { $0.kind == kindKey }?.keys ?? []) + common)
        guard let fields = Fields(entry.value, table, besides: ["timeout"], &reader.diagnostics) else { return nil }
        if fields.has("timeout") {
            reader.diagnostics.error("\"timeout\" is not supported by this version", at: fields.keyPosition("timeout"))
        }
        guard let kind = kind(kindKey, entry.key, fields, siblings, &reader) else { return nil }
        return WorkflowStep(
            name: entry.key, kind: kind, condition: condition("if", fields, &reader),
            input: WorkflowDefinition.transformation("input", "from", fields, &reader),
            output: WorkflowDefinition.transformation("output", "as", fields, &reader),
            export: WorkflowDefinition.transformation("export", "as", fields, &reader),
            then: directive(fields, task: entry.key, siblings, &reader), ticketStatus: ticketStatus(fields, &reader))
    }

    private static func kind(
        _ key: String, _ name: String, _ fields: Fields, _ siblings: Siblings, _ reader: inout DefinitionReader
    ) -> Kind? {
        switch key {
        case "do":
            guard let nodes = fields.list("do", &reader.diagnostics) else { return nil }
            return .do(readList(nodes, at: fields.position("do"), &reader))
        case "set":
            guard let node = fields.value("set") else {
                reader.diagnostics.error("\"set\" needs a value", at: fields.keyPosition("set"))
                return nil
            }
            return .set(ValueExpression.read(node, &reader))
        case "switch":
            return .switch(cases(fields, task: name, siblings, &reader))
        default:
            return call(fields, &reader).map(Kind.call)
        }
    }

    private static func cases(
        _ fields: Fields, task: String, _ siblings: Siblings, _ reader: inout DefinitionReader
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
            guard let then = directive(members, task: task, siblings, &reader) else {
                if !members.has("then") {
                    members.need("then", of: "case \"\(entry.key)\"", &reader.diagnostics)
                }
                return nil
            }
            return SwitchCase(name: entry.key, when: when, then: then)
        }
    }

    private static func condition(_ key: String, _ fields: Fields, _ reader: inout DefinitionReader) -> Expression? {
        guard let node = fields.value(key), let text = fields.text(key, &reader.diagnostics) else { return nil }
        return ValueExpression.expression(node, text, &reader)
    }

    private static func directive(
        _ fields: Fields, task: String, _ siblings: Siblings, _ reader: inout DefinitionReader
    ) -> FlowDirective? {
        guard let text = fields.text("then", &reader.diagnostics) else { return nil }
        let directive = FlowDirective(text)
        if case .step(let name) = directive, !siblings.set.contains(name) {
            reader.diagnostics.error(
                "task \"\(task)\" continues at \"\(name)\", which is not in this list; it has \(listed(siblings.names))",
                at: fields.position("then"))
        }
        return directive
    }

    private static func ticketStatus(_ fields: Fields, _ reader: inout DefinitionReader) -> String? {
        guard let node = fields.value("metadata") else { return nil }
        guard case .mapping(let entries) = node.content else {
            reader.diagnostics.error("\"metadata\" must be a mapping, not \(node.kindDescription)", at: node.position)
            return nil
        }
        guard let status = entries.first(where: { $0.key == "ticketStatus" }) else { return nil }
        guard case .scalar(let text, _) = status.value.content, !text.isEmpty, text.count <= 60 else {
            reader.diagnostics.error(
                "\"ticketStatus\" must be a text of 1 to 60 characters", at: status.value.position)
            return nil
        }
        return text
    }

    private static func call(_ fields: Fields, _ reader: inout DefinitionReader) -> TaskCall? {
        guard let text = fields.requiredText("call", of: "a call", &reader.diagnostics) else { return nil }
        let position = fields.position("call")
        if ["http", "openapi", "grpc", "asyncapi", "a2a", "mcp"].contains(text)
            || ["ticket-update", "ticket-comment", "ticket-open"].contains(text)
        {
            reader.diagnostics.error("\"call: \(text)\" is not supported by this version", at: position)
            return nil
        }
        guard let name = DefinitionName(text) else {
            reader.diagnostics.error(
                "\"call\" must name a task definition, such as approve or approve:1.0.0, not \"\(text)\"", at: position)
            return nil
        }
        reader.refer(to: .task(name), at: position)
        guard let with = fields.value("with") else { return TaskCall(task: name, input: []) }
        guard case .mapping(let entries) = with.content else {
            reader.diagnostics.error("\"with\" must be a mapping, not \(with.kindDescription)", at: with.position)
            return nil
        }
        let input = entries.filter { $0.key != "assign" }.map { entry in
            ValueExpression.Member(name: entry.key, value: ValueExpression.read(entry.value, &reader))
        }
        let assign = entries.first { $0.key == "assign" }.flatMap { assignment($0.value, &reader) }
        return TaskCall(task: name, input: input, assign: assign)
    }

    private static func assignment(_ node: YAMLNode, _ reader: inout DefinitionReader) -> CallAssignment? {
        guard let fields = Fields(node, assignKeys, &reader.diagnostics) else { return nil }
        let role = fields.text("role", &reader.diagnostics)
        if let role { AssignmentRule.refer(toRole: role, at: fields.position("role"), &reader) }
        return CallAssignment(
            role: role, person: fields.value("person").map { ValueExpression.read($0, &reader) },
            prefer: fields.value("prefer").map { ValueExpression.read($0, &reader) },
            exclude: fields.value("exclude").map { ValueExpression.read($0, &reader) },
            priority: PriorityRule.read(fields, variables: WorkflowDefinition.variables, &reader),
            due: DueRule.read(fields, variables: WorkflowDefinition.variables, &reader))
    }
}
