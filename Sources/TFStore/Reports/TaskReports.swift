import TFDefinition
import TFEngine

/// How long the tasks of a step took, and where their time went.
package struct StepTimes: Sendable, Hashable {
    /// The name of the task's definition.
    package let step: String
    package let times: TypicalTimes
    /// The time in which nobody had the tasks, in which they waited in somebody's list, and in which they were worked
    /// on, all in milliseconds over all of them.
    package let unassigned: Int64
    package let waiting: Int64
    package let working: Int64
}

/// What somebody did in a period.
package struct WorkerTimes: Sendable, Hashable {
    package let name: String
    /// From the assignment to the end.
    package let times: TypicalTimes
}

/// What became of a company's tasks in a period. Every figure counts only what the scope holds.
extension CompanyReadSession {
    /// The times of the steps that had tasks done in a period, those with most tasks first, at most `limit`.
    package func stepTimes(scope: TaskScope, _ filter: ReportFilter, limit: Int) throws -> [StepTimes] {
        var query = SQLQuery(
            """
            SELECT name, \(TypicalTimes.columns), CAST(SUM(unassigned) AS BIGINT) AS unassigned,
                CAST(SUM(waiting) AS BIGINT) AS waiting, CAST(SUM(working) AS BIGINT) AS working
            FROM (
                SELECT k.name, k.finished_at_ms - k.created_at_ms AS length,
                    COALESCE(k.assigned_at_ms, k.finished_at_ms) - k.created_at_ms AS unassigned,
                    COALESCE(k.started_at_ms, k.finished_at_ms)
                        - COALESCE(k.assigned_at_ms, k.finished_at_ms) AS waiting,
                    k.finished_at_ms - COALESCE(k.started_at_ms, k.finished_at_ms) AS working,
                    ROW_NUMBER() OVER (
                        PARTITION BY k.name ORDER BY k.finished_at_ms - k.created_at_ms) AS place,
                    COUNT(*) OVER (PARTITION BY k.name) AS total
            """, [])
        addDone(to: &query, scope, filter)
        query.end(") ranked GROUP BY name ORDER BY COUNT(*) DESC, name LIMIT ?", [limit])
        return try all(Row.self, query.sql, query.arguments).map { row in
            StepTimes(
                step: row["name"], times: TypicalTimes(row: row), unassigned: row["unassigned"],
                waiting: row["waiting"], working: row["working"])
        }
    }

    /// Who did tasks in a period, those who did most first, at most `limit`.
    package func workerTimes(scope: TaskScope, _ filter: ReportFilter, limit: Int) throws -> [WorkerTimes] {
        var query = SQLQuery(
            """
            SELECT a.name, \(TypicalTimes.columns) FROM (
                SELECT k.assignee_id, k.finished_at_ms - COALESCE(k.assigned_at_ms, k.created_at_ms) AS length,
                    ROW_NUMBER() OVER (PARTITION BY k.assignee_id
                        ORDER BY k.finished_at_ms - COALESCE(k.assigned_at_ms, k.created_at_ms)) AS place,
                    COUNT(*) OVER (PARTITION BY k.assignee_id) AS total
            """, [])
        addDone(to: &query, scope, filter)
        query.end(
            ") ranked JOIN account a ON a.id = ranked.assignee_id GROUP BY a.id, a.name ORDER BY COUNT(*) DESC, a.name LIMIT ?",
            [limit])
        return try all(Row.self, query.sql, query.arguments).map { row in
            WorkerTimes(name: row["name"], times: TypicalTimes(row: row))
        }
    }

    /// The tasks that were done in the period.
    private func addDone(to query: inout SQLQuery, _ scope: TaskScope, _ filter: ReportFilter) {
        query.end(
            """
            FROM task k \(TaskSQL.joinTicket)
            WHERE k.company_id = ? AND k.finished_at_ms >= ? AND k.finished_at_ms < ? AND k.state = 'completed'
            """, [company, filter.from, filter.to])
        filter.narrowTasks(&query)
        query.add(scope.predicate(company))
    }

    /// The number of open tasks by the name of their definition, those with most tasks first, at most `limit`.
    package func openSteps(scope: TaskScope, _ filter: ReportFilter, limit: Int) throws -> [(step: String, tasks: Int)]
    {
        var query = SQLQuery(
            """
            SELECT k.name, COUNT(*) AS tasks FROM task k
            \(TaskSQL.joinTicket)
            WHERE k.company_id = ? AND \(TaskSQL.isOpen())
            """, [company])
        filter.narrowTasks(&query)
        query.add(scope.predicate(company))
        query.end("GROUP BY k.name ORDER BY COUNT(*) DESC, k.name LIMIT ?", [limit])
        return try all(Row.self, query.sql, query.arguments).map { ($0["name"], $0["tasks"]) }
    }
}
