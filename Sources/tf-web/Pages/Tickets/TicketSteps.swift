import TFDefinition
import TFEngine
import TFStore

/// What a ticket has gone through, where it is and what is to come, in a few steps.
struct TicketSteps {
    struct Step {
        let tone: Tone
        let title: String
        let note: HTML
        var isNow = false
    }

    /// How many steps are shown before and after the present ones.
    private static let limitAround = 3

    private let course: TicketCourse
    private let ticket: Ticket
    /// Those of the ticket's own workflow that the visitor may see.
    private let tasks: [TaskRecord]
    private let times: Times
    private let places: WorkflowGraph.Places
    /// What the steps wait for that nobody works on, by node.
    private var pauses: [String: WaitingStep.Pause] = [:]
    /// The latest change of each step that was reached, in the order in which they were.
    private var reached: [(node: WorkflowGraph.Node, change: StepChange.Kind)] = []
    /// The ids of those that a ticket admin skipped.
    private var skipped: Set<String> = []

    init(
        _ course: TicketCourse, _ ticket: Ticket, history: [HistoryEntry], tasks: [TaskRecord], _ times: Times
    ) {
        self.course = course
        self.ticket = ticket
        let (steps, skips) = (history.ownSteps, history.skippedSteps)
        self.tasks = tasks.filter { $0.instanceID == steps.last?.instance }
        self.times = times
        places = WorkflowGraph.Places(course.graph)
        for entry in steps {
            let reference = entry.data["reference"].displayText
            guard let node = places[reference],
                let change = entry.data["kind"].stringValue.flatMap(StepChange.Kind.init),
                node.kind.isAwaited || skips.contains(entry.id) || Self.stops(ticket, at: node, change)
            else { continue }
            guard node.reference == reference else {
                noteInside(change, node)
                continue
            }
            if skips.contains(entry.id) { skipped.insert(node.id) } else { skipped.remove(node.id) }
            let earlier = reached.firstIndex { $0.node.id == node.id }
            if change == .started {
                if let earlier { reached.remove(at: earlier) }
                reached.append((node, change))
            } else if let earlier {
                reached[earlier].change = change
            } else if !node.kind.isAwaited {
                reached.append((node, change))
            }
        }
    }

    /// Notes what happened in the function that a step calls: it fails with it, unless the function goes on.
    private mutating func noteInside(_ change: StepChange.Kind, _ node: WorkflowGraph.Node) {
        guard let step = reached.firstIndex(where: { $0.node.id == node.id }) else { return }
        switch change {
        case .faulted: reached[step].change = .faulted
        case .started, .completed, .skipped, .retried, .waiting:
            if reached[step].change == .faulted { reached[step].change = .started }
        case .cancelled: break
        }
    }

    /// The same, with what its steps wait for that nobody works on.
    func pausing(at waiting: [WaitingStep]) -> TicketSteps {
        var steps = self
        for step in waiting {
            guard let pause = step.pause, let node = places[step.reference],
                present.contains(where: { $0.id == node.id }), open(at: node).isEmpty
            else { continue }
            steps.pauses[node.id] = pause
        }
        return steps
    }

    /// Whether it is at a step that may wait for a moment or an event.
    var mayPause: Bool {
        present.contains { ($0.kind == .wait || $0.isFunction) && open(at: $0).isEmpty }
    }

    /// Until when the steps wait that nobody works on, in words, by node.
    var pausesInWords: [String: String] { pauses.mapValues { Words.capitalized($0.words(times)) } }

    /// The tasks that came up at a step, or in the function that it calls.
    private func asked(at node: WorkflowGraph.Node) -> [TaskRecord] {
        tasks.filter { places[$0.reference]?.id == node.id }
    }

    private func open(at node: WorkflowGraph.Node) -> [TaskRecord] { asked(at: node).filter(\.state.isOpen) }

    /// Whether a step that takes no time is the one at which the ticket's workflow failed.
    private static func stops(_ ticket: Ticket, at node: WorkflowGraph.Node, _ change: StepChange.Kind) -> Bool {
        ticket.state == .failed && change == .faulted && node.kind != .fork
    }

    private var present: [WorkflowGraph.Node] {
        reached.filter { Self.isPresent($0.change) && ticket.state == .open }.map(\.node)
    }

    private static func isPresent(_ change: StepChange.Kind) -> Bool {
        switch change {
        case .started, .waiting, .retried: true
        case .completed, .skipped, .faulted, .cancelled: false
        }
    }

    /// How the workflow may end.
    var endings: WorkflowEndings { WorkflowEndings(course.graph) }

    /// The steps that wait for something, each as "“Pay”", or as "“Pause” waits until tomorrow 08:00".
    var now: [HTML] {
        present.map { node -> HTML in
            "“\(node.label)”\(pauses[node.id].map { pause -> HTML in " \(pause.words(times))" })"
        }
    }

    var html: HTML {
        let items = steps.map { step -> HTML in
            let word = step.isNow ? "Now:" : step.tone == .done ? "Done:" : step.tone == .idle ? "Next:" : ""
            return """
                <li class=\(step.tone.rawValue)\(when(step.isNow, " aria-current=step"))>\
                <i class="g \(step.tone.rawValue)">\(word)</i>\
                <span>\(step.isNow ? bold(step.title) : "\(step.title)")\(when(!step.note.bytes.isEmpty, "<small>\(step.note)</small>"))</span>
                """
        }
        return "<ol class=steps>\(items)</ol>"
    }

