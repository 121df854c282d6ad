import TFEngine
import TFQueue
import TFStore

extension RuleChoice {
    /// What the queues chose, and what they saw.
    init(_ choice: Choice, for task: TaskRecord, _ workers: WorkerCount) {
        let reason: ChoiceReason =
            if choice.isRepeated {
                .chosenBefore
            } else if task.preferred == choice.chosen.login {
                .preferred
            } else if task.strategy == .roundRobin {
                .turn(available: workers.available)
            } else {
                .shortestList(available: workers.available, length: choice.chosen.length)
            }
        self.init(
            because: reason, length: choice.chosen.length,
            following: choice.following.map { .init(login: $0.login, length: $0.length) }, workers: workers)
    }
}
