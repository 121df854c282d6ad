import TFEngine
import TFExpression

/// A worker with their load.
package struct WorkerLoad: Sendable, Hashable {
    package let account: AccountID
    package let login: String
    package let name: String
    package let kind: WorkerKind
    /// Company roles.
    package let roles: [String]
    package let presence: Presence
    /// The number of assigned and started tasks, which the queues count.
    package let open: Int
    /// The number of those that they have begun.
    package let started: Int
    /// The number of tasks on hold.
    package let held: Int
    /// The number of completed tasks.
    package let done: Int
    /// How many of their tasks would go to others; one that is meant for them stays in any case.
    package let givable: GivableTasks

    package var isAvailable: Bool { presence.isAvailable }

    fileprivate init(row: Row, roles: [String]) throws {
        account = row["account_id"]
        login = row["login"]
        name = row["name"]
        kind = try Column.word(row["kind"])
        self.roles = roles
        presence = try Presence(row: row)
        open = row["open"]
        started = row["started"]
        held = row["held"]
        done = row["done"]
        givable = GivableTasks(
            notStarted: row["givable_assigned"], started: row["givable_started"], held: row["givable_held"])
    }
}

/// The numbers of a worker's tasks that others may have as well.
package struct GivableTasks: Sendable, Hashable {
    package let notStarted: Int
    package let started: Int
    package let held: Int

    /// How many leave with this handover.
    package func leaving(_ handover: AbsenceHandover) -> Int {
        switch handover {
        case .all: notStarted + started + held
        case .notStarted: notStarted
        case .keep: 0
        }
    }
}

extension CompanyReadSession {
    /// The logins and kinds of the company's workers.
    package func workerLogins() throws -> [(login: String, kind: WorkerKind)] {
        try all(Row.self, "SELECT login, kind FROM worker WHERE company_id = ?", [company]).map {
            ($0["login"], try Column.word($0["kind"]))
        }
    }

    /// Whether each of the company's workers is available, by login.
    package func workerAvailability() throws -> [String: Bool] {
        try all(Row.self, "SELECT login, is_available FROM worker WHERE company_id = ?", [company])
            .reduce(into: [:]) { workers, row in workers[row["login"]] = row["is_available"] }
    }

    /// The reasons why tasks that should be assigned cannot be, each with its number of tasks, the most frequent first:
    /// `TaskSQL.isStuck`.
    /// - Parameter scope: only tasks in it are counted.
    package func unserved(scope: TaskScope) throws -> [(reason: String, tasks: Int)] {
        var query = SQLQuery(
            """
            SELECT k.waiting_reason, k.waiting_facts, k.kind, k.strategy, COUNT(*) AS tasks
            FROM task k \(TaskSQL.joinTicket)
            WHERE k.company_id = ? AND \(TaskSQL.isStuck())
            """, [company])
        query.add(scope.predicate(company))
        query.end("GROUP BY k.waiting_reason, k.waiting_facts, k.kind, k.strategy", [])
        let rows = try all(Row.self, query.sql, query.arguments)
        let reasons = try rows.map { row in
            let facts: JSON? = row["waiting_facts"]
            return WaitingReason(try Column.word(row["waiting_reason"]), facts: facts ?? .null)
        }
        let roles = rows.isEmpty ? [:] : try roleLabels()
        let names = try people(named: Set(reasons.compactMap(\.login))).mapValues(\.name)
        // Tasks of several strategies may have the same sentence, so they are added up.
        let tasks = try zip(rows, reasons).reduce(into: [String: Int]()) { tasks, entry in
            let (row, reason) = entry
            let sentence = reason.sentence(
                kind: try Column.word(row["kind"]), strategy: try Column.word(row["strategy"]), roles: roles,
                names: names)
            tasks[sentence, default: 0] += row["tasks"]
        }
        let inOrder = tasks.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return inOrder.map { (reason: $0.key, tasks: $0.value) }
    }

    /// The ids of each worker's open tasks, by login, the oldest first.
    package func openTasks() throws -> [String: [TaskID]] {
        try all(
            Row.self,
            """
            SELECT a.login, k.id FROM task k JOIN account a ON a.id = k.assignee_id
            WHERE k.company_id = ? AND \(TaskSQL.isWithSomebody())
            """, [company]
        )
        .reduce(into: [String: [TaskID]]()) { open, row in open[row["login"], default: []].append(row["id"]) }
        .mapValues { $0.sorted() }
    }

    /// The ids of one worker's open tasks, the oldest first.
    package func openTasks(of login: String) throws -> [TaskID] {
        try all(
            TaskID.self,
            """
            SELECT id FROM task WHERE company_id = ? AND assignee_id = (SELECT id FROM account WHERE login = ?)
                AND \(TaskSQL.isWithSomebody("task"))
            """, [company, login]
        ).sorted()
    }

    /// The company's workers with their load, by login.
    package func workers() throws -> [WorkerLoad] { try workers("", []) }

    /// A worker of the company with their load; nil if nobody with this login is one.
    package func worker(_ login: String) throws -> WorkerLoad? { try workers("AND a.login = ?", [login]).first }

    /// - Parameters:
    ///   - condition: which of them, as SQL behind the company's own condition; the account is `a`. Empty for all.
    ///   - values: for the marks of the condition.
    private func workers(_ condition: String, _ values: Arguments) throws -> [WorkerLoad] {
        let roles = try all(
            Row.self,
            """
            SELECT a.login, r.role FROM member_role r JOIN account a ON a.id = r.account_id
            WHERE r.company_id = ? \(condition) ORDER BY r.role
            """, [company] + values
        ).reduce(into: [String: [String]]()) { roles, row in roles[row["login"], default: []].append(row["role"]) }
        let rows = try all(
            Row.self,
            """
            SELECT w.account_id, w.login, a.name, w.kind, w.is_available, m.plan_at_ms, m.plan_until_ms,
                m.plan_handover, \(Presence.setter),
                (SELECT COUNT(*) FROM task k WHERE k.company_id = w.company_id AND k.assignee_id = w.account_id
                    AND \(TaskSQL.isInList())) AS open,
                (SELECT COUNT(*) FROM task k WHERE k.company_id = w.company_id AND k.assignee_id = w.account_id
                    AND k.state = 'started') AS started,
                (SELECT COUNT(*) FROM task k WHERE k.company_id = w.company_id AND k.assignee_id = w.account_id
                    AND k.state = 'held') AS held,
                (SELECT COUNT(*) FROM task k WHERE k.company_id = w.company_id AND k.assignee_id = w.account_id
                    AND k.state = 'completed') AS done,
                (SELECT COUNT(*) FROM task k WHERE k.company_id = w.company_id AND k.assignee_id = w.account_id
                    AND k.state = 'assigned' AND \(TaskSQL.isForAnybody)) AS givable_assigned,
                (SELECT COUNT(*) FROM task k WHERE k.company_id = w.company_id AND k.assignee_id = w.account_id
                    AND k.state = 'started' AND \(TaskSQL.isForAnybody)) AS givable_started,
                (SELECT COUNT(*) FROM task k WHERE k.company_id = w.company_id AND k.assignee_id = w.account_id
                    AND k.state = 'held' AND \(TaskSQL.isForAnybody)) AS givable_held
            FROM worker w JOIN account a ON a.id = w.account_id
            JOIN membership m ON m.company_id = w.company_id AND m.account_id = w.account_id
            WHERE w.company_id = ? \(condition) ORDER BY w.login
            """, [company] + values)
        return try rows.map { try WorkerLoad(row: $0, roles: roles[$0["login"]] ?? []) }
    }
}
