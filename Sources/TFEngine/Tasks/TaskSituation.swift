import TFDefinition
import TFExpression

/// Somebody who has a task, or does something to one.
package struct TaskHolder: Sendable, Hashable {
    /// The account's id.
    package let account: AccountID
    package let login: String
    package let name: String

    /// - Parameter name: nil where nobody will read it: the login stands for it.
    package init(account: AccountID, login: String, name: String? = nil) {
        self.account = account
        self.login = login
        self.name = name ?? login
    }
}

/// Everything about a task that its life depends on or changes. `TaskLife` alone makes a new one from an old one.
package struct TaskSituation: Sendable, Hashable {
    package let title: String
    package let kind: WorkerKind
    package let strategy: AssignmentStrategy

    package var state = TaskState.ready
    /// Who has it or had it last; nil while it is `ready`.
    package var holder: TaskHolder?
    /// Why nobody has it; nil unless it is `ready`.
    package var waiting: WaitingReason?
    /// For whom it is, where the workflow, its requester or a ticket admin addressed it to somebody by login.
    package var addressee: String?
    /// Logins that the rule does not choose, since they gave it back; a person may.
    package var avoided: [String] = []
    /// How the holder was found, or that nobody was.
    package var decision: TaskDecision?
    /// Counts the jobs that were made of it, from 1: one that is given back and assigned again is another job.
    package var attempt = 1
    /// Tries of a program that failed or whose lease ended.
    package var failures = 0
    /// A program's proof that it holds the job; empty where it took the job from its list itself.
    package var lease: String?
    /// When the clock moves it, in milliseconds since 1970: a lease or a hold ends, or a failed try comes again.
    package var wakeAtMs: Int64?
    package var priority = Priority.normal
    /// `{answers, by}` of a form that is half filled in.
    package var draft: JSON?
    package var output: JSON?
    /// `AnsweredField`s of `output` as they are stored: written once, when it is completed.
    package var fields = "[]"
    /// What a program said when it failed last: `{title, detail}`.
    package var error: JSON?
    package var assignedAtMs: Int64?
    package var startedAtMs: Int64?
    package var finishedAtMs: Int64?
    /// Rises with every change that a page made before it must not overwrite.
    package var version = 1

    package init(title: String, kind: WorkerKind, strategy: AssignmentStrategy) {
        self.title = title
        self.kind = kind
        self.strategy = strategy
    }

    /// The login of the person or program to whom the task is to be given without the rule; nil: there is none, or they
    /// gave it back themselves.
    package var recipient: String? {
        guard strategy.isAddressed, let addressee, !avoided.contains(addressee) else { return nil }
        return addressee
    }

    /// - Throws: `TaskConflict.over` for a task that has ended, `.changed` for one that is not at `version` any more.
    package func checkOpen(version: Int?) throws(TaskConflict) {
        guard state.isOpen else { throw .over(state, by: output?["by"].stringValue) }
        guard version == nil || version == self.version else { throw .changed }
    }

    /// - Throws: `TaskConflict` too where somebody else has it, or nobody.
    package func checkHeld(by account: AccountID, version: Int?) throws(TaskConflict) {
        try checkOpen(version: version)
        guard let holder else { throw .nobodyHasIt }
        guard holder.account == account else { throw .isNow(of: holder.name) }
    }
}
