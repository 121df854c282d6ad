import TFExpression

/// A value of a workflow that may hold expressions: `{ status: paid, by: "${ .by }" }`.
package indirect enum ValueExpression: Sendable, Hashable, Codable {
    case literal(JSON)
    case expression(Expression)
    case array([ValueExpression])
    case object([Member])

    package struct Member: Sendable, Hashable, Codable {
        package let name: String
        package let value: ValueExpression
    }

    /// The value, with each expression replaced by its result.
    package func evaluate<Failure: Error>(
        _ value: (Expression) throws(Failure) -> JSON
    ) throws(Failure) -> JSON {
        switch self {
        case .literal(let literal): return literal
        case .expression(let expression): return try value(expression)
        case .array(let elements):
            var values: [JSON] = []
            for element in elements { values.append(try element.evaluate(value)) }
            return .array(values)
        case .object(let members):
            var object = JSONObject()
            for member in members { object[member.name] = try member.value.evaluate(value) }
            return .object(object)
        }
    }

    /// All expressions in the value, in source order.
    package var expressions: [Expression] {
        switch self {
        case .literal: []
        case .expression(let expression): [expression]
        case .array(let elements): elements.flatMap(\.expressions)
        case .object(let members): members.flatMap(\.value.expressions)
        }
    }

    /// Reads a value in which only a whole-string `${ }` is an expression.
    static func read(_ node: YAMLNode, _ reader: inout DefinitionReader) -> ValueExpression {
        switch node.content {
        case .sequence(let nodes): return .array(nodes.map { read($0, &reader) })
        case .mapping(let entries):
            return .object(entries.map { Member(name: $0.key, value: read($0.value, &reader)) })
        case .scalar(let text, _):
            guard Expression.unwrapped(text) != nil else {
                if text.contains("${") { refuseMixed(text, node, &reader) }
                if isCode(text) {
                    reader.diagnostics.warning(
                        "\"\(text)\" is this very text; an expression is written ${ \(text) }", at: node.position)
                }
                return .literal(node.json)
            }
            guard let expression = expression(node, text, &reader) else { return .literal(.null) }
            return .expression(expression)
        }
    }

    /// Whether a text looks like an expression without its `${ }`: `.id`, `$ticket.number`.
    static func isCode(_ text: String) -> Bool {
        let isPath = { (rest: Substring) in
            rest.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "_.[]\"".utf8.contains(byte)
            }
        }
        if text.hasPrefix("$") {
            let name = text.dropFirst().prefix { $0 != "." && $0 != "[" }
            return WorkflowDefinition.variables.contains(String(name)) && isPath(text.dropFirst())
        }
        guard text.hasPrefix("."), let second = text.dropFirst().utf8.first else { return false }
        return ((UInt8(ascii: "a")...UInt8(ascii: "z")).contains(second | 0x20) || second == UInt8(ascii: "_"))
            && isPath(text.dropFirst())
    }

    /// Reads a value such as `as` or `from`, in which a text is always an expression.
    /// Whether the DSL takes a node as the value of a key: a mapping with something in it, or a text.
    static func isOfDSL(_ node: YAMLNode, _ key: String, _ diagnostics: inout Diagnostics) -> Bool {
        let value = node.json
        switch value {
        case .string: return true
        case .object(let members) where !members.isEmpty: return true
        case .object, .array, .null, .bool, .number:
            diagnostics.error(
                "\"\(key)\" takes a mapping with at least one member, or an expression: write \"${ \(value.text.prefix(40)) }\"",
                at: node.position)
            return false
        }
    }

    static func readExpression(_ node: YAMLNode, _ reader: inout DefinitionReader) -> ValueExpression {
        guard case .scalar(let text, _) = node.content, !node.isNull else { return read(node, &reader) }
        guard let expression = expression(node, text, &reader) else { return .literal(.null) }
        return .expression(expression)
    }

    static func expression(
        _ node: YAMLNode, _ text: String, isCondition: Bool = false, _ reader: inout DefinitionReader
    ) -> Expression? {
        let expression = node.expression(text, variables: reader.variables, &reader.diagnostics)
        guard let expression else { return nil }
        reader.refer(to: expression, at: node.position)
        if !isCondition { Condition.checkInside(expression, at: node.position, &reader.diagnostics) }
        for reference in expression.references where reference.variable == "secrets" {
            guard let name = reference.path.first?.name, !reader.secrets.contains(name) else { continue }
            reader.diagnostics.error(
                "the secret \"\(name)\" is not listed in \"use.secrets\"", at: node.position,
                suggestion: nearestName(to: name, among: reader.secrets))
        }
        return expression
    }

    /// Reads a condition.
    /// - Parameter allowed: the constant that is usual here.
    static func condition(
        _ node: YAMLNode, _ text: String, allowed: Bool? = nil, _ reader: inout DefinitionReader
    ) -> Expression? {
        let expression = expression(node, text, isCondition: true, &reader)
        if let expression {
            Condition.check(expression, allowed: allowed, at: node.position, &reader.diagnostics)
        }
        return expression
    }

    /// Reports text around `${ }`, which workflows do not compute, and shows how to write it.
    private static func refuseMixed(_ text: String, _ node: YAMLNode, _ reader: inout DefinitionReader) {
        let template = try? Template(text, variables: reader.variables)  // if it does not compile, no form is shown
        let pieces = template?.parts.map { part in
            switch part {
            case .text(let text): text
            case .expression(let expression): "\\(\(expression.source.drop { $0 == " " }))"
            }
        }
        let form = pieces.map { "; write '${ \"\($0.joined())\" }'" } ?? ""
        reader.diagnostics.error("text around \"${ }\" is not computed in a workflow\(form)", at: node.position)
    }
}
