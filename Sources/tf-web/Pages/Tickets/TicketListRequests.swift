import TFDefinition
import TFEngine
import TFStore

/// The conditions of a list of tickets, as pages and programs name them in the query.
struct TicketConditions: Sendable, Hashable {
    let type: String?
    let step: String?
    let assignee: String?
    let requester: String?
    let isUnassigned: Bool
    let isOverdue: Bool
    let isStuck: Bool
    let priority: Priority?
    let label: String?
    let text: String?

    init(_ fields: inout FieldReader) {
        type = fields.optional("type", .slug, "Only tickets of this type.")
        step = fields.optional("step", .text(1, .search), "Only those with an open task of this step or name.")
        assignee = fields.optional(
            "assignee", .login, "Only those of which this login, or `me`, has an open task.")
        requester = fields.optional("requester", .login, "Only those that this login, or `me`, requested.")
        isUnassigned =
            fields.optional("unassigned", .flag, "true: only those with a task that nobody has.") ?? false
        isOverdue =
            fields.optional("overdue", .flag, "true: only open ones that were due, or have an open task that was.")
            ?? false
        isStuck =
            fields.optional("stuck", .flag, "true: only those that wait for somebody to decide.") ?? false
        priority = fields.optional("priority", .word, "Only those of this priority.")
        label = fields.optional("label", .text(1, .label), "Only those with this label.")
        text = fields.optional("text", .text(1, .search), "Only those whose title contains it.")
    }

    /// - Parameter me: the login for which `me` stands in the query.
    func filter(me: String, now: Int64) -> TicketFilter {
        func login(_ name: String?) -> String? { name == "me" ? me : name }
        var filter = TicketFilter()
        filter.type = type
        filter.step = step
        filter.assignee = login(assignee)
        filter.requester = login(requester)
        filter.isUnassigned = isUnassigned
        filter.overdueAt = isOverdue ? now : nil
        filter.isStuck = isStuck
        filter.priority = priority
        filter.label = label
        filter.text = text
        return filter
    }

    /// As they stand in an address.
    var items: [(name: String, value: String?)] {
        [
            ("overdue", isOverdue ? "true" : nil), ("unassigned", isUnassigned ? "true" : nil),
            ("stuck", isStuck ? "true" : nil), ("type", type), ("step", step), ("assignee", assignee),
            ("requester", requester), ("priority", priority?.rawValue), ("label", label), ("text", text),
        ]
    }
}

/// The query of a page's list of tickets. Invalid parameters are ignored.
struct TicketListQuery: RequestFields, Sendable {
    /// The query's word for tickets in every state.
    static let anyState = "all"

    /// nil: every state.
    let state: TicketState?
    let conditions: TicketConditions
    let opened: OpenedDays
    /// nil: the order that fits the list.
    let order: TicketFilter.Order?
    let isMenuOpen: Bool
    private let after: String?
    private let before: String?

    init(_ fields: inout FieldReader) {
        let states = TicketState.allCases.map(\.rawValue)
        let state = fields.optional("state", .choice(states + [Self.anyState])) ?? TicketState.open.rawValue
        self.state = TicketState(rawValue: state)
        conditions = TicketConditions(&fields)
        opened = OpenedDays(&fields)
        order = fields.optional("sort", .word)
        isMenuOpen = FilterSentence.isMenuOpen(&fields)
        after = fields.optional("after", .text(1, 100))
        before = fields.optional("before", .text(1, 100))
    }

    /// - Parameters:
    ///   - me: the login for which `me` stands in the query.
    ///   - order: the list's order if the query names none.
    func filter(in company: Company, me: String, now: Int64, order: TicketFilter.Order) -> TicketFilter {
        var filter = conditions.filter(me: me, now: now)
        filter.state = state
        filter.from = opened.start(in: company)
        filter.to = opened.end(in: company)
        filter.order = self.order ?? order
        // A cursor of another order begins this one anew, and `passedOver` says so.
        try? filter.go(to: before ?? after, isBefore: before != nil)
        return filter
    }

    /// What is wrong with the cursor, which the filter has none of then.
    func passedOver(_ filter: TicketFilter) -> [FieldError] {
        var filter = filter
        return FieldError.lostCursor(after, before) { cursor throws(CursorError) in try filter.go(to: cursor) }
    }

    /// The list's address without the cursor.
    func address(_ path: String) -> ListAddress {
        let state = state == .open ? nil : state?.rawValue ?? Self.anyState
        return ListAddress(
            path, [("state", state)] + conditions.items + opened.items + [("sort", order?.rawValue)])
    }
}

/// The filter of an API list of tickets.
struct TicketQuery: RequestFields {
    private let state: TicketState?
    private let conditions: TicketConditions
    private let opened: OpenedDays
    private let order: TicketFilter.Order
    let paging: Paging

    init(_ fields: inout FieldReader) {
        let states = TicketState.allCases.map(\.rawValue) + [TicketListQuery.anyState]
        state = fields.optional(
            "state", .choice(states), "Only tickets in this state; all where nothing is said."
        ).flatMap(TicketState.init(rawValue:))
        conditions = TicketConditions(&fields)
        opened = OpenedDays(&fields, isOnPage: false)
        order =
            fields.optional(
                "sort", .word,
                """
                -number where nothing is said: newest first. due: what is due first, itself or by an open task; of the \
                tickets whose tasks you may see.
                """) ?? .newest
        paging = Paging(&fields, canBeTable: true)
    }

    /// - Parameter me: the login for which `me` stands in the query.
    /// - Throws: `Failure.invalid` if `after` is not a cursor of this list, or for no day and no moment.
    func filter(in company: Company, me: String, now: Int64) throws -> TicketFilter {
        let errors = opened.errors(in: company)
        guard errors.isEmpty else { throw Failure.invalid(errors) }
        var filter = conditions.filter(me: me, now: now)
        filter.state = state
        filter.from = opened.start(in: company)
        filter.to = opened.end(in: company)
        filter.order = order
        filter.limit = paging.limit
        do { try filter.go(to: paging.after) } catch { throw Paging.refusal(error) }
        return filter
    }
}
