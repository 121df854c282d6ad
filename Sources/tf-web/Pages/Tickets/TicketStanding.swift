import TFDefinition
import TFEngine
import TFStore

/// Where a ticket is and who has it, as a list shows it.
struct TicketStanding {
    let tone: Tone
    let words: String
    /// The person who has it; further ones are only counted.
    private(set) var holder: (name: String, id: AccountID)?

    /// - Parameters:
    ///   - me: the visitor's account, of whom the list says "you".
    ///   - roles: the names for people of the company's roles.
    ///   - steps: the titles of the tasks.
    ///   - endings: those of its workflow, if it has ended; nil: they are not known.
    ///   - sought: what the list asks of a task, which is then told before the others.
    init(
        _ line: TicketLine, me: AccountID, roles: [String: String], steps: DefinitionTitles, endings: WorkflowEndings?,
        _ times: Times, sought: ((WaitingTask) -> Bool)? = nil
    ) {
        switch line.state {
        case .open: break
        case .closed, .cancelled, .failed:
            tone = line.state.tone(line.status, endings)
            // The status at the end is the resolution.
            let end = ReadableName.title(line.status)
            words = end.isEmpty || end == line.state.label ? line.state.label : end
            return
        }
        let found = sought.map { line.waiting.filter($0) } ?? []
        guard let task = Self.first(of: found.isEmpty ? line.waiting : found, me: me, times) else {
            tone = .wait
            words = Self.pausing(line, times)
            return
        }
        (tone, words) = Self.describe(task, requester: line, me: me, roles: roles, title: steps[task.name], times)
        let people = Set(line.waiting.compactMap(\.assigneeID))
        guard let id = task.assigneeID, let name = task.assigneeName else { return }
        holder = (people.count > 1 ? "\(name) + \(people.count - 1)" : name, id)
    }

    /// The task that says most: the visitor's own, of several the latest one that is late; else one that goes to nobody
    /// by itself; else the latest one that is late; else the one that has waited longest.
    /// - Parameter tasks: the oldest first.
    private static func first(of tasks: [WaitingTask], me: AccountID, _ times: Times) -> WaitingTask? {
        let atWork = tasks.filter { $0.state != .held }
        let late = atWork.filter { $0.dueAtMs.map(times.isPast) == true }
            .sorted { ($0.dueAtMs ?? 0, $0.id) < ($1.dueAtMs ?? 0, $1.id) }
        return late.first { $0.assigneeID == me } ?? atWork.first { $0.assigneeID == me }
            ?? atWork.first(where: \.isStuck) ?? late.first ?? atWork.first
            ?? tasks.first { $0.assigneeID == me } ?? tasks.first
    }

    /// Of a ticket that nobody works on: its status, and the moment or event that it waits for, if it does not wait for a
    /// server or its next step alone.
    private static func pausing(_ line: TicketLine, _ times: Times) -> String {
        let status = ReadableName.title(line.status)
        guard let pause = line.pause?.words(times) else { return status }
        return line.status == TicketStatus.usual ? Words.capitalized(pause) : "\(status), \(pause)"
    }

    private static func describe(
        _ task: WaitingTask, requester line: TicketLine, me: AccountID, roles: [String: String], title: String,
        _ times: Times
    ) -> (Tone, String) {
        switch task.state {
        case .ready:
            return (
                task.waiting?.code == .claim ? .idle : .wait,
                WaitingReason.words(task.waiting, task.strategy, title: title, roles: roles)
            )
        case .held: return (.wait, "On hold\(task.wakeAtMs.map { " until \(times.untilInList($0))" } ?? "")")
        case .assigned, .started:
            // A question to whoever asked holds the work up, whoever reads of it.
            let tone: Tone = task.strategy == .requester ? .wait : .work
            if task.assigneeID == me { return (tone, "Waiting for you") }
            if task.strategy == .requester { return (tone, "Waiting for \(line.requesterName)") }
            return (.work, title)
        case .completed, .withdrawn, .failed: return (task.state.tone, title)
        }
    }
}

extension WaitingStep.Pause {
    /// What is waited for, to go on in a sentence.
    func words(_ times: Times) -> String {
        switch self {
        case .moment(let moment): "waits until \(times.untilInList(moment))"
        case .event: "waits for an event"
        }
    }
}
