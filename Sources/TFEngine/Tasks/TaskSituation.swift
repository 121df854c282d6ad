import TFDefinition
import TFExpression

/// A person or program that has a task or acts on one.
package struct TaskHolder: Sendable, Hashable {
    /// The account's id.
    package let account: AccountID
    package let login: String
    package let name: String

    /// - Parameter name: nil stands for the login, if nobody will read the name.
    package init(account: AccountID, login: String, name: String? = nil) {
        self.account = account
        self.login = login
        self.name = name ?? login
    }
}

/// All facts about a task that `TaskLife` depends on or changes. Only `TaskLife` makes a new situation from an old one.
package struct TaskSituation: Sendable, Hashable {
    package let title: String
    package let kind: WorkerKind
    package let strategy: AssignmentStrategy

    package var state = TaskState.ready
    /// Who has the task, or had it last; nil while it is `ready`.
    package var holder: TaskHolder?
    /// Why nobody has the task; nil unless it is `ready`.
    package var waiting: WaitingReason?
    /// The login of the addressee, if the workflow, its strategy or a ticket admin names one.
    package var addressee: String?
    /// Logins that gave the task back: the rule does not choose them, but a person may.
    package var avoided: [String] = []
    /// How the holder was found, or that nobody was.
    package var decision: WorkerChoice?
    /// The number of the present job, from 1: a task that is given back and assigned again becomes a new job.
    package var attempt = 1
    /// How many tries of programs have failed or were ended by their lease.
    package var failures = 0
    /// A program's proof that it holds the job; empty if it took the job from its list in Redis.
    package var lease: String?
    /// When the clock moves the task, in milliseconds since 1970: a lease or a hold ends, or the next try is due.
    package var wakeAtMs: Int64?
    package var priority = Priority.normal
    /// Whether the task's definition, its step or a person has set the priority; else it is the ticket's, and follows it.
    package var hasOwnPriority = false
    /// `{answers, by}` of a saved draft.
    package var draft: JSON?
    package var output: JSON?
    /// The fields of the answers in `output`: stored `AnsweredField`s, written when the task is completed.
    package var fields = "[]"
    /// Why the last try failed; nil: none did, or the task was done since.
    package var error: TaskFailure?
    package var assignedAtMs: Int64?
    package var startedAtMs: Int64?
    package var finishedAtMs: Int64?
    /// Raised by every change that an older page must not overwrite.
    package var version = 1

    package init(title: String, kind: WorkerKind, strategy: AssignmentStrategy) {
        self.title = title
        self.kind = kind
        self.strategy = strategy
    }

    /// The login of the addressee to whom the task goes without the rule; nil if there is none, or they gave it back.
    package var recipient: String? {
        guard strategy.isAddressed, let addressee, !avoided.contains(addressee) else { return nil }
        return addressee
    }

    /// The name of who completed the task; the login if another one has been its holder since.
    var completer: String? {
        guard let login = completerLogin else { return nil }
        return holder.flatMap { $0.login == login ? $0.name : nil } ?? login
    }

    /// What a program's output has under `by` is the program's own.
    private var completerLogin: String? {
        switch kind {
        case .person: output?["by"].stringValue
        case .service: state == .completed ? holder?.login : nil
        }
    }

    /// - Throws: `TaskConflict.over` if the task has ended, `.changed` if it is not at `version` any more.
    package func checkOpen(version: Int?) throws(TaskConflict) {
        guard state.isOpen else { throw .over(state, by: completer) }
        guard version == nil || version == self.version else { throw .changed }
    }

    /// - Throws: `TaskConflict`, also if another person or nobody has the task.
    package func checkHolder(by account: AccountID, version: Int?) throws(TaskConflict) {
        if !state.isOpen, let holder, holder.account == account, holder.login == completerLogin {
            throw .over(state, by: "you")
        }
        try checkOpen(version: version)
        guard let holder else { throw .nobodyHasIt }
        guard holder.account == account else { throw .isNow(of: holder.name) }
    }
}
