import TFDefinition
import TFEngine
import TFStore

/// A worker's availability, now or planned, and what happens to their tasks.
struct AvailabilityRequest: RequestFields {
    private let isAvailable: Bool
    private let from: WrittenMoment?
    private let until: WrittenMoment?
    private let handover: AbsenceHandover?
    /// What the page's form showed; nil: a form that shows nothing of it, or a program's.
    private let planned: String?

    init(_ fields: inout FieldReader) {
        isAvailable = fields.required("available", .flag, ask: "Say whether it is available or away")
        from = fields.optional("from", .moment, "From then on; at once if missing.")
        until = fields.optional("until", .moment, "When it is the other way again; open-ended if missing.")
        handover = fields.optional("handover", .word, "Which of their tasks go to others; not_started if missing.")
        planned = fields.onPage("planned", .text(1, 100))
    }

    /// - Throws: `Failure.conflict` if the plan is another one than the form showed.
    func check(_ presence: Presence?) throws {
        guard let planned, let presence, planned != presence.form else { return }
        throw Failure.conflict("the absence was changed meanwhile")
    }

    func availability(in company: Company) -> Availability {
        Availability(
            isAvailable: isAvailable, from: from?.milliseconds(in: company), until: until?.milliseconds(in: company),
            handover: handover ?? .notStarted)
    }
}

/// Which of a worker's own tasks are listed.
struct OwnTasksQuery: RequestFields {
    enum Shown: String, Sendable, CaseIterable {
        case mine
        case held
        case done
    }

    let shown: Shown
    /// Whether the form for a planned absence is shown.
    let plansAbsence: Bool
    private let place: WorkPlace

    init(_ fields: inout FieldReader) {
        shown = fields.optional("show", .word) ?? .mine
        plansAbsence = fields.optional("plan", .choice(["absence"])) != nil
        let order: WorkOrder =
            switch shown {
            case .mine: .mostUrgent
            case .held: .nextBack
            case .done: .latestDone
            }
        place = WorkPlace(&fields, in: order)
    }

    /// What is wrong with the cursor.
    var passedOver: [FieldError] { place.passedOver }

    /// Where the page begins or ends; nil: the first page.
    var cursor: ListCursor<TaskID>? { place.cursor }
}

/// Which page of the tasks to claim is listed.
struct PoolQuery: RequestFields {
    let place: WorkPlace

    init(_ fields: inout FieldReader) { place = WorkPlace(&fields, in: .mostUrgent) }
}

/// Where a page of a worker's list begins or ends.
struct WorkPlace: Sendable {
    private let after: String?
    private let before: String?
    private let order: WorkOrder

    init(_ fields: inout FieldReader, in order: WorkOrder) {
        after = fields.optional("after", .text(1, 100))
        before = fields.optional("before", .text(1, 100))
        self.order = order
    }

    /// What is wrong with the cursor.
    var passedOver: [FieldError] {
        FieldError.lostCursor(after, before) { text throws(CursorError) in _ = try read(text) }
    }

    /// nil: the first page.
    var cursor: ListCursor<TaskID>? {
        // `passedOver` says why it is none.
        var cursor = (before ?? after).flatMap { try? read($0) }
        cursor?.isBefore = before != nil
        return cursor
    }

    private func read(_ text: String) throws(CursorError) -> ListCursor<TaskID> {
        try ListCursor(text, in: order, hasKey: true)
    }
}

/// The conditions of a list of tasks, as pages and programs name them in the query.
struct TaskConditions: Sendable, Hashable {
    /// The query's word for unassigned tasks, in place of a login.
    static let nobody = "-"

    let type: String?
    let step: String?
    /// A login, or `me`.
    let assignee: String?
    let isUnassigned: Bool
    let isOverdue: Bool
    let isStuck: Bool
    let priority: Priority?
    let label: String?
    let text: String?
    let ticket: Int?

