import TFDefinition
import TFEngine
import TFExpression

/// A member's state that Redis must have.
package struct WorkerState: Sendable, Hashable {
    package let login: String
    package let kind: WorkerKind
    /// The member's company roles.
    package let roles: [String]
    package let isAvailable: Bool
    /// False if they are no member, not a task worker, or disabled: then they are in no set of Redis.
    package let isWorker: Bool
}

/// What Redis must hold for a company.
package struct QueueRecord: Sendable {
    /// Every member, workers or not.
    package let workers: [WorkerState]
    /// The tasks whose jobs are in a list or counted, by id.
    package let tasks: [TaskRecord]
    /// The last position that Redis has acknowledged.
    package let acknowledged: CompanyPosition
    /// Whether the outbox has entries left, so that a difference may disappear in a moment.
    package let hasBacklog: Bool
}

/// The number of jobs that a worker's list must hold.
package struct ListLength: Sendable, Hashable {
    package let login: String
    package let isProgram: Bool
    /// A program's list of urgent jobs.
    package let isUrgent: Bool
    /// The length of the list.
    package let jobs: Int
}

/// How a task ended.
package struct TaskEnd: Sendable, Hashable {
    package let state: TaskState
    package let createdAtMs: Int64
    package let finishedAtMs: Int64
}

/// An entry of the outbox, with the data that the relay needs to carry it out.
package struct OutboxEntry: Sendable {
    /// What the relay has to do in Redis.
    package enum Work: Sendable {
        /// Choose a worker, or leave the task unassigned.
        case assign(TaskRecord)
        /// Put the job into the worker's list.
        case place(TaskRecord, worker: String)
        /// Take the job out of Redis.
        /// - ended: how the task ended; nil: it continues as another job.
        case remove(jobID: String, ended: TaskEnd?)
        /// A program has the job: take it out of the program's list.
        case take(jobID: String)
        /// Update a member's sets.
        case worker(WorkerState)
        /// The change is outdated: only acknowledge the entry.
        case nothing
    }

    /// The company's slug.
    package let company: String
    package let companyID: CompanyID
    package let position: CompanyPosition
    /// Whether assignment is paused in the company: tasks to be assigned then wait.
    package let isPaused: Bool
    package let work: Work
}

/// The result of carrying out an entry.
package struct OutboxResult: Sendable {
    /// What Redis answered.
    package enum Outcome: Sendable {
        case done
        /// The change was outdated, so that Redis was told nothing.
        case outdated
        /// The job of an ended task was removed.
        case ended(TaskEnd)
        /// The script chose a worker.
        case assigned(TaskRecord, worker: String, RuleChoice)
        /// Nobody is eligible and available, or the task is to be claimed; `workers`: how many were considered, if they
        /// were counted.
        case waiting(TaskRecord, reason: WaitingReason, workers: WorkerCount?)
    }

    /// The entry's position.
    package let entry: CompanyPosition
    package let companyID: CompanyID
    package let outcome: Outcome

    fileprivate var isApplied: Bool { if case .outdated = outcome { false } else { true } }

    package init(entry: CompanyPosition, companyID: CompanyID, outcome: Outcome) {
        self.entry = entry
        self.companyID = companyID
        self.outcome = outcome
    }
}

extension ReadSession {
    /// The next entries to carry to Redis: each company's in its order, from the companies in turn.
    /// - Parameter except: companies whose entries are left out.
    package func outbox(
        limit: Int, of leader: Leadership? = nil, except: Set<CompanyID> = []
    ) throws -> [OutboxEntry] {
        let rows = try next(.outbox, limit: limit, of: CompanyChoice(of: leader, except: except))
        let paused = try pausedCompanies()
        var slugs: [CompanyID: String] = [:]
        return try rows.map { row in
            let company: CompanyID = row["company_id"]
            let slug = try slugs[company] ?? self.company(company).slug
            slugs[company] = slug
            return OutboxEntry(
                company: slug, companyID: company, position: row["position"], isPaused: paused.contains(company),
                work: try inside(company).work(row))
        }
    }

    /// The number of entries in the outbox and the age of the oldest one in milliseconds.
    package func outboxBacklog(now: Int64) throws -> (count: Int, age: Int64) {
        try backlog("SELECT COUNT(*) AS n, MIN(created_at_ms) AS oldest FROM outbox", now: now)
    }

    /// The number of events that wait for the engine, and the age of the oldest one in milliseconds.
    package func eventBacklog(now: Int64) throws -> (count: Int, age: Int64) {
        try backlog(
            "SELECT COUNT(*) AS n, MIN(created_at_ms) AS oldest FROM instance_event WHERE set_aside IS NULL", now: now)
    }

    private func backlog(_ sql: String, now: Int64) throws -> (count: Int, age: Int64) {
        let row = try first(Row.self, sql)
        let oldest: Int64? = row?["oldest"]
        return (row?["n"] ?? 0, oldest.map { max(0, now - $0) } ?? 0)
    }
}

