import TFDefinition
import TFEngine
import TFExpression

/// Conditions that select tickets of a scope for a list, and its order. nil and false: no condition.
package struct TicketFilter: Sendable, Hashable {
    /// By number, by the last change or by what is due next; `-` is descending.
    package enum Order: String, Sendable, CaseIterable {
        case newest = "-number"
        case oldest = "number"
        case updated = "-updated"
        /// Soonest due first, itself or by an open task, so that late tickets stand on top; those without a due date last.
        case due
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
    /// Only open tickets that were due before this moment, or have an open task that was, in milliseconds since 1970.
    package var overdueAt: Int64?
    /// Only tickets that need somebody to act: the workflow failed, or a task cannot be assigned.
    package var isStuck = false
    package var priority: Priority?
    /// A whole label, in any letter case.
    package var label: String?
    /// A part of the title, in any letter case.
    package var text: String?
    /// Opened at this moment or later, in milliseconds since 1970.
    package var from: Int64?
    /// Opened before this moment, in milliseconds since 1970.
    package var to: Int64?
    /// Only these numbers; nil: no condition.
    package var numbers: [Int]?
    package var order = Order.newest
    /// Where the page begins or ends; nil: the first page.
    package var cursor: ListCursor<Int>?
    package var limit = 25

    package init() {}

    /// Whether it has a condition on tasks, or orders by them. Somebody who only had a task of a ticket earlier may not
    /// know about the others.
    package var asksOfTasks: Bool {
        step != nil || assignee != nil || overdueAt != nil || isUnassigned || isStuck || order == .due
    }

    /// Whether it compares texts row by row: the number of matching rows then takes long to count.
    package var searchesTexts: Bool { text != nil || label != nil }

    /// The cursor of the page that follows this ticket.
    package func next(after ticket: TicketRow) -> String {
        position(ticket.number, updated: ticket.updatedAtMs, due: ticket.nextDueAtMs).text
    }

    /// Sets the cursor behind which the page begins, or before which it ends.
    package mutating func go(to text: String?, isBefore: Bool = false) throws(CursorError) {
        guard let text else { return }
        cursor = try ListCursor(text, in: order, hasKey: keyset.key != nil)
        cursor?.isBefore = isBefore
    }

    /// The place of a ticket in this order.
    func position(_ number: Int, updated: Int64, due: Int64?) -> ListCursor<Int> {
        let key: Int64? =
            switch order {
            case .newest, .oldest: nil
            case .updated: updated
            case .due: due ?? .max
            }
        return ListCursor(key: key, id: number, in: order)
    }

    /// The order of `ticket t`.
    var keyset: Keyset {
        switch order {
        case .newest: Keyset(key: nil, id: "t.number", isDescending: true)
        case .oldest: Keyset(key: nil, id: "t.number", isDescending: false)
        case .updated: Keyset(key: "t.updated_at_ms", id: "t.number", isDescending: true)
        case .due: Keyset(key: "t.next_due_at_ms", id: "t.number", isDescending: false)
        }
    }

    /// Adds the conditions on `ticket t` of a company, but not the cursor's.
    func narrow(_ query: inout SQLQuery, _ company: CompanyID) {
        if let state { query.add("t.state = ?", [state.rawValue]) }
        if let type { query.add("t.type = ?", [type]) }
        if let requester {
            query.add("t.requester_id = (SELECT id FROM account WHERE login = ?)", [requester.folded])
        }
        if let priority { query.add("t.priority = ?", [priority.rawValue]) }
        if let text { query.add(folded: "t.folded_title", holds: text.folded) }
        // Searches for the label with its quotes, which JSON would escape inside a text, so that only whole labels
        // match.
        if let label { query.add(folded: "t.folded_labels", holds: JSON.string(label.folded).text) }
        if let overdueAt { query.add(TicketSQL.isLate, [overdueAt]) }
        if let from { query.add("t.created_at_ms >= ?", [from]) }
        if let to { query.add("t.created_at_ms < ?", [to]) }
        if let numbers { query.add(.isOneOf("t.number", numbers)) }
        narrowByTasks(&query, company)
    }

    /// Each condition is a set of tickets from an index of tasks, which is small where few tasks fit.
    private func narrowByTasks(_ query: inout SQLQuery, _ company: CompanyID) {
        let isOfTask = "t.id IN (SELECT x.ticket_id FROM task x WHERE x.company_id = ?"
        if let step {
            query.add(
                "\(isOfTask) AND \(TaskSQL.isOpen("x")) AND (x.step = ? OR x.name = ?))", [company, step, step])
        }
        if isUnassigned { query.add("\(isOfTask) AND \(TaskSQL.isWithNobody("x")))", [company]) }
        if let assignee {
            query.add(
                """
                \(isOfTask) AND x.assignee_id = (SELECT id FROM account WHERE login = ?)
                    AND \(TaskSQL.isWithSomebody("x")))
                """, [company, assignee.folded])
        }
        if isStuck { query.add("(t.state = 'failed' OR \(isOfTask) AND \(TaskSQL.isStuck("x"))))", [company]) }
    }
}
