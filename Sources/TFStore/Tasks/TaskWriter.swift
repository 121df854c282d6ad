import TFDefinition
import TFEngine
import TFExpression

/// A task with its ticket.
struct TaskKey {
    let id: TaskID
    let ticket: TicketID
}

/// A task that a workflow opens: the properties that never change.
struct NewTask {
    let request: TaskRequest
    let ticket: Ticket
    /// The request's, or else the ticket's as it is now.
    let priority: Priority
    let instance: InstanceID
    /// The revision of its definition; nil: the built-in one.
    let revision: RevisionID?
    /// The number of the person, from 0, for a step that asks several (`each`); else 0.
    let seat: Int
}

/// What people and programs wrote into a task, as its columns hold it.
struct TaskTexts: RowReadable {
    var title: String
    var description: String?
    var input: String?
    var output: String?
    var prefilled: String?
    var error: String?
    var waitingFacts: String?
    var fields: String?
    var draft: String?

    init(row: Row) {
        title = row["title"]
        description = row["description"]
        input = row["input"]
        output = row["output"]
        prefilled = row["prefilled"]
        error = row["error"]
        waitingFacts = row["waiting_facts"]
        fields = row["fields"]
        draft = row["draft"]
    }
}

/// The only code that changes a row of `task`. `TaskLife` decides what an event changes; this writes it with all its
/// consequences.
///
/// Three changes are no step of a task's life, and leave its state and version as they are: ends of waits move when the
/// clock was set, texts are replaced when a person is erased, and the reason of a wait is taken back when the queues look
/// again. Rows go with their old ticket, by retention.
extension CompanyWriteSession {
    /// Applies an event to a task.
    /// - Throws: `StoreError.conflict` if the task's state does not allow it, or the task has changed; nothing is
    ///   written then.
    func happen(_ event: TaskEvent, to task: TaskRecord, now: Int64) throws {
        guard try happen(event, toUnchanged: task, now: now) else { throw StoreError(TaskConflict.changed) }
    }

    /// Applies an event to a task that was read in an earlier transaction.
    /// - Returns: false if the task has changed since: nothing is written then.
    func happen(_ event: TaskEvent, toUnchanged task: TaskRecord, now: Int64) throws -> Bool {
        let change = try StoreError.refusing { () throws(TaskConflict) in
            try TaskLife.apply(event, to: task.situation, now: now)
        }
        guard try update(task, to: change.after) else { return false }
        // Only a step to an end changes whether the task is open.
        if let due = task.dueAtMs, change.after.finishedAtMs != nil {
            try keepNextDue(of: task.ticketID, since: due)
        }
        try follow(change, TaskKey(id: task.id, ticket: task.ticketID), now: now)
        if let news = change.news { try tellEngine(task, news, now: now) }
        return true
    }

    /// Opens a task.
    func begin(
        _ task: NewTask, kind: WorkerKind, _ beginning: TaskLife.Beginning, now: Int64
    ) throws {
        let request = task.request
        var situation = TaskSituation(title: request.title.withoutNUL, kind: kind, strategy: request.strategy)
        situation.priority = task.priority
        situation.hasOwnPriority = request.priority != nil
        let change = TaskLife.begin(situation, beginning, now: now)
        let id = try insert(task, change.after, now: now)
        if let due = request.dueAt { try keepNextDue(of: task.ticket.id, since: due) }
        try follow(change, TaskKey(id: id, ticket: task.ticket.id), now: now)
    }

    fileprivate func insert(_ task: NewTask, _ situation: TaskSituation, now: Int64) throws -> TaskID {
        let (request, ticket) = (task.request, task.ticket)
        let id = try first(
            TaskID.self,
            """
            INSERT INTO task (company_id, ticket_id, instance_id, revision_id, reference, visit, seat, step,
                name, title, description, kind, role, strategy, excluded, preferred, state, waiting_reason,
                waiting_facts, assignee_id, addressee, priority, has_own_priority, due_at_ms, input, prefilled,
                decision, created_at_ms, assigned_at_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            RETURNING id
            """,
            [
                company, ticket.id, task.instance, task.revision, request.reference, request.visit,
                task.seat, request.step, request.definition.name, situation.title, request.description?.withoutNUL,
                situation.kind.rawValue, request.role, request.strategy.rawValue, JSON.strings(request.exclude),
                request.prefer, situation.state.rawValue, situation.waiting?.code.rawValue, situation.waiting?.facts,
                situation.holder?.account, situation.addressee, situation.priority.rawValue,
                situation.hasOwnPriority, request.dueAt, request.input, JSON.object(request.prefilled),
                situation.decision?.json, now, situation.assignedAtMs,
            ])
        guard let id else { throw StoreError.notFound }
        return id
    }

