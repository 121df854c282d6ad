import TFDefinition
import TFExpression

/// Steps that an instance runs without an answer from outside; those of finished rounds of a `for` do not count.
struct StepRow: Sendable, Hashable {
    var steps = 0
    /// When the row began.
    let since: Int64
}

/// Everything that the engine knows about one workflow instance, and needs to go on after a crash.
package struct InstanceState: Sendable, Hashable {
    package enum Status: String, Sendable, Hashable, CaseIterable {
        case running
        case completed
        /// No `catch` took an error. The instance stays at the failed step, which can be tried again or skipped.
        case faulted
        case cancelled
    }

    package internal(set) var status: Status
    package let input: JSON
    /// Milliseconds since 1970, UTC, like every moment here.
    package let startedAt: Int64
    /// `$context`: the last result of an `export.as`.
    package internal(set) var context: JSON
    /// `$tasks`: the newest output of each call, by the step's name.
    package internal(set) var tasks: JSONObject
    /// How often each step has been called, by its reference.
    package internal(set) var visits: [String: Int]
    /// The lines of execution, by number.
    package internal(set) var branches: [Branch]
    var nextBranch: Int
    package internal(set) var output: JSON
    package internal(set) var error: WorkflowError?
    /// When the whole instance times out, if ever.
    var deadline: Int64?
    /// Steps run so far.
    var steps: Int
    /// How many of them in a row, since when; see `Engine.Caps.stepsInRow`.
    var row: StepRow
    /// Tickets and workflows started so far.
    var spawned: Int
    /// The status that `ticket-update` gave.
    var ticketStatus: String?
    /// The status that was last written to the ticket.
    var shownStatus: String?
    /// The ids of the events that each listener has consumed, by its reference.
    var consumed: [String: [String]]
    /// Whether the instance has used up its turn and waits for the next.
    package internal(set) var isYielding: Bool

    init(input: JSON, startedAt: Int64) {
        status = .running
        self.input = input
        self.startedAt = startedAt
        context = .null
        tasks = [:]
        visits = [:]
        branches = []
        nextBranch = 0
        output = .null
        steps = 0
        row = StepRow(since: startedAt)
        spawned = 0
        consumed = [:]
        isYielding = false
    }

    /// The next moment at which something happens by itself; nil if only events move the instance.
    package var nextTimer: Int64? {
        guard status == .running else { return nil }
        return (branches.flatMap(\.timers) + [deadline].compactMap { $0 }).min()
    }

    /// When the first of its steps that wait for a moment or an event goes on, as `WaitingStep.Pause.until`; nil: none waits
    /// for one.
    package var pausedUntil: Int64? {
        status == .running ? waiting.compactMap { $0.pause?.until }.min() : nil
    }

    /// Whether the instance takes CloudEvents, also while a round of a listener's `foreach` waits for something else.
    package var isListening: Bool {
        status == .running
            && branches.contains { $0.frames.contains { if case .listen = $0.kind { true } else { false } } }
    }

    /// The failed step that waits for a ticket admin, with its raw input.
    package var stopped: StoppedStep? {
        guard status == .faulted, let wait = branches.first?.wait, wait.kind == .decision else { return nil }
        return StoppedStep(reference: wait.pending.reference, visit: wait.pending.visit, input: wait.pending.input)
    }

    /// The steps that wait, and what each waits for.
    package var waiting: [WaitingStep] { branches.compactMap { $0.wait.map(WaitingStep.init) } }
}

/// A line of execution: the main one, or a branch of a fork.
package struct Branch: Sendable, Hashable {
    let id: Int
    /// The branch whose fork started it; nil for the first.
    let parent: Parent?
    /// The lists of steps that are being run, outermost first.
    package internal(set) var frames: [Frame]
    /// What the branch waits for; nil if it can go on.
    package internal(set) var wait: Wait?

    struct Parent: Sendable, Hashable {
        let branch: Int
        /// Which of the fork's branches this is, from 0.
        let number: Int
    }

    /// Every moment at which something happens to the branch by itself.
    var timers: [Int64] {
        frames.flatMap { [$0.owner?.deadline, $0.attemptDeadline].compactMap { $0 } }
            + [wait?.pending.deadline, wait?.kind.until].compactMap { $0 }
    }
}

