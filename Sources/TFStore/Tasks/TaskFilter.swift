import TFDefinition
import TFEngine
import TFExpression

/// Conditions that select tasks of a scope for a list, and its order. nil and false: no condition.
package struct TaskFilter: Sendable, Hashable {
    /// By id, which is the order in which they were opened, or by due date; `-` is descending.
    package enum Order: String, Sendable, CaseIterable {
        case oldest = "id"
        case newest = "-id"
        /// Only open ones, soonest due first, so that late tasks stand on top; those without a due date last.
        case due
    }

    package var state: TaskState?
    /// Only tasks that are not finished.
    package var isOpen = false
    /// The ticket's type.
    package var type: String?
    /// Only tasks of this login.
    package var assignee: String?
    package var isUnassigned = false
    /// Only tasks that should be assigned and cannot be, and those that failed.
    package var isStuck = false
    /// Only tasks for which the queues have yet to look for a worker.
    package var isBeingAssigned = false
    /// Only tasks of the ticket with this number.
    package var ticket: Int?
    /// Only tasks of the definition or the step with this name.
    package var name: String?
    /// Only tasks of the definition with this name.
    package var definition: String?
    package var priority: Priority?
    /// A whole label of the ticket, in any letter case.
    package var label: String?
    /// A part of the ticket's title, in any letter case.
    package var text: String?
    /// Only open tasks that are due before this moment, in milliseconds since 1970.
    package var overdueAt: Int64?
    /// Opened at this moment or later, in milliseconds since 1970.
    package var from: Int64?
    /// Opened before this moment, in milliseconds since 1970.
    package var to: Int64?
    /// Only these ids; nil: no condition.
    package var ids: [TaskID]?
    package var order = Order.oldest
    /// Where the page begins or ends; nil: the first page.
    package var cursor: ListCursor<TaskID>?
    package var limit = 25

    package init() {}

    /// Whether it compares texts row by row: the number of matching rows then takes long to count.
    package var searchesTexts: Bool { text != nil || label != nil }

    /// Sets the cursor behind which the page begins, or before which it ends.
    package mutating func go(to text: String?, isBefore: Bool = false) throws(CursorError) {
        guard let text else { return }
        cursor = try ListCursor(text, in: order, hasKey: keyset.key != nil)
        cursor?.isBefore = isBefore
    }

    /// The cursor of the page behind a task.
    package func next(after task: TaskRecord) -> String { position(task.id, due: task.dueAtMs).text }

    /// The place of a task in this order.
    func position(_ id: TaskID, due: Int64?) -> ListCursor<TaskID> {
        ListCursor(key: order == .due ? due ?? .max : nil, id: id, in: order)
    }

    /// The order of `task k`.
    var keyset: Keyset {
        switch order {
        case .oldest: Keyset(key: nil, id: "k.id", isDescending: false)
        case .newest: Keyset(key: nil, id: "k.id", isDescending: true)
        case .due: Keyset(key: TaskSQL.due(), id: "k.id", isDescending: false)
        }
    }

    /// Adds the conditions on `task k` and its `ticket t`, but not the cursor's.
    func narrow(_ query: inout SQLQuery) {
        if let state { query.add("k.state = ?", [state.rawValue]) }
        if isOpen || order == .due { query.add(TaskSQL.isOpen()) }
        if isUnassigned { query.add(TaskSQL.isWithNobody()) }
        if isStuck { query.add("(k.state = 'failed' OR \(TaskSQL.isStuck()))") }
        if isBeingAssigned { query.add(TaskSQL.isBeingAssigned) }
        if let assignee { query.add("k.assignee_id = (SELECT id FROM account WHERE login = ?)", [assignee]) }
        if let ticket { query.add("t.number = ?", [ticket]) }
        if let type { query.add("t.type = ?", [type]) }
        if let definition { query.add("k.name = ?", [definition]) }
        if let name { query.add("(k.name = ? OR k.step = ?)", [name, name]) }
        if let priority { query.add("k.priority = ?", [priority.rawValue]) }
        if let label { query.add(folded: "t.folded_labels", holds: JSON.string(label.folded).text) }
        if let text { query.add(folded: "t.folded_title", holds: text.folded) }
        if let overdueAt { query.add("\(TaskSQL.isOpen()) AND \(TaskSQL.isLate)", [overdueAt]) }
        if let from { query.add("k.created_at_ms >= ?", [from]) }
        if let to { query.add("k.created_at_ms < ?", [to]) }
        if let ids { query.add(.isOneOf("k.id", ids)) }
    }
}