    init(_ fields: inout FieldReader) {
        type = fields.optional("type", .slug, "Only tasks of tickets of this type.")
        step = fields.optional("step", .text(1, .search), "Only those of this step or definition.")
        let assignee = fields.optional("assignee", .loginOrNobody, "A login, `me`, or `-`: nobody.")
        let isNobody = assignee == Self.nobody
        self.assignee = isNobody ? nil : assignee
        let isUnassigned = fields.optional("unassigned", .flag, "true: only those that nobody has.") ?? false
        self.isUnassigned = isNobody || isUnassigned
        isOverdue = fields.optional("overdue", .flag, "true: only open ones that were due.") ?? false
        isStuck =
            fields.optional("stuck", .flag, "true: only those that failed, or that nobody can be given.") ?? false
        priority = fields.optional("priority", .word, "Only those of this priority.")
        label = fields.optional("label", .text(1, .label), "Only those of tickets with this label.")
        text = fields.optional("text", .text(1, .search), "Only those of tickets whose title contains it.")
        ticket = fields.optional("ticket", .number, "Only tasks of the ticket with this number.")
    }

    /// - Parameter me: the login for which `me` stands in the query.
    func filter(me: String, now: Int64) -> TaskFilter {
        var filter = TaskFilter()
        filter.type = type
        filter.name = step
        filter.isUnassigned = isUnassigned
        filter.assignee = assignee == "me" ? me : assignee
        filter.overdueAt = isOverdue ? now : nil
        filter.isStuck = isStuck
        filter.priority = priority
        filter.label = label
        filter.text = text
        filter.ticket = ticket
        return filter
    }

    /// As they stand in an address.
    var items: [(name: String, value: String?)] {
        [
            ("overdue", isOverdue ? "true" : nil), ("unassigned", isUnassigned ? "true" : nil),
            ("stuck", isStuck ? "true" : nil), ("type", type), ("step", step), ("assignee", assignee),
            ("priority", priority?.rawValue), ("label", label), ("text", text), ("ticket", ticket.map(String.init)),
        ]
    }
}

extension TaskFilter {
    /// Keeps the tasks in these states.
    mutating func keep(_ states: ListedStates) {
        if case .one(let state) = states { self.state = state }
        isOpen = states == .open
    }
}

/// The query of a ticket admin's list of tasks. Invalid parameters are ignored.
struct ManagedTasksQuery: RequestFields, Sendable {
    let state: ListedStates
    let conditions: TaskConditions
    let opened: OpenedDays
    /// nil: the order that fits the list.
    let order: TaskFilter.Order?
    let isMenuOpen: Bool
    private let after: String?
    private let before: String?

    init(_ fields: inout FieldReader) {
        state = fields.optional("state", .word) ?? .open
        conditions = TaskConditions(&fields)
        opened = OpenedDays(&fields)
        order = fields.optional("sort", .word)
        isMenuOpen = FilterSentence.isMenuOpen(&fields)
        after = fields.optional("after", .text(1, 100))
        before = fields.optional("before", .text(1, 100))
    }

    /// - Parameter me: the login for which `me` stands in the query.
    func filter(in company: Company, me: String, now: Int64) -> TaskFilter {
        var filter = conditions.filter(me: me, now: now)
        filter.keep(state)
        filter.from = opened.start(in: company)
        filter.to = opened.end(in: company)
        filter.order = sorting
        // A cursor of another order begins this one anew, and `passedOver` says so.
        try? filter.go(to: before ?? after, isBefore: before != nil)
        return filter
    }

    /// What is to be done is listed by due date, everything else by age.
    private var sorting: TaskFilter.Order {
        guard let order, order != .due || state.areOpen else { return state.areOpen ? .due : .newest }
        return order
    }

    /// What is wrong with the cursor, which the filter has none of then.
    func passedOver(_ filter: TaskFilter) -> [FieldError] {
        var filter = filter
        return FieldError.lostCursor(after, before) { cursor throws(CursorError) in try filter.go(to: cursor) }
    }

    /// The list's address without the cursor.
    func address(_ path: String) -> ListAddress {
        let state = state == .open ? nil : state.rawValue
        return ListAddress(
            path, [("state", state)] + conditions.items + opened.items + [("sort", order?.rawValue)])
    }
}

extension Presence {
    /// What a form about it was made from, in place of a version: a plan that comes true changes it too.
    var form: String { "\(isAvailable) \(changesAtMs ?? 0) \(changesBackAtMs ?? 0)" }

    /// The field of a form that changes it.
    var field: HTML { #"<input type=hidden name=planned value="\#(form)">"# }
}
