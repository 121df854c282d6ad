import TFDefinition
import TFEngine
import TFStore

/// Lists of tickets: the visitor's own, and those that a ticket admin manages.
enum TicketListRoutes {
    static func add(to routes: inout RouteTable) {
        routes.page(
            "/c/{company}/my/tickets", .listOwnTickets, on: .company, query: TicketListQuery.self,
            navigation: .at(.myTickets, "My tickets"), isLive: true
        ) { request, query, session in try TicketList.own(request, query, session).page(waiting(request, session)) }
        routes.page(
            "/c/{company}/tickets", .listTickets, on: .company, query: TicketListQuery.self,
            navigation: .at(.tickets, "Tickets"), isLive: true
        ) { request, query, session in try TicketList.managed(request, query, session).page() }
        routes.table("/c/{company}/my/tickets.csv", .listOwnTickets, on: .company, query: TicketListQuery.self) {
            request, query, session in
            try table(
                try filter(query, request, isManaged: false), of: .requested(by: request.account.id),
                in: request.company, session)
        }
        routes.table("/c/{company}/tickets.csv", .listTickets, on: .company, query: TicketListQuery.self) {
            request, query, session in
            guard let scope = request.actor.managedTickets else { throw Failure.notFound }
            return try table(try filter(query, request, isManaged: true), of: scope, in: request.company, session)
        }
        routes.read(
            "/companies/{company}/tickets", .readTickets, on: .company, query: TicketQuery.self,
            Operation("listTickets", "Tickets that you may see, newest first", answer: .table(of: TicketRow.answer)),
            list)
    }

    /// - Throws: `Failure.invalid` for a cursor that no page gave.
    private static func filter(
        _ query: TicketListQuery, _ request: ProvedRequest<InCompany>, isManaged: Bool
    ) throws -> TicketFilter {
        let filter = TicketList.filter(query, request, isManaged: isManaged)
        let errors = query.passedOver(filter)
        guard errors.isEmpty else { throw Failure.invalid(errors) }
        return filter
    }

    /// The whole list of a page, not only its part from the cursor on.
    private static func table(
        _ filter: TicketFilter, of scope: TicketScope, in company: Company, _ session: CompanyReadSession
    ) throws -> Reply {
        var filter = filter
        filter.cursor = nil
        filter.limit = CSV.limitRows
        let (rows, hasMore) = try session.tickets(scope: scope, tasks: scope, filter: filter)
        let shown = CSV.ShownTickets(
            company: company, types: try session.titles(of: .ticket, named: Set(rows.map(\.type))),
            requesters: try session.requesterNames(of: rows.map(\.id)))
        return CSV.tickets(rows, as: shown, next: nil, isCut: hasMore)
    }

    /// The visitor's tasks in other people's tickets, for visitors who are not workers; tasks of their own tickets are
    /// in the list.
    private static func waiting(_ request: ProvedRequest<InCompany>, _ session: CompanyReadSession) throws -> HTML {
        guard !request.actor.has(.taskWorker) else { return .empty }
        let tasks = try session.openTaskLines(of: request.account.id, limit: 25, now: request.now).rows
            .filter { $0.strategy != .requester }
        guard !tasks.isEmpty else { return .empty }
        let table = RowTable(
            "What you are asked, most urgent first", heads: [.init("State", .w2), .init("Task"), .init("Due", .w2)],
            rows: tasks.map { task in
                [
                    .state(task.state.tone, task.state.label),
                    .link(
                        path: "/c/\(request.company.slug)/tasks/\(task.id)", title: "\(task.title)",
                        meta: "#\(task.ticketNumber)"),
                    .named(request.times.due(task.dueAtMs)),
                ]
            })
        return "<h2>Waiting for you</h2>\(table.html)"
    }

    @Sendable private static func list(
        _ request: ProvedRequest<InCompany>, _ query: TicketQuery, _ session: CompanyReadSession
    ) throws -> Reply {
        let actor = request.actor
        let filter = try query.filter(in: request.company, me: request.account.login, now: request.now)
        // A filter by tasks must not reveal tasks that the visitor may not see.
        let (rows, hasMore) = try session.tickets(
            scope: filter.asksOfTasks ? actor.ticketsWithTasks : actor.tickets,
            tasks: query.paging.isTable ? actor.ticketsWithTasks : nil, filter: filter)
        let next = hasMore ? rows.last.map { filter.next(after: $0) } : nil
        if query.paging.isTable { return CSV.tickets(rows, next: next) }
        return .page(rows, next: next)
    }
}
