import Hummingbird
import TFDefinition
import TFExpression
import TFStore

/// One ticket: where it is, what was answered and said, and what may be done with it.
struct TicketPages: Sendable {
    let desk: PageDesk

    func addRoutes(to routes: inout RouteTable) {
        routes.page(.get, "/c/{company}/tickets/{number}", .readTicket, on: .ticket, show)
        routes.page(.get, "/c/{company}/tickets/{number}/attachments/{id}", .readTicket, on: .ticket, download)
        routes.page(.post, "/c/{company}/tickets/{number}/comments", .commentTicket, on: .ticket, comment)
        routes.page(.post, "/c/{company}/tickets/{number}/cancellation", .cancelTicket, on: .ticket, cancel)
        routes.page(.post, "/c/{company}/tickets/{number}/retry", .decideFault, on: .ticket, retry)
        routes.page(.post, "/c/{company}/tickets/{number}/skip", .decideFault, on: .ticket, skip)
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        try await page(request, context, try await find(context), errors: [])
    }

    @Sendable private func comment(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        let isInternal = context.form["internal"] == "true"
        if isInternal { try found.demand(.readInternalNotes) }
        let site = desk.site
        do {
            let change = CompanyChange.addComment(
                context.form["text"] ?? "", isInternal: isInternal, ticket: found.ticket, by: found.signedIn.account,
                now: site.now)
            return try await found.changes.answer(change) { _, _ in
                site.seen(path(found), saying: isInternal ? "The note is added." : "The comment is added.")
            }
        } catch StoreError.invalid(let errors) {
            return try await page(request, context, found, errors: errors)
        }
    }

    @Sendable private func cancel(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        let site = desk.site
        do {
            return try await found.changes.answer { session in
                try session.cancelTicket(
                    found.ticket.id, version: context.form["version"].flatMap { Int($0) }, by: found.signedIn.account,
                    now: site.now)
                return site.seen(path(found), saying: "The ticket is being cancelled.")
            }
        } catch StoreError.conflict(let sentence) {
            return desk.conflict(context, request, sentence, company: found.company, back: path(found))
        }
    }

    @Sendable private func retry(_ request: Request, _ context: WebContext) async throws -> Response {
        try await decide(.retry, request, context, saying: "The step is tried again.")
    }

    @Sendable private func skip(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        let typed = context.form["output"] ?? ""
        do {
            let output = typed.allSatisfy(\.isWhitespace) ? JSON.object([:]) : try JSON(parsing: typed)
            guard output.pathOfNUL == nil else {
                return try await page(request, context, found, errors: [.nul(in: "output")])
            }
            return try await decide(.skip(output: output), request, context, saying: "The step is skipped.")
        } catch let error as JSONSyntaxError {
            let message = "The output is \(error); write JSON such as {\"outcome\": \"approve\"}"
            return try await page(request, context, found, errors: [FieldError(field: "output", message: message)])
        }
    }

    private func decide(
        _ decision: FaultDecision, _ request: Request, _ context: WebContext, saying: String
    ) async throws -> Response {
        let found = try await find(context)
        let site = desk.site
        do {
            let change = CompanyChange.decide(
                decision,
                at: FaultedStep(ticket: found.ticket.id, version: context.form["version"].flatMap { Int($0) }),
                by: found.signedIn.account, now: site.now)
            return try await found.changes.answer(change) { _, _ in site.seen(path(found), saying: saying) }
        } catch StoreError.conflict(let sentence) {
            return desk.conflict(context, request, sentence, company: found.company, back: path(found))
        }
    }

    @Sendable private func download(_ request: Request, _ context: WebContext) async throws -> Response {
        try await Download(site: desk.site).response(
            context.part("id"), of: try await find(context), context)
    }

    private func find(_ context: WebContext) async throws -> Access.OfTicket {
        try await desk.access.ticket(context)
    }

    private func path(_ found: Access.OfTicket) -> String { "/c/\(found.company.slug)/tickets/\(found.ticket.number)" }

    private func page(
        _ request: Request, _ context: WebContext, _ found: Access.OfTicket, errors: [FieldError]
    ) async throws -> Response {
        let store = found.store
        let ticket = found.ticket
        let all = try await store.read { try $0.tasks(ticket: ticket.id) }
        let tasks = found.told(all)
        let history = found.told(try await store.read { try $0.history(ticket: ticket.id) }, of: tasks)
        let progress = try await progress(ticket, history: history, tasks: tasks)
        let view = TicketView(
            found: found, type: try await store.read { try $0.ticketType(ticket: ticket) }, tasks: tasks,
            history: history,
            comments: try await store.read {
                try $0.comments(ticket: ticket.id, withInternal: found.may(.readInternalNotes))
            },
            instances: found.may(.decideFault) ? try await store.read { try $0.instances(ticket: ticket.id) } : [],
            diagram: progress.drawing, stepsHere: progress.stepsHere, reader: try await found.reader(all),
            now: desk.site.now)
        let frame = desk.frame(
            context, request, title: "#\(ticket.number) \(ticket.title)", company: found.company,
            isError: !errors.isEmpty)
        return desk.respond(
            frame, "\(Elements.errorSummary(errors))\(view.html(csrf: frame.csrf, form: context.form, errors: errors))")
    }

    /// The ticket's workflow and the path taken through it; nil for a ticket that a ticket admin handles by hand.
    private func progress(
        _ ticket: Ticket, history: [HistoryEntry], tasks: [TaskRecord]
    ) async throws -> (drawing: HTML?, stepsHere: [String]) {
        guard
            let (revision, workflow) = try await desk.site.store.read(
                in: ticket.companyID, { try $0.workflow(ticket: ticket.id) })
        else {
            return (nil, [])
        }
        let graph = WorkflowGraph(workflow)
        let path = TicketPath(graph, history: history, tasks: tasks, ticket: ticket)
        let diagram = try await desk.site.store.read(in: ticket.companyID) { session in
            try WorkflowDiagram(graph, revision: revision, session)
        }
        let drawing = diagram.html(states: path.states, walked: path.walked)
        return (drawing, path.stepsHere)
    }
}
