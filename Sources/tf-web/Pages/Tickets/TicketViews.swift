import TFEngine
import TFStore

/// The views of a list of tickets that everybody has.
struct TicketViews {
    /// Conditions on open steps, which only open tickets have.
    private static let ofSteps = ["step", "assignee"]

    let tabs: ListTabs
    let isManaged: Bool

    func tabs(
        scope: TicketScope, _ request: ProvedRequest<InCompany>, _ session: CompanyReadSession
    ) throws -> [Tab] {
        // Of a list that is narrowed nothing is counted, but whether a requester has failed ones.
        let counts =
            isManaged && tabs.isNarrowed
            ? [0, 0, 0, 0] : try session.ticketCounts(scope: scope, filters: counted(now: request.now))
        var shown = [tabs.tab("Open", count: counts[0])]
        if isManaged {
            shown.append(tabs.tab("Late", ("overdue", "true"), count: counts[2], isHot: true))
            shown.append(tabs.tab("With nobody", ("unassigned", "true"), without: ["assignee"], count: counts[3]))
        }
        if isManaged || counts[1] > 0 { shown.append(tab("Failed", .failed, count: counts[1], isHot: isManaged)) }
        shown += [tab("Closed", .closed), tab("Cancelled", .cancelled)]
        shown.append(tabs.tab("All", ("state", TicketListQuery.anyState), without: Self.ofSteps))
        return shown
    }

    private func tab(_ label: String, _ state: TicketState, count: Int? = nil, isHot: Bool = false) -> Tab {
        tabs.tab(label, ("state", state.rawValue), without: Self.ofSteps, count: count, isHot: isHot)
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
}
