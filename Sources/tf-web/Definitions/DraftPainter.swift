import Synchronization
import TFConfiguration
import TFDefinition
import TFProcess

/// Draws workflows that are not published yet, for whoever writes them. What is published is drawn once, by the daemon.
final class DraftPainter: Sendable {
    /// Maximum number of drawings at a time on the whole site.
    private static let limit = 2
    private static let graphviz: Graphviz = {
        var graphviz = Graphviz()
        graphviz.limits = ProcessLimits(processorSeconds: 1, kilobytes: 1_000_000, patience: .seconds(5))
        return graphviz
    }()

    private let running = Mutex(0)

    /// The diagram of a draft; its steps in words if it cannot be drawn now.
    func diagram(of graph: WorkflowGraph) async -> WorkflowDiagram {
        let isFree = running.withLock { running in
            guard running < Self.limit else { return false }
            running += 1
            return true
        }
        guard isFree else { return WorkflowDiagram(graph, layout: nil, because: "Others draw just now.") }
        defer { running.withLock { $0 -= 1 } }
        // Without Graphviz, or if it is ended from outside, the words will do.
        switch try? await Self.graphviz.answer(graph) {
        case .layout(let layout)?: return WorkflowDiagram(graph, layout: layout, because: "")
        case .tooLarge?: return WorkflowDiagram(graph, layout: nil, because: "It is too large for a picture.")
        case .tooSlow?: return WorkflowDiagram(graph, layout: nil, because: "Drawing it took too long.")
        case .failed?, nil: return WorkflowDiagram(graph, layout: nil, because: "It could not be drawn as a picture.")
        }
    }
}
