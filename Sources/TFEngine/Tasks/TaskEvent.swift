import TFDefinition
import TFExpression

/// Something that happens to a task that is there.
package enum TaskEvent: Sendable, Hashable {
    /// The queues chose somebody by the rule.
    case chosen(TaskHolder, RuleChoice)
    /// The queues found nobody, or nobody is to be looked for; `workers`: among how many, where they were counted.
    case unserved(WaitingReason, workers: WorkerCount?)
    /// The one whom the queues chose may not have it: they are asked again.
    case choiceRefused
    case claimed(by: TaskHolder)
    /// It goes to the person or program for whom it is.
    case delivered(to: TaskHolder)
    /// The moment of a failed task's next try has come.
    case retryDue
    /// Somebody gives it to somebody.
    case given(to: TaskHolder, by: TaskHolder, reason: String?)
    /// Somebody has it given by the rule again; `recipient` is the one for whom it is, where they may have it.
    case givenToRule(recipient: TaskHolder?, by: TaskHolder, reason: String?)
    case released(by: TaskHolder, reason: String?)
    case holderLost(HolderLoss)
    /// A person takes it up; `draft` is what they have filled in so far.
    case started(by: TaskHolder, draft: JSON?)
    /// A program is given it, and proves that it has it by `lease`.
    case leased(by: TaskHolder, lease: String, until: Int64)
    /// A program that reads Redis has taken it from its list.
    case taken(until: Int64)
    case renewed(until: Int64)
    /// The list from which a program took it is gone, and perhaps the program with it: it is put there again.
    case requeued
    case leaseEnded(LeaseEnd)
    case tryFailed(FailedTry)
    case held(until: Int64, by: TaskHolder, reason: String?)
    case holdEnded
    case completed(by: TaskHolder, TaskAnswer)
    case prioritized(Priority, by: TaskHolder)
    /// Its step ends without it.
    case withdrawn

    /// What happens, without its facts: a row of the table of steps.
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

/// Why somebody's task is taken from them.
package enum HolderLoss: String, Sendable, Hashable, CaseIterable {
    /// A role, the membership or the account.
    case right
    /// They went away, and hand over what they have.
    case presence

    /// Why it is not theirs any more, in words.
    package func sentence(of login: String) -> String {
        switch self {
        case .right: "\(login) cannot have it any more"
        case .presence: "\(login) is away"
        }
    }
}

/// How a program's lease ended without a word.
package struct LeaseEnd: Sendable, Hashable {
    /// How often the task is tried in all.
    package let attempts: Int
    /// For whom it is, where they may have it.
    package let recipient: TaskHolder?
    /// Whether another program could have it now, so that the silent one is not chosen again.
    package let hasOther: Bool

    package init(attempts: Int, recipient: TaskHolder?, hasOther: Bool) {
        self.attempts = attempts
        self.recipient = recipient
        self.hasOther = hasOther
    }
}

/// What a program says of a try that failed.
package struct FailedTry: Sendable, Hashable {
    /// The program.
    package let login: String
    package let title: String
    package let detail: String?
    /// False: another try would be of no use.
    package let mayRetry: Bool
    package let rule: ServiceRule

    package init(login: String, title: String, detail: String?, mayRetry: Bool, rule: ServiceRule) {
        self.login = login
        self.title = title
        self.detail = detail
        self.mayRetry = mayRetry
        self.rule = rule
    }

    var error: JSON { ["title": .string(title), "detail": .optional(detail)] }
}

/// What a task came to.
package struct TaskAnswer: Sendable, Hashable {
    /// As the workflow gets it.
    package let output: JSONObject
    /// What each answer in `output` answered: `AnsweredField`s as they are stored.
    package let fields: String
    /// nil: a program named none.
    package let outcome: String?
    /// The outcome as its button names it.
    package let label: String?

    package init(output: JSONObject, fields: String = "[]", outcome: String?, label: String? = nil) {
        self.output = output
        self.fields = fields
        self.outcome = outcome
        self.label = label
    }
}