    /// The priority is compared too: where it follows the ticket's, it changes without the version.
    /// - Returns: false if the task has another version or priority.
    fileprivate func update(_ task: TaskRecord, to situation: TaskSituation) throws -> Bool {
        try changedRows(
            """
            UPDATE task SET state = ?, assignee_id = ?, waiting_reason = ?, waiting_facts = ?, addressee = ?,
                avoided = ?, decision = ?, attempt = ?, failures = ?, lease = ?, wake_at_ms = ?, priority = ?,
                has_own_priority = ?, draft = ?, output = ?, fields = ?, error = ?, assigned_at_ms = ?,
                started_at_ms = ?, finished_at_ms = ?, version = ?
            WHERE company_id = ? AND id = ? AND version = ? AND priority = ?
            """,
            [
                situation.state.rawValue, situation.holder?.account, situation.waiting?.code.rawValue,
                situation.waiting?.facts, situation.addressee, JSON.strings(situation.avoided),
                situation.decision?.json,
                situation.attempt, situation.failures, situation.lease, situation.wakeAtMs,
                situation.priority.rawValue, situation.hasOwnPriority, situation.draft, situation.output,
                situation.fields, situation.error?.json,
                situation.assignedAtMs, situation.startedAtMs, situation.finishedAtMs, situation.version,
                company, task.id, task.version, task.priority.rawValue,
            ]) > 0
    }

    /// Replaces a task's texts because of a person's erasure. The task's life goes on as it was, with its version.
    func replaceTexts(of task: TaskID, with texts: TaskTexts) throws {
        try run(
            """
            UPDATE task SET title = ?, description = ?, input = ?, output = ?, prefilled = ?, error = ?,
                waiting_facts = ?, fields = ?, draft = ?
            WHERE company_id = ? AND id = ?
            """,
            [
                texts.title, texts.description, texts.input, texts.output, texts.prefilled, texts.error,
                texts.waitingFacts, texts.fields, texts.draft, company, task,
            ])
    }

    /// Moves the ends of leases and of waits for a next try, after the clock was set. Holds end at a time that a person
    /// named, and stay. One statement: nothing follows from it, and nothing is decided by task.
    func moveTaskWaits(by milliseconds: Int64) throws {
        try run(
            """
            UPDATE task SET wake_at_ms = wake_at_ms + ?
            WHERE company_id = ? AND wake_at_ms IS NOT NULL AND state <> 'held'
            """, [milliseconds, company])
    }

    /// Takes back why these unassigned tasks wait, if somebody's coming, a new role or a resumed company has just made that
    /// untrue: the queues look for a worker again, and say what they found. One statement: nothing follows from it.
    func leaveToQueues(_ tasks: [TaskID]) throws {
        guard !tasks.isEmpty else { return }
        let areThese = SQLCondition.isOneOf("id", tasks)
        try run(
            """
            UPDATE task SET waiting_reason = 'queue', waiting_facts = NULL
            WHERE company_id = ? AND \(areThese.sql) AND \(TaskSQL.isWithNobody("task"))
                AND waiting_reason IN (\(TaskSQL.endsWithChange))
            """, [company] + areThese.arguments)
    }

    // MARK: Consequences of a change

    fileprivate func follow(_ change: TaskChange, _ key: TaskKey, now: Int64) throws {
        let situation = change.after
        if change.recordsHolder, let holder = situation.holder {
            try run(
                """
                INSERT INTO assignment (company_id, task_id, attempt, ticket_id, account_id, at_ms)
                VALUES (?, ?, ?, ?, ?, ?)
                """, [company, key.id, situation.attempt, key.ticket, holder.account, now])
        }
        for notice in change.notices { try NotificationWriter.tell(self, notice, key, now: now) }
        for entry in change.history {
            try addHistory(
                NewHistory(
                    ticket: key.ticket, task: key.id, actor: entry.actor, kind: entry.what.kind,
                    data: entry.what.data(title: situation.title)), now: now)
        }
        try Outbox.add(self, change.orders, key, now: now)
    }

    /// Adds the event of an ended task for the engine.
    fileprivate func tellEngine(_ task: TaskRecord, _ news: TaskNews, now: Int64) throws {
        var payload: JSONObject = ["reference": .string(task.reference), "visit": .int(task.visit)]
        switch news {
        case .failed(let error): payload["error"] = error
        case .completed(let output):
            payload["output"] = output
            if task.strategy == .each {
                payload["seat"] = .int(task.seat)
                payload["people"] = .int(try people(task))
            }
        }
        try addEvent(instance: task.instanceID, news.kind, .object(payload), now: now)
    }

    /// How many people were asked by the same step.
    fileprivate func people(_ task: TaskRecord) throws -> Int {
        try first(
            Int.self,
            "SELECT COUNT(*) FROM task WHERE company_id = ? AND instance_id = ? AND reference = ? AND visit = ?",
            [company, task.instanceID, task.reference, task.visit]) ?? 1
    }
}

extension WriteSession {
    /// Replaces a person's names in a task of any company because of their erasure.
    /// - Returns: 0 if the task has changed since it was read: nothing is written then.
    func replaceTaskNames(_ change: NameChange) throws -> Int {
        try changedRows(
            "UPDATE task SET \(change.assignments) WHERE \(change.isRow) AND \(change.isUnchanged)", change.arguments)
    }
}

extension StoreError {
    init(_ conflict: TaskConflict) { self = .conflict(conflict.description) }

    /// Throws the conflicts of a task's life as `StoreError.conflict`.
    static func refusing<Value>(_ body: () throws(TaskConflict) -> Value) throws -> Value {
        do { return try body() } catch { throw StoreError(error) }
    }
}

extension Account {
    /// The account as a holder of a task or as the actor of an event.
    var asHolder: TaskHolder { TaskHolder(account: id, login: login, name: name) }
}
