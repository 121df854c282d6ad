import TFExpression

/// When something is due: a fixed time after it is ready, or a computed one.
package enum DueRule: Sendable, Hashable, Codable {
    case after(TimeSpan)
    /// An expression that gives a duration, a date, or a date with a time.
    case computed(Expression)

    static let shape = Shape.either([.duration, .wrapped])

    static func read(_ fields: Fields, variables: Set<String>, _ reader: inout DefinitionReader) -> DueRule? {
        if let expression = fields.computed("due", variables: variables, &reader) { return .computed(expression) }
        return span(fields, &reader.diagnostics).map(DueRule.after)
    }

    /// A fixed `due`.
    static func span(_ fields: Fields, _ diagnostics: inout Diagnostics) -> TimeSpan? {
        let span = fields.duration("due", &diagnostics)
        if let span, span.milliseconds == 0 {
            diagnostics.warning("\"due\" leaves no time, so that it is late from the start", at: fields.position("due"))
        }
        return span
    }

    /// The moment that a computed value stands for, in milliseconds since 1970: a duration counts from `now`, a date
    /// ends with its day; nil for anything else.
    package static func moment(_ value: String, now: Int64, offset: (Int64) -> Int) -> Int64? {
        if let span = TimeSpan(value) { return now.later(by: span.milliseconds) }
        let text = CalendarDate(value) == nil ? value : "\(value)T23:59:59"
        return TypedMoment(text, offset: offset).map { $0.seconds * 1000 }
    }
}
