import TFDefinition
import TFExpression

/// Something that happens to an existing task.
package enum TaskEvent: Sendable, Hashable {
    /// The queues chose somebody by the rule.
    case chosen(TaskHolder, RuleChoice)
    /// The queues found nobody, or nobody is to be looked for; `workers`: among how many, where they were counted.
    case unserved(WaitingReason, workers: WorkerCount?)
    /// The chosen worker may not have the task, so the queues are asked again.
    case choiceRefused
    case claimed(by: TaskHolder)
    /// The task goes to its addressee.
    case delivered(to: TaskHolder)
    /// The next try of a program's task is due.
    case retryDue
    /// A person gives the task to somebody.
    case given(to: TaskHolder, by: TaskHolder, reason: String?)
    /// A person gives the task back to the rule; `recipient` is its addressee, if they may have it.
    case givenToRule(recipient: TaskHolder?, by: TaskHolder, reason: String?)
    case released(by: TaskHolder, reason: String?)
    case holderLost(HolderLoss)
    /// A person starts the task; `draft` holds their answers so far.
    case started(by: TaskHolder, draft: JSON?)
    /// A program gets the job over REST; `lease` is its proof.
    case leased(by: TaskHolder, lease: String, until: Int64)
    /// A program has taken the job from its list in Redis.
    case taken(until: Int64)
    case renewed(until: Int64)
    /// Redis was rebuilt, so that a program may have lost the job that it took: the job is put into its list again.
    case requeued
    case leaseEnded(LeaseEnd)
    case tryFailed(FailedTry)
    case held(until: Int64, by: TaskHolder, reason: String?)
    case holdEnded
    case completed(by: TaskHolder, TaskResult)
    /// The task gets a priority of its own from a person; nil: it follows its ticket's, as it has none of its own.
    case prioritized(Priority, by: TaskHolder?)
    /// The workflow's step ended without the task.
    case withdrawn

    /// The kind of an event, without its facts: a row in the table of steps.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case chosen
        case unserved
        case choiceRefused
        case claimed
        case delivered
        case retryDue
        case given
        case givenToRule
        case released
        case holderLost
        case started
        case leased
        case taken
        case renewed
        case requeued
        case leaseEnded
        case tryFailed
        case held
        case holdEnded
        case completed
        case prioritized
        case withdrawn
    }

    package var kind: Kind {
        switch self {
        case .chosen: .chosen
        case .unserved: .unserved
        case .choiceRefused: .choiceRefused
        case .claimed: .claimed
        case .delivered: .delivered
        case .retryDue: .retryDue
        case .given: .given
        case .givenToRule: .givenToRule
        case .released: .released
        case .holderLost: .holderLost
        case .started: .started
        case .leased: .leased
        case .taken: .taken
        case .renewed: .renewed
        case .requeued: .requeued
        case .leaseEnded: .leaseEnded
        case .tryFailed: .tryFailed
        case .held: .held
        case .holdEnded: .holdEnded
        case .completed: .completed
        case .prioritized: .prioritized
        case .withdrawn: .withdrawn
        }
    }
}

/// Why a holder loses a task.
package enum HolderLoss: String, Sendable, Hashable, CaseIterable {
    /// They lost a role, the membership or the account.
    case right
    /// They went away, and hand over what they have.
    case presence

    /// Why it is not theirs any more, in words.
    /// - Parameter worker: their name or login.
    package func sentence(of worker: String) -> String {
        switch self {
        case .right: "\(worker) cannot have it any more"
        case .presence: "\(worker) is away"
        }
    }
}

/// The end of a program's lease without a report.
package struct LeaseEnd: Sendable, Hashable {
    /// How many tries the task has in all.
    package let attempts: Int
    /// The addressee, if they may have the task.
    package let recipient: TaskHolder?
    /// Whether another program could have the task now, so that the silent one is not chosen again.
    package let hasOther: Bool

    package init(attempts: Int, recipient: TaskHolder?, hasOther: Bool) {
        self.attempts = attempts
        self.recipient = recipient
        self.hasOther = hasOther
    }
}

/// A program's report on a failed try.
package struct FailedTry: Sendable, Hashable {
    /// The program.
    package let login: String
    package let title: String
    package let detail: String?
    /// Whether another try may help.
    package let mayRetry: Bool
    package let rule: ServiceRule

    package init(login: String, title: String, detail: String?, mayRetry: Bool, rule: ServiceRule) {
        self.login = login
        self.title = title
        self.detail = detail
        self.mayRetry = mayRetry
        self.rule = rule
    }

    var error: TaskFailure { .reported(title: title, detail: detail) }
}

/// The result of a task.
package struct TaskResult: Sendable, Hashable {
    /// The output for the workflow.
    package let output: JSONObject
    /// The fields of the answers in `output`: stored `AnsweredField`s.
    package let fields: String
    /// The outcome; nil if a program named none.
    package let outcome: String?
    /// The text on the outcome's button.
    package let label: String?

    package init(output: JSONObject, fields: String = "[]", outcome: String?, label: String? = nil) {
        self.output = output
        self.fields = fields
        self.outcome = outcome
        self.label = label
    }
}
