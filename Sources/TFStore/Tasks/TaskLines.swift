import TFDefinition
import TFEngine
import TFExpression

/// What a page's list shows of a task: without its answers, which are costly to read.
package struct TaskLine: RowReadable, Sendable, Hashable {
    package let id: TaskID
    package let ticketID: TicketID
    package let ticketNumber: Int
    /// The ticket's type.
    package let type: String
    package let name: String
    package let title: String
    package let state: TaskState
    package let strategy: AssignmentStrategy
    /// Why it is unassigned; nil unless its state is `ready`.
    package let waiting: WaitingReason?
    /// The holder's name; nil: nobody has it.
    package let assigneeName: String?
    package let priority: Priority
    /// Milliseconds since 1970, as are the others.
    package let dueAtMs: Int64?
    /// When a hold ends.
    package let wakeAtMs: Int64?
    package let createdAtMs: Int64
    package let finishedAtMs: Int64?
    /// How it was completed; nil: it was not.
    package let outcome: String?
    package let version: Int

    package init(row: Row) throws {
        id = row["id"]
        ticketID = row["ticket_id"]
        ticketNumber = row["ticket_number"]
        type = row["type"]
        name = row["name"]
        title = row["title"]
        state = try Column.word(row["state"])
        strategy = try Column.word(row["strategy"])
        waiting = try Column.waiting(row)
        assigneeName = row["assignee_name"]
        priority = try Column.word(row["priority"])
        dueAtMs = row["due_at_ms"]
        wakeAtMs = row["wake_at_ms"]
        createdAtMs = row["created_at_ms"]
        finishedAtMs = row["finished_at_ms"]
        outcome = (row["output"] as JSON?)?["outcome"].stringValue
        version = row["version"]
    }

    /// The columns above, but for `output`, which only a list of ended tasks reads.
    private static let columns = """
        SELECT k.id, k.ticket_id, k.name, k.title, k.state, k.strategy, k.waiting_reason, k.waiting_facts, k.priority,
            k.due_at_ms, k.wake_at_ms, k.created_at_ms, k.finished_at_ms, k.version, t.number AS ticket_number, t.type,
            a.name AS assignee_name
        """
    static let open = "\(columns), CAST(NULL AS TEXT) AS output \(from)"
    static let ended = "\(columns), k.output \(from)"
    /// Open ones, each with its `urgency`; the parameter is now.
    static let ranked = "\(columns), CAST(NULL AS TEXT) AS output, \(TaskSQL.urgency) AS urgency \(from)"
    private static let from =
        "FROM task k \(TaskSQL.joinTicket) LEFT JOIN account a ON a.id = k.assignee_id"
}

extension CompanyReadSession {
    /// A page of the tasks in a scope, for people.
    package func taskLines(scope: TaskScope, filter: TaskFilter) throws -> RowPage<TaskLine> {
        let query = taskQuery(
            filter.isOpen || filter.order == .due ? TaskLine.open : TaskLine.ended, scope: scope, filter: filter)
        let read = try all(TaskLine.self, query.sql, query.arguments)
        return filter.keyset.page(read, limit: filter.limit, from: filter.cursor) { line in
            filter.position(line.id, due: line.dueAtMs)
        }
    }

    /// The statement of a page of tasks, with one row more than fit.
    /// - Parameter select: the columns, from `task k` and its `ticket t`.
    func taskQuery(_ select: String, scope: TaskScope, filter: TaskFilter) -> SQLQuery {
        var query = SQLQuery(select + " WHERE k.company_id = ?", [company])
        filter.narrow(&query)
        query.add(scope.predicate(company))
        let keyset = filter.keyset
        if let cursor = filter.cursor { keyset.narrow(&query, cursor) }
        query.end("ORDER BY \(keyset.order(filter.cursor)) LIMIT ?", [filter.limit + 1])
        return query
    }

    /// The ids of the tasks in a scope that match, in order, at most `filter.limit`, and whether there are more.
    package func taskIDs(scope: TaskScope, filter: TaskFilter) throws -> (ids: [TaskID], hasMore: Bool) {
        let query = taskQuery(
            "SELECT k.id FROM task k \(TaskSQL.joinTicket)", scope: scope, filter: filter)
        let ids = try all(TaskID.self, query.sql, query.arguments)
        return (Array(ids.prefix(filter.limit)), ids.count > filter.limit)
    }

    /// The number of tasks in a scope that match, counted up to `Store.limitCounted`.
    package func taskCount(scope: TaskScope, filter: TaskFilter) throws -> Int {
        try counts([countedTasks(scope, filter, upTo: Store.limitCounted)])[0]
    }

    /// The numbers of tasks in a scope that match each of the filters, counted up to `Store.limitShown`.
    package func taskCounts(scope: TaskScope, filters: [TaskFilter]) throws -> [Int] {
        try counts(filters.map { countedTasks(scope, $0, upTo: Store.limitShown) })
    }

    private func countedTasks(_ scope: TaskScope, _ filter: TaskFilter, upTo limit: Int) -> SQLQuery {
        var query = SQLQuery(
            "SELECT 1 AS counted FROM task k \(TaskSQL.joinTicket) WHERE k.company_id = ?", [company])
        filter.narrow(&query)
        query.add(scope.predicate(company))
        query.end("LIMIT ?", [limit])
        return query
    }
}

// MARK: A worker's own

/// How many tasks a worker has of each kind, counted up to `Store.limitShown`.
package struct OwnTaskCounts: Sendable, Hashable {
    package let open: Int
    package let held: Int
    package let done: Int
}

/// The orders of lists of tasks that a worker has or may have.
package enum WorkOrder: String, Sendable {
    /// Late ones first, then by priority, due date and age.
    case mostUrgent = "urgency"
    /// The next to come back from hold first.
    case nextBack = "back"
    case latestDone = "-done"
}

