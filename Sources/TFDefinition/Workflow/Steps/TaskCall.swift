import TFExpression

/// `call: <task>` with its `with`: a task for a person or a program.
package struct TaskCall: Sendable, Hashable, Codable {
    package let task: DefinitionName
    /// The task's input: every key of `with` but `assign`.
    package let input: [ValueExpression.Member]
    /// What this call changes in the definition's assignment.
    package var assign: CallAssignment?
}

/// `with.assign` of a call.
package struct CallAssignment: Sendable, Hashable, Codable {
    package let role: String?
    package let person: ValueExpression?
    /// Logins, for the strategy `each`.
    package let people: ValueExpression?
    package let prefer: ValueExpression?
    /// Excluded logins, in addition to the definition's.
    package let exclude: ValueExpression?
    package let priority: PriorityRule?
    package let due: DueRule?

    static let keys = KeyTable(
        "\"assign\"",
        [
            Key("role", .text, "The company role."), Key("person", .textOrExpression, "The login."),
            Key("people", .any, "Logins, one task for each."),
            Key("prefer", .any, "A login that gets it where possible."), Key("exclude", .any, "Logins that may not."),
            Key("priority", PriorityRule.shape, "Of this task."), Key("due", DueRule.shape, "Of this task."),
        ])

    /// - Parameter task: what is called.
    static func read(_ node: YAMLNode, of task: DefinitionName, _ reader: inout DefinitionReader) -> CallAssignment? {
        guard let fields = Fields(node, keys, &reader.diagnostics) else { return nil }
        let role = fields.text("role", &reader.diagnostics)
        if let role { AssignmentRule.refer(toRole: role, at: fields.position("role"), &reader) }
        let assignment = CallAssignment(
            role: role, person: logins("person", isList: false, fields, &reader),
            people: logins("people", isList: true, fields, &reader),
            prefer: logins("prefer", isList: false, fields, &reader),
            exclude: logins("exclude", isList: true, fields, &reader),
            priority: PriorityRule.read(fields, variables: reader.variables, &reader),
            due: DueRule.read(fields, variables: reader.variables, &reader))
        // They get it, whatever else is said.
        let strongest = fields.value("people") == nil ? "person" : "people"
        AssignmentRule.warnOfIgnored(
            ["people", "person", "prefer", "role"].filter { $0 != strongest }, beside: strongest, fields,
            &reader.diagnostics)
        if role != nil { reader.refer(to: .assignment(assignment, of: task), at: fields.position("role")) }
        return assignment
    }

    /// Reads a login, written down or computed.
    /// - Parameter isList: whether it may be a list of them.
    private static func logins(
        _ key: String, isList: Bool, _ fields: Fields, _ reader: inout DefinitionReader
    ) -> ValueExpression? {
        guard let node = fields.value(key) else { return nil }
        let value = ValueExpression.read(node, &reader)
        var nodes = [node]
        if isList, case .sequence(let elements) = node.content { nodes = elements }
        for node in nodes {
            // An expression, or a text around one, which is refused already.
            if case .scalar(let text, _) = node.content, text.contains("${") { continue }
            guard let login = node.json.stringValue else {
                reader.diagnostics.error(
                    "\"\(key)\" must be a login or an expression \"${ … }\", not \(node.kindDescription)",
                    at: node.position)
                continue
            }
            _ = AssignmentRule.isLogin(login, key, at: node.position, &reader.diagnostics)
        }
        return value
    }
}

/// `call: <function>` of `use.functions`.
package struct FunctionCall: Sendable, Hashable, Codable {
    package let name: String
    package let arguments: [ValueExpression.Member]
}

/// Reading `call` and `with`.
enum CallReader {
    /// The shapes of `with` for editors, by the called function; nil stands for a task or a function of
    /// `use.functions`.
    static let shapes: [(name: String?, title: String, with: Shape, needsWith: Bool)] =
        [
            ("http", "call: http", .mapping(HTTPCall.keys), true),
            ("openapi", "call: openapi", .mapping(OpenAPICall.keys), true),
        ] + TicketFunction.Name.allCases.map { ($0.rawValue, "call: \($0.rawValue)", .mapping($0.keys), true) } + [
            (
                nil, "call: a task or a function",
                .open(
                    KeyTable("\"with\"", [Key("assign", .mapping(CallAssignment.keys), "What changes of who gets it.")])
                ),
                false
            )
        ]

    /// Parameters of calls that are easily written beside `with`.
    static let belowWith: [String: String] = (HTTPCall.keys.names + OpenAPICall.keys.names + ["assign"])
        .reduce(into: [:]) { homes, name in homes[name] = "with" }
        .filter { name, _ in !StepReader.common.contains { $0.name == name } }

    static let protocols = ["grpc", "asyncapi", "a2a", "mcp"]
    static let builtIn = ["http", "openapi"] + TicketFunction.Name.allCases.map(\.rawValue)

    static func read(
        _ fields: Fields, functions: [String], _ reader: inout DefinitionReader
    ) -> WorkflowStep.Kind? {
        guard let text = fields.requiredText("call", of: "a call", &reader.diagnostics) else { return nil }
        let position = fields.position("call")
        if text == "http" { return HTTPCall.read(fields, &reader).map(WorkflowStep.Kind.http) }
        if text == "openapi" { return OpenAPICall.read(fields, &reader).map(WorkflowStep.Kind.openAPI) }
        if protocols.contains(text) {
            reader.diagnostics.error(
                "\"call: \(text)\" is not in the profile; it calls http, openapi, functions and tasks", at: position)
            return nil
        }
        if text.contains("://") || (text.contains("@") && !text.hasSuffix("@default")) {
            reader.diagnostics.error(
                "functions from elsewhere are not in the profile: \"\(text)\"; define it in \"use.functions\"",
                at: position)
            return nil
        }
        guard let arguments = arguments(fields, &reader) else { return nil }
        if let name = TicketFunction.Name(rawValue: text) {
            return .ticket(TicketFunction.read(name, arguments, fields, &reader))
        }
        if functions.contains(text) {
            let members = arguments.map {
                ValueExpression.Member(name: $0.key, value: ValueExpression.read($0.value, &reader))
            }
            return .function(FunctionCall(name: text, arguments: members))
        }
        guard let name = DefinitionName(text) else {
            reader.diagnostics.error(
                "\"call\" must name a task definition, such as approve or approve:1.0.0, or a function, not \"\(text)\"",
                at: position)
            return nil
        }
        reader.refer(to: .task(name, besides: functions + builtIn), at: position)
        let inputs = arguments.filter { $0.key != "assign" }
        for input in inputs {
            reader.refer(to: .passed(input.key, to: name, among: inputs.map(\.key)), at: input.keyPosition)
        }
        let input = inputs.map { entry in
            ValueExpression.Member(name: entry.key, value: ValueExpression.read(entry.value, &reader))
        }
        let assign = arguments.first { $0.key == "assign" }.flatMap {
            CallAssignment.read($0.value, of: name, &reader)
        }
        if assign?.role == nil { reader.refer(to: .assignment(assign, of: name), at: position) }
        return .call(TaskCall(task: name, input: input, assign: assign))
    }

    private static func arguments(_ fields: Fields, _ reader: inout DefinitionReader) -> [YAMLNode.Entry]? {
        guard let with = fields.value("with") else { return [] }
        guard case .mapping(let entries) = with.content else {
            reader.diagnostics.error("\"with\" must be a mapping, not \(with.kindDescription)", at: with.position)
            return nil
        }
        return entries
    }
}
