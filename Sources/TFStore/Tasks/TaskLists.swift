import TFDefinition
import TFEngine
import TFExpression

/// The form of a task, and where its answers are stored.
package struct TaskForm: Sendable {
    /// nil: the task has no form.
    package let form: Form?
    /// Whether the answers replace the ticket's (`form: ticket`).
    package let replacesTicketAnswers: Bool
}

extension CompanyReadSession {
    /// A task by its id; nil if there is none in this company.
    package func task(id: TaskID) throws -> TaskRecord? {
        try first(TaskRecord.self, TaskRecord.select + " WHERE k.company_id = ? AND k.id = ?", [company, id])
    }

    /// A task's definition and form, in the revisions with which its instance started.
    package func taskForm(_ task: TaskRecord) throws -> (definition: TaskDefinition, form: TaskForm) {
        (try definition(task), try form(task))
    }

    func definition(_ task: TaskRecord) throws -> TaskDefinition {
        if let revision = task.revisionID { return try revisions.task(revision, self) }
        guard let handle = try ticketDefinition(task).handle else { throw StoreError.notFound }
        return handle
    }

    func form(_ task: TaskRecord) throws -> TaskForm {
        switch try definition(task).form {
        case .none: TaskForm(form: nil, replacesTicketAnswers: false)
        case .body(let form): TaskForm(form: form, replacesTicketAnswers: false)
        case .ticket: TaskForm(form: try ticketDefinition(task).form, replacesTicketAnswers: true)
        }
    }

    fileprivate func ticketDefinition(_ task: TaskRecord) throws -> TicketDefinition {
        let revision = try first(
            RevisionID.self, "SELECT revision_id FROM ticket WHERE company_id = ? AND id = ?",
            [company, task.ticketID])
        guard let revision else { throw StoreError.notFound }
        return try revisions.ticket(revision, self)
    }

    /// A ticket's tasks, oldest first.
    package func tasks(ticket: TicketID) throws -> [TaskRecord] {
        try all(
            TaskRecord.self, TaskRecord.select + " WHERE k.company_id = ? AND k.ticket_id = ? ORDER BY k.id",
            [company, ticket])
    }

    /// The latest task that a task's step has opened after it, as when it is tried again; nil: there is none.
    package func successor(of task: TaskRecord) throws -> TaskRecord? {
        try first(
            TaskRecord.self,
            TaskRecord.select + """
                 WHERE k.company_id = ? AND k.instance_id = ? AND k.reference = ? AND k.visit > ?
                ORDER BY k.visit DESC, k.seat DESC LIMIT 1
                """, [company, task.instanceID, task.reference, task.visit])
    }

    /// A page of the tasks in a scope, and whether more follow.
    package func tasks(scope: TaskScope, filter: TaskFilter) throws -> (rows: [TaskRecord], hasMore: Bool) {
        let query = taskQuery(TaskRecord.select, scope: scope, filter: filter)
        let tasks = try all(TaskRecord.self, query.sql, query.arguments)
        return (Array(tasks.prefix(filter.limit)), tasks.count > filter.limit)
    }

    /// A page of the tasks in a scope that a person with these company roles may claim, the most urgent first.
    package func claimable(
        scope: TaskScope, _ claimant: Claimant, cursor: ListCursor<TaskID>? = nil, limit: Int, now: Int64
    ) throws -> RowPage<TaskLine> {
        var query = SQLQuery(TaskLine.ranked, [now])
        narrow(&query, scope: scope, to: claimant)
        return try mostUrgent(query, cursor: cursor, limit: limit, now: now)
    }

    /// Who asked for tickets, by name.
    package func requesterNames(of tickets: [TicketID]) throws -> [TicketID: String] {
        guard !tickets.isEmpty else { return [:] }
        let isMeant = SQLCondition.isOneOf("t.id", Array(Set(tickets)))
        return try all(
            Row.self,
            """
            SELECT t.id, a.name FROM ticket t JOIN account a ON a.id = t.requester_id
            WHERE t.company_id = ? AND \(isMeant.sql)
            """, [company] + isMeant.arguments
        ).reduce(into: [:]) { names, row in names[row["id"]] = row["name"] }
    }

    /// How many tasks in a scope the person may claim, counted up to `Store.limitShown`.
    package func claimableCount(scope: TaskScope, _ claimant: Claimant) throws -> Int {
        var query = SQLQuery(
            "SELECT COUNT(*) FROM (SELECT 1 AS counted FROM task k \(TaskSQL.joinTicket)", [])
        narrow(&query, scope: scope, to: claimant)
        query.end("LIMIT ?) matching", [Store.limitShown])
        return try first(Int.self, query.sql, query.arguments) ?? 0
    }

    private func narrow(_ query: inout SQLQuery, scope: TaskScope, to claimant: Claimant) {
        query.end("WHERE k.company_id = ? AND \(TaskSQL.isForAnybody) AND k.kind = 'person'", [company])
        query.add(claimant.mayClaim("k"))
        query.add(scope.predicate(company))
    }
}
