import TFEngine

/// The key of an event.
struct EventKey: Sendable, Hashable {
    let company: CompanyID
    let position: CompanyPosition

    init(_ event: Row) {
        company = event["company_id"]
        position = event["position"]
    }
}

/// The key of an instance, with its company.
struct InstanceKey: Sendable, Hashable {
    let company: CompanyID
    let id: InstanceID
}

extension InstanceKey: RowReadable {
    init(row: Row) {
        company = row["company_id"]
        id = row["id"]
    }
}

/// The events and timers that one call of `advanceInstances` has to handle, in order.
struct TurnPlan: Sendable {
    enum Item: Sendable, Hashable {
        case event(EventKey)
        /// An instance whose timer is due.
        case wake(InstanceKey)

        var company: CompanyID {
            switch self {
            case .event(let key): key.company
            case .wake(let key): key.company
            }
        }
    }

    private let items: [Item]
    /// How many of them must be handled in this call, however many transactions they take.
    private let sure: Int
    private(set) var done = 0
    /// For each handled item that could not be applied, the reason.
    var setAside: [String] = []
    var failed: [UnticketedFailure] = []
    /// How long the items of each company took.
    var costs: [CompanyID: Duration] = [:]

    /// The first event and the first timer of each company must be handled: none waits, however slow the others are.
    /// Both come from the companies in turn, so that these are the first ones.
    init(events: [EventKey], woken: [InstanceKey]) {
        let first = (events: Set(events.map(\.company)).count, woken: Set(woken.map(\.company)).count)
        sure = first.events + first.woken
        items =
            Self.inTurn(events.prefix(first.events), woken.prefix(first.woken))
            + Self.inTurn(events.dropFirst(first.events), woken.dropFirst(first.woken))
    }

    private static func inTurn(_ events: ArraySlice<EventKey>, _ woken: ArraySlice<InstanceKey>) -> [Item] {
        let (events, woken) = (Array(events), Array(woken))
        return (0..<max(events.count, woken.count)).flatMap { place in
            (place < events.count ? [Item.event(events[place])] : [])
                + (place < woken.count ? [Item.wake(woken[place])] : [])
        }
    }

    private init(_ items: [Item]) {
        var (events, woken): ([EventKey], [InstanceKey]) = ([], [])
        for item in items {
            switch item {
            case .event(let key): events.append(key)
            case .wake(let key): woken.append(key)
            }
        }
        self.init(events: events, woken: woken)
    }

    /// What is left of each company, as a plan of its own, in their turn.
    var byCompany: [(company: CompanyID, plan: TurnPlan)] {
        let parts = Dictionary(grouping: rest, by: \.company)
        var known: Set<CompanyID> = []
        return rest.map(\.company).filter { known.insert($0).inserted }.map { company in
            (company: company, plan: TurnPlan(parts[company, default: []]))
        }
    }

    var mustGoOn: Bool { done < sure }

    /// What is handled.
    var handled: ArraySlice<Item> { items.prefix(done) }

    /// What is not handled yet.
    var rest: ArraySlice<Item> { items.dropFirst(done) }

    /// - Returns: nil: everything is handled, or what comes next is in `left`.
    mutating func next(except left: Set<Item>) -> Item? {
        guard done < items.count, !left.contains(items[done]) else { return nil }
        done += 1
        return items[done - 1]
    }
}
