import TFDefinition
import TFEngine
import TFExpression

/// What passed through a person's or program's queue lately.
package struct QueueActivity: Sendable, Hashable {
    package let login: String
    package let name: String
    /// When the oldest task in it was opened, in milliseconds since 1970; nil: it is empty.
    package var oldestAtMs: Int64?
    /// Tasks done in each of the stretches of time asked for, the earliest first.
    package var done: [Int]
}

/// Tasks for which nobody has been found yet, of one role.
package struct WaitingTasks: Sendable, Hashable {
    /// nil: they need no role.
    package let role: String?
    package let tasks: Int
    /// When the oldest was opened, in milliseconds since 1970.
    package let oldestAtMs: Int64
    /// How many of them should be assigned and are not.
    package let stuck: Int
}

/// A workflow that stopped with an error.
package struct FailedRun: Sendable {
    /// The company's slug.
    package let company: String
    /// nil: it has no ticket.
    package let ticket: Ticket?
    /// When it failed, in milliseconds since 1970.
    package let atMs: Int64?
    package let view: InstanceView?

    package struct Ticket: Sendable {
        package let number: Int
        package let title: String
        package let version: Int
    }
}

extension CompanyReadSession {
    /// Everybody who has tasks or did some since a moment.
    /// - Parameters:
    ///   - since: in milliseconds since 1970.
    ///   - stretch: the length of a stretch of time in milliseconds.
    ///   - count: how many stretches.
    package func queueActivity(since: Int64, stretch: Int64, count: Int) throws -> [QueueActivity] {
        let rows = try all(
            Row.self,
            """
            SELECT a.id, a.login, a.name, MIN(k.created_at_ms) AS oldest FROM task k
            JOIN account a ON a.id = k.assignee_id
            WHERE k.company_id = ? AND \(TaskSQL.isInList()) GROUP BY a.id, a.login, a.name
            """, [company])
        let done = try all(
            Row.self,
            """
            SELECT a.id, a.login, a.name, (k.finished_at_ms - ?) / ? AS part, COUNT(*) AS tasks FROM task k
            JOIN account a ON a.id = k.assignee_id
            WHERE k.company_id = ? AND k.finished_at_ms >= ? AND k.state = 'completed'
            GROUP BY a.id, a.login, a.name, part
            """, [since, stretch, company, since])
        var figures: [AccountID: QueueActivity] = [:]
        for row in rows + done {
            let account: AccountID = row["id"]
            guard figures[account] == nil else { continue }
            figures[account] = QueueActivity(
                login: row["login"], name: row["name"], done: Array(repeating: 0, count: count))
        }
        for row in rows { figures[row["id"]]?.oldestAtMs = row["oldest"] }
        for row in done {
            let part: Int = row["part"]
            if (0..<count).contains(part) { figures[row["id"]]?.done[part] += row["tasks"] as Int }
        }
        return Array(figures.values)
    }

    /// The tasks that nobody has, by the role that they need.
    package func waitingTasks() throws -> [WaitingTasks] {
        try all(
            Row.self,
            """
            SELECT k.role, COUNT(*) AS tasks, MIN(k.created_at_ms) AS oldest,
                COUNT(CASE WHEN \(TaskSQL.isStuck()) THEN 1 END) AS stuck
            FROM task k WHERE k.company_id = ? AND \(TaskSQL.isToBeAssigned)
            GROUP BY k.role ORDER BY COUNT(*) DESC, k.role NULLS FIRST
            """, [company]
        ).map { row in
            WaitingTasks(role: row["role"], tasks: row["tasks"], oldestAtMs: row["oldest"], stuck: row["stuck"])
        }
    }

    /// The company's workflows that stopped with an error, the latest first.
    package func failedRuns(limit: Int) throws -> [FailedRun] {
        let slug = try companyRecord().slug
        return try all(
            Row.self,
            """
            SELECT i.*, t.number, t.title, t.version AS ticket_version FROM instance i
            LEFT JOIN ticket t ON t.company_id = i.company_id AND t.id = i.ticket_id
            WHERE i.company_id = ? AND i.status = 'faulted' AND i.parent_id IS NULL
                AND (i.ticket_id IS NULL OR t.state = 'failed')
            ORDER BY i.ended_at_ms DESC NULLS LAST, i.id DESC LIMIT ?
            """, [company, limit]
        ).map { row in
            let ticket = (row["number"] as Int?).map {
                FailedRun.Ticket(number: $0, title: row["title"], version: row["ticket_version"])
            }
            return FailedRun(company: slug, ticket: ticket, atMs: row["ended_at_ms"], view: try view(row))
        }
    }

    /// The number of the company's workflows that stopped with an error, up to `Store.limitCounted`.
    package func failedRunCount() throws -> Int {
        try first(
            Int.self,
            """
            SELECT COUNT(*) FROM (SELECT 1 FROM instance i
                LEFT JOIN ticket t ON t.company_id = i.company_id AND t.id = i.ticket_id
                WHERE i.company_id = ? AND i.status = 'faulted' AND i.parent_id IS NULL
                    AND (i.ticket_id IS NULL OR t.state = 'failed') LIMIT ?) counted
            """, [company, Store.limitCounted]) ?? 0
    }
}

/// Work of the site that is in nobody's list.
package struct Backlog: Sendable, Hashable {
    package let count: Int
    /// When the oldest was added, in milliseconds since 1970; nil: there is none.
    package let oldestAtMs: Int64?

    init(row: Row?) {
        count = row?["n"] ?? 0
        oldestAtMs = row?["oldest"]
    }
}

extension ReadSession {
    /// The steps that workflows have yet to take, and their calls to other servers that wait or are under way.
    package func engineBacklog() throws -> (steps: Backlog, calls: Backlog) {
        let steps = try first(
            Row.self,
            "SELECT COUNT(*) AS n, MIN(created_at_ms) AS oldest FROM instance_event WHERE set_aside IS NULL")
        let calls = try first(Row.self, "SELECT COUNT(*) AS n, MIN(next_at_ms) AS oldest FROM http_call")
        return (Backlog(row: steps), Backlog(row: calls))
    }
}
