import HTTPTypes
import Hummingbird
import TFDefinition
import TFExpression
import TFStore

/// Ticket types and tickets.
struct TicketAPI: Sendable {
    let desk: APIDesk

    func addRoutes(to routes: inout Routes) {
        routes.get("/api/v1/companies/{company}/ticket-types", types)
        routes.get("/api/v1/companies/{company}/ticket-types/{name}", type)
        routes.get("/api/v1/companies/{company}/tickets", list)
        routes.post("/api/v1/companies/{company}/tickets", create)
        routes.get("/api/v1/companies/{company}/tickets/{number}", read)
        routes.get("/api/v1/companies/{company}/tickets/{number}/attachments/{id}", download)
        routes.post("/api/v1/companies/{company}/uploads", upload)
        routes.post("/api/v1/companies/{company}/tickets/{number}/comments", comment)
        routes.post("/api/v1/companies/{company}/tickets/{number}/cancellation", cancel)
        routes.get("/api/v1/companies/{company}/tickets/{number}/instances", instances)
        routes.post("/api/v1/companies/{company}/tickets/{number}/retry", retry)
        routes.post("/api/v1/companies/{company}/tickets/{number}/skip", skip)
    }

    // MARK: Types

    @Sendable private func types(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await company(context, .listDefinitionNames)
        let types = try await desk.site.store.ticketTypes(found.company.id).filter { maySubmit(found.actor, $0) }
        return desk.page(types.map(\.json), next: nil)
    }

    @Sendable private func type(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await company(context, .listDefinitionNames)
        guard let name = context.parameters.get("name"),
            let type = try await desk.site.store.ticketType(found.company.id, name)?.definition,
            maySubmit(found.actor, type)
        else { throw Failure.notFound }
        return .json(type.json)
    }

    private func maySubmit(_ actor: Actor, _ type: TicketDefinition) -> Bool {
        Policy.decide(actor, .submitTicket, .ticketType(submitRoles: type.submitRoles)) == .allowed
    }

