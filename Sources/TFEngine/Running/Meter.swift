import TFExpression

/// What the expressions of one transition have used up. A class, since evaluating changes nothing else of a run.
final class Meter {
    private(set) var usedInTurn = 0
    private var step = ExpressionMeter(fuel: Engine.Caps.fuelPerStep)

    /// The next step has fuel of its own.
    func beginStep() { step = ExpressionMeter(fuel: Engine.Caps.fuelPerStep) }

    /// Evaluates on the step's fuel.
    func value(
        _ expression: Expression, _ input: JSON, variables: [String: JSON], limits: ExpressionLimits
    ) throws(ExpressionError) -> JSON {
        let before = step.fuel
        defer { usedInTurn += before - step.fuel }
        return try step.value(expression, input, variables: variables, limits: limits)
    }

    /// Pays for work that is no expression's.
    /// - Returns: whether there was fuel for it.
    func pays(_ steps: Int) -> Bool {
        let before = step.fuel
        defer { usedInTurn += before - step.fuel }
        return step.pays(steps)
    }

    /// Fuel of the step that is left, at least 0.
    var left: Int { max(0, step.fuel) }
}
