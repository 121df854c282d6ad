/// A change of state that an event may cause. All of them are the table of legal steps: `docs/tasks.md` shows it, and
/// the tests with random histories check against it.
package struct TaskStep: Sendable, Hashable {
    package let event: TaskEvent.Kind
    package let from: TaskState
    package let to: TaskState

    /// Every legal step.
    package static let all: [TaskStep] = TaskEvent.Kind.allCases.flatMap { event in
        event.targets.flatMap { from, targets in
            targets.map { TaskStep(event: event, from: from, to: $0) }
        }
    }

    private static let legal = Set(all)

    /// Whether the step is in the table.
    package var isLegal: Bool { Self.legal.contains(self) }
}

extension TaskEvent.Kind {
    /// The states in which the event may happen, and the states to which it may lead from each.
    package var targets: KeyValuePairs<TaskState, [TaskState]> {
        switch self {
        case .chosen, .claimed, .delivered: [.ready: [.assigned]]
        case .unserved, .choiceRefused, .retryDue: [.ready: [.ready]]
        case .given: [.ready: [.assigned], .assigned: [.assigned], .started: [.assigned], .held: [.assigned]]
        case .givenToRule:
            [
                .ready: [.ready, .assigned], .assigned: [.ready, .assigned], .started: [.ready, .assigned],
                .held: [.ready, .assigned],
            ]
        case .released, .holderLost: [.assigned: [.ready], .started: [.ready], .held: [.ready]]
        case .started: [.assigned: [.started], .started: [.started], .held: [.started]]
        case .leased, .taken: [.assigned: [.started]]
        case .renewed: [.started: [.started]]
        case .requeued: [.started: [.assigned]]
        case .leaseEnded: [.started: [.ready, .assigned, .failed]]
        case .tryFailed: [.assigned: [.ready, .failed], .started: [.ready, .failed]]
        case .held: [.assigned: [.held], .started: [.held], .held: [.held]]
        case .holdEnded: [.held: [.assigned, .started]]
        case .completed: [.assigned: [.completed], .started: [.completed], .held: [.completed]]
        case .prioritized:
            [.ready: [.ready], .assigned: [.assigned], .started: [.started], .held: [.held]]
        case .withdrawn:
            [.ready: [.withdrawn], .assigned: [.withdrawn], .started: [.withdrawn], .held: [.withdrawn]]
        }
    }

    /// The states in which the event may happen.
    package var sources: [TaskState] { targets.map(\.key) }

    /// Whether the event happens only to tasks of people or only to those of programs; nil: to both.
    package var onlyFor: WorkerKind? {
        switch self {
        case .started, .held, .holdEnded: .person
        case .leased, .taken, .renewed, .requeued, .leaseEnded, .tryFailed, .retryDue: .service
        case .chosen, .unserved, .choiceRefused, .claimed, .delivered, .given, .givenToRule, .released, .holderLost,
            .completed, .prioritized, .withdrawn:
            nil
        }
    }

    /// Conditions of the event beyond the state.
    func isPossible(_ task: TaskSituation) -> Bool {
        switch self {
        // While a task waits for its next try it is in no list, and the queues do not know it.
        case .chosen, .unserved, .choiceRefused: task.wakeAtMs == nil
        case .retryDue: task.wakeAtMs != nil
        // A program with a REST lease keeps its job: it will report, or the lease ends.
        case .requeued: task.lease == ""
        case .claimed, .delivered, .given, .givenToRule, .released, .holderLost, .started, .leased, .taken, .renewed,
            .leaseEnded, .tryFailed, .held, .holdEnded, .completed, .prioritized, .withdrawn:
            true
        }
    }

    /// Whether each event of this kind is quiet, as `TaskEvent.isQuiet` says.
    fileprivate var isQuiet: Bool {
        switch self {
        case .unserved, .renewed: true
        case .chosen, .choiceRefused, .claimed, .delivered, .retryDue, .given, .givenToRule, .released, .holderLost,
            .started, .leased, .taken, .requeued, .leaseEnded, .tryFailed, .held, .holdEnded, .completed,
            .prioritized, .withdrawn:
            false
        }
    }

    /// The event in words that can follow "a task can be".
    package var words: String {
        switch self {
        case .chosen: "assigned by the rule"
        case .unserved: "left waiting by the rule"
        case .choiceRefused: "put before the rule again"
        case .claimed: "claimed"
        case .delivered: "given to the one for whom it is"
        case .retryDue: "tried again"
        case .given: "given to somebody by a person"
        case .givenToRule: "given back to the rule by a person"
        case .released: "given back by its worker"
        case .holderLost: "taken from somebody who left"
        case .started: "started"
        case .leased: "leased to a program"
        case .taken: "taken from its list by a program"
        case .renewed: "kept by a sign of life"
        case .requeued: "put into its list again after a rebuild"
        case .leaseEnded: "left by a program that fell silent"
        case .tryFailed: "failed at by a program"
        case .held: "put off"
        case .holdEnded: "taken up after it was put off"
        case .completed: "completed"
        case .prioritized: "given another priority"
        case .withdrawn: "withdrawn by its workflow"
        }
    }
}

extension TaskEvent {
    /// Whether the event leaves the version unchanged: it changes nothing that a person decides by, so pages that were
    /// loaded before it stay valid. A task that follows its ticket's new priority is the same work for whoever does it.
    package var isQuiet: Bool { if case .prioritized(_, by: nil) = self { true } else { kind.isQuiet } }
}
