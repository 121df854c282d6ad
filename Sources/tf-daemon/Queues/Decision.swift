import TFEngine
import TFExpression
import TFQueue
import TFStore

/// Why a task went where it went, in words and figures, as it is stored and shown.
enum Decision {
    /// `{chosen, because, length, following: [{login, length}], eligible, available, away, excluded}`
    static func chosen(_ choice: Choice, for task: TaskRecord, _ workers: EligibleWorkers) -> JSON {
        let login = choice.chosen.login
        let because =
            if choice.isRepeated {
                "chosen before Redis answered"
            } else if task.preferred == login {
                "preferred by the workflow, eligible and available"
            } else if task.strategy == .roundRobin {
                "the turn of \(workers.available) available: assigned to least recently"
            } else {
                "the shortest list of \(workers.available) available: \(tasks(choice.chosen.length))"
            }
        return [
            "chosen": .string(login), "because": .string(because), "length": .int(choice.chosen.length),
            "following": .array(
                choice.following.map { ["login": .string($0.login), "length": .int($0.length)] }),
            "eligible": .int(workers.eligible), "available": .int(workers.available),
            "away": .int(workers.eligible - workers.available), "excluded": .int(workers.excluded),
        ]
    }

    static func nobody(
        for task: TaskRecord, _ workers: EligibleWorkers, isPaused: Bool
    ) -> (reason: WaitingReason, decision: JSON) {
        let reason: WaitingReason =
            if task.strategy == .pool {
                .claim
            } else if !task.strategy.isByRule {
                task.waiting ?? .undeliverable
            } else if isPaused {
                .paused
            } else if workers.eligible == 0 {
                .noneEligible(role: task.role, excluded: workers.excluded)
            } else {
                .noneAvailable(role: task.role, away: workers.eligible, excluded: workers.excluded)
            }
        return (
            reason,
            [
                "chosen": .null,
                "because": .string(reason.sentence(kind: task.kind, strategy: task.strategy)),
                "eligible": .int(workers.eligible), "available": .int(workers.available),
                "away": .int(workers.eligible - workers.available), "excluded": .int(workers.excluded),
            ]
        )
    }

    private static func tasks(_ count: Int) -> String { count == 1 ? "1 open task" : "\(count) open tasks" }
}