/// A task with its place among others that are to be done.
private struct RankedTask: RowReadable, Sendable {
    let line: TaskLine
    let urgency: Int64

    init(row: Row) throws {
        line = try TaskLine(row: row)
        urgency = row["urgency"]
    }
}

extension CompanyReadSession {
    /// A page of an account's tasks that are to be done now, in the order to do them: late ones first, then by priority,
    /// due date and age.
    package func openTaskLines(
        of account: AccountID, cursor: ListCursor<TaskID>? = nil, limit: Int, now: Int64
    ) throws -> RowPage<TaskLine> {
        let query = SQLQuery(
            TaskLine.ranked + " WHERE k.company_id = ? AND k.assignee_id = ? AND \(TaskSQL.isInList())",
            [now, company, account])
        return try mostUrgent(query, cursor: cursor, limit: limit, now: now)
    }

    /// A page of the open tasks that a statement of `TaskLine.ranked` selects, in the order to do them.
    func mostUrgent(
        _ statement: SQLQuery, cursor: ListCursor<TaskID>?, limit: Int, now: Int64
    ) throws -> RowPage<TaskLine> {
        let keyset = Keyset(key: TaskSQL.urgency, parameters: [now], id: "k.id", isDescending: false)
        var query = statement
        if let cursor { keyset.narrow(&query, cursor) }
        query.end("ORDER BY \(keyset.order(cursor)) LIMIT ?", keyset.parameters + [limit + 1])
        let read = try all(RankedTask.self, query.sql, query.arguments)
        let page = keyset.page(read, limit: limit, from: cursor) { task in
            ListCursor(key: task.urgency, id: task.line.id, in: WorkOrder.mostUrgent)
        }
        return RowPage(rows: page.rows.map(\.line), next: page.next, previous: page.previous)
    }

    /// A page of an account's tasks on hold, those that come back first on top.
    package func heldTaskLines(
        of account: AccountID, cursor: ListCursor<TaskID>? = nil, limit: Int
    ) throws -> RowPage<TaskLine> {
        let keyset = Keyset(key: "COALESCE(k.wake_at_ms, \(Keyset.never))", id: "k.id", isDescending: false)
        var query = SQLQuery(
            TaskLine.open + " WHERE k.company_id = ? AND k.assignee_id = ? AND k.state = 'held'", [company, account])
        if let cursor { keyset.narrow(&query, cursor) }
        query.end("ORDER BY \(keyset.order(cursor)) LIMIT ?", [limit + 1])
        let read = try all(TaskLine.self, query.sql, query.arguments)
        return keyset.page(read, limit: limit, from: cursor) { line in
            ListCursor(key: line.wakeAtMs ?? .max, id: line.id, in: WorkOrder.nextBack)
        }
    }

    /// A page of the tasks that an account has completed, the latest first.
    package func doneTaskLines(of account: AccountID, cursor: ListCursor<TaskID>?, limit: Int) throws -> RowPage<
        TaskLine
    > {
        let keyset = Keyset(key: "k.finished_at_ms", id: "k.id", isDescending: true)
        var query = SQLQuery(
            TaskLine.ended + " WHERE k.company_id = ? AND k.assignee_id = ? AND k.state = 'completed'",
            [company, account])
        if let cursor { keyset.narrow(&query, cursor) }
        query.end("ORDER BY \(keyset.order(cursor)) LIMIT ?", [limit + 1])
        let read = try all(TaskLine.self, query.sql, query.arguments)
        return keyset.page(read, limit: limit, from: cursor) { line in
            ListCursor(key: line.finishedAtMs ?? 0, id: line.id, in: WorkOrder.latestDone)
        }
    }

    /// In what words tasks were finished, of those that have any.
    package func outcomeWords(of tasks: [TaskLine]) throws -> [TaskID: String] {
        try latest(.completed, of: tasks).compactMapValues { $0["label"].stringValue ?? $0["outcome"].stringValue }
    }

    /// Why tasks are on hold, of those that are for a reason.
    package func holdReasons(of tasks: [TaskLine]) throws -> [TaskID: String] {
        try latest(.held, of: tasks.filter { $0.state == .held }).compactMapValues { $0["reason"].stringValue }
    }

    /// What the history tells last of a kind about each of some tasks.
    private func latest(_ kind: HistoryKind, of tasks: [TaskLine]) throws -> [TaskID: JSON] {
        guard !tasks.isEmpty else { return [:] }
        let isOfTicket = SQLCondition.isOneOf("h.ticket_id", Array(Set(tasks.map(\.ticketID))))
        let isOfTask = SQLCondition.isOneOf("h.task_id", tasks.map(\.id))
        return try all(
            Row.self,
            """
            SELECT h.task_id, h.data FROM history h
            WHERE \(isOfTicket.sql) AND h.company_id = ? AND h.kind = ? AND \(isOfTask.sql) ORDER BY h.id
            """, isOfTicket.arguments + [company, kind.rawValue] + isOfTask.arguments
        ).reduce(into: [:]) { told, row in told[row["task_id"]] = row["data"] }
    }

    /// How many tasks an account has.
    package func ownTaskCounts(of account: AccountID) throws -> OwnTaskCounts {
        let counts = try counts(
            [TaskSQL.isInList(), "k.state = 'held'", "k.state = 'completed'"].map { isMeant in
                SQLQuery(
                    """
                    SELECT 1 AS counted FROM task k
                    WHERE k.company_id = ? AND k.assignee_id = ? AND \(isMeant) LIMIT ?
                    """, [company, account, Store.limitShown])
            })
        return OwnTaskCounts(open: counts[0], held: counts[1], done: counts[2])
    }
}
