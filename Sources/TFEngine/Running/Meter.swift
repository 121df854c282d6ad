import TFExpression

/// The fuel that the expressions of one transition have used up. A class, so that evaluating an expression does not
/// change the run that it belongs to.
final class Meter {
    private(set) var usedInTurn = 0
    private var step = ExpressionMeter(fuel: Engine.Caps.fuelPerStep)

    /// Gives the next step its own fuel.
    func beginStep() { step = ExpressionMeter(fuel: Engine.Caps.fuelPerStep) }

    /// Evaluates on the step's fuel.
    func value(
        _ expression: Expression, _ input: JSON, variables: [String: JSON], limits: ExpressionLimits
    ) throws(ExpressionError) -> JSON {
        let before = step.fuel
        defer { usedInTurn += before - step.fuel }
        return try step.value(expression, input, variables: variables, limits: limits)
    }

    /// Pays for work other than an expression.
    /// - Returns: whether there was enough fuel.
    func pays(_ steps: Int) -> Bool {
        let before = step.fuel
        defer { usedInTurn += before - step.fuel }
        return step.pays(steps)
    }

    /// The step's remaining fuel, at least 0.
    var left: Int { max(0, step.fuel) }
}
