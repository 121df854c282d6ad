import TFExpression

/// How urgent something is; the cases stand in their order, the least urgent first.
package enum Priority: String, Sendable, Hashable, Codable, CaseIterable {
    case low
    case normal
    case high
    case urgent
}

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
