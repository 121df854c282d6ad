import TFExpression

/// A workflow in Graphviz's language.
package struct DotSource {
    /// With more nodes a picture helps nobody, and Graphviz' time grows faster than their number.
    package static let limitNodes = 200
    package static let limitEdges = 400

    /// A character that keeps room beside a marker, and is removed from the drawing.
    static let padding = "·"

    private let graph: WorkflowGraph

    /// - Returns: nil for a workflow that is too large for a picture.
    package init?(_ graph: WorkflowGraph) {
        guard graph.nodes.count <= Self.limitNodes, graph.edges.count <= Self.limitEdges else { return nil }
        self.graph = graph
    }

    package var text: String {
        var lines = [
            "digraph workflow {", "rankdir=TB; bgcolor=transparent; nodesep=0.35; ranksep=0.4;",
            "node [fontname=\"sans-serif\", fontsize=13, margin=\"0.18,0.08\"];",
            "edge [fontname=\"sans-serif\", fontsize=11, arrowsize=0.7];",
        ]
        lines += graph.nodes.map(node)
        lines += graph.edges.enumerated().map(edge)
        return (lines + ["}"]).joined(separator: "\n")
    }

    private func node(_ node: WorkflowGraph.Node) -> String {
        switch node.kind {
        case .start: return "start [shape=circle, label=\"\", width=0.25, class=\"@c:start@\"];"
        case .end: return "end [shape=doublecircle, label=\"\", width=0.2, class=\"@c:end@\"];"
        case .task, .decision, .assignment, .fork, .wait:
            let shape =
                switch node.kind {
                case .decision: "diamond"
                case .fork: "trapezium"
                case .wait: "cds"
                case .task, .assignment, .start, .end: "box"
                }
            // The second line keeps room for the longest text that a page may put there.
            let isLong = node.kind == .task || node.kind == .wait
            let second = isLong ? "\\n@t:\(node.id)@\(String(repeating: Self.padding, count: 22))" : ""
            // At the usual height, the text of this shape would touch its edge.
            let height = node.kind == .wait ? "height=0.65, " : ""
            let label = Self.quoted(node.label) + second
            return #"\#(node.id) [shape=\#(shape), \#(height)class="@c:\#(node.id)@", label="\#(label)"];"#
        }
    }

    private func edge(_ index: Int, _ edge: WorkflowGraph.Edge) -> String {
        "\(edge.from) -> \(edge.to) [class=\"@e:\(index)@\", label=\"\(Self.quoted(edge.label))\"];"
    }

    /// A name inside a quoted string: no end of it, none of Graphviz's escapes (`\N`) and entities (`&#64;`), and
    /// nothing that looks like a marker. Source: graphviz.org, "The DOT Language" and `escString`.
    package static func quoted(_ name: String) -> String {
        let seen = String(String.UnicodeScalarView(name.unicodeScalars.filter { !$0.isSteering }))
        return seen.prefix(scalars: 40).escaped { byte in
            switch byte {
            case UInt8(ascii: "\\"): "\\\\"
            case UInt8(ascii: "\""): "\\\""
            case UInt8(ascii: "&"): "&amp;"
            case UInt8(ascii: "@"): "＠"
            default: nil
            }
        }
    }
}
