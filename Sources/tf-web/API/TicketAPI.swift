import HTTPTypes
import Hummingbird
import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// Ticket types and tickets.
struct TicketAPI: Sendable {
    let desk: APIDesk

    func addRoutes(to routes: inout RouteTable) {
        let company = "/companies/{company}"
        let ticket = "\(company)/tickets/{number}"
        routes.api(
            .get, "\(company)/ticket-types", .listDefinitionNames, on: .company,
            Operation("listTicketTypes", "What you may submit", answer: .page(of: TicketDefinition.answer)), types)
        routes.api(
            .get, "\(company)/ticket-types/{name}", .listDefinitionNames, on: .company,
            Operation(
                "readTicketType", "One type, with its form's JSON Schema", answer: .object(TicketDefinition.answer)),
            type)
        routes.api(
            .get, "\(company)/tickets", .readTickets, on: .company,
            Operation(
                "listTickets", "Tickets that you may see, newest first", query: Self.filters,
                answer: .table(of: Ticket.answer)),
            list)
        routes.api(
            .post, "\(company)/tickets", .submitTicket, on: .company,
            Operation(
                "submitTicket", "Submit a ticket", body: .json(Self.newTicket), status: 201,
                answer: .object(TicketAnswer.answer),
                failures: [409]), create)
        routes.api(
            .get, ticket, .readTicket, on: .ticket,
            Operation("readTicket", "One ticket", answer: .object(TicketAnswer.answer)), read)
        routes.api(
            .patch, ticket, .editTicket, on: .ticket,
            Operation(
                "changeTicket", "Change what it is called and how it is sorted in", body: .json(Self.ticketChange),
                answer: .object(TicketAnswer.answer), failures: [409]), change)
        routes.api(
            .post, "\(company)/uploads", .upload, on: .company,
            Operation(
                "upload", "Send a file for a form's field; it goes after 24 hours where no form uses it", body: .file,
                status: 201, answer: .object(FormUpload.answer), failures: [409]), upload)
        routes.api(
            .post, "\(ticket)/attachments", .attachToTicket, on: .ticket,
            Operation(
                "attach", "Add a file to the ticket, for everybody who reads it", body: .file, status: 201,
                answer: .object(FormUpload.answer), failures: [409]), attach)
        routes.api(
            .get, "\(ticket)/attachments/{id}", .readTicket, on: .ticket,
            Operation("readAttachment", "The bytes of a file of the ticket", answer: .file), download)
        addActions(to: &routes, ticket)
    }

    private func addActions(to routes: inout RouteTable, _ ticket: String) {
        let onlyVersion = Operation.Body.optional(.object([Shape.version]))
        func action(
            _ name: String, _ action: Action, _ id: String, _ summary: String, _ body: Operation.Body,
            _ handler: @escaping Route.Handler
        ) {
            routes.api(
                .post, "\(ticket)/\(name)", action, on: .ticket,
                Operation(id, summary, body: body, answer: .object(TicketAnswer.answer), failures: [409]), handler)
        }
        routes.api(
            .post, "\(ticket)/comments", .commentTicket, on: .ticket,
            Operation(
                "comment", "Say something",
                body: .json(
                    .object([
                        .required("text", .text(1, .comment)),
                        .optional("internal", .flag, "true: a note for workers and ticket admins."),
                    ])), status: 201, answer: .object(Comment.answer)), comment)
        action("cancellation", .cancelTicket, "cancelTicket", "Call it off", onlyVersion, cancel)
        action(
            "reopening", .reopenTicket, "reopenTicket", "Start its workflow anew, within 14 days of its end",
            onlyVersion, reopen)
        routes.api(
            .get, "\(ticket)/instances", .decideFault, on: .ticket,
            Operation(
                "listInstances", "The workflow inside, and what it waits for", answer: .page(of: InstanceAnswer.answer)),
            instances)
        action("retry", .decideFault, "retryStep", "Try the failed step again", onlyVersion, retry)
        action(
            "skip", .decideFault, "skipStep", "Go on as if the failed step had given this output",
            .json(.object([.optional("output", .any), Shape.version])), skip)
    }

    private static let newTicket = Shape.object([
        .required("type", .slug), .optional("title", .text(0, .title), "Where the type asks for one."),
        .optional("form", .map(.any), "The answers by the fields' ids; the type's `form` describes them."),
        .optional("requester", .login, "A ticket admin submits for somebody."),
    ])

