/// Fuel that several expressions share: those of one form that is sent, of one step, of one request, of one event.
///
/// A definition may cut what it computes into as many expressions as it likes: only what they take together has an end
/// that holds. Other work that a definition decides the amount of, such as conditions and patterns, is paid from it too.
package struct ExpressionMeter: Sendable {
    private let whole: Int
    /// What is left; below zero: it ran out, and nothing can be computed any more.
    package private(set) var fuel: Int

    package init(fuel: Int = ExpressionLimits().fuel) {
        whole = fuel
        self.fuel = fuel
    }

    package var isExhausted: Bool { fuel < 0 }

    /// The expression's first output, null where there is none.
    package mutating func value(
        _ expression: Expression, _ input: JSON, variables: [String: JSON] = [:], limits: ExpressionLimits = .init()
    ) throws(ExpressionError) -> JSON {
        let isFirst = fuel == whole
        do {
            return try expression.value(input, variables: variables, limits: limits, fuel: &fuel)
        } catch {
            guard isExhausted, !isFirst else { throw error }
            throw .exhausted("together with those before it, it took too many steps")
        }
    }

    /// The text with every expression's value in its place.
    package mutating func text(
        _ template: Template, _ input: JSON, variables: [String: JSON] = [:]
    ) throws(ExpressionError) -> String {
        try template.render { (expression) throws(ExpressionError) in
            try value(expression, input, variables: variables)
        }
    }

    /// Pays for work that is no expression's.
    /// - Returns: whether there was fuel for it.
    package mutating func pays(_ steps: Int) -> Bool {
        // What costs more than there is must not count below what an integer holds.
        fuel -= min(steps, fuel + 1)
        return fuel >= 0
    }
}
