import TFDefinition
import TFEngine

/// How the tasks of one step of a workflow fare.
package struct StepFigures: Sendable, Hashable {
    /// Open tasks.
    package fileprivate(set) var waiting = 0
    /// Tasks that failed and were not begun again.
    package fileprivate(set) var failed = 0
    /// How long the newest finished tasks took, in milliseconds, the shortest first.
    fileprivate var lengths: [Int64] = []

    package var finished: Int { lengths.count }
    /// Half of the tasks took no longer, in milliseconds; nil: none is finished.
    package var median: Int64? { part(50) }
    /// Nine of ten tasks took no longer, likewise.
    package var mostly: Int64? { part(90) }

    private func part(_ percent: Int) -> Int64? {
        lengths.isEmpty ? nil : lengths[(lengths.count - 1) * percent / 100]
    }
}

extension CompanyReadSession {
    /// How many of a task's newest finished tasks count: enough for a median, and few enough to be read at once.
    private static let limitFinished = 500

    /// The figures of a workflow's steps, by the step's name.
    /// - Parameters:
    ///   - workflow: the workflow's definition; all its revisions count.
    ///   - tasks: the names of the tasks that it calls.
    ///   - since: only tasks that were finished since then, in milliseconds since 1970; open ones count whatever their
    ///     age.
    package func stepFigures(
        of workflow: DefinitionID, calling tasks: Set<String>, since: Int64
    ) throws -> [String: StepFigures] {
        var figures: [String: StepFigures] = [:]
        for task in tasks.sorted() {
            for row in try openTasks(of: workflow, task) {
                figures[row["step"], default: StepFigures()].waiting += row["open"] as Int
            }
            for row in try finishedTasks(of: workflow, task, since: since) {
                let state: TaskState = try Column.word(row["state"])
                if state == .failed {
                    figures[row["step"], default: StepFigures()].failed += 1
                } else {
                    figures[row["step"], default: StepFigures()].lengths.append(row["took"])
                }
            }
        }
        for step in figures.keys { figures[step]?.lengths.sort() }
        return figures
    }

    private func openTasks(of workflow: DefinitionID, _ task: String) throws -> [Row] {
        try all(
            Row.self,
            """
            SELECT k.step, COUNT(*) AS open FROM task k
            JOIN instance i ON i.company_id = k.company_id AND i.id = k.instance_id
            JOIN revision r ON r.company_id = i.company_id AND r.id = i.workflow_revision_id
            WHERE k.company_id = ? AND k.name = ? AND \(TaskSQL.isOpen()) AND r.definition_id = ? GROUP BY k.step
            """, [company, task, workflow])
    }

    private func finishedTasks(of workflow: DefinitionID, _ task: String, since: Int64) throws -> [Row] {
        try all(
            Row.self,
            """
            SELECT k.step, k.state, k.finished_at_ms - k.created_at_ms AS took
            FROM task k JOIN instance i ON i.company_id = k.company_id AND i.id = k.instance_id
            JOIN revision r ON r.company_id = i.company_id AND r.id = i.workflow_revision_id
            WHERE k.company_id = ? AND k.name = ? AND k.finished_at_ms >= ? AND k.state IN ('completed', 'failed')
                AND r.definition_id = ?
            ORDER BY k.finished_at_ms DESC LIMIT ?
            """, [company, task, since, workflow, Self.limitFinished])
    }
}
