import TFDefinition
import TFEngine

/// What a worker has to do and has done lately.
package struct WorkerFigures: Sendable, Hashable {
    /// Tasks that they have begun.
    package var started = 0
    /// Tasks that wait in their list.
    package var notStarted = 0
    package var held = 0
    /// When the oldest task that is not on hold was opened, in milliseconds since 1970; nil: there is none.
    package var oldestAtMs: Int64?
    /// Tasks done on each of the days asked for, the earliest first.
    package var doneByDay: [Int] = []
    /// Half of the tasks of these days were done within this time from their assignment, in milliseconds; nil: none
    /// was done.
    package var typicalMs: Int64?

    package init() {}

    /// Every open task.
    package var open: Int { started + notStarted + held }
}

extension CompanyReadSession {
    /// The figures of everybody who has tasks or did some since a moment.
    /// - Parameters:
    ///   - since: the beginning of the first day, in milliseconds since 1970.
    ///   - days: how many days from there.
    package func workerFigures(since: Int64, days: Int) throws -> [AccountID: WorkerFigures] {
        var figures: [AccountID: WorkerFigures] = [:]
        for row in try openByState() {
            let (account, state): (AccountID, TaskState) = (row["assignee_id"], try Column.word(row["state"]))
            let (tasks, oldest): (Int, Int64) = (row["tasks"], row["oldest"])
            if state == .started { figures[account, default: .init()].started = tasks }
            if state == .assigned { figures[account, default: .init()].notStarted = tasks }
            if state == .held {
                figures[account, default: .init()].held = tasks
            } else {
                let known = figures[account]?.oldestAtMs ?? oldest
                figures[account]?.oldestAtMs = min(known, oldest)
            }
        }
        for row in try doneByDay(since: since) {
            let (account, day, tasks): (AccountID, Int, Int) = (row["assignee_id"], row["day"], row["tasks"])
            var byDay = figures[account]?.doneByDay ?? []
            if byDay.isEmpty { byDay = Array(repeating: 0, count: days) }
            if byDay.indices.contains(day) { byDay[day] += tasks }
            figures[account, default: .init()].doneByDay = byDay
        }
        for row in try typicalTimes(since: since) {
            figures[row["assignee_id"], default: .init()].typicalMs = row["half"]
        }
        return figures
    }

    private func openByState() throws -> [Row] {
        try all(
            Row.self,
            """
            SELECT k.assignee_id, k.state, COUNT(*) AS tasks, MIN(k.created_at_ms) AS oldest FROM task k
            WHERE k.company_id = ? AND k.assignee_id IS NOT NULL AND \(TaskSQL.isWithSomebody())
            GROUP BY k.assignee_id, k.state
            """, [company])
    }

    private func doneByDay(since: Int64) throws -> [Row] {
        try all(
            Row.self,
            """
            SELECT k.assignee_id, (k.finished_at_ms - ?) / 86400000 AS day, COUNT(*) AS tasks FROM task k
            WHERE k.company_id = ? AND k.finished_at_ms >= ? AND k.state = 'completed' AND k.assignee_id IS NOT NULL
            GROUP BY k.assignee_id, day
            """, [since, company, since])
    }

    private func typicalTimes(since: Int64) throws -> [Row] {
        try all(
            Row.self,
            """
            SELECT assignee_id, MAX(CASE WHEN place = (tasks + 1) / 2 THEN length END) AS half FROM (
                SELECT k.assignee_id, k.finished_at_ms - k.assigned_at_ms AS length,
                    ROW_NUMBER() OVER (
                        PARTITION BY k.assignee_id ORDER BY k.finished_at_ms - k.assigned_at_ms) AS place,
                    COUNT(*) OVER (PARTITION BY k.assignee_id) AS tasks
                FROM task k
                WHERE k.company_id = ? AND k.finished_at_ms >= ? AND k.state = 'completed'
                    AND k.assigned_at_ms IS NOT NULL AND k.assignee_id IS NOT NULL) ranked
            GROUP BY assignee_id
            """, [company, since])
    }

    /// The oldest task that should be assigned and is not; nil: there is none.
    /// - Parameter scope: only tasks in it are looked at.
    package func oldestUnserved(scope: TaskScope) throws -> TaskRecord? {
        var query = SQLQuery(
            TaskRecord.select + " WHERE k.company_id = ? AND \(TaskSQL.isStuck())",
            [company])
        query.add(scope.predicate(company))
        query.end("ORDER BY k.id LIMIT 1", [])
        return try first(TaskRecord.self, query.sql, query.arguments)
    }
}
