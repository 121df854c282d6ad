/// The resolutions that a workflow's text names: they tell a ticket for which all went well from one that was refused.
package struct WorkflowEndings: Sendable, Hashable {
    /// The one at which it ends if nothing goes wrong, in words; nil: that one is computed, or there is none.
    private let main: String?
    private let others: Set<String>

    package init(_ graph: WorkflowGraph) {
        let named = graph.nodes.filter { $0.kind == .ending }.map(\.label)
        main = graph.mainEnding(from: ["start"])?.label
        others = Set(named).subtracting([main].compactMap { $0 })
    }

    /// Whether a ticket with this resolution ended as its workflow is meant to.
    package func isMeant(_ resolution: String) -> Bool {
        let words = ReadableName.title(TextLimit.status.shortened(resolution))
        return main.map { $0 == words } ?? !others.contains(words)
    }
}
