import TFExpression

package enum AssignmentStrategy: String, Sendable, Hashable, Codable, CaseIterable {
    case shortestQueue = "shortest-queue"
    case pool
    case person
    case requester
}

package enum Priority: String, Sendable, Hashable, Codable, CaseIterable {
    case low
    case normal
    case high
    case urgent
}

/// Who gets a task: the `assign` of a definition.
package struct AssignmentRule: Sendable, Hashable, Codable {
    /// Company role; nil: any task worker of the company.
    package var role: String?
    package var strategy: AssignmentStrategy
    /// A list of logins that may not get it.
    package var exclude: Expression?
    /// A login that gets it where eligible and available.
    package var prefer: Expression?
    /// The login, for the strategy `person`.
    package var person: Expression?

    package static let anybody = AssignmentRule(
        role: nil, strategy: .shortestQueue, exclude: nil, prefer: nil, person: nil)

    static let keys = KeyTable(
        "\"assign\"",
        [
            Key("role", .text, "The company role that a worker must hold; without it, any task worker."),
            Key(
                "strategy", AssignmentStrategy.shape,
                "Who gets it: the shortest list (default), whoever claims it, a person, or the requester."),
            Key("exclude", .expression, "Logins that may not get it: \"${ [$ticket.requester] }\"."),
            Key("prefer", .expression, "A login that gets it where eligible and available."),
            Key("person", .expression, "The login, for the strategy person."),
        ])

    static func read(_ fields: Fields, _ reader: inout DefinitionReader) -> AssignmentRule {
        guard let node = fields.value("assign"), let assign = Fields(node, keys, &reader.diagnostics)
        else { return .anybody }
        let variables = WorkflowDefinition.variables
        let rule = AssignmentRule(
            role: assign.text("role", &reader.diagnostics),
            strategy: assign.choice("strategy", AssignmentStrategy.self, &reader.diagnostics) ?? .shortestQueue,
            exclude: assign.wrappedExpression("exclude", variables: variables, &reader.diagnostics),
            prefer: assign.wrappedExpression("prefer", variables: variables, &reader.diagnostics),
            person: assign.wrappedExpression("person", variables: variables, &reader.diagnostics))
        if let role = rule.role { refer(toRole: role, at: assign.position("role"), &reader) }
        if rule.strategy == .person, !assign.has("person") {
            reader.diagnostics.error("the strategy \"person\" needs \"person\"", at: assign.position("strategy"))
        }
        for (key, expression) in [("exclude", rule.exclude), ("prefer", rule.prefer), ("person", rule.person)] {
            if let expression { reader.refer(to: expression, at: assign.position(key)) }
        }
        return rule
    }

    static func refer(toRole role: String, at position: Position, _ reader: inout DefinitionReader) {
        if role == "any" || !Slug.isValid(role) {
            reader.diagnostics.error(
                "\"\(role)\" cannot be a company role: \(role == "any" ? "the name is reserved" : Slug.rule)",
                at: position)
        } else {
            reader.refer(to: .role(role), at: position)
        }
    }
}

/// One way to finish a task: a button.
package struct Outcome: Sendable, Hashable, Codable {
    package let value: String
    package let label: String
    /// The question asked before it is done.
    package let confirm: String?
    /// Whether the form must be valid.
    package let validates: Bool

    private static let maximum = 50

    package static let done = Outcome(value: "done", label: "Done", confirm: nil, validates: true)

    static let keys = KeyTable(
        "an outcome",
        [
            Key("value", .text, "What the workflow sees.", isRequired: true),
            Key("label", .text, "What stands on the button."),
            Key("confirm", .text, "A question that is asked before it is done."),
            Key("validate", .flag, "false: the form need not be filled in for it."),
        ])
    static let shape = Shape.list(.either([.text, .mapping(keys)]))

    static func read(_ fields: Fields, _ reader: inout DefinitionReader) -> [Outcome] {
        guard let nodes = fields.list("outcomes", &reader.diagnostics) else { return [.done] }
        var outcomes: [Outcome] = []
        if nodes.count > maximum {
            reader.diagnostics.error(
                "\"outcomes\" lists \(nodes.count); at most \(maximum) buttons can be told apart",
                at: fields.position("outcomes"))
        }
        for node in nodes.prefix(maximum) {
            guard let outcome = read(node, &reader.diagnostics) else { continue }
            if outcomes.contains(where: { $0.value == outcome.value }) {
                reader.diagnostics.error("the outcome \"\(outcome.value)\" stands twice", at: node.position)
            }
            outcomes.append(outcome)
        }
        if nodes.isEmpty {
            reader.diagnostics.error("\"outcomes\" must list at least one", at: fields.position("outcomes"))
        }
        return outcomes
    }

    private static func read(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> Outcome? {
        if case .scalar(let text, _) = node.content {
            guard isValid(text, at: node.position, &diagnostics) else { return nil }
            return Outcome(value: text, label: label(for: text), confirm: nil, validates: true)
        }
        guard let fields = Fields(node, keys, &diagnostics),
            let value = fields.requiredText("value", of: "an outcome", &diagnostics),
            isValid(value, at: fields.position("value"), &diagnostics)
        else { return nil }
        return Outcome(
            value: value, label: fields.text("label", &diagnostics) ?? label(for: value),
            confirm: fields.text("confirm", &diagnostics), validates: fields.flag("validate", &diagnostics) ?? true)
    }

    private static func isValid(_ text: String, at position: Position, _ diagnostics: inout Diagnostics) -> Bool {
        let isName =
            !text.isEmpty && text.utf8.count <= 63
            && text.allSatisfy { character in
                character.isASCII && (character.isLetter || character.isNumber) || character == "-" || character == "_"
            }
        if !isName {
            diagnostics.error("an outcome is a name of letters, digits, - and _, not \"\(text)\"", at: position)
        }
        return isName
    }

    private static func label(for value: String) -> String {
        let words = value.map { $0 == "-" || $0 == "_" ? " " : $0 }
        return words.prefix(1).map { $0.uppercased() }.joined() + String(words.dropFirst())
    }
}
