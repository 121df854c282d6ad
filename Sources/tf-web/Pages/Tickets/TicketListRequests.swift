import TFDefinition
import TFEngine
import TFStore

/// The filter of a page's list of tickets.
struct TicketListQuery: RequestFields {
    /// The query's word for tickets in every state.
    static let anyState = "all"

    let filter: TicketFilter

    init(_ fields: inout FieldReader) {
        let states = TicketState.allCases.map(\.rawValue)
        let state = fields.optional("state", .choice(states + [Self.anyState])) ?? TicketState.open.rawValue
        var filter = TicketFilter()
        filter.state = TicketState(rawValue: state)
        filter.type = fields.optional("type", .slug)
        filter.text = fields.optional("text", .text(1, .search))
        filter.after = fields.optional("after", .number)
        self.filter = filter
    }
}

/// The filter of an API list of tickets.
struct TicketQuery: RequestFields {
    private let state: TicketState?
    private let type: String?
    private let step: String?
    private let assignee: String?
    private let requester: String?
    private let isUnassigned: Bool
    private let isOverdue: Bool
    private let isStuck: Bool
    private let label: String?
    private let text: String?
    private let from: WrittenMoment?
    private let to: WrittenMoment?
    private let order: TicketFilter.Order
    let paging: Paging

    init(_ fields: inout FieldReader) {
        state = fields.optional("state", .word, "Only tickets in this state.")
        type = fields.optional("type", .slug, "Only tickets of this type.")
        step = fields.optional("step", .text(1, .search), "Only those with an open task of this step or name.")
        assignee = fields.optional(
            "assignee", .login, "Only those of which this login, or `me`, has an open task.")
        requester = fields.optional("requester", .login, "Only those that this login, or `me`, requested.")
        isUnassigned =
            fields.optional("unassigned", .flag, "true: only those with a task that nobody has.") ?? false
        isOverdue = fields.optional("overdue", .flag, "true: only open ones that were due.") ?? false
        isStuck =
            fields.optional("stuck", .flag, "true: only those that wait for somebody to decide.") ?? false
        label = fields.optional("label", .text(1, .label), "Only those with this label.")
        text = fields.optional("text", .text(1, .search), "Only those whose title contains it.")
        from = fields.optional("from", .moment, "Only those opened then or later.")
        to = fields.optional("to", .moment, "Only those opened before.")
        order =
            fields.optional("sort", .word, "-number where nothing is said: newest first.") ?? .newest
        paging = Paging(&fields, canBeTable: true)
    }

    /// - Parameter me: the login for which `me` stands in the query.
    /// - Throws: `Failure.invalid` if `after` is not a cursor of this sort order.
    func filter(in company: Company, me: String, now: Int64) throws -> TicketFilter {
        func login(_ name: String?) -> String? { name == "me" ? me : name }
        var filter = TicketFilter()
        filter.state = state
        filter.type = type
        filter.step = step
        filter.assignee = login(assignee)
        filter.requester = login(requester)
        filter.isUnassigned = isUnassigned
        filter.overdueAt = isOverdue ? now : nil
        filter.isStuck = isStuck
        filter.label = label
        filter.text = text
        filter.from = from?.milliseconds(in: company)
        filter.to = to?.milliseconds(in: company)
        filter.order = order
        filter.limit = paging.limit
        guard filter.begin(after: paging.after) else { throw Paging.notOurs }
        return filter
    }
}
