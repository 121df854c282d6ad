import TFDefinition
import TFEngine
import TFExpression

/// A worker as Redis has to know them.
package struct WorkerState: Sendable, Hashable {
    package let login: String
    package let kind: WorkerKind
    /// Company roles.
    package let roles: [String]
    package let isAvailable: Bool
    /// False: no member, no task worker, or disabled; they are in no set.
    package let isWorker: Bool
}

/// What Redis has to hold of a company.
package struct QueueRecord: Sendable {
    /// Every member, workers or not.
    package let workers: [WorkerState]
    /// Open tasks that are listed or counted, by id.
    package let tasks: [TaskRecord]
    /// The last position that Redis has acknowledged.
    package let acknowledged: CompanyPosition
    /// The outbox has more to tell: what differs may be right in a moment.
    package let hasBacklog: Bool
}

/// How many jobs a list has to hold.
package struct ListLength: Sendable, Hashable {
    package let login: String
    package let isProgram: Bool
    /// A program's list of urgent jobs.
    package let isUrgent: Bool
    package let jobs: Int
}

/// How a task ended.
package struct TaskEnd: Sendable, Hashable {
    package let state: TaskState
    package let createdAtMs: Int64
    package let finishedAtMs: Int64
}

/// One row of the outbox with what the relay needs to carry it out.
package struct OutboxEntry: Sendable {
    package enum Work: Sendable {
        case assign(TaskRecord)
        case place(TaskRecord, worker: String)
        /// - ended: nil: it goes on as another job.
        case remove(jobID: String, ended: TaskEnd?)
        /// A program has it: out of its list.
        case take(jobID: String)
        case worker(WorkerState)
        /// What it asked for is no longer so.
        case nothing
    }

    package let company: String
    package let companyID: CompanyID
    package let position: CompanyPosition
    /// Assignment is stopped: what would be assigned waits.
    package let isPaused: Bool
    package let work: Work
}

/// What Redis answered to an entry.
package struct OutboxResult: Sendable {
    package enum Outcome: Sendable {
        case done
        /// A job that is over left its list.
        case ended(TaskEnd)
        /// The script chose somebody.
        case assigned(TaskRecord, worker: String, RuleChoice)
        /// Nobody is eligible and available, or the task is to be claimed; `workers`: where they were counted.
        case waiting(TaskRecord, reason: WaitingReason, workers: WorkerCount?)
    }

    /// The entry's position.
    package let entry: CompanyPosition
    package let companyID: CompanyID
    package let outcome: Outcome

    package init(entry: CompanyPosition, companyID: CompanyID, outcome: Outcome) {
        self.entry = entry
        self.companyID = companyID
        self.outcome = outcome
    }
}

