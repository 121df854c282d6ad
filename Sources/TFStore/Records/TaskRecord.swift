import TFDefinition
import TFEngine
import TFExpression

/// A task as it is stored. Named "record" because Swift has its own `Task`.
package struct TaskRecord: RowReadable, Sendable, Hashable {
    package let id: TaskID
    package let companyID: CompanyID
    package let ticketID: TicketID
    package let ticketNumber: Int
    package let ticketTitle: String
    package let instanceID: InstanceID
    /// The revision of its definition; nil: the built-in task.
    package let revisionID: RevisionID?
    /// The step that opened it, as a JSON pointer into the workflow.
    package let reference: String
    /// How often the workflow has reached the step, from 1.
    package let visit: Int
    /// The number of the person, from 0, for a step that asks several (`each`); else 0.
    package let seat: Int
    package let step: String
    package let name: String
    package let title: String
    package let description: String?
    package let kind: WorkerKind
    /// The company role that its worker must have; nil: any worker.
    package let role: String?
    package let strategy: AssignmentStrategy
    /// A list of the logins that must not have it.
    package let excluded: JSON
    /// A list of the logins that gave it back: the rule does not choose them, but a person may.
    package let avoided: JSON
    /// The login that the rule chooses if possible.
    package let preferred: String?
    /// The login that the workflow, the requester or a ticket admin addressed it to, who is given it again when
    /// possible; nil: it is addressed to nobody.
    package let addressee: String?
    package let state: TaskState
    /// Why it is unassigned; nil unless its state is `ready`.
    package let waiting: WaitingReason?
    package let assigneeID: AccountID?
    package let assignee: String?
    package let assigneeName: String?
    /// The number of its assignment, from 1.
    package let attempt: Int
    /// How many tries of a program failed or ended with an expired lease.
    package let failures: Int
    /// The token of a program's lease; empty if the program took the job straight from its Redis list; nil: no program
    /// has it.
    package let lease: String?
    /// When a lease expires, a hold ends or the next try is due, in milliseconds since 1970.
    package let wakeAtMs: Int64?
    package let priority: Priority
    /// Whether its definition, its step or a person has set the priority; else it is the ticket's, and follows it.
    package let hasOwnPriority: Bool
    package let dueAtMs: Int64?
    package let input: JSON
    package let output: JSON?
    /// Why the last try of a program failed; nil: none did, or the task was done since.
    package let error: TaskFailure?
    /// Label, type and audience of each answer in `output`.
    package let fields: [AnsweredField]
    /// The values that the form's expressions had when the task was opened, by field.
    package let prefilled: JSON
    /// A saved draft of the form: `{answers, by}`, with the id of the account that saved it.
    package let draft: JSON?
    /// Why its worker was chosen, or that the rule found none.
    package let decision: WorkerChoice?
    /// Milliseconds since 1970, as are the others.
    package let createdAtMs: Int64
    package let assignedAtMs: Int64?
    package let startedAtMs: Int64?
    package let finishedAtMs: Int64?
    /// Counts the changes, for optimistic locking.
    package let version: Int

    /// Reads each column by its name instead of `Decodable`, which is slower: the relay reads every task that it
    /// carries to Redis.
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
        waiting = try Column.waiting(row)
        assigneeID = row["assignee_id"]
        assignee = row["assignee"]
        assigneeName = row["assignee_name"]
        attempt = row["attempt"]
        failures = row["failures"]
        lease = row["lease"]
        wakeAtMs = row["wake_at_ms"]
        priority = try Column.word(row["priority"])
        hasOwnPriority = row["has_own_priority"]
        dueAtMs = row["due_at_ms"]
        input = row["input"]
        output = row["output"]
        error = (row["error"] as JSON?).flatMap(TaskFailure.init)
        fields = try Column.fields(row["fields"])
        prefilled = row["prefilled"]
        draft = row["draft"]
        decision = (row["decision"] as JSON?).flatMap(WorkerChoice.init)
        createdAtMs = row["created_at_ms"]
        assignedAtMs = row["assigned_at_ms"]
        startedAtMs = row["started_at_ms"]
        finishedAtMs = row["finished_at_ms"]
        version = row["version"]
    }

    static let select = """
        SELECT k.*, t.number AS ticket_number, t.title AS ticket_title, a.login AS assignee, a.name AS assignee_name
        FROM task k \(TaskSQL.joinTicket)
        LEFT JOIN account a ON a.id = k.assignee_id
        """

    /// The part of the task that `TaskLife` reads and changes.
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
        situation.hasOwnPriority = hasOwnPriority
        situation.draft = draft
        situation.output = output
        situation.error = error
        situation.assignedAtMs = assignedAtMs
        situation.startedAtMs = startedAtMs
        situation.finishedAtMs = finishedAtMs
        situation.version = version
        return situation
    }

    /// The account that has it or had it last.
    private var holder: TaskHolder? {
        guard let assigneeID, let assignee else { return nil }
        return TaskHolder(account: assigneeID, login: assignee, name: assigneeName)
    }

    /// Why it is unassigned, in words.
    package var waitingBecause: String? { waiting?.sentence(kind: kind, strategy: strategy) }

    /// Why its worker has it, or why it is unassigned, in words.
    package var because: String? { decision?.because?.sentence ?? waitingBecause }

    /// The Sidekiq job id: 16 hexadecimal digits of the task and 8 of the attempt, so that a repeated push is the same
    /// job.
    package var jobID: String { Self.jobID(task: id, attempt: attempt) }

    /// The Sidekiq job id of an attempt.
    package static func jobID(task: TaskID, attempt: Int) -> String {
        hex(UInt64(task.rawValue), 16) + hex(UInt64(attempt), 8)
    }

    /// Whether its job is in a Redis list or counted there, as a leased one is; not while it is on hold or waits for
    /// its next try.
    package var isQueued: Bool { state.isQueued(waitsForNextTry: wakeAtMs != nil) }

    /// The task and the attempt of a job id; nil for any other text.
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
