import TFDefinition
import TFEngine
import TFQueue
import TFStore

extension AssignmentStrategy {
    /// How the queues choose the worker; nil: they do not.
    var order: AssignmentOrder? {
        switch self {
        case .shortestQueue: .shortestList
        case .roundRobin: .turns
        case .pool, .person, .requester, .each: nil
        }
    }
}

extension RuleChoice {
    /// What the queues chose, and what they saw.
    init(_ choice: Choice, for task: TaskRecord, _ workers: WorkerCount) {
        let reason: ChoiceReason =
            if choice.isRepeated {
                .chosenBefore
            } else if task.preferred == choice.chosen.login {
                .preferred
            } else {
                switch task.strategy.order {
                case .turns: .turn(available: workers.available)
                case .shortestList, nil:
                    .shortestList(available: workers.available, length: choice.chosen.length)
                }
            }
        self.init(
            because: reason, length: choice.chosen.length,
            following: choice.following.map { .init(login: $0.login, length: $0.length) }, workers: workers)
    }
}
