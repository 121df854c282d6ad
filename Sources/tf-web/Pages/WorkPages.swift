import Hummingbird
import TFDefinition
import TFExpression
import TFStore

/// A worker's own queue, the tasks to claim, and availability.
struct WorkPages: Sendable {
    let desk: PageDesk

    func addRoutes(to routes: inout RouteTable) {
        routes.page(
            .get, "/c/{company}/my/tasks", .listOwnTasks, on: .company, navigation: .at(.myTasks, "My tasks"), queue)
        routes.page(.post, "/c/{company}/my/tasks/next", .listOwnTasks, on: .company, next)
        routes.page(
            .post, "/c/{company}/my/availability", .setOwnAvailability, on: .company,
            formOn: "/c/{company}/my/tasks", setAvailability)
        routes.page(.get, "/c/{company}/pool", .claimTask, on: .company, pool)
    }

    @Sendable private func queue(_ request: Request, _ context: WebContext) async throws -> Response {
        try await page(request, context, find(context), errors: [])
    }

    private func page(
        _ request: Request, _ context: WebContext, _ found: Access.InCompany, errors: [FieldError]
    ) async throws -> Response {
        let store = found.store
        let account = found.signedIn.account
        let tasks = try await store.read { try $0.queue(of: account.id, now: desk.site.now) }
        let done = try await store.read { try $0.done(by: account.id, limit: 10) }
        let me = try await store.read { try $0.workers() }.first { $0.login == account.login }
        let frame = desk.frame(
            context, request, title: "My tasks", company: found.company, isError: !errors.isEmpty)
        let base = "/c/\(found.company.slug)"
        let first: HTML =
            tasks.isEmpty
            ? Elements.empty("Nothing to do.", link: ("\(base)/pool", "Tasks to claim"))
            : """
            <form method="post" action="\(base)/my/tasks/next">\(Elements.hidden(csrf: frame.csrf))\
            <button>Start the next task</button></form>\(table(tasks, found.company, "What to do first stands first"))
            """
        return desk.respond(
            frame,
            """
            \(Elements.errorSummary(errors))<h1>My tasks</h1>\(first)\
            \(me.map { AvailabilityForm(worker: $0, company: found.company, errors: errors).html(csrf: frame.csrf) })\
            <h2>Done by me</h2>\
            \(done.isEmpty ? Elements.empty("Tasks that you complete appear here.") : doneTable(done, found.company))
            """)
    }

    private func table(_ tasks: [TaskRecord], _ company: Company, _ caption: String) -> HTML {
        Elements.table(
            caption, ["Task", "Ticket", "State", "Priority", "Due", "Waiting since"],
            tasks.map { task in
                [
                    #"<a href="/c/\#(company.slug)/tasks/\#(task.id)">\#(task.title)</a>"#,
                    """
                    <a href="/c/\(company.slug)/tickets/\(task.ticketNumber)">#\(task.ticketNumber)\
                    <span class="hidden"> of \(task.title)</span></a>
                    """,
                    state(task, company), Elements.priority(task.priority),
                    Elements.due(task.dueAtMs, now: desk.site.now, company), Elements.time(task.createdAtMs, company),
                ]
            })
    }

    private func state(_ task: TaskRecord, _ company: Company) -> HTML {
        guard task.state == .held, let wake = task.wakeAtMs else { return Elements.state(task.state) }
        return "\(Elements.state(task.state)) until \(Elements.time(wake, company))"
    }

    private func doneTable(_ tasks: [TaskRecord], _ company: Company) -> HTML {
        Elements.table(
            "The last ten", ["Task", "Result", "When"],
            tasks.map { task in
                [
                    #"<a href="/c/\#(company.slug)/tasks/\#(task.id)">\#(task.title)</a>"#,
                    "\(task.output?["outcome"].stringValue)", Elements.time(task.finishedAtMs, company),
                ]
            })
    }

    @Sendable private func next(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        let site = desk.site
        let tasks = try await found.store.read {
            try $0.queue(of: found.signedIn.account.id, now: site.now)
        }
        guard let first = tasks.first(where: { $0.state != .held }) else {
            return .seeOther("/c/\(found.company.slug)/my/tasks")
        }
        return try await found.changes.answer { session in
            try session.startTask(first.id, by: found.signedIn.account, version: nil, now: site.now)
            return .seeOther("/c/\(found.company.slug)/tasks/\(first.id)")
        }
    }

    @Sendable private func setAvailability(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        let site = desk.site
        do {
            let availability = try AvailabilityForm.read(context.form, found.company)
            let said =
                availability.from.map { $0 > site.now } == true
                ? "It is planned." : availability.isAvailable ? "You get tasks again." : "You get no new tasks."
            return try await found.changes.answer { session in
                try session.setAvailability(
                    found.signedIn.account.login, availability, now: site.now)
                return site.seen("/c/\(found.company.slug)/my/tasks", saying: said)
            }
        } catch StoreError.invalid(let errors) {
            return try await page(request, context, found, errors: errors)
        }
    }

    @Sendable private func pool(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        let tasks = try await found.store.read {
            try $0.pool(
                scope: Policy.tasks(found.actor), roles: found.actor.membership?.companyRoles ?? [],
                login: found.signedIn.account.login)
        }
        let frame = desk.frame(context, request, title: "Tasks to claim", company: found.company)
        let rows = tasks.map { task -> [HTML] in
            [
                #"<a href="/c/\#(found.company.slug)/tasks/\#(task.id)">\#(task.title)</a>"#,
                "\(task.waitingBecause)", Elements.due(task.dueAtMs, now: desk.site.now, found.company),
                """
                <form method="post" action="/c/\(found.company.slug)/tasks/\(task.id)/claim">\
                \(Elements.hidden(csrf: frame.csrf, version: task.version))\
                <button class="second">Claim<span class="hidden"> \(task.title)</span></button></form>
                """,
            ]
        }
        return desk.respond(
            frame,
            """
            <h1>Tasks to claim</h1>\
            \(tasks.isEmpty
                ? Elements.empty("No task waits for somebody with your roles.")
                : Elements.table("Tasks that nobody has", ["Task", "Why nobody has it", "Due", "Claim"], rows))
            """)
    }

    private func find(_ context: WebContext) async throws -> Access.InCompany {
        try await desk.access.company(context)
    }
}