extension CompanyReadSession {
    fileprivate func work(_ row: Row) throws -> OutboxEntry.Work {
        let kind: OutboxKind = try Column.word(row["kind"])
        switch kind {
        case .worker: return .worker(try workerState(account: row["account_id"]))
        case .remove:
            let (id, attempt): (TaskID, Int) = (row["task_id"], row["attempt"])
            return .remove(
                jobID: TaskRecord.jobID(task: id, attempt: attempt), ended: try end(id, attempt: attempt))
        case .take: return .take(jobID: TaskRecord.jobID(task: row["task_id"], attempt: row["attempt"]))
        case .assign, .place:
            guard let task = try task(id: row["task_id"]), task.attempt == row["attempt"], task.isQueued
            else { return .nothing }
            if let worker = task.assignee { return .place(task, worker: worker) }
            return kind == .assign ? .assign(task) : .nothing
        }
    }

    fileprivate func end(_ task: TaskID, attempt: Int) throws -> TaskEnd? {
        let row = try first(
            Row.self,
            """
            SELECT state, created_at_ms, finished_at_ms FROM task
            WHERE company_id = ? AND id = ? AND attempt = ? AND finished_at_ms IS NOT NULL
            """, [company, task, attempt])
        return try row.map { row in
            TaskEnd(
                state: try Column.word(row["state"]), createdAtMs: row["created_at_ms"],
                finishedAtMs: row["finished_at_ms"])
        }
    }

    fileprivate func workerState(account: AccountID) throws -> WorkerState {
        let worker = try first(
            Row.self, "SELECT * FROM worker WHERE company_id = ? AND account_id = ?", [company, account])
        let login = try first(String.self, "SELECT login FROM account WHERE id = ?", [account])
        let roles = try all(
            String.self, "SELECT role FROM member_role WHERE company_id = ? AND account_id = ? ORDER BY role",
            [company, account])
        return WorkerState(
            login: login ?? "", kind: try worker.map { try Column.word($0["kind"]) } ?? .person, roles: roles,
            isAvailable: worker?["is_available"] ?? false, isWorker: worker != nil)
    }

    /// The company's workers of a kind with a role (nil: any), by login, and whether each is available.
    package func eligibleWorkers(kind: WorkerKind, role: String?) throws -> [String: Bool] {
        let holdsRole = SQLCondition.holdsRole(role, "w")
        let rows = try all(
            Row.self,
            """
            SELECT w.login, w.is_available FROM worker w
            WHERE w.company_id = ? AND w.kind = ? AND \(holdsRole.sql)
            """, [company, kind.rawValue] + holdsRole.arguments)
        return rows.reduce(into: [:]) { $0[$1["login"]] = $1["is_available"] }
    }

    // MARK: Recovery

    /// The epoch of the company's data in Redis, and the last position that Redis has acknowledged; nil: it was never
    /// filled.
    package func queueEpoch() throws -> (epoch: String, acknowledged: CompanyPosition)? {
        try first(Row.self, "SELECT * FROM queue_epoch WHERE company_id = ?", [company])
            .map { ($0["epoch"], $0["acknowledged_position"]) }
    }

    /// Whether the entry with this position is still in the outbox.
    package func isInOutbox(_ position: CompanyPosition) throws -> Bool {
        try first(
            Bool.self, "SELECT 1 FROM outbox WHERE company_id = ? AND position = ?", [company, position]) ?? false
    }

    /// What Redis must hold for the company, read at once.
    package func queueRecord() throws -> QueueRecord {
        let acknowledged = try first(
            CompanyPosition.self, "SELECT acknowledged_position FROM queue_epoch WHERE company_id = ?", [company])
        let hasBacklog = try first(Bool.self, "SELECT 1 FROM outbox WHERE company_id = ? LIMIT 1", [company])
        let members = try all(AccountID.self, "SELECT account_id FROM membership WHERE company_id = ?", [company])
        let tasks = try all(
            TaskRecord.self,
            TaskRecord.select
                + " WHERE k.company_id = ? AND \(TaskSQL.isQueued())", [company]
        ).sorted { $0.id < $1.id }
        return QueueRecord(
            workers: try members.map { try workerState(account: $0) },
            tasks: tasks, acknowledged: acknowledged ?? .start, hasBacklog: hasBacklog ?? false)
    }

    /// The number of jobs that each worker's lists must hold; empty lists are missing.
    package func listLengths() throws -> [ListLength] {
        let rows = try all(
            Row.self,
            """
            SELECT a.login, CASE k.kind WHEN 'service' THEN 1 ELSE 0 END AS is_program,
                CASE WHEN k.kind = 'service' AND k.priority = 'urgent' THEN 1 ELSE 0 END AS is_urgent, COUNT(*) AS jobs
            FROM task k JOIN account a ON a.id = k.assignee_id
            WHERE k.company_id = ? AND \(TaskSQL.isInList())
                AND (k.kind = 'person' OR k.lease IS NULL)
            GROUP BY 1, 2, 3
            """, [company])
        return rows.map { row in
            ListLength(
                login: row["login"], isProgram: row["is_program"], isUrgent: row["is_urgent"], jobs: row["jobs"])
        }
    }