    private static let ticketChange = Shape.object([
        .optional("title", .text(1, .title)), .optional("priority", .priority),
        .optional("labels", .list(.text(1, .label), most: TextLimit.mostLabels)),
        .optional("due", .orNull(.time), "null: not any more."),
        .optional("duplicate_of", .orNull(.id), "The number of the ticket that says the same; null: none."),
        Shape.version,
    ])

    private static let filters: [Operation.Parameter] =
        [
            .init(name: "state", shape: .ticketState, help: "Only tickets in this state."),
            .init(name: "type", shape: .slug, help: "Only tickets of this type."),
            .init(name: "step", shape: .text(1, .search), help: "Only those with an open task of this step or name."),
            .init(name: "assignee", shape: .login, help: "Only those of which this login, or `me`, has an open task."),
            .init(name: "requester", shape: .login, help: "Only those that this login, or `me`, requested."),
            .init(name: "unassigned", shape: .flag, help: "true: only those with a task that nobody has."),
            .init(name: "overdue", shape: .flag, help: "true: only open ones that were due."),
            .init(name: "stuck", shape: .flag, help: "true: only those that wait for somebody to decide."),
            .init(name: "label", shape: .text(1, .label), help: "Only those with this label."),
            .init(name: "text", shape: .text(1, .search), help: "Only those whose title contains it."),
            .init(name: "from", shape: .time, help: "Only those opened then or later."),
            .init(name: "to", shape: .time, help: "Only those opened before."),
            .init(
                name: "sort", shape: .words(TicketFilter.Order.self),
                help: "-number where nothing is said: newest first."),
        ] + Operation.table

    // MARK: Types

    @Sendable private func types(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(context)
        _ = try desk.query(request, context)
        let types = try await found.store.read { try $0.ticketTypes() }.filter {
            maySubmit(found.actor, $0)
        }
        return desk.page(types)
    }

    @Sendable private func type(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(context)
        guard let name = context.part("name"),
            let type = try await found.store.read({ try $0.ticketType(name) })?.definition,
            maySubmit(found.actor, type)
        else { throw Failure.notFound }
        return .json(type.json)
    }

    private func maySubmit(_ actor: Actor, _ type: TicketDefinition) -> Bool {
        Policy.decide(actor, .submitTicket, .ticketType(submitRoles: type.submitRoles)) == .allowed
    }

