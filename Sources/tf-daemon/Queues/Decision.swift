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
    ) -> (reason: String, decision: JSON) {
        let reason =
            if task.strategy == .pool {
                "anybody eligible may claim it"
            } else if !task.strategy.isByRule {
                task.waitingBecause ?? "a ticket admin must assign it"
            } else if isPaused {
                "assignment is paused for the company"
            } else if workers.eligible == 0 {
                "\(nobody(task)) \(holding(task.role)) may have it"
                    + (workers.excluded > 0 ? ": \(workers.excluded) excluded or gave it back" : "")
            } else {
                "\(nobody(task)) \(holding(task.role)) is available: all \(workers.eligible) away"
                    + (workers.excluded > 0 ? ", \(workers.excluded) excluded or gave it back" : "")
            }
        return (
            reason,
            [
                "chosen": .null, "because": .string(reason), "eligible": .int(workers.eligible),
                "available": .int(workers.available), "away": .int(workers.eligible - workers.available),
                "excluded": .int(workers.excluded),
            ]
        )
    }

    private static func nobody(_ task: TaskRecord) -> String { task.kind == .service ? "no program" : "nobody" }

    private static func holding(_ role: String?) -> String { role.map { "with the role \($0)" } ?? "in the company" }

    private static func tasks(_ count: Int) -> String { count == 1 ? "1 open task" : "\(count) open tasks" }
}