/// A list of steps that is being run, and the step to which it belongs.
package struct Frame: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case list
        /// One branch of a fork: of the list of branches, only this one runs.
        case branch
        /// - row: how long the instance's row of steps was when the loop began.
        case loop(elements: [JSON], round: Int, row: Int)
        case attempt(retries: Int, since: Int64)
        case handler
        /// A listener; no list runs in it.
        case listen(Listener)
        /// A round of a listener's `foreach`.
        case round
        case function
    }

    /// The list's JSON Pointer in the workflow: `/do`, `/do/2/review/do`, `/use/functions/notify/do`.
    package let list: String
    /// Its JSON Pointer as it is told: the lists of a function stand where the function is called, as if its body stood
    /// there, since it may be called in many places.
    let told: String
    /// The index of the step that runs, or is next.
    package internal(set) var index: Int
    /// How often `then` went back in it.
    var laps = 0
    /// The output of the last step, which is the raw input of the next.
    package internal(set) var data: JSON
    var kind: Kind
    /// Variables for the expressions in the list: a loop's element, a caught error.
    var variables: JSONObject
    /// The step to which the list belongs; nil for the workflow's own list and for a branch.
    var owner: Owner?
    /// When this try times out, if ever.
    var attemptDeadline: Int64?

    init(list: String, data: JSON, _ kind: Kind, owner: Owner? = nil) {
        self.init(ListPlace(list: list, told: list), data: data, kind, owner: owner)
    }

    init(_ place: ListPlace, data: JSON, _ kind: Kind, owner: Owner? = nil, variables: JSONObject = [:]) {
        list = place.list
        told = place.told
        index = 0
        self.data = data
        self.kind = kind
        self.owner = owner
        self.variables = variables
    }

    /// What is remembered from the beginning of a step with a list until its end.
    struct Owner: Sendable, Hashable {
        /// The step's input, after `input.from`.
        let input: JSON
        let startedAt: Int64
        let deadline: Int64?
    }
}

/// Where a list of steps stands: in the workflow, and as it is told.
struct ListPlace: Sendable, Hashable {
    let list: String
    let told: String
}

/// What a branch waits for.
package struct Wait: Sendable, Hashable {
    package let pending: Pending
    var kind: Kind

    enum Kind: Sendable, Hashable {
        case task
        /// An `each` task, with the answers so far in the order in which they came.
        case answers([Answer])
        case timer(until: Int64)
        case retry(until: Int64)
        case http(HTTPStage)
        case run
        case ticket
        case fork(ForkState)
        case events
        /// The instance has faulted here, and a ticket admin has to decide.
        case decision

        var until: Int64? {
            switch self {
            case .timer(let until), .retry(let until): until
            case .task, .answers, .http, .run, .ticket, .fork, .events, .decision: nil
            }
        }

        var phrase: String {
            switch self {
            case .task: "a task"
            case .answers: "answers"
            case .timer: "a moment"
            case .retry: "the next try"
            case .http: "an answer"
            case .run: "a workflow"
            case .ticket: "a new ticket"
            case .fork: "branches"
            case .events: "events"
            case .decision: "a ticket admin"
            }
        }
    }

    /// The answer of one of several people.
    struct Answer: Sendable, Hashable {
        let seat: Int
        let output: JSON
    }

    /// The step that waits.
    package struct Pending: Sendable, Hashable {
        /// The step's JSON Pointer: `/do/0/approve`.
        package let reference: String
        /// 1 for the first call of this step, 2 after it was reached again, …
        package let visit: Int
        /// The step's input, after `input.from`.
        let input: JSON
        package let startedAt: Int64
        /// When the step times out; nil: never.
        let deadline: Int64?
    }
}

/// The stage of a call over HTTP.
enum HTTPStage: Sendable, Hashable {
    /// The request itself.
    case request
    /// Reading the document that describes the operation.
    case document
    /// The operation that the document describes.
    case operation(OpenAPIOperation)

    var number: Int { if case .operation = self { 2 } else { 1 } }
}

/// The progress of a `fork`.
struct ForkState: Sendable, Hashable {
    /// Outputs of the branches that are done, by the branch's number.
    var outputs: [Int: JSON] = [:]
    var lastError: WorkflowError?
}

/// The progress of a `listen`.
struct Listener: Sendable, Hashable {
    /// The consumed events in order, as `read` shows them.
    var events: [JSON] = []
    /// The indices of the filters that are met: those of `all`, or of the strategy of `until`.
    var met: [Int] = []
    var ended: [Int] = []
    /// Events that wait for their round of the `foreach`.
    var queue: [JSON] = []
    /// Outputs of the rounds.
    var outputs: [JSON] = []
    var isComplete = false
    /// Correlation values by name, computed or fixed by the first event.
    var correlations: [String: JSON] = [:]
}
