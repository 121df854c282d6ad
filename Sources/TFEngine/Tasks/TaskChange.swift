import TFDefinition
import TFExpression

/// What an event changes in a task, and everything that follows. The store writes all of it in one transaction.
package struct TaskChange: Sendable, Hashable {
    /// The event; nil if the task is new.
    package let event: TaskEvent.Kind?
    /// The task before the event; nil if the task is new.
    package let before: TaskSituation?
    /// The row's new values.
    package internal(set) var after: TaskSituation
    /// The outbox entries for Redis, in order.
    package internal(set) var orders: [TaskOrder] = []
    /// The entries for the ticket's history, in order.
    package internal(set) var history: [TaskHistoryEntry] = []
    /// The notifications.
    package internal(set) var notices: [TaskNotice] = []
    /// Whether the holder is recorded with the attempt, so that they may still see the ticket later.
    package internal(set) var recordsHolder = false
    /// The event for the task's workflow, if there is one.
    package internal(set) var news: TaskNews?
}

/// An entry for the outbox: what becomes of the job of one attempt.
package enum TaskOrder: Sendable, Hashable {
    /// The rule chooses a worker, into whose list the job goes.
    case assign(attempt: Int)
    /// The job goes into the list of the worker who has the task.
    case place(attempt: Int)
    /// The job stays with whoever has it, and says the task's new priority; a program's urgent jobs have their own list.
    case rewrite(attempt: Int)
    /// The job goes out of every list.
    case remove(attempt: Int)
    /// A program has taken the job: it is out of the list, and counts as its worker's.
    case take(attempt: Int)

    package var kind: OutboxKind {
        switch self {
        case .assign: .assign
        case .place: .place
        case .rewrite: .rewrite
        case .remove: .remove
        case .take: .take
        }
    }

    package var attempt: Int {
        switch self {
        case .assign(let attempt), .place(let attempt), .rewrite(let attempt), .remove(let attempt),
            .take(let attempt):
            attempt
        }
    }
}

/// A notification about the task.
package enum TaskNotice: Sendable, Hashable {
    /// For the holder, if it is a person: the task is theirs now.
    case assigned(NoticeKind, account: AccountID)
    /// For ticket admins, once for each task.
    case nobodyEligible
}

/// The event for a workflow that waits for the task.
package enum TaskNews: Sendable, Hashable {
    case completed(output: JSON)
    case failed(error: JSON)

    package var kind: InstanceEventKind {
        switch self {
        case .completed: .task
        case .failed: .taskFailed
        }
    }
}

/// One line of a ticket's history about a task.
package struct TaskHistoryEntry: Sendable, Hashable {
    /// A login, or `system`.
    package let actor: String
    package let what: TaskHistory
}

/// What happened to a task, for the history.
package enum TaskHistory: Sendable, Hashable {
    case assigned(to: String, because: ChoiceReason)
    case claimed
    case started
    case held(until: Int64, reason: String?)
    case released(reason: String?)
    /// Nobody gave it back: it went from whoever had it.
    case lost(HolderLoss, of: String)
    /// - to: the new worker's login; nil: the rule chooses.
    case reassigned(to: String?, reason: String?)
    case handedOver(to: String, reason: String?)
    case prioritized(Priority)
    case completed(outcome: String?, label: String?)
    case tryFailed(error: String, number: Int, of: Int, again: Int64)
    /// - error: nil: the program said nothing.
    case failed(error: String?, tries: Int)
    case leaseEnded(of: String, number: Int)

    package var kind: HistoryKind {
        switch self {
        case .assigned: .assigned
        case .claimed: .claimed
        case .started: .started
        case .held: .held
        case .released, .lost: .released
        case .reassigned: .reassigned
        case .handedOver: .handedOver
        case .prioritized: .prioritized
        case .completed: .completed
        case .tryFailed: .tryFailed
        case .failed: .taskFailed
        case .leaseEnded: .leaseEnded
        }
    }

    /// The entry's facts as they are stored, without those that are null.
    package func data(title: String) -> JSON {
        var members: JSONObject = ["title": .string(title)]
        for (name, value) in facts where value != .null { members[name] = value }
        return .object(members)
    }

    private var facts: JSONObject {
        switch self {
        case .assigned(let login, let reason): reason.members.merging(["to": .string(login)]) { $1 }
        case .claimed, .started: [:]
        case .held(let until, let reason): ["until": .string(Moment.iso8601(until)), "reason": .optional(reason)]
        case .released(let reason): ["reason": .optional(reason)]
        case .lost(let loss, let login): ["because": .string(loss.rawValue), "login": .string(login)]
        case .reassigned(let login, let reason): ["to": .optional(login), "reason": .optional(reason)]
        case .handedOver(let login, let reason): ["to": .string(login), "reason": .optional(reason)]
        case .prioritized(let priority): ["priority": .string(priority.rawValue)]
        case .completed(let outcome, let label): ["outcome": .optional(outcome), "label": .optional(label)]
        case .tryFailed(let error, let number, let most, let again):
            [
                "error": .string(error), "try": .int(number), "of": .int(most), "again": .string(Moment.iso8601(again)),
            ]
        case .failed(let error, let tries): ["error": .optional(error), "try": .int(tries)]
        case .leaseEnded(let login, let number): ["to": .string(login), "try": .int(number)]
        }
    }
}
