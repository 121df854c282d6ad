import Foundation
import Hummingbird
import TFDefinition
import TFStore

/// My tickets, and a ticket admin's tickets.
struct TicketListPages: Sendable {
    let desk: PageDesk

    func addRoutes(to routes: inout RouteTable) {
        routes.page(
            .get, "/c/{company}/my/tickets", .listOwnTickets, on: .company, navigation: .at(.myTickets, "My tickets"),
            mine)
        routes.page(
            .get, "/c/{company}/tickets", .listTickets, on: .company, navigation: .at(.tickets, "Tickets"), all)
    }

    @Sendable private func mine(_ request: Request, _ context: WebContext) async throws -> Response {
        let signedIn = try context.requireSignedIn()
        let found = try await desk.access.company(context)
        let asked = try await found.store.read {
            try $0.queue(of: signedIn.account.id, now: desk.site.now)
        }
        return try await list(
            request, context, found, title: "My tickets",
            // A worker has a list of their own tasks.
            above: found.actor.has(.taskWorker) ? .empty : waiting(asked, found.company),
            scope: .requested(by: signedIn.account.id),
            nothing: Elements.empty(
                "You have not submitted a ticket.", link: ("/c/\(found.company.slug)/tickets/new", "New ticket")))
    }

    @Sendable private func all(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(context)
        guard let scope = Policy.managedTickets(found.actor) else { throw Failure.notFound }
        return try await list(
            request, context, found, title: "Tickets", scope: scope,
            nothing: Elements.empty("Nobody has submitted a ticket yet."))
    }

    private func list(
        _ request: Request, _ context: WebContext, _ found: Access.InCompany, title: String, above: HTML = .empty,
        scope: TicketScope, nothing: HTML
    ) async throws -> Response {
        let query = request.uri.queryParameters
        var filter = TicketFilter()
        let state = query["state"].map(String.init) ?? "open"
        filter.state = state == "all" ? nil : TicketState(rawValue: state) ?? .open
        filter.type = query["type"].map(String.init).flatMap { $0.isEmpty ? nil : $0 }
        filter.text = query["text"].map(String.init).flatMap { $0.isEmpty ? nil : $0 }
        filter.after = query["after"].flatMap { Int($0) }
        let store = found.store
        let (rows, hasMore) = try await store.read { [filter] in
            try $0.tickets(scope: scope, filter: filter)
        }
        let counts = try await store.read { try $0.ticketCounts(scope: scope) }
        let types = try await store.read { try $0.ticketTypes() }
        let view = TicketListView(
            path: request.uri.path, company: found.company, filter: filter, rows: rows, hasMore: hasMore,
            counts: counts,
            types: types, showsRequester: title == "Tickets", nothing: nothing, me: found.signedIn.account.login)
        let frame = desk.frame(context, request, title: title, company: found.company)
        return desk.respond(frame, "<h1>\(title)</h1>\(above)\(view.html)")
    }

    /// Tasks of other people's tickets for somebody who is no worker; the list shows those of their own tickets.
    private func waiting(_ tasks: [TaskRecord], _ company: Company) -> HTML {
        let asked = tasks.filter { $0.strategy != .requester }
        guard !asked.isEmpty else { return .empty }
        return """
            <h2>Waiting for you</h2>\(Elements.table("What you are asked", ["Task", "Due", "Since"], asked.map { task in
                [
                    #"<a href="/c/\#(company.slug)/tasks/\#(task.id)">\#(task.title)</a>"#,
                    Elements.due(task.dueAtMs, now: desk.site.now, company), Elements.time(task.createdAtMs, company),
                ]
            }))
            """
    }
}

/// A list of tickets with its filters, which stand in the address.
struct TicketListView {
    let path: String
    let company: Company
    let filter: TicketFilter
    let rows: [TicketRow]
    let hasMore: Bool
    let counts: [TicketState: Int]
    let types: [TicketDefinition]
    let showsRequester: Bool
    let nothing: HTML
    let me: String

    var html: HTML { "\(tabs)\(filters)\(content)\(pager)" }

    private var tabs: HTML {
        let entries = TicketState.allCases.map { state -> HTML in
            """
            <a href="\(path)?state=\(state.rawValue)"\(when(filter.state == state, " aria-current=\"page\""))>\
            \(state.rawValue.capitalized) \(counts[state] ?? 0)</a>
            """
        }
        let all: HTML = #"<a href="\#(path)?state=all"\#(when(filter.state == nil, " aria-current=\"page\""))>All</a>"#
        return #"<nav class="buttons" aria-label="State">\#(entries)\#(all)</nav>"#
    }

    private var filters: HTML {
        let options = types.map { type -> HTML in
            #"<option value="\#(type.name)"\#(when(filter.type == type.name, " selected"))>\#(type.title)</option>"#
        }
        let hasFilter = filter.type != nil || filter.text != nil
        return """
            <form class="filters" method="get" action="\(path)">\
            <input type="hidden" name="state" value="\(filter.state?.rawValue ?? "all")">\
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
        guard !rows.isEmpty else {
            let isFiltered = filter.type != nil || filter.text != nil || filter.after != nil
            if counts.isEmpty && !isFiltered { return nothing }
            return Elements.empty("No ticket matches.", link: ("\(path)?state=all", "Show all tickets"))
        }
        let heads = ["Ticket", "Type", "State", "Status", "Now at", "Waiting for"] + (showsRequester ? ["From"] : [])
        return Elements.table(
            "Newest first", heads + ["Updated"],
            rows.map { row in
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
        guard hasMore, let last = rows.last else { return .empty }
        var query = "state=\(filter.state?.rawValue ?? "all")&after=\(last.ticket.number)"
        for (name, value) in [("type", filter.type), ("text", filter.text)] {
            guard let value = value?.addingPercentEncoding(withAllowedCharacters: .alphanumerics) else { continue }
            query += "&\(name)=\(value)"
        }
        return
            #"<nav class="buttons" aria-label="Pages"><a class="button second" href="\#(path)?\#(query)">Next page</a></nav>"#
    }
}
