import TFDefinition
import TFEngine

/// What a page's list shows of a ticket: without its answers, which are costly to read.
package struct TicketLine: RowReadable, Sendable, Hashable {
    package let id: TicketID
    package let number: Int
    package let type: String
    package let title: String
    package let status: String
    package let state: TicketState
    package let priority: Priority
    package let requesterName: String
    /// When it or one of its open tasks is due next, in milliseconds since 1970, as are the others.
    package let nextDueAtMs: Int64?
    package let updatedAtMs: Int64
    /// The open tasks; empty if the ticket is not open.
    package fileprivate(set) var waiting: [WaitingTask] = []
    /// What the workflow of an open ticket without open tasks waits for that nobody works on; nil: for nothing such.
    package fileprivate(set) var pause: WaitingStep.Pause?

    package init(row: Row) throws {
        id = row["id"]
        number = row["number"]
        type = row["type"]
        title = row["title"]
        status = row["status"]
        state = try Column.word(row["state"])
        priority = try Column.word(row["priority"])
        requesterName = row["requester_name"]
        nextDueAtMs = Column.moment(row["next_due_at_ms"])
        updatedAtMs = row["updated_at_ms"]
    }

    static let select = """
        SELECT t.id, t.number, t.type, t.title, t.status, t.state, t.priority, t.next_due_at_ms,
            t.updated_at_ms, r.name AS requester_name
        FROM ticket t JOIN account r ON r.id = t.requester_id
        """
}

/// What a list shows of an open task.
package struct WaitingTask: RowReadable, Sendable, Hashable {
    package let id: TaskID
    let ticketID: TicketID
    package let name: String
    package let state: TaskState
    package let strategy: AssignmentStrategy
    package let assigneeID: AccountID?
    /// The holder's login.
    package let assignee: String?
    package let assigneeName: String?
    /// Why it is unassigned; nil unless its state is `ready`.
    package let waiting: WaitingReason?
    /// When a hold ends, in milliseconds since 1970.
    package let wakeAtMs: Int64?
    package let dueAtMs: Int64?

    package init(row: Row) throws {
        id = row["id"]
        ticketID = row["ticket_id"]
        name = row["name"]
        state = try Column.word(row["state"])
        strategy = try Column.word(row["strategy"])
        assigneeID = row["assignee_id"]
        assignee = row["assignee"]
        assigneeName = row["assignee_name"]
        waiting = try Column.waiting(row)
        wakeAtMs = row["wake_at_ms"]
        dueAtMs = row["due_at_ms"]
    }

    /// Whether it should be assigned and cannot be.
    package var isStuck: Bool { state == .ready && waiting?.code.isStuck(strategy) == true }
}

extension CompanyReadSession {
    /// A page of the tickets in a scope, for people.
    package func ticketLines(scope: TicketScope, filter: TicketFilter) throws -> RowPage<TicketLine> {
        let query = ticketQuery(TicketLine.select, scope: scope, filter: filter)
        let read = try all(TicketLine.self, query.sql, query.arguments)
        let page = filter.keyset.page(read, limit: filter.limit, from: filter.cursor) { line in
            filter.position(line.number, updated: line.updatedAtMs, due: line.nextDueAtMs)
        }
        return RowPage(rows: try withTasks(page.rows), next: page.next, previous: page.previous)
    }

    /// Those of some tickets that are in a scope.
    package func ticketLines(of tickets: [TicketID], in scope: TicketScope) throws -> [TicketID: TicketLine] {
        guard !tickets.isEmpty else { return [:] }
        var query = SQLQuery(TicketLine.select + " WHERE t.company_id = ?", [company])
        query.add(.isOneOf("t.id", tickets))
        query.add(scope.predicate(company))
        let lines = try withTasks(all(TicketLine.self, query.sql, query.arguments))
        return lines.reduce(into: [:]) { lines, line in lines[line.id] = line }
    }

    private func withTasks(_ lines: [TicketLine]) throws -> [TicketLine] {
        let open = lines.filter { $0.state == .open }.map(\.id)
        let waiting = try openTasks(of: open)
        let paused = try pauses(of: open.filter { waiting[$0] == nil })
        return lines.map { line in
            var line = line
            line.waiting = waiting[line.id] ?? []
            line.pause = paused[line.id]
            return line
        }
    }

