import TFDefinition
import TFStore

/// Where a ticket has been in its workflow and where it is, read from its history and tasks.
struct TicketPath {
    /// By node.
    let states: [String: StepView]
    let walked: Set<WorkflowGraph.Edge>

    init(_ graph: WorkflowGraph, history: [HistoryEntry], tasks: [TaskRecord], ticket: Ticket) {
        let nodes = Dictionary(graph.nodes.map { ($0.reference, $0.id) }, uniquingKeysWith: { first, _ in first })
        var states: [String: StepView] = ["start": StepView(state: .past, who: nil)]
        var order: [String] = ["start"]
        for entry in history where entry.kind == "step" {
            guard let node = nodes[entry.data["reference"].displayText] else { continue }
            switch entry.data["kind"].displayText {
            case "started":
                states[node] = StepView(state: .here, who: nil)
                order.append(node)
            case "completed": states[node] = StepView(state: .past, who: nil)
            case "skipped":
                states[node] = StepView(state: .over, who: nil)
                order.append(node)
            case "faulted": states[node] = StepView(state: .broken, who: nil)
            default: states[node] = StepView(state: .over, who: nil)
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
        let steps = Set(zip(order, order.dropFirst()).map { "\($0) \($1)" })
        walked = Set(graph.edges.filter { steps.contains("\($0.from) \($0.to)") })
    }
}
