import TFEngine
import TFStore

/// The built-in views of a list of tickets, as tabs.
struct TicketViews {
    let address: ListAddress
    let filter: TicketFilter
    let isManaged: Bool

    func tabs(
        scope: TicketScope, _ request: ProvedRequest<InCompany>, _ session: CompanyReadSession
    ) throws -> [Tab] {
        let counts = try session.ticketCounts(scope: scope, filters: counted(now: request.now))
        var tabs = [tab("Open", [], count: counts[0])]
        let failed = tab("Failed", [("state", TicketState.failed.rawValue)], count: counts[1], isHot: isManaged)
        if isManaged {
            tabs.append(tab("Late", [("overdue", "true")], count: counts[2], isHot: true))
            tabs.append(tab("With nobody", [("unassigned", "true")], count: counts[3]))
        }
        if isManaged || counts[1] > 0 { tabs.append(failed) }
        tabs.append(tab("Closed", [("state", TicketState.closed.rawValue)]))
        tabs.append(tab("Cancelled", [("state", TicketState.cancelled.rawValue)]))
        tabs.append(tab("All", [("state", TicketListQuery.anyState)]))
        return tabs
    }

    /// What is counted: open ones, failed ones, and for a ticket admin those that are late and those with nobody.
    private func counted(now: Int64) -> [TicketFilter] {
        var (open, failed) = (TicketFilter(), TicketFilter())
        open.state = .open
        failed.state = .failed
        guard isManaged else { return [open, failed] }
        var (late, unassigned) = (open, open)
        late.overdueAt = now
        unassigned.isUnassigned = true
        return [open, failed, late, unassigned]
    }

    private func tab(
        _ label: String, _ items: [(name: String, value: String?)], count: Int? = nil, isHot: Bool = false
    ) -> Tab {
        let view = address.view(items)
        return Tab(
            label: label, path: view.href, count: count, isHot: isHot, isCurrent: view == address.without("sort"))
    }
}
