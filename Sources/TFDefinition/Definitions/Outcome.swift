/// One way to finish a task: a button.
package struct Outcome: Sendable, Hashable, Codable {
    package let value: String
    package let label: String
    /// The question that is asked before the task is completed.
    package let confirm: String?
    /// Whether the form must be valid for this outcome.
    package let validates: Bool

    private static let maximum = 50

    package static let done = Outcome(value: "done", label: "Done", confirm: nil, validates: true)

    static let keys = KeyTable(
        "an outcome",
        [
            Key("value", .text, "What the workflow sees.", isRequired: true),
            Key("label", .text, "What stands on the button."),
            Key("confirm", .text, "A question that is asked before it is done."),
            Key("validate", .flag, "false: the form need not be filled in for it.", standard: true),
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

    /// Whether none of the listed outcomes was refused.
    static func areAllRead(_ outcomes: [Outcome], of fields: Fields) -> Bool {
        guard case .sequence(let nodes)? = fields.value("outcomes")?.content else { return true }
        return nodes.count == outcomes.count
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
        fields.warnOfShownExpressions(["label", "confirm"], &diagnostics)
        return Outcome(
            value: value, label: fields.text("label", &diagnostics) ?? label(for: value),
            confirm: fields.text("confirm", &diagnostics), validates: fields.flag("validate", &diagnostics) ?? true)
    }

    private static func isValid(_ text: String, at position: Position, _ diagnostics: inout Diagnostics) -> Bool {
        let isWord = Slug.isWord(text)
        if !isWord {
            diagnostics.error(
                "an outcome is a name of letters, digits, - and _, not \"\(text)\"; for people it has a \"label\"",
                at: position)
        }
        return isWord
    }

    private static func label(for value: String) -> String {
        let words = value.map { $0 == "-" || $0 == "_" ? " " : $0 }
        return words.prefix(1).map { $0.uppercased() }.joined() + String(words.dropFirst())
    }
}
