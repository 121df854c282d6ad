import TFDefinition
import TFEngine

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
    /// What the outbox has yet to change in Redis; nil: too much to be listed.
    package let pending: PendingChanges?
}

/// What entries of the outbox are about, which Redis does not know yet.
package struct PendingChanges: Sendable, Hashable {
    /// With more entries, nothing is listed.
    static let limit = 1_000

    /// The ids of jobs.
    package var jobs: Set<String> = []
    /// The logins of members whose state has changed.
    package var logins: Set<String> = []
}

/// The number of jobs that a worker's list must hold.
package struct ListLength: Sendable, Hashable {
    package let login: String
    /// A program's list of urgent jobs.
    package let isUrgent: Bool
    /// The length of the list.
    package let jobs: Int
}

extension CompanyReadSession {
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

    /// What Redis must have of each member.
    private func memberStates() throws -> [WorkerState] {
        let members = try all(
            Row.self,
            """
            SELECT a.id, a.login FROM membership m JOIN account a ON a.id = m.account_id
            WHERE m.company_id = ? ORDER BY a.id
            """, [company])
        return try workerStates(members) { _ in SQLCondition("1 = 1") }
    }

    /// What Redis must have of these accounts, members or not.
    func workerStates(_ accounts: Set<AccountID>) throws -> [AccountID: WorkerState] {
        guard !accounts.isEmpty else { return [:] }
        let asked = accounts.sorted()
        let isAsked = SQLCondition.isOneOf("id", asked)
        let rows = try site.all(
            Row.self, "SELECT id, login FROM account WHERE \(isAsked.sql) ORDER BY id", isAsked.arguments)
        let states = try workerStates(rows) { .isOneOf($0, asked) }
        return Dictionary(uniqueKeysWithValues: zip(rows.map { $0["id"] as AccountID }, states))
    }

    /// - Parameters:
    ///   - accounts: id and login.
    ///   - are: a condition that a column of ids names them, among those of this company.
    private func workerStates(_ accounts: [Row], are: (String) -> SQLCondition) throws -> [WorkerState] {
        let areTheirs = are("account_id")
        let workers = try all(
            Row.self,
            """
            SELECT account_id, kind, is_available FROM worker WHERE company_id = ? AND \(areTheirs.sql)
            """, [company] + areTheirs.arguments
        ).reduce(into: [AccountID: Row]()) { $0[$1["account_id"]] = $1 }
        let roles = try all(
            Row.self,
            """
            SELECT account_id, role FROM member_role
            WHERE company_id = ? AND \(areTheirs.sql) ORDER BY account_id, role
            """, [company] + areTheirs.arguments
        ).reduce(into: [AccountID: [String]]()) { $0[$1["account_id"], default: []].append($1["role"]) }
        return try accounts.map { row in
            let account: AccountID = row["id"]
            let worker = workers[account]
            return WorkerState(
                login: row["login"], kind: try worker.map { try Column.word($0["kind"]) } ?? .person,
                roles: roles[account] ?? [], isAvailable: worker?["is_available"] ?? false, isWorker: worker != nil)
        }
    }

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
        let tasks = try all(
            TaskRecord.self,
            TaskRecord.select + " WHERE k.company_id = ? AND \(TaskSQL.isQueued)", [company]
        ).sorted { $0.id < $1.id }
        return QueueRecord(
            workers: try memberStates(), tasks: tasks, acknowledged: acknowledged ?? .start,
            pending: try pendingChanges())
    }

    /// What the outbox has yet to change in Redis; nil: too much to be listed.
    private func pendingChanges() throws -> PendingChanges? {
        let rows = try all(
            Row.self,
            """
            SELECT o.task_id, o.attempt, a.login FROM outbox o LEFT JOIN account a ON a.id = o.account_id
            WHERE o.company_id = ? ORDER BY o.position LIMIT ?
            """, [company, PendingChanges.limit + 1])
        guard rows.count <= PendingChanges.limit else { return nil }
        return rows.reduce(into: PendingChanges()) { pending, row in
            if let login: String = row["login"] { pending.logins.insert(login) }
            if let task: TaskID = row["task_id"] {
                pending.jobs.insert(TaskRecord.jobID(task: task, attempt: row["attempt"]))
            }
        }
    }

    /// Whether the outbox has entries of the company left.
    package func hasBacklog() throws -> Bool {
        try first(Bool.self, "SELECT 1 FROM outbox WHERE company_id = ? LIMIT 1", [company]) ?? false
    }

    /// The number of jobs that each worker's lists must hold; empty lists are missing.
    package func listLengths() throws -> [ListLength] {
        let rows = try all(
            Row.self,
            """
            SELECT a.login, CASE WHEN k.kind = 'service' AND k.priority = 'urgent' THEN 1 ELSE 0 END AS is_urgent,
                COUNT(*) AS jobs
            FROM task k JOIN account a ON a.id = k.assignee_id
            WHERE k.company_id = ? AND \(TaskSQL.isInList())
                AND (k.kind = 'person' OR k.lease IS NULL)
            GROUP BY 1, 2
            """, [company])
        return rows.map { row in
            ListLength(login: row["login"], isUrgent: row["is_urgent"], jobs: row["jobs"])
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
            WHERE k.company_id = ? AND \(TaskSQL.isToBeAssigned) GROUP BY k.role
            """, [company])
        // Tasks without a role and those of a role named `any` share a list.
        return rows.reduce(into: [:]) { $0[$1["role"], default: 0] += $1["waiting"] as Int }
    }
}

extension CompanyWriteSession {
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
