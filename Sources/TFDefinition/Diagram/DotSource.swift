/// A workflow in Graphviz's language, once for each direction of its diagram.
///
/// Graphviz only finds the places: the nodes have fixed sizes, and an edge's label is a row of letters as wide as the
/// words that a page writes there in a wide font. No text of a person gets to it.
package struct DotSource {
    /// With more nodes a picture helps nobody, and Graphviz' time grows faster than their number.
    package static let limitNodes = 200
    package static let limitEdges = 400

    private let graph: WorkflowGraph

    /// - Returns: nil for a workflow that is too large for a picture.
    package init?(_ graph: WorkflowGraph) {
        guard graph.nodes.count <= Self.limitNodes, graph.edges.count <= Self.limitEdges else { return nil }
        self.graph = graph
    }

    package var text: String { DiagramLayout.Direction.allCases.map(digraph).joined(separator: "\n") }

    private func digraph(_ direction: DiagramLayout.Direction) -> String {
        let rank = direction == .down ? "TB" : "LR"
        var lines = [
            "digraph \(direction.rawValue) {", "rankdir=\(rank); nodesep=0.3; ranksep=0.45;",
            "node [shape=box, fixedsize=true, label=\"\"];",
            "edge [arrowhead=none, fontname=\"Helvetica\", fontsize=13];",
        ]
        lines += graph.nodes.map { node in
            let size = node.kind.size(direction)
            return "\(node.id) [width=\(Self.inches(size.width)), height=\(Self.inches(size.height))];"
        }
        let order = Dictionary(
            graph.nodes.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        lines += graph.edges.enumerated().map { index, edge in
            // A way back leaves and enters at the same side, so that it runs around the steps between.
            let isBack = (order[edge.to] ?? 0) < (order[edge.from] ?? 0)
            let side = direction == .down ? "e" : "s"
            let ports = isBack ? ", tailport=\(side), headport=\(side)" : ""
            let room = String(repeating: "n", count: edge.shownLabel.count)
            return "\(edge.from) -> \(edge.to) [way=\(index), label=\"\(room)\"\(ports)];"
        }
        return (lines + ["}"]).joined(separator: "\n")
    }

    /// Graphviz has 72 points in an inch; one point is a pixel of the diagram.
    private static func inches(_ pixels: Int) -> Double { (Double(pixels) / 72 * 1_000).rounded() / 1_000 }
}

extension WorkflowGraph.Node.Kind {
    /// In pixels.
    package func size(_ direction: DiagramLayout.Direction) -> (width: Int, height: Int) {
        switch self {
        case .start, .decision: (34, 34)
        case .end: (160, 36)
        case .ending: (160, 44)
        case .fork: direction == .down ? (54, 10) : (10, 54)
        case .person, .program, .message, .change, .wait: (192, 58)
        }
    }

    /// How many lines of words there is room for.
    package var lines: Int {
        switch self {
        case .start, .decision, .fork: 0
        case .end: 1
        case .ending: 2
        case .person, .program, .message, .change, .wait: 3
        }
    }
}

extension WorkflowGraph.Edge {
    /// The label as the diagram has room for it.
    package var shownLabel: String { label.count > 24 ? label.prefix(23) + "…" : label }
}
