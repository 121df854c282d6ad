import TFDefinition
import TFEngine

/// A walk through a workflow: which steps were reached in which order, and how each ended.
struct WorkflowWalk {
    enum Stage: Sendable, Hashable {
        case here
        case past
        /// Its condition did not hold.
        case unneeded
        case failed
        /// It failed, and a ticket admin let the workflow go on without it.
        case skipped
        /// It was left before its end, because something else decided.
        case left
    }

    private let graph: WorkflowGraph
    private let places: WorkflowGraph.Places
    /// By node; none: the walk did not come there.
    private(set) var stages: [String: Stage] = ["start": .past]
    /// The nodes in the order in which they were reached.
    private var order = ["start"]

    init(_ graph: WorkflowGraph) {
        self.graph = graph
        places = WorkflowGraph.Places(graph)
    }

    /// Notes what happened to a step.
    /// - Parameter isSkipped: whether a ticket admin skipped it.
    mutating func note(_ kind: StepChange.Kind?, at reference: String, isSkipped: Bool = false) {
        guard let place = places[reference] else { return }
        let node = place.id
        guard place.reference == reference else { return noteInside(kind, node) }
        switch kind {
        case .started:
            stages[node] = .here
            order.append(node)
        case .completed: stages[node] = isSkipped ? .skipped : .past
        case .skipped:
            stages[node] = .unneeded
            order.append(node)
        case .faulted: stages[node] = .failed
        // One that failed and waits for its next try is left too; it stays shown as failed.
        case .cancelled: if stages[node] != .failed { stages[node] = .left }
        case .retried, .waiting: noteInside(kind, node)
        case nil: break
        }
    }

    /// Notes what happened in the function that a step calls: it fails with it, unless the function goes on. Its end is
    /// noted by itself.
    private mutating func noteInside(_ kind: StepChange.Kind?, _ node: String) {
        switch kind {
        case .faulted: stages[node] = .failed
        case .started, .completed, .skipped, .retried, .waiting:
            if stages[node] == .failed { stages[node] = .here }
        case .cancelled, nil: break
        }
    }

    /// Notes that the workflow has completed.
    mutating func complete() {
        let isAtEnding = graph.nodes.contains { $0.id == order.last && $0.kind == .ending }
        guard !isAtEnding, graph.nodes.contains(where: { $0.kind == .end }) else { return }
        stages["end"] = .past
        order.append("end")
    }

    /// The edges that were taken. After a step with one way on, and into each branch of a fork, the stages of both ends
    /// are enough; elsewhere the order decides.
    var walked: Set<WorkflowGraph.Edge> {
        let steps = Set(zip(order, order.dropFirst()).map { "\($0) \($1)" })
        let visited = Set(order)
        let forks = Set(graph.nodes.filter { $0.kind == .fork }.map(\.id))
        let waysOn = Dictionary(graph.edges.map { ($0.from, 1) }, uniquingKeysWith: +)
        return Set(
            graph.edges.filter { edge in
                if steps.contains("\(edge.from) \(edge.to)") { return true }
                let isForked = forks.contains(edge.from)
                let isOnly =
                    waysOn[edge.from] == 1 && (stages[edge.from] == .past || stages[edge.from] == .skipped)
                return (isForked || isOnly) && visited.contains(edge.from) && visited.contains(edge.to)
            })
    }

    /// The nodes that the walk may still come to; empty when it has ended.
    var ahead: Set<String> {
        var ahead: Set<String> = []
        var waiting = stages.filter { $0.value == .here || $0.value == .failed }.map(\.key)
        if stages.count == 1 { waiting = ["start"] }
        let ways = Dictionary(grouping: graph.edges, by: \.from)
        while let node = waiting.popLast() {
            for way in ways[node] ?? [] where ahead.insert(way.to).inserted { waiting.append(way.to) }
        }
        return ahead
    }

    /// How the steps are shown.
    /// - Parameter isOver: whether the walk has ended, so that nothing is ahead.
    func views(isOver: Bool) -> [String: StepView] {
        let ahead = isOver ? [] : ahead
        let views = graph.nodes.map { node -> (String, StepView) in
            switch stages[node.id] {
            case .here?: (node.id, StepView(node.kind == .wait ? .wait : .work))
            case .past?: (node.id, StepView(.done))
            case .unneeded?, .left?: (node.id, StepView(.off))
            case .failed?: (node.id, StepView(.fail))
            case .skipped?: (node.id, StepView(.skip))
            case nil where ahead.contains(node.id):
                (node.id, StepView(.idle, node.isConditional ? "If it is needed" : nil))
            case nil: (node.id, StepView(.off))
            }
        }
        return Dictionary(views, uniquingKeysWith: { first, _ in first })
    }
}
