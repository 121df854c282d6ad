import TFDefinition
import TFExpression

/// Everything the engine knows about one workflow instance; what it needs to go on after a crash.
package struct InstanceState: Sendable, Hashable, Codable {
    package enum Status: String, Sendable, Hashable, Codable, CaseIterable {
        case running
        case completed
        /// An error that nothing caught. It stays where it failed, to be tried again or passed over.
        case faulted
        case cancelled
    }

    package internal(set) var status: Status
    package let input: JSON
    /// Milliseconds since 1970, UTC, like every moment here.
    package let startedAt: Int64
    /// `$context`: what `export.as` left.
    package internal(set) var context: JSON
    /// `$tasks`: the newest output of each call, by the step's name.
    package internal(set) var tasks: JSONObject
    /// How often each step has been called, by its reference.
    package internal(set) var visits: [String: Int]
    /// The lines of execution by their number, the first first.
    package internal(set) var branches: [Branch]
    var nextBranch: Int
    package internal(set) var output: JSON
    package internal(set) var error: WorkflowError?
    /// When the whole instance times out.
    var deadline: Int64?
    /// Steps run so far.
    var steps: Int
    /// Tickets and workflows started so far.
    var spawned: Int
    /// The status that `ticket-update` gave.
    var ticketStatus: String?
    /// The status that the ticket was last told.
    var shownStatus: String?
    /// The ids of the events that each listener has had, by its reference.
    var consumed: [String: [String]]
    /// It has used up what one transition may run, and waits for its next turn.
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
        spawned = 0
        consumed = [:]
        isYielding = false
    }

    /// When the engine must be asked again; nil: only events move it.
    package var nextTimer: Int64? {
        guard status == .running else { return nil }
        return (branches.flatMap(\.timers) + [deadline].compactMap { $0 }).min()
    }

    /// Whether events that arrive may be for it.
    package var isListening: Bool {
        status == .running
            && branches.contains { $0.frames.contains { if case .listen = $0.kind { true } else { false } } }
    }

    /// The step that failed and waits for a person to decide, with its raw input.
    package var stopped: (reference: String, input: JSON)? {
        guard status == .faulted, let wait = branches.first?.wait, wait.kind == .decision else { return nil }
        return (wait.pending.reference, wait.pending.input)
    }

    /// Where it is: the references of the steps that wait, with why.
    package var waiting: [(reference: String, because: String)] {
        branches.compactMap { branch in branch.wait.map { ($0.pending.reference, $0.kind.phrase) } }
    }
}

/// A line of execution: the workflow's own, or a branch of a fork.
package struct Branch: Sendable, Hashable, Codable {
    let id: Int
    /// The branch whose fork started it; nil for the first.
    let parent: Parent?
    /// The lists it is inside of, outermost first.
    package internal(set) var frames: [Frame]
    /// nil: it can go on.
    package internal(set) var wait: Wait?

    struct Parent: Sendable, Hashable, Codable {
        let branch: Int
        /// Which of the fork's branches this is, from 0.
        let number: Int
    }

    /// Every moment at which something happens to it by itself.
    var timers: [Int64] {
        frames.flatMap { [$0.owner?.deadline, $0.attemptDeadline].compactMap { $0 } }
            + [wait?.pending.deadline, wait?.kind.until].compactMap { $0 }
    }
}

/// A list of steps being run, and the step that it belongs to.
package struct Frame: Sendable, Hashable, Codable {
    enum Kind: Sendable, Hashable, Codable {
        case list
        /// One branch of a fork: the list is that of the branches, and only this one runs.
        case branch
        case loop(elements: [JSON], round: Int)
        case attempt(retries: Int, since: Int64)
        case handler
        /// A listener; no list runs in it.
        case listen(Listener)
        /// A round of a listener's `foreach`.
        case round
        case function
    }

    /// The list's JSON Pointer in the workflow: `/do`, `/do/2/review/do`.
    package let list: String
    /// The step that is next or running.
    package internal(set) var index: Int
    /// The output of the step before, which is the raw input of the next.
    package internal(set) var data: JSON
    var kind: Kind
    /// Names that expressions in it may use: a loop's element, a caught error.
    var variables: JSONObject
    /// The step that the list belongs to; nil for the workflow's own list and a branch.
    var owner: Owner?
    /// When the try times out.
    var attemptDeadline: Int64?

    init(list: String, data: JSON, _ kind: Kind, owner: Owner? = nil, variables: JSONObject = [:]) {
        self.list = list
        index = 0
        self.data = data
        self.kind = kind
        self.owner = owner
        self.variables = variables
    }

    /// What the end of a step with a list needs of its beginning.
    struct Owner: Sendable, Hashable, Codable {
        /// After `input.from`.
        let input: JSON
        let startedAt: Int64
        let deadline: Int64?
    }
}

/// What a branch waits for.
package struct Wait: Sendable, Hashable, Codable {
    package let pending: Pending
    var kind: Kind

    enum Kind: Sendable, Hashable, Codable {
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
        /// A person has to decide: the instance has faulted here.
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

    /// What one of several people answered.
    struct Answer: Sendable, Hashable, Codable {
        let seat: Int
        let output: JSON
    }

    /// The step that waits.
    package struct Pending: Sendable, Hashable, Codable {
        /// The step's JSON Pointer: `/do/0/approve`.
        package let reference: String
        /// 1 for the first call of this step, 2 after it was reached again, …
        package let visit: Int
        /// After `input.from`.
        let input: JSON
        package let startedAt: Int64
        let deadline: Int64?
    }
}

/// Where a call over HTTP is.
enum HTTPStage: Sendable, Hashable, Codable {
    /// The request itself.
    case request
    /// Reading the document that describes the operation.
    case document
    /// The operation that the document describes.
    case operation(OpenAPIOperation)

    var number: Int { if case .operation = self { 2 } else { 1 } }
}

struct ForkState: Sendable, Hashable, Codable {
    /// Outputs of branches that are done, by the branch's number.
    var outputs: [Int: JSON] = [:]
    var lastError: WorkflowError?
}

/// What a `listen` has so far.
struct Listener: Sendable, Hashable, Codable {
    /// Events that were consumed, as they are read, in order.
    var events: [JSON] = []
    /// For `all`: the filters that are met. For `until` with events: those of its strategy.
    var met: [Int] = []
    var ended: [Int] = []
    /// Events that wait for their round of `foreach`.
    var queue: [JSON] = []
    /// Outputs of the rounds.
    var outputs: [JSON] = []
    var isComplete = false
    /// Correlation values by name: computed, or fixed by the first event.
    var correlations: [String: JSON] = [:]
}