    /// What the workflows of tickets wait for that nobody works on.
    private func pauses(of tickets: [TicketID]) throws -> [TicketID: WaitingStep.Pause] {
        guard !tickets.isEmpty else { return [:] }
        let isOne = SQLCondition.isOneOf("i.ticket_id", tickets)
        let rows = try all(
            Row.self,
            """
            SELECT i.ticket_id, MIN(i.paused_until_ms) AS paused_until_ms FROM instance i
            WHERE i.company_id = ? AND \(isOne.sql) AND i.status = 'running' AND i.paused_until_ms IS NOT NULL
            GROUP BY i.ticket_id
            """, [company] + isOne.arguments)
        return rows.reduce(into: [:]) { pauses, row in
            pauses[row["ticket_id"]] = WaitingStep.Pause(until: row["paused_until_ms"])
        }
    }

    /// The statement of a page of tickets, with one row more than fit.
    /// - Parameter select: the columns, from `ticket t`.
    func ticketQuery(_ select: String, scope: TicketScope, filter: TicketFilter) -> SQLQuery {
        var query = SQLQuery(select + " WHERE t.company_id = ?", [company])
        query.add(scope.predicate(company))
        filter.narrow(&query, company)
        let keyset = filter.keyset
        if let cursor = filter.cursor { keyset.narrow(&query, cursor) }
        query.end("ORDER BY \(keyset.order(filter.cursor)) LIMIT ?", [filter.limit + 1])
        return query
    }

    /// The numbers of the tickets in a scope that match, in order, at most `filter.limit`, and whether there are more.
    package func ticketNumbers(
        scope: TicketScope, filter: TicketFilter
    ) throws -> (numbers: [Int], hasMore: Bool) {
        let query = ticketQuery("SELECT t.number FROM ticket t", scope: scope, filter: filter)
        let numbers = try all(Int.self, query.sql, query.arguments)
        return (Array(numbers.prefix(filter.limit)), numbers.count > filter.limit)
    }

    /// The number of tickets in a scope that match, counted up to `Store.limitCounted`.
    package func ticketCount(scope: TicketScope, filter: TicketFilter) throws -> Int {
        try counts([countedTickets(scope, filter, upTo: Store.limitCounted)])[0]
    }

    /// The numbers of tickets in a scope that match each of the filters, counted up to `Store.limitShown`.
    package func ticketCounts(scope: TicketScope, filters: [TicketFilter]) throws -> [Int] {
        try counts(filters.map { countedTickets(scope, $0, upTo: Store.limitShown) })
    }

    private func countedTickets(_ scope: TicketScope, _ filter: TicketFilter, upTo limit: Int) -> SQLQuery {
        var query = SQLQuery("SELECT 1 AS counted FROM ticket t WHERE t.company_id = ?", [company])
        filter.narrow(&query, company)
        query.add(scope.predicate(company))
        query.end("LIMIT ?", [limit])
        return query
    }

    /// The numbers of rows of several queries, by one statement.
    func counts(_ queries: [SQLQuery]) throws -> [Int] {
        let counts = queries.enumerated().map { ", (SELECT COUNT(*) FROM (\($1.sql)) q\($0)) AS n\($0)" }
        let row = try first(
            Row.self, "SELECT 0 AS counts\(counts.joined())", queries.reduce(into: []) { $0 += $1.arguments })
        return queries.indices.map { row?[$0 + 1] ?? 0 }
    }

    /// The open tasks of tickets, each ticket's oldest first.
    func openTasks(of tickets: [TicketID]) throws -> [TicketID: [WaitingTask]] {
        var tasks: [TicketID: [WaitingTask]] = [:]
        // A statement with few values is prepared once and kept.
        for start in stride(from: 0, to: tickets.count, by: 25) {
            let isShown = SQLCondition.isOneOf("k.ticket_id", Array(tickets[start..<min(start + 25, tickets.count)]))
            let rows = try all(
                WaitingTask.self,
                """
                SELECT k.id, k.ticket_id, k.name, k.state, k.strategy, k.assignee_id, k.waiting_reason, k.waiting_facts,
                    k.wake_at_ms, k.due_at_ms, a.login AS assignee, a.name AS assignee_name
                FROM task k LEFT JOIN account a ON a.id = k.assignee_id
                WHERE k.company_id = ? AND \(isShown.sql) AND \(TaskSQL.isOpen())
                """, [company] + isShown.arguments)
            // In the order of ids SQLite would read all tasks of the company.
            for task in rows.sorted(by: { $0.id < $1.id }) { tasks[task.ticketID, default: []].append(task) }
        }
        return tasks
    }
}
