import TFEngine
import TFStore

/// The built-in views of a list of tickets, as tabs.
struct TicketViews {
    let address: ListAddress
    let filter: TicketFilter
    let isManaged: Bool

    private var path: String { address.path }

    func tabs(
        scope: TicketScope, _ request: ProvedRequest<InCompany>, _ session: CompanyReadSession
    ) throws -> [Tab] {
        func count(_ narrow: (inout TicketFilter) -> Void) throws -> Int {
            var filter = TicketFilter()
            narrow(&filter)
            return try session.ticketCount(scope: scope, filter: filter)
        }
        var tabs = [try tab("Open", [], count: count { $0.state = .open })]
        let failed = try count { $0.state = .failed }
        if isManaged {
            tabs.append(
                try tab(
                    "Late", [("overdue", "true")],
                    count: count {
                        $0.state = .open
                        $0.overdueAt = request.now
                    }, isHot: true))
            tabs.append(
                try tab(
                    "With nobody", [("unassigned", "true")],
                    count: count {
                        $0.state = .open
                        $0.isUnassigned = true
                    }))
        }
        if isManaged || failed > 0 {
            tabs.append(tab("Failed", [("state", TicketState.failed.rawValue)], count: failed, isHot: isManaged))
        }
        tabs.append(tab("Closed", [("state", TicketState.closed.rawValue)]))
        tabs.append(tab("Cancelled", [("state", TicketState.cancelled.rawValue)]))
        tabs.append(tab("All", [("state", TicketListQuery.anyState)]))
        return tabs
    }

    private func tab(
        _ label: String, _ items: [(name: String, value: String?)], count: Int? = nil, isHot: Bool = false
    ) -> Tab {
        let view = ListAddress(path, items)
        return Tab(
            label: label, path: view.text, count: count, isHot: isHot, isCurrent: view == address.without("sort"))
    }
}
