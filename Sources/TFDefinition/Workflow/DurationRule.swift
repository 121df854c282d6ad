import TFExpression

/// A duration that is written down or computed.
package enum DurationRule: Sendable, Hashable, Codable {
    case fixed(TimeSpan)
    /// An expression that gives a duration as text.
    case computed(Expression)

    static let keys = KeyTable(
        "a duration",
        ["days", "hours", "minutes", "seconds", "milliseconds"].map { Key($0, .count, "How many \($0).") })
    static let shape = Shape.either([.duration, .wrapped, .mapping(keys)])
    private static let seconds: [String: Double] = [
        "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1, "milliseconds": 0.001,
    ]

    static func read(_ key: String, _ fields: Fields, _ reader: inout DefinitionReader) -> DurationRule? {
        guard let node = fields.value(key) else { return nil }
        switch node.content {
        case .mapping: return parts(node, &reader)
        case .sequence:
            reader.diagnostics.error("\"\(key)\" must be a duration, not a list", at: node.position)
            return nil
        case .scalar(let text, _):
            guard Expression.unwrapped(text) != nil else {
                return fields.duration(key, &reader.diagnostics).map(DurationRule.fixed)
            }
            return ValueExpression.expression(node, text, &reader).map(DurationRule.computed)
        }
    }

    private static func parts(_ node: YAMLNode, _ reader: inout DefinitionReader) -> DurationRule? {
        guard let fields = Fields(node, keys, &reader.diagnostics) else { return nil }
        var total = 0.0
        for key in keys.names {
            guard let count = fields.count(key, &reader.diagnostics) else { continue }
            total += Double(count) * (seconds[key] ?? 0)
        }
        if case .mapping(let entries) = node.content, entries.isEmpty {
            reader.diagnostics.error("a duration needs at least one part", at: node.position)
        }
        guard let span = TimeSpan(seconds: total) else {
            reader.diagnostics.error("the duration is longer than a hundred years", at: node.position)
            return nil
        }
        return .fixed(span)
    }
}
