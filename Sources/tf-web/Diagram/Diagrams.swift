import Foundation
import Logging
import Subprocess
import Synchronization
import TFConfiguration
import TFDefinition
import TFExpression

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
        let who = view.who.map { ", " + $0.prefix(scalars: 24) } ?? ""
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
