/// `fork`: branches that run side by side.
package struct Fork: Sendable, Hashable, Codable {
    package let branches: [WorkflowStep]
    /// Whether the first success wins and the other branches are cancelled.
    package let isCompeting: Bool

    private static let limitBranches = 200

    static let keys = KeyTable(
        "\"fork\"",
        [
            Key("branches", StepReader.listShape, "What runs side by side.", isRequired: true),
            Key("compete", .flag, "Whether the first success wins and the others are cancelled.", standard: false),
        ])

    static func read(_ fields: Fields, _ context: StepContext, _ reader: inout DefinitionReader) -> Fork? {
        guard let node = fields.value("fork"), let fork = Fields(node, keys, &reader.diagnostics),
            let branches = StepReader.list(
                "branches", of: "\"fork\"", part: "fork/branches", fork, context, isBranches: true, &reader)
        else { return nil }
        if branches.count > limitBranches {
            reader.diagnostics.error(
                "\"branches\" lists \(branches.count); at most \(limitBranches) can run side by side",
                at: fork.position("branches"))
        }
        let isCompeting = fork.flag("compete", &reader.diagnostics) ?? false
        if !branches.isEmpty, branches.allSatisfy(\.isBackground) {
            reader.diagnostics.error("all branches are in the background, so nothing is waited for", at: node.position)
        }
        return Fork(branches: branches, isCompeting: isCompeting)
    }
}
