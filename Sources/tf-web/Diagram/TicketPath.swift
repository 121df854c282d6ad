import TFDefinition
import TFEngine
import TFStore

/// The path of a ticket through its workflow and its present steps, read from its history and tasks.
struct TicketPath {
    /// How the steps are shown, by node.
    let states: [String: StepView]
    let walked: Set<WorkflowGraph.Edge>
    /// The labels of the steps in progress, without the forks around them.
    let stepsHere: [String]

    /// - Parameter link: the page of a task, if the reader may open it.
    init(
        _ graph: WorkflowGraph, history: [HistoryEntry], tasks: [TaskRecord], ticket: Ticket,
        link: (TaskRecord) -> String? = { _ in nil }
    ) {
        var walk = WorkflowWalk(graph)
        for entry in history.ofLastRun where entry.kind == .step {
            walk.note(
                entry.data["kind"].stringValue.flatMap(StepChange.Kind.init),
                at: entry.data["reference"].displayText)
        }
        if ticket.state == .closed { walk.complete() }
        var states = walk.views(isOver: ticket.state == .closed || ticket.state == .cancelled)
        let byStep = Dictionary(grouping: tasks, by: \.reference)
        for node in graph.nodes {
            guard let all = byStep[node.reference], let state = states[node.id] else { continue }
            // A step may be visited again, and a ticket that is opened again begins anew: the newest tasks count.
            let run = all.map(\.instanceID).max { $0.rawValue < $1.rawValue }
            let visit = all.filter { $0.instanceID == run }.map(\.visit).max()
            states[node.id] = Self.view(all.filter { $0.instanceID == run && $0.visit == visit }, state, link)
        }
        self.states = states
        walked = walk.walked
        stepsHere = graph.nodes.filter { $0.kind != .fork && walk.stages[$0.id] == .here }.map(\.label)
    }

    private static func view(_ tasks: [TaskRecord], _ state: StepView, _ link: (TaskRecord) -> String?) -> StepView {
        guard let task = tasks.last else { return state }
        if tasks.count > 1 {
            let done = tasks.count { $0.state == .completed }
            return StepView(state.tone, "\(done) of \(tasks.count) answered")
        }
        let tone =
            switch task.state {
            case .ready, .held: state.tone == .work ? Tone.wait : state.tone
            case .assigned, .started, .completed, .withdrawn, .failed: state.tone
            }
        let words: String? =
            switch task.state {
            case .ready: "With nobody"
            case .held: task.assigneeName.map { "On hold, \($0)" } ?? "On hold"
            case .assigned, .started, .completed: task.assigneeName
            case .withdrawn, .failed: nil
            }
        return StepView(tone, state.tone == .skip ? nil : words, link: link(task))
    }
}

extension [HistoryEntry] {
    /// Those since the ticket was opened again, with which its workflow begins anew; all, if it never was.
    var ofLastRun: ArraySlice<HistoryEntry> { self[(lastIndex { $0.kind == .reopened } ?? startIndex)...] }
}
