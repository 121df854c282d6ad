import TFDefinition
import TFEngine

extension CompanyReadSession {
    /// The tasks in force that have one of these names, each in its highest version.
    package func tasksInForce(named names: Set<String>) throws -> [String: TaskDefinition] {
        let isNamed = SQLCondition.isOneOf("d.name", names.sorted())
        let rows = try all(
            Row.self,
            """
            SELECT d.name, d.version, r.id FROM definition d
            JOIN revision r ON r.company_id = d.company_id AND r.definition_id = d.id AND r.is_current = 1
            WHERE d.company_id = ? AND d.kind = 'task' AND d.state <> 'retired' AND \(isNamed.sql)
            """, [company] + isNamed.arguments)
        var newest: [String: (version: String, id: RevisionID)] = [:]
        for row in rows {
            let (name, version): (String, String) = (row["name"], row["version"])
            if let known = newest[name], !SemanticVersion.isLower(known.version, version) { continue }
            newest[name] = (version, row["id"])
        }
        return try newest.compactMapValues { revision in
            guard case .task(let task) = try self.revision(revision.id) else { return nil }
            return task
        }
    }

    /// A workflow as people know it: with the titles of the tasks that it calls.
    /// - Parameter drafts: tasks that would be published with it.
    package func graph(
        of workflow: WorkflowDefinition, besides drafts: [TaskDefinition] = []
    ) throws -> WorkflowGraph {
        let tasks = try tasksInForce(named: Set(workflow.calledTasks.map(\.name)))
            .merging(drafts.map { ($0.name, $0) }) { _, draft in draft }
        return WorkflowGraph(workflow, faces: tasks.mapValues(WorkflowGraph.TaskFace.init))
    }
}
