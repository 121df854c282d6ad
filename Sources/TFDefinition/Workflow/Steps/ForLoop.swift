import TFExpression

/// `for`: the list runs once for each element, one after the other; each round gets the output of the one before.
package struct ForLoop: Sendable, Hashable, Codable {
    /// The variable that holds the element, without `$`.
    package let each: String
    /// The variable that holds the element's index from 0.
    package let at: String
    /// The list, or an expression that gives one.
    package let elements: ValueExpression
    /// The condition before each round; the loop ends when it does not hold.
    package let condition: Expression?
    package let steps: [WorkflowStep]

    static let keys = KeyTable(
        "\"for\"",
        [
            Key("each", .text, "The variable for the element; item without it.", standard: "item"),
            Key("in", .any, "An expression that gives a list, or a list.", isRequired: true),
            Key("at", .text, "The variable for its number from 0; index without it.", standard: "index"),
        ])

    static func read(
        _ fields: Fields, _ context: StepContext, _ reader: inout DefinitionReader
    ) -> ForLoop? {
        guard let node = fields.value("for"), let loop = Fields(node, keys, &reader.diagnostics) else { return nil }
        let each = VariableName.read("each", loop, &reader) ?? "item"
        let at = VariableName.read("at", loop, &reader) ?? "index"
        if each == at {
            reader.diagnostics.error(
                "\"each\" and \"at\" name one variable, \"$\(each)\"", at: loop.position(loop.has("at") ? "at" : "each")
            )
        }
        guard let source = loop.value("in") else {
            loop.need("in", of: "\"for\"", &reader.diagnostics)
            return nil
        }
        let elements = ValueExpression.readExpression(source, &reader)
        if case .sequence(let nodes) = source.content, !nodes.allSatisfy(\.isMapping) {
            reader.diagnostics.warning(
                "in the DSL \"in\" lists mappings alone; anything else it takes as an expression, such as '[1, 2]'",
                at: source.position)
        }
        return reader.with([each, at]) { reader in
            guard let steps = StepReader.list("do", of: "a loop", fields, context, &reader) else { return nil }
            return ForLoop(
                each: each, at: at, elements: elements,
                condition: StepReader.condition("while", .other, fields, &reader),
                steps: steps)
        }
    }
}

/// The name of a variable that a step binds.
enum VariableName {
    static func read(_ key: String, _ fields: Fields, _ reader: inout DefinitionReader) -> String? {
        guard let name = fields.text(key, &reader.diagnostics) else { return nil }
        let isName =
            name.first.map { $0.isASCII && ($0.isLetter || $0 == "_") } ?? false
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        guard isName, name.utf8.count <= TextLimit.identifier.characters else {
            reader.diagnostics.error(
                "\"\(key)\" names a variable: letters, digits and _, not \"\(name)\"", at: fields.position(key))
            return nil
        }
        if WorkflowVariable(rawValue: name) != nil {
            reader.diagnostics.error("\"$\(name)\" is taken", at: fields.position(key))
            return nil
        }
        return name
    }
}
