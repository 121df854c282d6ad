import TFDefinition

/// Conditions and orders that several statements about tasks share.
enum TaskSQL {
    /// The ticket `t` of the task `k`.
    static let joinTicket = "JOIN ticket t ON t.company_id = k.company_id AND t.id = k.ticket_id"

    /// Whether the queues choose the worker of the task `k`.
    static let isByRule = "k.strategy IN (\(names { $0.isByRule }))"

    /// Whether the task `k` is for anybody with its role, and not for a named person.
    static let isForAnybody = "k.strategy IN (\(names { !$0.isAddressed }))"

    /// Whether a task that should be assigned is not, for another reason than that the queues have yet to choose.
    static func isStuck(_ task: String) -> String {
        """
        \(task).state = 'ready' AND \(task).strategy <> 'pool'
            AND \(task).waiting_reason IS NOT NULL AND \(task).waiting_reason <> 'queue'
        """
    }

    /// The order of the tasks `k` by priority, the urgent ones first.
    static let byPriority: String = {
        let ranks = Priority.allCases.reversed().enumerated().map { "WHEN '\($1.rawValue)' THEN \($0)" }
        return "CASE k.priority \(ranks.joined(separator: " ")) END"
    }()

    /// The order of the tasks `k` by due date, those without one last.
    static let byDueDate = "CASE WHEN k.due_at_ms IS NULL THEN 1 ELSE 0 END, k.due_at_ms"

    private static func names(_ isMeant: (AssignmentStrategy) -> Bool) -> String {
        AssignmentStrategy.allCases.filter(isMeant).map { "'\($0.rawValue)'" }.joined(separator: ", ")
    }
}
