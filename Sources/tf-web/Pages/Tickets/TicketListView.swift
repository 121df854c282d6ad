import TFDefinition
import TFEngine
import TFStore

/// A page of tickets with its tabs, its filter and its neighbours.
struct TicketListView {
    let query: TicketListQuery
    let filter: TicketFilter
    let page: RowPage<TicketLine>
    let address: ListAddress
    /// The address of all tickets, as the rows' links have it.
    let tickets: String
    let sentence: TicketFilterSentence
    let me: AccountID
    /// The names for people of the company's roles.
    let roles: [String: String]
    /// How the workflows of those that are closed may end.
    let endings: [TicketID: WorkflowEndings]
    let times: Times
    /// Whether it is the list of a ticket admin.
    let isManaged: Bool
    let areTickable: Bool

    var table: HTML {
        RowTable(caption, heads: heads, rows: page.rows.map(row)).html
    }

    private var caption: String {
        let order =
            switch filter.order {
            case .newest: "newest first"
            case .oldest: "oldest first"
            case .updated: "last changed first"
            case .due: "soonest due first"
            }
        return "\(sentence.adjective) tickets, \(order)"
    }

    // MARK: Columns

    /// Whether the last column says when a ticket is due, and not when it was changed.
    private var showsDue: Bool { query.state == .open && isManaged }

    /// Whether the state of an open ticket begins with how late it is, and so needs more room.
    private var saysLateness: Bool { !showsDue && [nil, .open].contains(query.state) }

    /// Whether tickets of this state are with somebody.
    private var showsHolder: Bool {
        switch query.state {
        case .closed, .cancelled: false
        case .open, .failed, nil: true
        }
    }

    private var heads: [RowTable.Head] {
        let isByNumber: RowTable.Head.Direction? =
            filter.order == .oldest ? .ascending : filter.order == .newest ? .descending : nil
        let isByChange = filter.order == .updated
        let last: RowTable.Head =
            showsDue
            ? .init("Due", .w2, sortPath: sorted(.due), sorted: filter.order == .due ? .ascending : nil)
            : .init("Changed", .w2, sortPath: sorted(.updated), sorted: isByChange ? .descending : nil)
        return [
            .init(
                "No.", .w1, sortPath: sorted(filter.order == .newest ? .oldest : .newest), sorted: isByNumber,
                ticksAll: areTickable),
            .init("Ticket"), .init(query.state == .open ? "Now at" : "Came to", saysLateness ? .w5 : .w4),
        ] + (showsHolder ? [.init("With", .w2)] : []) + [last]
    }

    private func sorted(_ order: TicketFilter.Order) -> String { address.with("sort", order.rawValue).href }

    private func row(_ line: TicketLine) -> [RowTable.Cell] {
        let standing = TicketStanding(
            line, me: me, roles: roles, steps: sentence.steps, endings: endings[line.id], times, sought: sought)
        return [
            areTickable
                ? .tick(name: "n", value: "\(line.number)", label: "\(line.number)") : .text("\(line.number)"),
            .link(path: "\(tickets)/\(line.number)", title: "\(line.title)", meta: meta(line)),
            state(standing, line),
        ] + (showsHolder ? [.text("\(standing.holder?.name ?? "")")] : []) + [
            showsDue ? times.dueInList(line.nextDueAtMs) : .text(times.inList(line.updatedAtMs))
        ]
    }

    /// What the list asks of a ticket's tasks; nil: nothing that a row would contradict.
    private var sought: ((WaitingTask) -> Bool)? {
        guard filter.isUnassigned || filter.assignee != nil else { return nil }
        return { [filter] task in
            (!filter.isUnassigned || task.assigneeID == nil)
                && (filter.assignee.map { task.assignee == $0 } ?? true)
        }
    }

    /// Where it is; before that, if no column says so, how late it is: the end of a cell may be cut off.
    private func state(_ standing: TicketStanding, _ line: TicketLine) -> RowTable.Cell {
        guard !showsDue, line.state == .open, let late = line.nextDueAtMs.flatMap(times.lateness) else {
            return .state(standing.tone, standing.words)
        }
        return .state(standing.tone, "", "<b class=late>\(late)</b> · \(standing.words)")
    }

    /// What stands behind the title: priority, requester and type.
    private func meta(_ line: TicketLine) -> HTML {
        let type = sentence.types[line.type]
        // Many titles begin with their type.
        let parts: [String] = (isManaged ? [line.requesterName] : []) + (line.title.hasPrefix(type) ? [] : [type])
        return RowTable.behind(line.state == .open ? line.priority : .normal, parts.joined(separator: " · "))
    }
}
