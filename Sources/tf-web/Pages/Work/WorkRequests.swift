import TFDefinition
import TFEngine
import TFStore

/// A worker's availability, now or planned, and what happens to their tasks.
struct AvailabilityRequest: RequestFields {
    private let isAvailable: Bool
    private let from: WrittenMoment?
    private let until: WrittenMoment?
    private let handover: Handover?

    init(_ fields: inout FieldReader) {
        isAvailable = fields.required("available", .flag, ask: "Say whether it is available or away")
        from = fields.optional("from", .moment, "From then on; at once if missing.")
        until = fields.optional("until", .moment, "When it is the other way again; open-ended if missing.")
        handover = fields.optional("handover", .word, "Which of their tasks go to others; not_started if missing.")
    }

    func availability(in company: Company) -> Availability {
        Availability(
            isAvailable: isAvailable, from: from?.milliseconds(in: company), until: until?.milliseconds(in: company),
            handover: handover ?? .notStarted)
    }
}

/// The filter of a ticket admin's list of tasks.
struct ManagedTasksQuery: RequestFields {
    /// Words of the query that stand for several states.
    static let open = "open"
    static let all = "all"
    /// The query's word for unassigned tasks, in place of a login.
    static let nobody = "-"

    /// `open`, `all` or a state.
    let state: String
    /// A login or `-`; nil for every task.
    let assignee: String?
    private let after: TaskID?

    static let states = [open, all] + TaskState.allCases.map(\.rawValue)

    init(_ fields: inout FieldReader) {
        state = fields.optional("state", .choice(Self.states)) ?? Self.open
        let assignee = fields.optional("assignee", .text(1, .identifier))
        self.assignee = assignee.flatMap { $0 == Self.nobody || Slug.isLogin($0) ? $0 : nil }
        after = fields.optional("after", .id)
    }

    var filter: TaskFilter {
        var filter = TaskFilter()
        filter.state = TaskState(rawValue: state)
        filter.isOpen = state == Self.open
        filter.isUnassigned = assignee == Self.nobody
        filter.assignee = filter.isUnassigned ? nil : assignee
        filter.after = after
        return filter
    }
}
