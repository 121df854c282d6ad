/// Fuel that several expressions share: those of one submission, of one step, of one request, or of one event.
///
/// A definition may spread its work over any number of expressions, so only a limit for all of them together helps.
/// Other work whose amount a definition decides, such as conditions and patterns, is paid from the same fuel.
package struct ExpressionMeter: Sendable {
    private let whole: Int
    /// The remaining fuel; below zero if it ran out, after which nothing can be computed.
    package private(set) var fuel: Int

    package init(fuel: Int = ExpressionLimits().fuel) {
        whole = fuel
        self.fuel = fuel
    }

    package var isExhausted: Bool { fuel < 0 }

    /// The expression's first output, or null if there is none.
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

    /// The text, with each expression replaced by its value.
    package mutating func text(
        _ template: Template, _ input: JSON, variables: [String: JSON] = [:]
    ) throws(ExpressionError) -> String {
        try template.render { (expression) throws(ExpressionError) in
            try value(expression, input, variables: variables)
        }
    }

    /// Pays for work other than an expression.
    /// - Returns: whether there was enough fuel.
    package mutating func pays(_ steps: Int) -> Bool {
        // Limited, so that a very large cost does not overflow.
        fuel -= min(steps, fuel + 1)
        return fuel >= 0
    }
}