extension ReadSession {
    /// The entries that are carried over next: a company's own in their order, and the companies in turn.
    /// - Parameter except: companies whose entries wait.
    package func outbox(limit: Int, except: Set<CompanyID> = []) throws -> [OutboxEntry] {
        let rows = try next(.outbox, limit: limit, except: except)
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

    /// How many rows wait, and for how long the oldest has, in milliseconds.
    package func outboxBacklog(now: Int64) throws -> (count: Int, age: Int64) {
        let row = try first(Row.self, "SELECT COUNT(*) AS n, MIN(created_at_ms) AS oldest FROM outbox")
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

    /// The company's workers of a kind with a role (nil: all), by login, and whether each is available.
    package func eligibleWorkers(kind: WorkerKind, role: String?) throws -> [String: Bool] {
        let rows = try all(
            Row.self,
            """
            SELECT w.login, w.is_available FROM worker w
            WHERE w.company_id = ? AND w.kind = ? AND (CAST(? AS TEXT) IS NULL OR EXISTS (
                SELECT 1 FROM member_role r
                WHERE r.company_id = w.company_id AND r.account_id = w.account_id AND r.role = ?))
            """, [company, kind.rawValue, role, role])
        return rows.reduce(into: [:]) { $0[$1["login"]] = $1["is_available"] }
    }

    // MARK: Recovery

    /// The generation of a company's content in Redis, and the last position that Redis has acknowledged.
    package func queueEpoch() throws -> (epoch: String, acknowledged: CompanyPosition)? {
        try first(Row.self, "SELECT * FROM queue_epoch WHERE company_id = ?", [company])
            .map { ($0["epoch"], $0["acknowledged_position"]) }
    }

    /// Whether what has this position is yet to be acknowledged by Redis.
    package func isInOutbox(_ position: CompanyPosition) throws -> Bool {
        try first(
            Bool.self, "SELECT 1 FROM outbox WHERE company_id = ? AND position = ?", [company, position]) ?? false
    }

    /// What Redis has to hold of the company, and whether the outbox has more to tell it.
    package func queueRecord() throws -> QueueRecord {
        let acknowledged = try first(
            CompanyPosition.self, "SELECT acknowledged_position FROM queue_epoch WHERE company_id = ?", [company])
        let hasBacklog = try first(Bool.self, "SELECT 1 FROM outbox WHERE company_id = ? LIMIT 1", [company])
        let members = try all(AccountID.self, "SELECT account_id FROM membership WHERE company_id = ?", [company])
        let tasks = try all(
            TaskRecord.self,
            TaskRecord.select
                + " WHERE k.company_id = ? AND k.state IN ('ready', 'assigned', 'started') ORDER BY k.id", [company])
        return QueueRecord(
            workers: try members.map { try workerState(account: $0) },
            tasks: tasks.filter(\.isQueued), acknowledged: acknowledged ?? .start, hasBacklog: hasBacklog ?? false)
    }

    /// How many jobs each worker's lists have to hold.
    package func listLengths() throws -> [ListLength] {
        let rows = try all(
            Row.self,
            """
            SELECT a.login, CASE k.kind WHEN 'service' THEN 1 ELSE 0 END AS is_program,
                CASE WHEN k.kind = 'service' AND k.priority = 'urgent' THEN 1 ELSE 0 END AS is_urgent, COUNT(*) AS jobs
            FROM task k JOIN account a ON a.id = k.assignee_id
            WHERE k.company_id = ? AND k.state IN ('assigned', 'started')
                AND (k.kind = 'person' OR k.lease IS NULL)
            GROUP BY 1, 2, 3
            """, [company])
        return rows.map { row in
            ListLength(
                login: row["login"], isProgram: row["is_program"], isUrgent: row["is_urgent"], jobs: row["jobs"])
        }
    }

    /// How many open tasks each worker has, by login: what `open` in Redis must say.
    package func openTaskCounts() throws -> [String: Int] {
        let rows = try all(
            Row.self,
            """
            SELECT a.login, COUNT(*) AS open FROM task k JOIN account a ON a.id = k.assignee_id
            WHERE k.company_id = ? AND k.state IN ('assigned', 'started') GROUP BY a.login
            """, [company])
        return rows.reduce(into: [:]) { $0[$1["login"]] = $1["open"] }
    }

    /// How many tasks nobody has, by the company role that they ask for ("any" for none).
    package func unassignedCounts() throws -> [String: Int] {
        let rows = try all(
            Row.self,
            """
            SELECT COALESCE(role, 'any') AS role, COUNT(*) AS waiting FROM task
            WHERE company_id = ? AND state = 'ready' AND wake_at_ms IS NULL GROUP BY role
            """, [company])
        // No role and one that is called any share a list.
        return rows.reduce(into: [:]) { $0[$1["role"], default: 0] += $1["waiting"] as Int }
    }
}

extension WriteSession {
    /// Records what Redis answered and takes the entries out, in one transaction.
    /// - Returns: the logins that were chosen and are no workers: Redis holds what is not ours.
    package func settle(_ results: [OutboxResult], leader: Leadership, now: Int64) throws -> Set<String> {
        try check(leader, now: now)
        var strangers: Set<String> = []
        for result in results { try inside(result.companyID).settle(result, &strangers, now: now) }
        for (company, results) in Dictionary(grouping: results, by: \.companyID) {
            try inside(company).acknowledge(results.map(\.entry).max() ?? .start)
        }
        return strangers
    }
}

extension CompanyWriteSession {
    fileprivate func settle(_ result: OutboxResult, _ strangers: inout Set<String>, now: Int64) throws {
        switch result.outcome {
        case .done, .ended: break
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

    /// - Returns: false where the chosen one may not have it: the task is to be assigned again.
    fileprivate func recordAssignment(
        _ task: TaskRecord, to worker: String, _ choice: RuleChoice, now: Int64
    ) throws -> Bool {
        guard let account = try eligibleAccount(worker, for: task) else {
            // What Redis holds is a hint: a name that is none, or somebody who lost the role a moment ago.
            try record(.choiceRefused, of: task, now: now)
            return false
        }
        let holder = TaskHolder(account: account, login: worker)
        try record(.chosen(holder, choice), of: task, now: now)
        return true
    }

    /// What the queues answered about a task as it was when they were asked. It may have gone another way meanwhile, and
    /// its own `remove` follows in the outbox then.
    fileprivate func record(_ event: TaskEvent, of task: TaskRecord, now: Int64) throws {
        if try happen(event, toUnchanged: task, now: now) { return }
        guard let current = try self.task(id: task.id), current.attempt == task.attempt, current.state == .ready,
            current.isQueued
        else { return }
        try happen(event, to: current, now: now)
    }

    /// Begins a new generation, and reads everything that Redis has to hold for it.
    ///
    /// Entries still in the outbox come on top of that and change nothing that is already so.
    package func beginEpoch(_ epoch: String, leader: Leadership, now: Int64) throws -> QueueRecord {
        try site.check(leader, now: now)
        try run(
            """
            INSERT INTO queue_epoch (company_id, epoch, acknowledged_position) VALUES (?, ?, 0)
            ON CONFLICT (company_id) DO UPDATE SET epoch = excluded.epoch
            """, [company, epoch])
        // Whoever took a job straight from its list may be gone with the list: it is pushed again, the same job.
        let taken = try all(
            TaskRecord.self,
            TaskRecord.select + " WHERE k.company_id = ? AND k.lease = '' AND k.state = 'started' ORDER BY k.id",
            [company])
        for task in taken { try happen(.requeued, to: task, now: now) }
        return try queueRecord()
    }
}
