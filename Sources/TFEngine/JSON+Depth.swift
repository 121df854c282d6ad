import TFExpression

extension JSON {
    /// Whether arrays and objects are nested in more levels than these.
    package func isDeeper(than levels: Int) -> Bool {
        switch self {
        case .null, .bool, .number, .string: false
        case .array(let elements): levels == 0 || elements.contains { $0.isDeeper(than: levels - 1) }
        case .object(let members): levels == 0 || members.values.contains { $0.isDeeper(than: levels - 1) }
        }
    }

    /// Refuses a value from outside that is nested too deep: once stored, it could not be read again.
    func checkDepth(_ what: String, at reference: String) throws(WorkflowError) {
        guard isDeeper(than: Engine.Caps.valueDepth) else { return }
        throw .runtime("\(what) is nested deeper than \(Engine.Caps.valueDepth) levels", at: reference)
    }
}
