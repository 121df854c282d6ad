import TFExpression

extension Expression {
    /// All outputs for `input`, in order.
    func outputs(
        _ input: JSON, variables: [String: JSON] = [:], limits: ExpressionLimits = .init()
    ) throws(ExpressionError) -> [JSON] {
        var outputs: [JSON] = []
        try forEachOutput(input, variables: variables, limits: limits) { outputs.append($0) }
        return outputs
    }
}