    // MARK: Tickets

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await company(context, .listDefinitionNames)
        let query = request.uri.queryParameters
        var filter = TicketFilter()
        filter.state = query["state"].flatMap { TicketState(rawValue: String($0)) }
        filter.type = query["type"].map(String.init)
        filter.text = query["text"].map(String.init)
        filter.before = query["after"].flatMap { Int($0) }
        filter.limit = desk.limit(request)
        let scope = Policy.ticketScope(found.actor) ?? .requestedBy(found.signedIn.account.id)
        let (rows, hasMore) = try await desk.site.store.tickets(found.company.id, scope: scope, filter: filter)
        return desk.page(
            rows.map { .object($0.ticket.members) },
            next: hasMore ? rows.last.map { .string(String($0.ticket.number)) } : nil)
    }

    @Sendable private func create(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await company(context, .submitTicket)
        let body = try await desk.body(request)
        try desk.refuseUnknown(body, known: ["type", "title", "form"])
        let name = try desk.text(body, "type", isRequired: true) ?? ""
        let answers = try desk.answers(body)
        guard let type = try await desk.site.store.ticketType(found.company.id, name)?.definition,
            maySubmit(found.actor, type)
        else {
            let types = try await desk.site.store.ticketTypes(found.company.id).map(\.name)
            let nearest = nearestName(to: name, among: types).map { "; did you mean \"\($0)\"?" } ?? ""
            throw Failure.invalid([FieldError(field: "type", message: "There is no ticket type \"\(name)\"\(nearest)")])
        }
        let key = request.headers[SecurityHeaders.name("Idempotency-Key")].map { "api \($0.prefix(200))" }
        let number = try await desk.site.store.submitTicket(
            TicketSubmission(
                company: found.company, type: name, requester: found.signedIn.account,
                title: try desk.text(body, "title"), answers: answers, submission: key),
            now: desk.site.now)
        guard let ticket = try await desk.site.store.ticket(found.company.id, number: number) else {
            throw Failure.notFound
        }
        var response = try await answer(ticket, found.actor, status: 201)
        response.headers[.location] = "/api/v1/companies/\(found.company.slug)/tickets/\(number)"
        return response
    }

    @Sendable private func read(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await ticket(context, .readTicket)
        return try await answer(found.ticket, found.actor)
    }

    @Sendable private func download(_ request: Request, _ context: WebContext) async throws -> Response {
        try await Download(site: desk.site).response(
            context.parameters.get("id"), of: try await ticket(context, .readTicket), context)
    }

    /// A file for a form's field, sent as `file` before the form itself; it goes after 24 hours where no form uses it.
    @Sendable private func upload(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await company(context, .listDefinitionNames)
        guard request.headers[.contentType]?.lowercased().hasPrefix("multipart/form-data") == true else {
            throw Failure.unsupportedMediaType("multipart/form-data")
        }
        let field = UploadField(accept: [], maximumFiles: 1, maximumBytes: UploadField.largestBytes)
        let intake = FormIntake(
            site: desk.site, company: found.company, giver: found.signedIn.account,
            limits: ["file": ("The file", field)])
        let form = try await intake.read(request) { _ in }
        guard form.fileErrors.isEmpty else { throw Failure.invalid(form.fileErrors) }
        let account = found.signedIn.account.id
        guard let id = form["file"],
            let file = try await desk.site.store.uploads([id], company: found.company.id, giver: account, ticket: nil)[
                id]
        else { throw Failure.invalid([FieldError(field: "file", message: "Send one file as the part \"file\"")]) }
        let answer: JSON = ["id": .string(file.id), "name": .string(file.name), "size": .int(file.size)]
        return .json(answer, status: 201)
    }

    @Sendable private func comment(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await ticket(context, .commentTicket)
        let body = try await desk.body(request)
        try desk.refuseUnknown(body, known: ["text", "internal"])
        let isInternal = body["internal"] == true
        if isInternal, !found.may(.readInternalNotes) {
            throw Failure.forbidden("Internal notes are for workers and ticket admins.")
        }
        let key = request.headers[SecurityHeaders.name("Idempotency-Key")].map { "api \($0.prefix(200))" }
        try await desk.site.store.addComment(
            try desk.text(body, "text", isRequired: true) ?? "", isInternal: isInternal, ticket: found.ticket,
            by: found.signedIn.account, submission: key, now: desk.site.now)
        let comments = try await desk.site.store.comments(ticket: found.ticket.id, withInternal: true)
        guard let last = comments.last else { throw Failure.notFound }
        return .json(
            [
                "id": .int(last.id), "author": .string(last.login), "text": .string(last.text),
                "internal": .bool(last.isInternal), "created": .time(last.createdAtMs),
            ], status: 201)
    }

    @Sendable private func cancel(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await ticket(context, .cancelTicket)
        let body = try await desk.optionalBody(request)
        try await desk.site.store.cancelTicket(
            found.ticket.id, version: try desk.version(body), by: found.signedIn.account, now: desk.site.now)
        return try await answer(found.ticket, found.actor)
    }

    // MARK: The workflow inside

    @Sendable private func instances(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await ticket(context, .decideFault)
        let instances = try await desk.site.store.instances(ticket: found.ticket.id)
        return desk.page(instances.map(\.json), next: nil)
    }

    @Sendable private func retry(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await ticket(context, .decideFault)
        let body = try await desk.optionalBody(request)
        try desk.refuseUnknown(body, known: ["version"])
        return try await decide(.retry, found, try desk.version(body))
    }

    @Sendable private func skip(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await ticket(context, .decideFault)
        let body = try await desk.body(request)
        try desk.refuseUnknown(body, known: ["output", "version"])
        return try await decide(.skip(output: body["output"]), found, try desk.version(body))
    }

    private func decide(
        _ decision: FaultDecision, _ found: Access.OfTicket, _ version: Int?
    ) async throws -> Response {
        try await desk.site.store.decide(
            decision, ticket: found.ticket.id, version: version, by: found.signedIn.account, now: desk.site.now)
        return try await answer(found.ticket, found.actor)
    }

    /// `number type title status state labels requester form tasks[] history[] version`
    private func answer(_ ticket: Ticket, _ actor: Actor, status: Int = 200) async throws -> Response {
        let store = desk.site.store
        let reader = AnswerReader(actor: actor, giver: ticket.requesterID)
        var members = ticket.members
        members["form"] = reader.visible(ticket.form, ticket.fields)
        members["tasks"] = .array(
            try await store.tasks(ticket: ticket.id).map { task in
                [
                    "id": .int(task.id), "name": .string(task.name), "title": .string(task.title),
                    "state": .string(task.state.rawValue), "assignee": .optional(task.assignee),
                    "outcome": task.output?["outcome"] ?? .null,
                ]
            })
        members["history"] = .array(try await store.history(ticket: ticket.id).map { $0.json(ticket.fields, reader) })
        return .json(.object(members), status: status)
    }

    private func company(_ context: WebContext, _ action: Action) async throws -> Access.InCompany {
        try await desk.access.company(context.parameters.get("company"), try context.requireSignedIn(), action)
    }

    private func ticket(_ context: WebContext, _ action: Action) async throws -> Access.OfTicket {
        try await desk.access.ticket(
            context.parameters.get("company"), number: context.parameters.get("number"),
            try context.requireSignedIn(), action)
    }
}
