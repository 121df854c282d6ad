import TFDefinition
import TFEngine

/// The way of a ticket through its workflow, with the tasks that people and programs do on it.
package struct TicketCourse: Sendable {
    /// A step that calls a task.
    package struct Call: Sendable, Hashable {
        /// The task's title; where that depends on the ticket, the task's name in words.
        package let title: String
        package let kind: TaskDefinition.Kind
        /// The company role of who does it; nil: any worker, or somebody whom the workflow names.
        package let role: String?
        package let strategy: AssignmentStrategy
    }

    package let graph: WorkflowGraph
    /// nil: the built-in workflow.
    package let revision: RevisionID?
    /// By the reference at which each is told.
    package let calls: [String: Call]

    /// - Parameter definition: the definition that a call names; nil: there is none in force.
    init(
        _ workflow: WorkflowDefinition, revision: RevisionID?,
        _ definition: (DefinitionName) throws -> TaskDefinition?
    ) rethrows {
        self.revision = revision
        var tasks: [DefinitionName: TaskDefinition] = [:]
        for name in workflow.calledTasks { tasks[name] = try definition(name) }
        let faces = tasks.map { ($0.key.name, WorkflowGraph.TaskFace($0.value)) }
        let graph = WorkflowGraph(workflow, faces: Dictionary(faces, uniquingKeysWith: { first, _ in first }))
        self.graph = graph
        calls = graph.nodes.flatMap(\.tasks).reduce(into: [:]) { calls, task in
            calls[task.reference] = Call(task.call, tasks[task.call.task])
        }
    }

    /// The calls to which a step leads, in the order of the text: its own, or those in the function that it calls.
    package func calls(of node: WorkflowGraph.Node) -> [Call] { node.tasks.compactMap { calls[$0.reference] } }
}

extension TicketCourse.Call {
    fileprivate init(_ call: TaskCall, _ task: TaskDefinition?) {
        let isFixed = task?.title.isComputed == false
        title = isFixed ? task?.title.source ?? "" : ReadableName.title(call.task.name)
        kind = task?.kind ?? .manual
        role = call.assign?.role ?? task?.assign.role
        let changed: AssignmentStrategy? =
            call.assign?.people != nil ? .each : call.assign?.person != nil ? .person : nil
        strategy = changed ?? task?.assign.strategy ?? .shortestQueue
    }
}

extension CompanyReadSession {
    /// What will happen to a new ticket of a type; nil: its workflow is not in force.
    package func course(of type: TicketDefinition) throws -> TicketCourse? {
        guard let name = type.workflow else { return TicketCourse(.handle, revision: nil) { _ in type.handle } }
        guard let revision = try newestRevision(kind: .workflow, name: name) else { return nil }
        let called = try revisions.workflow(revision, self).calledTasks
        let tasks = try newestRevisions(kind: .task, names: called)
        let byCall = Dictionary(uniqueKeysWithValues: tasks.map { ($0.key.description, $0.value) })
        return try revisions.course(revision, tasks: byCall, self)
    }

    /// The way of a ticket, in the revisions with which its workflow was started; nil: it has no workflow.
    package func course(of ticket: Ticket) throws -> TicketCourse? {
        let row = try first(
            Row.self,
            """
            SELECT workflow_revision_id, pins FROM instance WHERE company_id = ? AND ticket_id = ? ORDER BY id LIMIT 1
            """, [company, ticket.id])
        guard let row else { return nil }
        guard let revision: RevisionID = row["workflow_revision_id"] else {
            let handle = try ticketType(ticket: ticket).handle
            return TicketCourse(.handle, revision: nil) { _ in handle }
        }
        return try revisions.course(revision, tasks: try Column.pins(row["pins"]), self)
    }

    /// How the workflows of tickets may end, in the revisions with which they were started. Those of the built-in workflow,
    /// and of one that cannot be read, are missing.
    package func endings(of tickets: [TicketID]) throws -> [TicketID: WorkflowEndings] {
        guard !tickets.isEmpty else { return [:] }
        let isOne = SQLCondition.isOneOf("i.ticket_id", tickets)
        let rows = try all(
            Row.self,
            """
            SELECT i.ticket_id, i.workflow_revision_id FROM instance i
            WHERE i.company_id = ? AND i.parent_id IS NULL AND i.workflow_revision_id IS NOT NULL AND \(isOne.sql)
            """, [company] + isOne.arguments)
        return try rows.reduce(into: [:]) { endings, row in
            do { endings[row["ticket_id"]] = try revisions.endings(row["workflow_revision_id"], self) } catch {
                // A list is shown without those of one workflow. What the store refuses is no fault of that one.
                if error is DatabaseFailure || error is TransactionLost { throw error }
            }
        }
    }
}
