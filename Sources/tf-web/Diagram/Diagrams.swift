import Foundation
import Logging
import Subprocess
import Synchronization
import TFConfiguration
import TFDefinition

/// The state of one step in a ticket's diagram.
struct StepView: Sendable, Hashable {
    enum State: String, Sendable, CaseIterable {
        case todo
        case past
        case here
        case over
        case broken

        /// Glyph and word, so that no state shows by colour alone.
        var sign: String {
            switch self {
            case .todo: "○ not started"
            case .past: "✓ done"
            case .here: "▶ in progress"
            case .over: "– skipped"
            case .broken: "! failed"
            }
        }
    }

    let state: State
    /// What follows the sign: who has it, or who did it.
    let who: String?
}

/// Draws workflows with Graphviz: once a revision, then each view only fills in states.
///
/// The skeleton holds markers (`@c:n3@`, `@t:n3@`, …) for class and second line of a node, and for an edge's class.
final class Diagrams: Sendable {
    private static let capacity = 500

    private let skeletons = Mutex<[String: [Piece]]>([:])
    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    /// The workflow as SVG, the path taken and the present step marked; nil when Graphviz does not run.
    /// - Parameters:
    ///   - key: names the revision.
    ///   - states: by node.
    ///   - walked: edges of the path taken.
    func svg(
        _ graph: WorkflowGraph, key: String, states: [String: StepView], walked: Set<WorkflowGraph.Edge>
    ) async -> HTML? {
        guard let skeleton = await skeleton(graph, key) else { return nil }
        var markup = ""
        for piece in skeleton {
            switch piece {
            case .text(let text): markup += text
            case .nodeClass(let id): markup += states[id]?.state.rawValue ?? "todo"
            case .nodeText(let id): markup += Self.second(states[id])
            case .edgeClass(let index):
                markup += graph.edges.indices.contains(index) && walked.contains(graph.edges[index]) ? "walked" : ""
            }
        }
        return HTML(trusted: markup)
    }

    private static func second(_ view: StepView?) -> String {
        guard let view else { return StepView.State.todo.sign }
        let who = view.who.map { ", " + String($0.prefix(24)) } ?? ""
        let escaped: HTML = "\(view.state.sign)\(who)"
        return String(decoding: escaped.bytes, as: UTF8.self)
    }

    private func skeleton(_ graph: WorkflowGraph, _ key: String) async -> [Piece]? {
        if let known = skeletons.withLock({ $0[key] }) { return known }
        guard graph.nodes.count <= 200 else { return nil }
        do {
            let result = try await Descriptors.startingProcess {
                try await Subprocess.run(
                    .name("dot"), arguments: ["-Tsvg"], input: .string(DotSource(graph).text),
                    output: .string(limit: 1 << 20), error: .discarded)
            }
            guard result.terminationStatus.isSuccess else { return nil }
            let pieces = SVGSkeleton(result.standardOutput).pieces
            skeletons.withLock { cache in
                if cache.count >= Self.capacity { cache.removeAll() }
                cache[key] = pieces
            }
            return pieces
        } catch {
            logger.warning("Graphviz did not draw a workflow", metadata: ["error": "\(error)"])
            return nil
        }
    }
}

/// A part of a drawn workflow: markup, or a place that each view fills.
enum Piece: Sendable, Hashable {
    case text(String)
    case nodeClass(String)
    case nodeText(String)
    case edgeClass(Int)
}

/// A workflow in Graphviz's language.
struct DotSource {
    private let graph: WorkflowGraph

    init(_ graph: WorkflowGraph) { self.graph = graph }

    var text: String {
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
            // The second line keeps room for the longest text that a view may put there.
            let isLong = node.kind == .task || node.kind == .wait
            let second = isLong ? "\\n@t:\(node.id)@\(String(repeating: "·", count: 22))" : ""
            // A pennant's text would touch its edge at the usual height.
            let height = node.kind == .wait ? "height=0.65, " : ""
            let label = Self.quoted(node.label) + second
            return #"\#(node.id) [shape=\#(shape), \#(height)class="@c:\#(node.id)@", label="\#(label)"];"#
        }
    }

    private func edge(_ index: Int, _ edge: WorkflowGraph.Edge) -> String {
        "\(edge.from) -> \(edge.to) [class=\"@e:\(index)@\", label=\"\(Self.quoted(edge.label))\"];"
    }

    private static func quoted(_ text: String) -> String {
        String(text.prefix(40)).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("@", with: "＠")
    }
}

/// Graphviz's SVG made fit for a page: no prolog, no titles, no colours of its own, cut at its markers.
struct SVGSkeleton {
    let pieces: [Piece]

    init(_ svg: String) {
        var text = svg[(svg.firstRange(of: "<svg")?.lowerBound ?? svg.startIndex)...].description
        text = text.replacing(#/<!--[\s\S]*?-->\n?|<title>[\s\S]*?<\/title>\n?/#, with: "")
        text = text.replacing(#/ (?:fill|stroke|font-family|xmlns:xlink|id)="[^"]*"/#, with: "")
        text = text.replacing("<svg ", with: Self.opening)
        pieces = Self.cut(text.replacing("·", with: ""))
    }

    private static let opening =
        #"<svg role="img" aria-label="Diagram of the workflow; the table of tasks below says the same" "#

    private static func cut(_ text: String) -> [Piece] {
        var pieces: [Piece] = []
        var rest = text[...]
        while let match = rest.firstMatch(of: #/@([cte]):([a-z0-9]+)@/#) {
            pieces.append(.text(String(rest[..<match.range.lowerBound])))
            let id = String(match.2)
            switch match.1 {
            case "c": pieces.append(.nodeClass(id))
            case "t": pieces.append(.nodeText(id))
            default: pieces.append(.edgeClass(Int(id) ?? -1))
            }
            rest = rest[match.range.upperBound...]
        }
        return pieces + [.text(String(rest))]
    }
}