    private func bold(_ title: String) -> HTML { "<b>\(title)</b>" }

    var steps: [Step] {
        let course =
            isEnded
            ? whole
            : past.map(\.step).suffix(Self.limitAround) + present.map(here) + next.prefix(Self.limitAround)
        return [Step(tone: .done, title: "Submitted", note: times.near(ticket.createdAtMs))] + course + [end]
    }

    private var isEnded: Bool { ticket.state == .closed || ticket.state == .cancelled }

    /// The way of a ticket that has ended: each step of the main path that it did without stands where the text has it.
    private var whole: [Step] {
        let places = Dictionary(
            course.graph.nodes.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        let known = Set(reached.map(\.node.id))
        var way = Array(past.suffix(2 * Self.limitAround))
        var left = Self.limitAround
        for node in course.graph.mainPath(from: ["start"]) where !known.contains(node.id) && left > 0 {
            left -= 1
            let before = way.lastIndex { places[$0.id, default: 0] < places[node.id, default: 0] }
            way.insert(
                (node.id, Step(tone: .off, title: node.label, note: "Not needed")), at: before.map { $0 + 1 } ?? 0)
        }
        return way.map(\.step)
    }

    /// The step at which the workflow stopped for good; of a ticket that was cancelled afterwards too.
    private var fatal: String? {
        guard ticket.state == .failed || ticket.state == .cancelled else { return nil }
        return reached.last { $0.change == .faulted }?.node.id
    }

    /// What has been, by the steps' ids.
    private var past: [(id: String, step: Step)] {
        reached.compactMap { node, change in
            switch change {
            case .completed where skipped.contains(node.id):
                (node.id, Step(tone: .skip, title: node.label, note: "\(Tone.skip.stepWord)"))
            case .completed: (node.id, Step(tone: .done, title: node.label, note: who(did: node)))
            case .faulted where node.id == fatal:
                (node.id, Step(tone: .fail, title: node.label, note: "Failed", isNow: ticket.state == .failed))
            // The workflow has an answer to it.
            case .faulted: (node.id, Step(tone: .off, title: node.label, note: "Did not work, done another way"))
            case .cancelled: (node.id, Step(tone: .off, title: node.label, note: "Not needed"))
            case .started, .waiting, .retried:
                ticket.state == .open ? nil : (node.id, Step(tone: .off, title: node.label, note: "Not needed"))
            case .skipped: nil
            }
        }
    }

    private func here(_ node: WorkflowGraph.Node) -> Step {
        let open = open(at: node)
        guard let task = open.first else {
            let pause = pauses[node.id]
            return Step(
                tone: pause != nil || node.kind == .wait ? .wait : .work, title: node.label,
                note: pause.map { pause -> HTML in "\(Words.capitalized(pause.words(times)))" } ?? .empty, isNow: true)
        }
        let since = times.lasting(since: task.startedAtMs ?? task.assignedAtMs ?? task.createdAtMs)
        let note: HTML =
            open.count > 1
            ? "\(Words.count(open.count, "answer")) to come"
            : task.waiting == .queue
                ? "Being assigned" : "\(task.assigneeName ?? TaskState.ready.label), for \(since)"
        let isAtWork = open.contains { $0.state.toneOfStep == .work }
        return Step(
            tone: isAtWork ? .work : task.state.toneOfStep, title: node.label, note: note, isNow: true)
    }

    /// What comes on the main path.
    private var next: [Step] {
        let known = Set(waiting.map(\.id))
        return course.graph.mainPath(from: starts).filter { !known.contains($0.id) }.map { node in
            Step(tone: .idle, title: node.label, note: node.isConditional ? "If it is needed" : .empty)
        }
    }

    /// From where it goes on.
    private var starts: [String] { reached.isEmpty ? ["start"] : waiting.map(\.id) }

    /// Where the ticket stands, which of a failed one is the failed step.
    private var waiting: [WorkflowGraph.Node] {
        let here = present
        return here.isEmpty ? reached.suffix(1).map(\.node) : here
    }

    private var end: Step {
        switch ticket.state {
        case .open, .failed:
            Step(tone: .idle, title: course.graph.mainEnding(from: starts)?.label ?? "Closed", note: .empty)
        case .closed:
            Step(
                tone: ticket.state.tone(ticket.status, endings),
                title: Words.capitalized(ticket.status), note: times.near(ticket.closedAtMs))
        case .cancelled: Step(tone: .off, title: "Cancelled", note: times.near(ticket.closedAtMs))
        }
    }

    private func who(did node: WorkflowGraph.Node) -> HTML {
        let done = asked(at: node).filter { $0.state == .completed }
        guard let last = done.last else { return .empty }
        let seats = Set(done.filter { $0.reference == last.reference && $0.visit == last.visit }.map(\.seat))
        return seats.count > 1 ? "\(seats.count) people" : "\(last.assigneeName)"
    }
}
