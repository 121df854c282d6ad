import TFDefinition
import TFEngine
import TFExpression

/// What happened in a dry run, as the frames of a film, and as a walk through the workflow's diagram.
struct DryRunFilm {
    struct Frame: Hashable {
        let tone: Tone
        let title: String
        let note: String
        /// The time of the day, and how long it took.
        let time: String
    }

    private(set) var frames: [Frame] = []
    private(set) var walk: WorkflowWalk
    /// How far the times of the day are from UTC, in seconds.
    private let offset: Int
    /// The moment of the last entry, in milliseconds since 1970.
    private var last: Int64?

    /// - Parameters:
    ///   - trace: the run's trace.
    ///   - given: what was answered, in order.
    ///   - clock: the run's, whose times are shown.
    init(
        _ workflow: DryRunWorkflow, trace: [JSON], given: [DryRunAnswer], on clock: SimulationClock, submitted: Bool
    ) {
        offset = clock.offset
        walk = WorkflowWalk(workflow.graph)
        let places = WorkflowGraph.Places(workflow.graph)
        let calls = workflow.graph.tasksByStep
        var left = Dictionary(grouping: given, by: \.task)
        for entry in trace {
            let reference = entry["task"].displayText
            let event = entry["event"].stringValue.flatMap(StepChange.Kind.init)
            let moment = Self.moment(entry["at"].displayText)
            if reference.isEmpty {
                if event == .started, submitted { add(.done, "Somebody sends it", "", moment) }
                if event == .completed { walk.complete() }
                if entry["event"].stringValue == HistoryKind.uncomputed.rawValue,
                    let key = UncomputedKey.Key(rawValue: entry["name"].displayText)
                {
                    add(.wait, key.words, entry["reason"].displayText, moment)
                }
                continue
            }
            let hadFailed = places[reference].map { walk.stages[$0.id] == .failed } ?? false
            walk.note(event, at: reference)
            guard let node = places[reference], node.kind != .fork, node.kind != .decision else { continue }
            let answer = calls[reference].flatMap { left[$0]?.first }
            // What was not needed took no answer.
            if event != .started, event != .waiting, event != .retried, event != .skipped, let task = calls[reference] {
                left[task] = left[task].map { Array($0.dropFirst()) }
            }
            // Of a function, each answer is told, and neither what else goes on in it nor its end.
            let isInside = node.reference != reference
            let isTold = isInside ? calls[reference] != nil : node.tasks.isEmpty || calls[reference] != nil
            let label = Self.label(node, reference)
            switch event {
            case .completed where isTold: add(.done, Self.words(answer, node, workflow.tasks), label, moment)
            // A step that calls a function fails with what failed in there, which is told.
            case .faulted where !hadFailed:
                let words = answer.map { $0.outcome == nil ? "Nobody answers" : "It fails" } ?? "It fails"
                let reason = entry["reason"].stringValue.map { ": \($0)" } ?? ""
                add(.fail, words, label + reason, moment)
            case .cancelled where !isInside: add(.off, "No longer needed", label, moment)
            case .started, .completed, .skipped, .faulted, .cancelled, .retried, .waiting, nil: break
            }
        }
    }

    private mutating func add(_ tone: Tone, _ title: String, _ note: String, _ moment: Int64?) {
        var time = moment.map { TimeOfDay(secondsSince1970: $0 / 1000, offset: offset).description } ?? ""
        if let moment, let last, moment > last { time += ", + \(Times.brief(moment - last))" }
        last = moment ?? last
        frames.append(Frame(tone: tone, title: title, note: note, time: time))
    }

    /// The step's; of one of several tasks in a function with its own name.
    private static func label(_ node: WorkflowGraph.Node, _ reference: String) -> String {
        guard node.tasks.count > 1, let task = node.tasks.first(where: { $0.reference == reference }) else {
            return node.label
        }
        return "\(node.label): \(ReadableName.title(task.step))"
    }

    /// What the frame of a finished step says.
    private static func words(
        _ answer: DryRunAnswer?, _ node: WorkflowGraph.Node, _ tasks: [String: TaskDefinition]
    ) -> String {
        switch node.kind {
        case .person:
            guard let outcome = answer?.outcome else { return "Done" }
            return tasks[answer?.task ?? ""]?.outcomes.first { $0.value == outcome }?.label ?? outcome
        case .program: return "The program is done"
        case .message: return "A comment is written"
        case .wait: return "Time goes by"
        case .ending: return "The end"
        case .change, .start, .end, .decision, .fork: return "It goes on"
        }
    }

    private static func moment(_ text: String) -> Int64? {
        ISODate.seconds(text, offset: { _ in 0 }).map { Int64($0 * 1000) }
    }
}
