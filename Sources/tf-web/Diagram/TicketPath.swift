import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// The path of a ticket through its workflow and its present steps, read from its history and tasks.
struct TicketPath {
    /// How the steps are shown, by node.
    let states: [String: StepView]
    let walked: Set<WorkflowGraph.Edge>

    /// - Parameters:
    ///   - pauses: until when the steps wait that nobody works on, in words, by node.
    ///   - link: the page of a task, if the reader may open it.
    init(
        _ graph: WorkflowGraph, history: [HistoryEntry], tasks: [TaskRecord], ticket: Ticket,
        pauses: [String: String] = [:], link: (TaskRecord) -> String? = { _ in nil }
    ) {
        var walk = WorkflowWalk(graph)
        let (steps, skipped) = (history.ownSteps, history.skippedSteps)
        for entry in steps {
            walk.note(
                entry.data["kind"].stringValue.flatMap(StepChange.Kind.init),
                at: entry.data["reference"].displayText, isSkipped: skipped.contains(entry.id))
        }
        if ticket.state == .closed { walk.complete() }
        var states = walk.views(isOver: ticket.state == .closed || ticket.state == .cancelled)
        let places = WorkflowGraph.Places(graph)
        let ofRun = tasks.filter { $0.instanceID == steps.last?.instance }
        let byNode = Dictionary(grouping: ofRun) { places[$0.reference]?.id }
        for node in graph.nodes {
            guard let state = states[node.id] else { continue }
            if let pause = pauses[node.id] {
                states[node.id] = StepView(.wait, pause)
            } else if let all = byNode[node.id] {
                states[node.id] = Self.view(all.ofNewestVisit(to: node, state), state, link)
            }
        }
        self.states = states
        walked = walk.walked
    }

    private static func view(_ tasks: [TaskRecord], _ state: StepView, _ link: (TaskRecord) -> String?) -> StepView {
        guard let task = tasks.last else { return state }
        // Whatever became of its task, the step is known as skipped.
        if state.tone == .skip { return StepView(.skip, link: link(task)) }
        if tasks.count > 1 {
            let done = tasks.count { $0.state == .completed }
            return StepView(state.tone, "\(done) of \(tasks.count) answered")
        }
        let waits = state.tone == .work && task.state.toneOfStep == .wait
        let words: String? =
            switch task.state {
            case .ready: task.state.label
            case .held: task.assigneeName.map { "On hold, \($0)" } ?? "On hold"
            case .assigned, .started, .completed: task.assigneeName
            case .withdrawn, .failed: nil
            }
        return StepView(waits ? .wait : state.tone, state.tone == .off ? nil : words, link: link(task))
    }
}

extension [TaskRecord] {
    /// Those that count for a step, which may be visited again: the newest. Of several tasks in a function those that
    /// are open come first; between two of them nobody has the step.
    fileprivate func ofNewestVisit(to node: WorkflowGraph.Node, _ state: StepView) -> [TaskRecord] {
        let open = last { $0.state.isOpen }
        if node.isFunction, state.tone == .work, open == nil { return [] }
        let place = (open ?? last)?.reference
        let visit = filter { $0.reference == place }.map(\.visit).max()
        return filter { $0.reference == place && $0.visit == visit }
    }
}

extension [HistoryEntry] {
    /// Those since the ticket was opened again, with which its workflow begins anew; all, if it never was.
    private var ofLastRun: ArraySlice<HistoryEntry> { self[(lastIndex { $0.kind == .reopened } ?? startIndex)...] }

    /// The steps since then of the ticket's own workflow; those of workflows that it runs are left out.
    var ownSteps: [HistoryEntry] {
        ofLastRun.filter(\.isOwnStep)
    }

    /// Of these, the ends of steps that a ticket admin skipped after they had failed.
    var skippedSteps: Set<HistoryID> {
        var skipped: Set<HistoryID> = []
        var decided: JSON?
        for entry in ofLastRun {
            if entry.kind == .stepSkip { decided = entry.data["reference"] }
            guard entry.isOwnStep, entry.data["kind"] == .string(StepChange.Kind.completed.rawValue),
                entry.data["reference"] == decided
            else { continue }
            skipped.insert(entry.id)
            decided = nil
        }
        return skipped
    }
}

extension HistoryEntry {
    /// Whether it is a step of the ticket's own workflow.
    fileprivate var isOwnStep: Bool { kind == .step && (data["depth"].intValue ?? 0) == 0 }

    /// Of a step: the instance of the workflow that took it.
    var instance: InstanceID? { data["instance"].intValue.map { InstanceID(Int64($0)) } }
}