    /// The number of open tasks of each worker, by login, to which `open` in Redis must be equal; workers without one
    /// are missing.
    package func openTaskCounts() throws -> [String: Int] {
        let rows = try all(
            Row.self,
            """
            SELECT a.login, COUNT(*) AS open FROM task k JOIN account a ON a.id = k.assignee_id
            WHERE k.company_id = ? AND \(TaskSQL.isInList()) GROUP BY a.login
            """, [company])
        return rows.reduce(into: [:]) { $0[$1["login"]] = $1["open"] }
    }

    /// The number of unassigned tasks by the company role that they need ("any" if none).
    package func unassignedCounts() throws -> [String: Int] {
        let rows = try all(
            Row.self,
            """
            SELECT COALESCE(k.role, 'any') AS role, COUNT(*) AS waiting FROM task k
            WHERE k.company_id = ? AND \(TaskSQL.isToBeAssigned()) GROUP BY k.role
            """, [company])
        // Tasks without a role and those of a role named `any` share a list.
        return rows.reduce(into: [:]) { $0[$1["role"], default: 0] += $1["waiting"] as Int }
    }
}

extension WriteSession {
    /// Stores the results of entries and deletes the entries, in one transaction.
    /// - Returns: the logins that Redis chose but that may not have their task: Redis holds data that is not ours.
    /// - Throws: `StoreError.notLeader`.
    package func settle(_ results: [OutboxResult], leader: Leadership, now: Int64) throws -> Set<String> {
        try check(leader)
        var strangers: Set<String> = []
        for result in results { try inside(result.companyID).settle(result, &strangers, now: now) }
        for (company, results) in Dictionary(grouping: results, by: \.companyID) {
            // What Redis was not told of does not raise its high-water mark either.
            guard let last = results.filter(\.isApplied).map(\.entry).max() else { continue }
            try inside(company).acknowledge(last)
        }
        return strangers
    }
}

extension CompanyWriteSession {
    fileprivate func settle(_ result: OutboxResult, _ strangers: inout Set<String>, now: Int64) throws {
        switch result.outcome {
        case .done, .outdated, .ended: break
        case .assigned(let task, let worker, let choice):
            if try !recordAssignment(task, to: worker, choice, now: now) { strangers.insert(worker) }
        case .waiting(let task, let reason, let workers):
            try record(.unserved(reason, workers: workers), of: task, now: now)
        }
        try run("DELETE FROM outbox WHERE company_id = ? AND position = ?", [company, result.entry])
    }

    fileprivate func acknowledge(_ position: CompanyPosition) throws {
        try run(
            """
            UPDATE queue_epoch SET acknowledged_position = ? WHERE company_id = ? AND acknowledged_position < ?
            """, [position, company, position])
    }

    /// - Returns: false if the chosen worker may not have the task, which is then to be assigned again.
    fileprivate func recordAssignment(
        _ task: TaskRecord, to worker: String, _ choice: RuleChoice, now: Int64
    ) throws -> Bool {
        guard let account = try eligibleAccount(worker, for: task) else {
            // Data in Redis is only a hint: the login may not exist, or have lost the role a moment ago.
            try record(.choiceRefused, of: task, now: now)
            return false
        }
        let holder = TaskHolder(account: account, login: worker)
        try record(.chosen(holder, choice), of: task, now: now)
        return true
    }

    /// Applies a result to a task. If the task has changed since Redis was asked, the result is applied to its present
    /// state, as long as that is the same waiting attempt. Otherwise it is dropped: the outbox then has a `remove` for
    /// it.
    fileprivate func record(_ event: TaskEvent, of task: TaskRecord, now: Int64) throws {
        if try happen(event, toUnchanged: task, now: now) { return }
        guard let current = try self.task(id: task.id), current.attempt == task.attempt, current.state == .ready,
            current.isQueued
        else { return }
        try happen(event, to: current, now: now)
    }

    /// Begins a new epoch and reads everything that Redis must hold in it.
    ///
    /// Entries that are still in the outbox are carried out afterwards; they change nothing that is already right.
    /// - Throws: `StoreError.notLeader`.
    package func beginEpoch(_ epoch: String, leader: Leadership, now: Int64) throws -> QueueRecord {
        try site.check(leader)
        try run(
            """
            INSERT INTO queue_epoch (company_id, epoch, acknowledged_position) VALUES (?, ?, 0)
            ON CONFLICT (company_id) DO UPDATE SET epoch = excluded.epoch
            """, [company, epoch])
        // The program that took a job straight from its list may be lost like the list, so the same job is pushed
        // again.
        let taken = try all(
            TaskRecord.self,
            TaskRecord.select + " WHERE k.company_id = ? AND k.lease = '' AND k.state = 'started'", [company]
        ).sorted { $0.id < $1.id }
        for task in taken { try happen(.requeued, to: task, now: now) }
        return try queueRecord()
    }
}
