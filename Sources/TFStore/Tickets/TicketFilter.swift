import TFDefinition
import TFExpression

/// Which of the tickets in a scope a list shows, and in which order.
package struct TicketFilter: Sendable, Hashable {
    package enum Order: String, Sendable, CaseIterable {
        case newest = "-number"
        case oldest = "number"
        case updated = "-updated"
    }

    package var state: TicketState?
    package var type: String?
    /// The name of a step that an open task is of.
    package var step: String?
    /// The login of somebody who has an open task of it.
    package var assignee: String?
    package var requester: String?
    /// An open task of it is nobody's.
    package var isUnassigned = false
    /// It is open, and was due before this moment.
    package var overdueAt: Int64?
    /// It goes on only when somebody does something: its workflow failed, or nobody can have a task of it.
    package var isStuck = false
    package var label: String?
    /// A part of the title, in any case.
    package var text: String?
    /// Opened at this moment or later, in milliseconds since 1970.
    package var from: Int64?
    /// Opened before this moment.
    package var to: Int64?
    package var order = Order.newest
    /// Where the next page begins: after the ticket with this number.
    package var after: Int?
    /// That ticket's time of change, where the order goes by it.
    package var afterUpdated: Int64?
    package var limit = 25

    package init() {}

    /// Whether it asks what a ticket's tasks are, which who had one once is not told.
    package var asksOfTasks: Bool { step != nil || assignee != nil || isUnassigned || isStuck }

    /// What the page after this ticket begins with.
    package func next(after ticket: Ticket) -> String {
        order == .updated ? "\(ticket.updatedAtMs).\(ticket.number)" : String(ticket.number)
    }

    /// Begins where `next` said.
    /// - Returns: false for a text that `next` would not give in this order.
    package mutating func begin(after text: String?) -> Bool {
        guard let text else { return true }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == (order == .updated ? 2 : 1), let number = parts.last.flatMap({ Int($0) }) else {
            return false
        }
        after = number
        guard order == .updated else { return true }
        afterUpdated = Int64(parts[0])
        return afterUpdated != nil
    }

    /// The order as SQL over `ticket t`.
    var orderSQL: String {
        switch order {
        case .newest: "t.number DESC"
        case .oldest: "t.number"
        case .updated: "t.updated_at_ms DESC, t.number DESC"
        }
    }

    func narrow(_ query: inout SQLQuery) {
        if let state { query.add("t.state = ?", [state.rawValue]) }
        if let type { query.add("t.type = ?", [type]) }
        if let requester { query.add("r.login = ?", [requester.folded]) }
        if let text { query.add(folded: "t.folded_title", holds: text.folded) }
        // With its quotes, which no label's text can hold in JSON: a whole label and no part of one.
        if let label { query.add(folded: "t.folded_labels", holds: JSON.string(label.folded).text) }
        if let overdueAt { query.add("t.state = 'open' AND t.due_at_ms < ?", [overdueAt]) }
        if let from { query.add("t.created_at_ms >= ?", [from]) }
        if let to { query.add("t.created_at_ms < ?", [to]) }
        narrowByTasks(&query)
        guard let after else { return }
        switch order {
        case .newest: query.add("t.number < ?", [after])
        case .oldest: query.add("t.number > ?", [after])
        case .updated:
            query.add(
                "(t.updated_at_ms < ? OR (t.updated_at_ms = ? AND t.number < ?))",
                [afterUpdated ?? 0, afterUpdated ?? 0, after])
        }
    }

    private func narrowByTasks(_ query: inout SQLQuery) {
        let openTask = "EXISTS (SELECT 1 FROM task x WHERE x.ticket_id = t.id AND x.finished_at_ms IS NULL"
        if let step { query.add("\(openTask) AND (x.step = ? OR x.name = ?))", [step, step]) }
        if isUnassigned { query.add("\(openTask) AND x.assignee_id IS NULL)") }
        if let assignee {
            query.add("\(openTask) AND x.assignee_id = (SELECT id FROM account WHERE login = ?))", [assignee.folded])
        }
        if isStuck {
            query.add(
                """
                (t.state = 'failed' OR \(openTask) AND \(TaskSQL.isStuck("x"))))
                """)
        }
    }
}
