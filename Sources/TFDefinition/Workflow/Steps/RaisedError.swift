import TFExpression

/// `raise`: an error with RFC 9457's members, each possibly computed.
package struct RaisedError: Sendable, Hashable, Codable {
    package let type: ValueExpression
    package let status: ValueExpression
    package let title: ValueExpression?
    package let detail: ValueExpression?
    package let instance: ValueExpression?

    static let keys = KeyTable(
        "an error",
        [
            Key("type", .textOrExpression, "A URI that says what kind of error it is.", isRequired: true),
            Key(
                "status", .either([.count, .wrapped]), "A status as HTTP has them.", isRequired: true, examples: [404]),
            Key("title", .textOrExpression, "What it is, in a few words."),
            Key("detail", .textOrExpression, "What happened this time."),
            Key("instance", .textOrExpression, "Where; without it, the step."),
        ])
    static let raiseKeys = KeyTable(
        "\"raise\"",
        [
            Key(
                "error", .either([.mapping(keys), .text]), "An error, or the name of one in use.errors.",
                isRequired: true)
        ])

    static func read(
        _ fields: Fields, _ context: StepContext, _ reader: inout DefinitionReader
    ) -> RaisedError? {
        guard let node = fields.value("raise"), let raise = Fields(node, raiseKeys, &reader.diagnostics) else {
            return nil
        }
        guard let error = raise.value("error") else {
            raise.need("error", of: "\"raise\"", &reader.diagnostics)
            return nil
        }
        guard case .scalar(let name, _) = error.content else { return read(error, &reader) }
        guard let known = context.reusables.errors[name] else {
            context.reusables.refuse(name, "errors", at: error.position, &reader)
            return nil
        }
        return read(known, &reader)
    }

    static func read(_ node: YAMLNode, _ reader: inout DefinitionReader) -> RaisedError? {
        guard let fields = Fields(node, keys, &reader.diagnostics) else { return nil }
        func part(_ key: String) -> ValueExpression? { fields.value(key).map { ValueExpression.read($0, &reader) } }
        guard fields.value("type") != nil, let status = fields.value("status") else {
            for key in ["type", "status"] where fields.value(key) == nil {
                fields.need(key, of: "an error", &reader.diagnostics)
            }
            return nil
        }
        if case .scalar(let text, _) = status.content, Expression.unwrapped(text) == nil, status.json.intValue == nil {
            reader.diagnostics.error("\"status\" must be a whole number, not \"\(text)\"", at: status.position)
        }
        if let code = status.json.intValue, !(100...599).contains(code) {
            reader.diagnostics.warning("\"status\" is one of HTTP, from 100 to 599, not \(code)", at: status.position)
        }
        guard let type = part("type"), let number = part("status") else { return nil }
        if case .literal(.string(let text)) = type {
            reader.errorTypes.raised.append((text, fields.position("type")))
        } else {
            reader.errorTypes.hasComputed = true
        }
        return RaisedError(
            type: type, status: number, title: part("title"), detail: part("detail"), instance: part("instance"))
    }
}