    // MARK: Tickets

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(context)
        let query = try desk.query(request, context)
        let filter = try filter(query, found)
        let withTasks = Policy.ticketsWithTasks(found.actor)
        // A filter that asks of tasks finds no more than is told of them.
        let (rows, hasMore) = try await found.store.read {
            try $0.tickets(
                scope: filter.asksOfTasks ? withTasks : Policy.tickets(found.actor), tasks: withTasks,
                filter: filter)
        }
        let next = hasMore ? rows.last.map { filter.next(after: $0.ticket) } : nil
        if query.isTable { return CSV.tickets(rows, next: next).response }
        return desk.page(rows.map(\.ticket), next: next)
    }

    private func filter(_ query: APIDesk.Query, _ found: Access.InCompany) throws -> TicketFilter {
        func login(_ name: String) -> String? {
            query.text(name).map { $0 == "me" ? found.signedIn.account.login : $0 }
        }
        var filter = TicketFilter()
        filter.state = query.text("state").flatMap(TicketState.init)
        filter.type = query.text("type")
        filter.step = query.text("step")
        filter.assignee = login("assignee")
        filter.requester = login("requester")
        filter.isUnassigned = query.isTrue("unassigned")
        filter.overdueAt = query.isTrue("overdue") ? desk.site.now : nil
        filter.isStuck = query.isTrue("stuck")
        filter.label = query.text("label")
        filter.text = query.text("text")
        filter.from = query.text("from").flatMap { found.company.moment($0) }
        filter.to = query.text("to").flatMap { found.company.moment($0) }
        filter.order = query.text("sort").flatMap(TicketFilter.Order.init) ?? .newest
        filter.limit = query.limit
        guard filter.begin(after: query.text("after")) else { throw APIDesk.Query.notOurs }
        return filter
    }

    @Sendable private func create(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(context)
        let body = try await desk.body(request, context)
        let name = body["type"].stringValue ?? ""
        guard let type = try await found.store.read({ try $0.ticketType(name) })?.definition,
            maySubmit(found.actor, type)
        else {
            let types = try await found.store.read { try $0.ticketTypes() }.filter {
                maySubmit(found.actor, $0)
            }
            let nearest = nearestName(to: name, among: types.map(\.name)).map { "; did you mean \"\($0)\"?" } ?? ""
            throw Failure.invalid([FieldError(field: "type", message: "There is no ticket type \"\(name)\"\(nearest)")])
        }
        let submission = TicketSubmission(
            type: name, requester: try await requester(body["requester"].stringValue, found),
            title: body["title"].stringValue, answers: body["form"].objectValue ?? [:])
        return try await found.changes.answer(.submit(submission, now: desk.site.now)) { session, number in
            guard let ticket = try session.ticket(number: number) else { throw Failure.notFound }
            return .created(
                try object(try desk.access.of(ticket, found, session), session),
                at: "/api/v1/companies/\(found.company.slug)/tickets/\(number)")
        }
    }

    /// For whom a ticket is submitted: for oneself, or as a ticket admin for a member.
    private func requester(_ login: String?, _ found: Access.InCompany) async throws -> Account {
        guard let login, login != found.signedIn.account.login else { return found.signedIn.account }
        guard found.actor.has(.ticketAdmin) else {
            throw Failure.forbidden("Only ticket admins submit tickets for others.")
        }
        guard let identity = try await found.store.site.read({ try $0.identity(login) }), !identity.account.isDisabled,
            identity.memberships[found.company.slug] != nil
        else {
            throw Failure.invalid([
                FieldError(field: "requester", message: "There is no member \"\(login)\" in this company")
            ])
        }
        return identity.account
    }

    @Sendable private func read(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.ticket(context)
        _ = try desk.query(request, context)
        return try await found.store.read { session in try answer(found, session) }.response
    }

    @Sendable private func change(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.ticket(context)
        let body = try await desk.body(request, context)
        var change = TicketChange()
        change.title = body["title"].stringValue
        change.priority = body["priority"].stringValue.flatMap(Priority.init)
        change.labels = body["labels"].arrayValue?.compactMap(\.stringValue)
        if let due = body.objectValue?["due"] {
            change.due = .some(due == .null ? nil : desk.moment(body, "due", in: found.company))
        }
        if let number = body.objectValue?["duplicate_of"] {
            change.duplicateOf = .some(number.intValue)
            if let number = number.intValue { try await demandOther(number, found) }
        }
        return try await found.changes.answer { [change] session in
            try session.changeTicket(
                found.ticket.id, change, by: found.signedIn.account, version: body["version"].intValue,
                now: desk.site.now)
            return try answer(found, session)
        }
    }

    /// A ticket that somebody may not see is none to them, also as the original of a duplicate.
    private func demandOther(_ number: Int, _ found: Access.OfTicket) async throws {
        if let other = try await found.store.read({ try $0.ticket(number: number) }),
            try await found.store.read({ try $0.holds(Policy.tickets(found.actor), other) })
        {
            return
        }
        throw Failure.invalid([StoreError.noOther(ticket: number)])
    }

    @Sendable private func download(_ request: Request, _ context: WebContext) async throws -> Response {
        try await Download(site: desk.site).response(
            context.part("id"), of: try await desk.access.ticket(context), context)
    }

    // MARK: Files

    @Sendable private func upload(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(context)
        let file = try await file(request, found.company, found.signedIn.account)
        return .json(file.json, status: 201)
    }

    @Sendable private func attach(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.ticket(context)
        let file = try await file(request, found.company, found.signedIn.account)
        try await found.store.write {
            try $0.attachUpload(file.id, to: found.ticket, by: found.signedIn.account, now: desk.site.now)
        }
        return desk.created(
            file,
            at: "/api/v1/companies/\(found.company.slug)/tickets/\(found.ticket.number)/attachments/\(file.id)")
    }

    /// The one file of a multipart body, kept.
    private func file(_ request: Request, _ company: Company, _ giver: Account) async throws -> FormUpload {
        guard APIDesk.type(request) == "multipart/form-data" else {
            throw Failure.unsupportedMediaType("multipart/form-data")
        }
        let field = UploadField(accept: [], maximumFiles: 1, maximumBytes: UploadField.largestBytes)
        let intake = FormIntake(site: desk.site, company: company, giver: giver, limits: ["file": ("The file", field)])
        let form = try await intake.read(request) { _ in }
        guard form.fileErrors.isEmpty else { throw Failure.invalid(form.fileErrors) }
        let extra = form.fields.map(\.name).filter { $0 != "file" }
        guard extra.isEmpty else {
            throw Failure.invalid(
                extra.map { FieldError(field: $0, message: "There is no part \"\($0)\" here; send \"file\" alone") })
        }
        guard let id = form["file"],
            let file = try await desk.site.store.read(
                in: company.id,
                {
                    try $0.uploads([id], giver: giver.id, ticket: nil)
                })[id]
        else { throw Failure.invalid([FieldError(field: "file", message: "Send one file as the part \"file\"")]) }
        return file
    }

    // MARK: Actions

    @Sendable private func comment(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.ticket(context)
        let body = try await desk.body(request, context)
        let isInternal = body["internal"] == true
        if isInternal { try found.demand(.readInternalNotes) }
        let change = CompanyChange.addComment(
            body["text"].stringValue ?? "", isInternal: isInternal, ticket: found.ticket, by: found.signedIn.account,
            now: desk.site.now)
        return try await found.changes.answer(change) { session, id in
            let comments = try session.comments(ticket: found.ticket.id, withInternal: true)
            guard let comment = comments.first(where: { $0.id == id }) else { throw Failure.notFound }
            return .json(comment.json, status: 201)
        }
    }

    @Sendable private func cancel(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.ticket(context)
        let body = try await desk.body(request, context)
        return try await found.changes.answer { session in
            try session.cancelTicket(
                found.ticket.id, version: body["version"].intValue, by: found.signedIn.account, now: desk.site.now)
            return try answer(found, session)
        }
    }

    @Sendable private func reopen(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.ticket(context)
        let body = try await desk.body(request, context)
        return try await found.changes.answer { session in
            try session.reopenTicket(
                found.ticket.id, by: found.signedIn.account, version: body["version"].intValue, now: desk.site.now)
            return try answer(found, session)
        }
    }

    // MARK: The workflow inside

    @Sendable private func instances(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.ticket(context)
        _ = try desk.query(request, context)
        let reader = try await found.reader()
        let instances = try await found.store.read { try $0.instances(ticket: found.ticket.id) }
        return desk.page(instances.map { InstanceAnswer(instance: $0, reader: reader) })
    }

    @Sendable private func retry(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.ticket(context)
        let body = try await desk.body(request, context)
        return try await decide(.retry, found, body["version"].intValue)
    }

    @Sendable private func skip(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.ticket(context)
        let body = try await desk.body(request, context)
        return try await decide(.skip(output: body["output"]), found, body["version"].intValue)
    }

    private func decide(
        _ decision: FaultDecision, _ found: Access.OfTicket, _ version: Int?
    ) async throws -> Response {
        let change = CompanyChange.decide(
            decision, at: FaultedStep(ticket: found.ticket.id, version: version), by: found.signedIn.account,
            now: desk.site.now)
        return try await found.changes.answer(change) { session, _ in try answer(found, session) }
    }

    /// The ticket as it is now.
    private func answer(_ found: Access.OfTicket, _ session: CompanyReadSession) throws -> Reply {
        guard let ticket = try session.ticket(id: found.ticket.id) else { throw Failure.notFound }
        return .json(try object(found.changed(to: ticket), session).json)
    }

    private func object(_ found: Access.OfTicket, _ session: CompanyReadSession) throws -> TicketAnswer {
        let ticket = found.ticket
        let all = try session.tasks(ticket: ticket.id)
        let tasks = found.told(all)
        let reader = try found.reader(all, session)
        let history = found.told(try session.history(ticket: ticket.id), of: tasks)
        return TicketAnswer(
            ticket: ticket, form: reader.answers.visible(ticket.form, ticket.fields), tasks: tasks,
            history: history.map { HistoryAnswer($0, reader) },
            comments: try session.comments(ticket: ticket.id, withInternal: found.may(.readInternalNotes)),
            attachments: try session.attachments(ticket: ticket.id))
    }
}
