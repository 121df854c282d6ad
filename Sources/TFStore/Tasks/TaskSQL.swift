import TFDefinition
import TFEngine

/// What statements about tasks say more than once: each rule stands here alone.
///
/// `k` is the table `task` in the statement, or the alias that is given.
enum TaskSQL {
    /// The ticket `t` of the task `k`.
    static let joinTicket = "JOIN ticket t ON t.company_id = k.company_id AND t.id = k.ticket_id"

    // MARK: Who has it

    /// Whether the task is still to be done. `TaskState.isOpen` says the same of a state; an end has a moment.
    static func isOpen(_ task: String = "k") -> String { "\(task).finished_at_ms IS NULL" }

    /// Whether nobody has the task.
    static func isWithNobody(_ task: String = "k") -> String { "\(task).state = 'ready'" }

    /// Whether nobody has the task `k` and somebody is to have it now: it does not wait for its next try.
    static let isToBeAssigned = "\(isWithNobody()) AND k.wake_at_ms IS NULL"

    /// Whether somebody has the task, in their list or put off.
    static func isWithSomebody(_ task: String = "k") -> String {
        "\(task).state IN (\(withSomebody))"
    }

    /// Whether the task is in its worker's list.
    static func isInList(_ task: String = "k") -> String {
        "\(task).state IN (\(inList))"
    }

    /// Whether Redis has a job of the task `k`: `TaskState.isQueued`. The states stand alone, so that an index finds them.
    static let isQueued = "(k.state IN ('ready', \(inList)) AND (NOT \(isWithNobody()) OR k.wake_at_ms IS NULL))"

    /// Whether the task should be assigned and cannot be: `WaitingReason.Code.isStuck`.
    static func isStuck(_ task: String = "k") -> String {
        let conditions = stuck.map { reasons, strategies in
            "\(task).strategy IN (\(strategies)) AND \(task).waiting_reason IN (\(reasons))"
        }
        return "\(isWithNobody(task)) AND (\(conditions.joined(separator: " OR ")))"
    }

    /// Whether the queues have yet to look for a worker, and nothing else is waited for: no stuck task, none to be claimed.
    static let isBeingAssigned = "\(isToBeAssigned) AND \(isByRule) AND k.waiting_reason IN (\(untilLookedAt))"

    /// The reasons that tell what the queues found, and are untrue once they have to look again.
    static let endsWithChange = words(WaitingReason.Code.self, where: \.endsWithChange)

    private static let untilLookedAt = words(WaitingReason.Code.self, where: \.isUntilLookedAt)

    /// Whether the queues choose the worker of the task `k`.
    static let isByRule = "k.strategy IN (\(words(AssignmentStrategy.self, where: \.isByRule)))"

    /// Whether the task `k` is for anybody with its role, and not for a named person.
    static let isForAnybody = "k.strategy IN (\(words(AssignmentStrategy.self) { !$0.isAddressed }))"

    // MARK: When it is due

    /// The due date, far away if there is none: the expression of an index.
    static func due(_ task: String = "k") -> String { "COALESCE(\(task).due_at_ms, \(Keyset.never))" }

    /// Whether the open task `k` is late; its parameter is now.
    static let isLate = "\(due()) < ?"

    // MARK: Order

    /// The order of the tasks `k` by priority, the urgent ones first.
    static let byPriority: String = {
        let ranks = Priority.allCases.reversed().enumerated().map { "WHEN '\($1.rawValue)' THEN \($0)" }
        return "CASE k.priority \(ranks.joined(separator: " ")) END"
    }()

    /// The order of the tasks `k` by due date, those without one last.
    static let byDueDate = "CASE WHEN k.due_at_ms IS NULL THEN 1 ELSE 0 END, k.due_at_ms"

    /// The order in which people are to do the open tasks `k`, of which the oldest comes first among equals: late ones
    /// first, then by priority and due date. It is one whole number, so that a page can begin behind a task: the rank, then
    /// the fifteen digits of a due date in milliseconds. Its parameter is now.
    static let urgency = """
        ((CASE WHEN \(isLate) THEN 0 ELSE \(Priority.allCases.count) END + \(byPriority)) * 1000000000000000 \
        + CASE WHEN k.due_at_ms < 0 THEN 0 WHEN k.due_at_ms < 999999999999999 THEN k.due_at_ms ELSE 999999999999999 END)
        """

    private static let withSomebody = words(TaskState.self, where: \.isWithSomebody)
    private static let inList = words(TaskState.self, where: \.isInList)
    /// Lists of reasons for which tasks are stuck, each with the strategies of those tasks.
    private static let stuck: [(reasons: String, strategies: String)] = {
        let reasons = { (strategy: AssignmentStrategy) in words(WaitingReason.Code.self) { $0.isStuck(strategy) } }
        let lists = Set(AssignmentStrategy.allCases.map(reasons)).subtracting([""])
        return lists.sorted().map { list in
            (reasons: list, strategies: words(AssignmentStrategy.self) { reasons($0) == list })
        }
    }()

    /// The words of an enum that mean something, as a list for `IN`.
    private static func words<Word: CaseIterable & RawRepresentable<String>>(
        _ type: Word.Type, where isMeant: (Word) -> Bool
    ) -> String {
        type.allCases.filter(isMeant).map { "'\($0.rawValue)'" }.joined(separator: ", ")
    }
}
