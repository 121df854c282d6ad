import TFExpression

/// A priority that is written down, or computed.
package enum PriorityRule: Sendable, Hashable, Codable {
    case fixed(Priority)
    case computed(Expression)

    /// The written priority; nil if it is computed.
    package var fixed: Priority? { if case .fixed(let priority) = self { priority } else { nil } }

    static let shape = Shape.either([Priority.shape, .wrapped])

    static func read(
        _ fields: Fields, variables: Set<String>, _ reader: inout DefinitionReader
    ) -> PriorityRule? {
        if let expression = fields.computed("priority", variables: variables, &reader) { return .computed(expression) }
        return fields.choice("priority", Priority.self, &reader.diagnostics).map(PriorityRule.fixed)
    }
}

/// When something is due: a fixed time after it is ready, or a computed one.
package enum DueRule: Sendable, Hashable, Codable {
    case after(TimeSpan)
    /// An expression that gives a duration, a date, or a date with a time.
    case computed(Expression)

    static let shape = Shape.either([.duration, .wrapped])

    static func read(_ fields: Fields, variables: Set<String>, _ reader: inout DefinitionReader) -> DueRule? {
        if let expression = fields.computed("due", variables: variables, &reader) { return .computed(expression) }
        return fields.duration("due", &reader.diagnostics).map(DueRule.after)
    }

    /// The moment that a computed value stands for, in milliseconds since 1970: a duration counts from `now`, a date
    /// ends with its day; nil for anything else.
    package static func moment(_ value: String, now: Int64, offset: (Int64) -> Int) -> Int64? {
        if let span = TimeSpan(value) { return now.later(by: span.milliseconds) }
        let text = CalendarDate(value) == nil ? value : "\(value)T23:59:59"
        return TypedMoment(text, offset: offset).map { $0.seconds * 1000 }
    }
}

extension Fields {
    /// The expression of a member that is one whole `${ }`; nil for any other member, which is read as a literal.
    fileprivate func computed(
        _ key: String, variables: Set<String>, _ reader: inout DefinitionReader
    ) -> Expression? {
        guard let node = value(key), case .scalar(let text, _) = node.content, Expression.unwrapped(text) != nil,
            let expression = node.expression(text, variables: variables, &reader.diagnostics)
        else { return nil }
        reader.refer(to: expression, at: node.position)
        return expression
    }
}
