import TFDefinition
import TFEngine
import TFExpression

/// A task that somebody does or did. "Record", since Swift has a `Task` of its own.
package struct TaskRecord: RowReadable, Sendable, Hashable {
    package let id: TaskID
    package let companyID: CompanyID
    package let ticketID: TicketID
    package let ticketNumber: Int
    package let ticketTitle: String
    package let instanceID: InstanceID
    package let revisionID: RevisionID?
    package let reference: String
    package let visit: Int
    /// Tells the tasks of one `each` apart; else 0.
    package let seat: Int
    package let step: String
    package let name: String
    package let title: String
    package let description: String?
    package let kind: WorkerKind
    package let role: String?
    package let strategy: AssignmentStrategy
    /// Logins that may not have it.
    package let excluded: JSON
    /// Logins that the rule does not choose, since they gave it back; a person may.
    package let avoided: JSON
    package let preferred: String?
    /// For whom a task is that the workflow, its requester or a ticket admin addressed to somebody: who gets it back.
    package let addressee: String?
    package let state: TaskState
    /// Why nobody has it; nil unless it is `ready`.
    package let waiting: WaitingReason?
    package let assigneeID: AccountID?
    package let assignee: String?
    package let assigneeName: String?
    package let attempt: Int
    /// Tries of a program that failed or whose lease ended.
    package let failures: Int
    /// A program's proof that it holds the job; empty where it took it straight from its list; nil: nobody holds it.
    package let lease: String?
    /// When a lease or a hold ends, or a failed job is tried again.
    package let wakeAtMs: Int64?
    package let priority: Priority
    package let dueAtMs: Int64?
    package let input: JSON
    package let output: JSON?
    /// What a program said when it failed last: `{title, detail}`.
    package let error: JSON?
    /// What each answer in `output` answered.
    package let fields: [AnsweredField]
    package let prefilled: JSON
    /// `{answers, by}` of a form that is half filled in.
    package let draft: JSON?
    /// How it came to whoever has it, or that the rule found nobody.
    package let decision: TaskDecision?
    package let createdAtMs: Int64
    package let assignedAtMs: Int64?
    package let startedAtMs: Int64?
    package let finishedAtMs: Int64?
    package let version: Int

    /// By name and not by `Decodable`: the relay reads every task that it carries over.
    package init(row: Row) throws {
        id = row["id"]
        companyID = row["company_id"]
        ticketID = row["ticket_id"]
        ticketNumber = row["ticket_number"]
        ticketTitle = row["ticket_title"]
        instanceID = row["instance_id"]
        revisionID = row["revision_id"]
        reference = row["reference"]
        visit = row["visit"]
        seat = row["seat"]
        step = row["step"]
        name = row["name"]
        title = row["title"]
        description = row["description"]
        kind = try Column.word(row["kind"])
        role = row["role"]
        strategy = try Column.word(row["strategy"])
        excluded = row["excluded"]
        avoided = row["avoided"]
        preferred = row["preferred"]
        addressee = row["addressee"]
        state = try Column.word(row["state"])
        waiting = try (row["waiting_reason"] as String?).map {
            WaitingReason(try Column.word($0), facts: row["waiting_facts"] ?? .null)
        }
        assigneeID = row["assignee_id"]
        assignee = row["assignee"]
        assigneeName = row["assignee_name"]
        attempt = row["attempt"]
        failures = row["failures"]
        lease = row["lease"]
        wakeAtMs = row["wake_at_ms"]
        priority = try Column.word(row["priority"])
        dueAtMs = row["due_at_ms"]
        input = row["input"]
        output = row["output"]
        error = row["error"]
        fields = try Column.list([AnsweredField].self, row["fields"])
        prefilled = row["prefilled"]
        draft = row["draft"]
        decision = (row["decision"] as JSON?).flatMap(TaskDecision.init)
        createdAtMs = row["created_at_ms"]
        assignedAtMs = row["assigned_at_ms"]
        startedAtMs = row["started_at_ms"]
        finishedAtMs = row["finished_at_ms"]
        version = row["version"]
    }

    static let select = """
        SELECT k.*, t.number AS ticket_number, t.title AS ticket_title, a.login AS assignee, a.name AS assignee_name
        FROM task k JOIN ticket t ON t.id = k.ticket_id LEFT JOIN account a ON a.id = k.assignee_id
        """

    /// What its life depends on and changes.
    package var situation: TaskSituation {
        var situation = TaskSituation(title: title, kind: kind, strategy: strategy)
        situation.state = state
        situation.holder = holder
        situation.waiting = waiting
        situation.addressee = addressee
        situation.avoided = avoided.arrayValue?.compactMap(\.stringValue) ?? []
        situation.decision = decision
        situation.attempt = attempt
        situation.failures = failures
        situation.lease = lease
        situation.wakeAtMs = wakeAtMs
        situation.priority = priority
        situation.draft = draft
        situation.output = output
        situation.error = error
        situation.assignedAtMs = assignedAtMs
        situation.startedAtMs = startedAtMs
        situation.finishedAtMs = finishedAtMs
        situation.version = version
        return situation
    }

    /// Who has it or had it last.
    private var holder: TaskHolder? {
        guard let assigneeID, let assignee else { return nil }
        return TaskHolder(account: assigneeID, login: assignee, name: assigneeName)
    }

    /// Why nobody has it, in words.
    package var waitingBecause: String? { waiting?.sentence(kind: kind, strategy: strategy) }

    /// Why it is with whoever has it, else why nobody has it, in words.
    package var because: String? { decision?.because?.sentence ?? waitingBecause }

    /// The Sidekiq job id: 16 digits of the task, 8 of the attempt, so that a push repeated is the same job.
    package var jobID: String { Self.jobID(task: id, attempt: attempt) }

    package static func jobID(task: TaskID, attempt: Int) -> String {
        hex(UInt64(task.rawValue), 16) + hex(UInt64(attempt), 8)
    }

    /// Whether a list holds it or, of a program's that is being done, counts it: not while it is put off or waits for
    /// its next try.
    package var isQueued: Bool {
        switch state {
        case .ready: wakeAtMs == nil
        case .assigned, .started: true
        case .held, .completed, .withdrawn, .failed: false
        }
    }

    /// The task and the attempt that a job's id names; nil for any other text.
    package static func task(ofJob id: String) -> (task: TaskID, attempt: Int)? {
        guard id.utf8.count == 24, let task = Int64(id.prefix(16), radix: 16),
            let attempt = Int(id.suffix(8), radix: 16)
        else { return nil }
        return (TaskID(task), attempt)
    }

    private static func hex(_ number: UInt64, _ width: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

/// Which of the tasks in a scope a list holds.
package struct TaskFilter: Sendable, Hashable {
    package var state: TaskState?
    package var isOpen = false
    package var assignee: String?
    package var isUnassigned = false
    package var ticket: Int?
    package var name: String?
    /// Open, and due before this moment.
    package var overdueAt: Int64?
    /// Only ids above this one: the next page; nil: the first.
    package var after: TaskID?
    package var limit = 25

    package init() {}
}
