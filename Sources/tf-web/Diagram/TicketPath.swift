import TFDefinition
import TFEngine
import TFStore

/// The path of a ticket through its workflow and its present steps, read from its history and tasks.
struct TicketPath {
    /// The states of the steps, by node.
    let states: [String: StepView]
    let walked: Set<WorkflowGraph.Edge>
    /// The labels of the steps in progress, without the forks around them.
    let stepsHere: [String]

    init(_ graph: WorkflowGraph, history: [HistoryEntry], tasks: [TaskRecord], ticket: Ticket) {
        let nodes = Dictionary(graph.nodes.map { ($0.reference, $0.id) }, uniquingKeysWith: { first, _ in first })
        var states: [String: StepView] = ["start": StepView(state: .past, who: nil)]
        var order: [String] = ["start"]
        for entry in history where entry.kind == .step {
            guard let node = nodes[entry.data["reference"].displayText] else { continue }
            switch entry.data["kind"].stringValue.flatMap(StepChange.Kind.init) {
            case .started:
                states[node] = StepView(state: .here, who: nil)
                order.append(node)
            case .completed: states[node] = StepView(state: .past, who: nil)
            case .skipped:
                states[node] = StepView(state: .over, who: nil)
                order.append(node)
            case .faulted: states[node] = StepView(state: .broken, who: nil)
            // A failed step is also cancelled afterwards; it stays shown as failed.
            case .cancelled, .retried, .waiting, nil:
                if states[node]?.state != .broken { states[node] = StepView(state: .over, who: nil) }
            }
        }
        if ticket.state == .closed {
            states["end"] = StepView(state: .past, who: nil)
            order.append("end")
        }
        for task in tasks {
            guard let node = nodes[task.reference], let state = states[node]?.state else { continue }
            states[node] = StepView(state: state, who: task.assigneeName)
        }
        self.states = states
        walked = Self.walked(graph, states, order)
        stepsHere = graph.nodes.filter { $0.kind != .fork && states[$0.id]?.state == .here }.map(\.label)
    }

    /// The edges that were taken. After a step with one way on, and into each branch of a fork, the states of both ends
    /// are enough; elsewhere the order of the history decides.
    private static func walked(
        _ graph: WorkflowGraph, _ states: [String: StepView], _ order: [String]
    ) -> Set<WorkflowGraph.Edge> {
        let steps = Set(zip(order, order.dropFirst()).map { "\($0) \($1)" })
        let visited = Set(order)
        let forks = Set(graph.nodes.filter { $0.kind == .fork }.map(\.id))
        let waysOn = Dictionary(graph.edges.map { ($0.from, 1) }, uniquingKeysWith: +)
        return Set(
            graph.edges.filter { edge in
                if steps.contains("\(edge.from) \(edge.to)") { return true }
                let isForked = forks.contains(edge.from)
                let isOnly = waysOn[edge.from] == 1 && states[edge.from]?.state == .past
                return (isForked || isOnly) && visited.contains(edge.from) && visited.contains(edge.to)
            })
    }
}
