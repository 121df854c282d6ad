import TFDefinition
import TFExpression

/// Conditions that select tickets of a scope for a list, and its order. nil and false: no condition.
package struct TicketFilter: Sendable, Hashable {
    /// By number or by the last change; `-` is descending.
    package enum Order: String, Sendable, CaseIterable {
        case newest = "-number"
        case oldest = "number"
        case updated = "-updated"
    }

    package var state: TicketState?
    package var type: String?
    /// The name of a step or a task definition: the ticket has an open task of it.
    package var step: String?
    /// The login of a person or program that has an open task of the ticket.
    package var assignee: String?
    /// The requester's login.
    package var requester: String?
    /// Only tickets with an unassigned open task.
    package var isUnassigned = false
    /// Only open tickets that were due before this moment, in milliseconds since 1970.
    package var overdueAt: Int64?
    /// Only tickets that need somebody to act: the workflow failed, or a task cannot be assigned.
    package var isStuck = false
    /// A whole label, in any letter case.
    package var label: String?
    /// A part of the title, in any letter case.
    package var text: String?
    /// Opened at this moment or later, in milliseconds since 1970.
    package var from: Int64?
    /// Opened before this moment, in milliseconds since 1970.
    package var to: Int64?
    package var order = Order.newest
    /// The cursor: the number of the last ticket of the page before; nil: the first page.
    package var after: Int?
    /// The second part of the cursor for the order `updated`: the time of that ticket's last change, in milliseconds
    /// since 1970.
    package var afterUpdated: Int64?
    package var limit = 25

    package init() {}

    /// Whether it has a condition on tasks. Somebody who only had a task of a ticket earlier may not know about the
    /// others.
    package var asksOfTasks: Bool { step != nil || assignee != nil || isUnassigned || isStuck }

    /// The cursor of the page that follows this ticket.
    package func next(after ticket: Ticket) -> String {
        order == .updated ? "\(ticket.updatedAtMs).\(ticket.number)" : String(ticket.number)
    }

    /// Sets the cursor that `next` returned.
    /// - Returns: false for a text that is not a cursor of this order.
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

    /// The terms of ORDER BY for `ticket t`.
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
        // Searches for the label with its quotes, which JSON would escape inside a text, so that only whole labels
        // match.
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
