/// The lines of a workflow's text on which its steps begin.
package struct StepLines: Sendable {
    private let root: YAMLNode?

    package init(_ source: String) {
        var ignored = Diagnostics(file: "")
        root = YAMLNode.read(Array(source.utf8), &ignored)
    }

    /// - Parameter reference: a step's JSON Pointer, such as `/do/0/ask/try/0/approve`.
    /// - Returns: nil if the text has no such step.
    package subscript(_ reference: String) -> Int? {
        guard var node = root else { return nil }
        var line: Int?
        for part in reference.split(separator: "/") {
            switch node.content {
            case .mapping(let entries):
                guard let entry = entries.first(where: { $0.key == part }) else { return nil }
                line = entry.keyPosition.line
                node = entry.value
            case .sequence(let nodes):
                guard let index = Int(part), nodes.indices.contains(index) else { return nil }
                node = nodes[index]
            case .scalar: return nil
            }
        }
        return line
    }
}
