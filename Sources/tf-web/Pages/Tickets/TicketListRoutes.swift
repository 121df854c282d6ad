import TFDefinition
import TFEngine
import TFStore

/// Lists of tickets: the visitor's own, and those that a ticket admin manages.
enum TicketListRoutes {
    static func add(to routes: inout RouteTable) {
        routes.page(
            "/c/{company}/my/tickets", .listOwnTickets, on: .company, query: TicketListQuery.self,
            navigation: .at(.myTickets, "My tickets"), own)
        routes.page(
            "/c/{company}/tickets", .listTickets, on: .company, query: TicketListQuery.self,
            navigation: .at(.tickets, "Tickets"), managed)
        routes.read(
            "/companies/{company}/tickets", .readTickets, on: .company, query: TicketQuery.self,
            Operation("listTickets", "Tickets that you may see, newest first", answer: .table(of: Ticket.answer)), list)
    }

    @Sendable private static func own(
        _ request: ProvedRequest<InCompany>, _ query: TicketListQuery, _ session: CompanyReadSession
    ) throws -> Page {
        let company = request.company
        let view = TicketListView(
            try TicketList(of: .requested(by: request.account.id), query.filter, session), on: request,
            showsRequester: false,
            nothing: Elements.empty(
                "You have not submitted a ticket.", link: ("/c/\(company.slug)/tickets/new", "New ticket")))
        // Workers have a page for their own tasks.
        let asked =
            request.actor.has(.taskWorker)
            ? [] : try session.queue(of: request.account.id, now: request.now).filter { $0.strategy != .requester }
        return Page("My tickets", "<h1>My tickets</h1>\(waiting(asked, company, now: request.now))\(view.html)")
    }

    /// The visitor's tasks in other people's tickets, for visitors who are not workers; tasks of their own tickets are
    /// in the list.
    private static func waiting(_ tasks: [TaskRecord], _ company: Company, now: Int64) -> HTML {
        guard !tasks.isEmpty else { return .empty }
        return """
            <h2>Waiting for you</h2>\(Elements.table("What you are asked", ["Task", "Due", "Since"], tasks.map { task in
                [
                    #"<a href="/c/\#(company.slug)/tasks/\#(task.id)">\#(task.title)</a>"#,
                    Elements.due(task.dueAtMs, now: now, company), Elements.time(task.createdAtMs, company),
                ]
            }))
            """
    }

    @Sendable private static func managed(
        _ request: ProvedRequest<InCompany>, _ query: TicketListQuery, _ session: CompanyReadSession
    ) throws -> Page {
        guard let scope = request.actor.managedTickets else { throw Failure.notFound }
        let view = TicketListView(
            try TicketList(of: scope, query.filter, session), on: request, showsRequester: true,
            nothing: Elements.empty("Nobody has submitted a ticket yet."))
        return Page("Tickets", "<h1>Tickets</h1>\(view.html)")
    }

    @Sendable private static func list(
        _ request: ProvedRequest<InCompany>, _ query: TicketQuery, _ session: CompanyReadSession
    ) throws -> Reply {
        let actor = request.actor
        let filter = try query.filter(in: request.company, me: request.account.login, now: request.now)
        // A filter by tasks must not reveal tasks that the visitor may not see.
        let (rows, hasMore) = try session.tickets(
            scope: filter.asksOfTasks ? actor.ticketsWithTasks : actor.tickets, tasks: actor.ticketsWithTasks,
            filter: filter)
        let next = hasMore ? rows.last.map { filter.next(after: $0.ticket) } : nil
        if query.paging.isTable { return CSV.tickets(rows, next: next) }
        return .page(rows.map(\.ticket), next: next)
    }
}
