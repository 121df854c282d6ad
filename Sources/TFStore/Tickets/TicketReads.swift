import TFDefinition
import TFEngine
import TFExpression

extension CompanyReadSession {
    /// A ticket by its number.
    package func ticket(number: Int) throws -> Ticket? {
        try first(Ticket.self, Ticket.select + " WHERE t.company_id = ? AND t.number = ?", [company, number])
    }

    /// A ticket by its id; nil also for another company's.
    package func ticket(id: TicketID) throws -> Ticket? {
        try first(Ticket.self, Ticket.select + " WHERE t.company_id = ? AND t.id = ?", [company, id])
    }

    /// The company roles of which a ticket admin needs one to see the ticket; empty: every ticket admin sees it.
    package func viewRoles(ticket: TicketID) throws -> Set<String> {
        try Set(
            all(
                String.self, "SELECT role FROM ticket_view_role WHERE company_id = ? AND ticket_id = ?",
                [company, ticket]))
    }

    /// An account's tasks of a ticket.
    /// - Returns: whether it has an open one now, and the ids of all that it has or had.
    package func work(of account: AccountID, on ticket: TicketID) throws -> (hasTask: Bool, hadTasks: Set<TaskID>) {
        let hadTasks = try all(
            TaskID.self, "SELECT task_id FROM assignment WHERE company_id = ? AND account_id = ? AND ticket_id = ?",
            [company, account, ticket])
        let hasTask = try first(
            Bool.self,
            """
            SELECT 1 FROM task
            WHERE company_id = ? AND ticket_id = ? AND assignee_id = ? AND \(TaskSQL.isWithSomebody("task"))
            LIMIT 1
            """, [company, ticket, account])
        return (hasTask ?? false, Set(hadTasks))
    }

    /// A page of the tickets in a scope, and whether more follow.
    /// - Parameter tasks: the tickets whose open tasks are told; nil: none.
    package func tickets(
        scope: TicketScope, tasks: TicketScope? = nil, filter: TicketFilter
    ) throws -> (rows: [TicketRow], hasMore: Bool) {
        let query = ticketQuery(TicketRow.select, scope: scope, filter: filter)
        let tickets = try all(TicketRow.self, query.sql, query.arguments)
        let shown = Array(tickets.prefix(filter.limit))
        guard let tasks else { return (shown, tickets.count > filter.limit) }
        let told = try ids(of: shown, in: tasks)
        let waiting = try openTasks(of: shown.filter { $0.state == .open && told.contains($0.id) }.map(\.id))
        let rows = shown.map { row in
            var row = row
            row.waiting = waiting[row.id] ?? []
            return row
        }
        return (rows, tickets.count > filter.limit)
    }

    /// The ids of those tickets that are in a scope.
    fileprivate func ids(of tickets: [TicketRow], in scope: TicketScope) throws -> Set<TicketID> {
        let isShown = SQLCondition.isOneOf("t.id", tickets.map(\.id))
        var query = SQLQuery(
            "SELECT t.id FROM ticket t WHERE t.company_id = ? AND \(isShown.sql)", [company] + isShown.arguments)
        query.add(scope.predicate(company))
        return try Set(all(TicketID.self, query.sql, query.arguments))
    }

    /// Whether a ticket is in a scope.
    package func holds(_ scope: TicketScope, _ ticket: Ticket) throws -> Bool {
        var query = SQLQuery("SELECT 1 FROM ticket t WHERE t.company_id = ? AND t.id = ?", [company, ticket.id])
        query.add(scope.predicate(company))
        return try first(Bool.self, query.sql, query.arguments) ?? false
    }

    /// A ticket's history, oldest first. A workflow that goes round may write hundreds of thousands of entries: what is
    /// neither among the oldest nor among the newest ones is left out then.
    package func history(ticket: TicketID) throws -> [HistoryEntry] {
        func entries(_ order: String, _ limit: Int) throws -> [HistoryEntry] {
            try all(
                HistoryEntry.self,
                """
                SELECT id, task_id, actor, kind, data, at_ms FROM history
                WHERE company_id = ? AND ticket_id = ? ORDER BY \(order) LIMIT ?
                """, [company, ticket, limit])
        }
        let oldest = try entries("id", HistoryEntry.limitOldest)
        guard oldest.count == HistoryEntry.limitOldest, let last = oldest.last else { return oldest }
        return try oldest + entries("id DESC", HistoryEntry.limitNewest).reversed().filter { $0.id > last.id }
    }

    /// A ticket's comments, the oldest first.
    /// - Parameter withInternal: whether to include internal ones.
    package func comments(ticket: TicketID, withInternal: Bool) throws -> [Comment] {
        try all(
            Comment.self,
            """
            SELECT c.id, a.login, a.name, c.text, c.is_internal, c.created_at_ms
            FROM comment c JOIN account a ON a.id = c.account_id
            WHERE c.company_id = ? AND c.ticket_id = ? AND (c.is_internal = 0 OR ? = 1) ORDER BY c.id
            """, [company, ticket, withInternal])
    }

    /// One comment, internal or not.
    package func comment(id: CommentID) throws -> Comment? {
        try first(
            Comment.self,
            """
            SELECT c.id, a.login, a.name, c.text, c.is_internal, c.created_at_ms
            FROM comment c JOIN account a ON a.id = c.account_id WHERE c.company_id = ? AND c.id = ?
            """, [company, id])
    }

    /// The type of a ticket, in the revision with which it was submitted.
    package func ticketType(ticket: Ticket) throws -> TicketDefinition { try revisions.ticket(ticket.revisionID, self) }

    /// The ticket as `$ticket` in expressions.
    func ticketJSON(_ ticket: Ticket) throws -> JSON {
        [
            "number": .int(ticket.number), "type": .string(ticket.type), "title": .string(ticket.title),
            "url": .string(try ticketURL(ticket.number)),
            "priority": .string(ticket.priority.rawValue), "labels": ticket.labels, "status": .string(ticket.status),
            "requester": .string(ticket.requester), "form": ticket.form,
        ]
    }
}

extension Store {
    /// The number at which counting stops, so that the cost of a page does not grow with the number of tickets.
    package static let limitCounted = 1_000
    /// The number at which counts beside links stop: they are many, on pages that are asked for often.
    package static let limitShown = 100
}
