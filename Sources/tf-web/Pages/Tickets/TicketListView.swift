import Foundation
import TFDefinition
import TFStore

/// A page of the tickets in a scope, with the choices for its filters.
struct TicketList {
    let filter: TicketFilter
    let rows: [TicketRow]
    let hasMore: Bool
    /// The number of tickets in the scope by state; states without tickets have no entry.
    let counts: [TicketState: Int]
    let types: [TicketDefinition]

    init(of scope: TicketScope, _ filter: TicketFilter, _ session: CompanyReadSession) throws {
        self.filter = filter
        (rows, hasMore) = try session.tickets(scope: scope, filter: filter)
        counts = try session.ticketCounts(scope: scope)
        types = try session.ticketTypes()
    }
}

/// A list of tickets with its filters, which are kept in the query.
struct TicketListView {
    private let list: TicketList
    /// The list's address.
    private let path: String
    private let company: Company
    /// The visitor's login.
    private let me: String
    private let showsRequester: Bool
    /// Shown if there is no ticket at all.
    private let nothing: HTML

    private var filter: TicketFilter { list.filter }
    private var state: String { filter.state?.rawValue ?? TicketListQuery.anyState }

    init(_ list: TicketList, on request: ProvedRequest<InCompany>, showsRequester: Bool, nothing: HTML) {
        self.list = list
        path = request.path
        company = request.company
        me = request.account.login
        self.showsRequester = showsRequester
        self.nothing = nothing
    }

    var html: HTML { "\(tabs)\(filters)\(content)\(pager)" }

    private var tabs: HTML {
        let entries = TicketState.allCases.map { state -> HTML in
            """
            <a href="\(path)?state=\(state.rawValue)"\(when(filter.state == state, " aria-current=\"page\""))>\
            \(state.rawValue.capitalized) \(list.counts[state] ?? 0)</a>
            """
        }
        let all: HTML =
            #"<a href="\#(path)?state=\#(TicketListQuery.anyState)"\#(when(filter.state == nil, " aria-current=\"page\""))>All</a>"#
        return #"<nav class="buttons" aria-label="State">\#(entries)\#(all)</nav>"#
    }

    private var filters: HTML {
        let options = list.types.map { type -> HTML in
            #"<option value="\#(type.name)"\#(when(filter.type == type.name, " selected"))>\#(type.title)</option>"#
        }
        let hasFilter = filter.type != nil || filter.text != nil
        return """
            <form class="filters" method="get" action="\(path)">\
            <input type="hidden" name="state" value="\(state)">\
            \(Elements.field("type", label: "Type", errors: []) { attributes in
                #"<select name="type"\#(attributes)><option value="">All types</option>\#(options)</select>"#
            })\
            \(Elements.field("text", label: "Title contains", errors: []) { attributes in
                #"<input type="text" name="text" value="\#(filter.text)"\#(attributes)>"#
            })<button class="second">Apply</button>\
            \(when(hasFilter, "<a href=\"\(path)\">Clear filters</a>"))</form>
            """
    }

    private var content: HTML {
        guard !list.rows.isEmpty else {
            let isFiltered = filter.type != nil || filter.text != nil || filter.after != nil
            if list.counts.isEmpty && !isFiltered { return nothing }
            return Elements.empty(
                "No ticket matches.", link: ("\(path)?state=\(TicketListQuery.anyState)", "Show all tickets"))
        }
        let heads = ["Ticket", "Type", "State", "Status", "Now at", "Waiting for"] + (showsRequester ? ["From"] : [])
        return Elements.table(
            "Newest first", heads + ["Updated"],
            list.rows.map { row in
                let ticket = row.ticket
                let link: HTML =
                    #"<a href="/c/\#(company.slug)/tickets/\#(ticket.number)">#\#(ticket.number) \#(ticket.title)</a>"#
                let steps = row.waiting.map(\.title).joined(separator: "; ")
                let cells: [HTML] = [
                    link, "\(ticket.type)", Elements.state(ticket.state), "\(ticket.status)", "\(steps)", waiting(row),
                ]
                return cells + (showsRequester ? ["\(ticket.requester)"] : [])
                    + [Elements.time(ticket.updatedAtMs, company)]
            })
    }

    private func waiting(_ row: TicketRow) -> HTML {
        if row.waiting.contains(where: { $0.assignee == me }) { return "<strong>Waiting for you</strong>" }
        let names = row.waiting.map { $0.assignee ?? "nobody yet" }
        return "\(names.joined(separator: ", "))"
    }

    private var pager: HTML {
        guard list.hasMore, let last = list.rows.last else { return .empty }
        var query = "state=\(state)&after=\(last.ticket.number)"
        for (name, value) in [("type", filter.type), ("text", filter.text)] {
            guard let value = value?.addingPercentEncoding(withAllowedCharacters: .alphanumerics) else { continue }
            query += "&\(name)=\(value)"
        }
        return
            #"<nav class="buttons" aria-label="Pages"><a class="button second" href="\#(path)?\#(query)">Next page</a></nav>"#
    }
}
