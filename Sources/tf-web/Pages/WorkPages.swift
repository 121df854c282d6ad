import Hummingbird
import TFDefinition
import TFExpression
import TFStore

/// A worker's own queue, the tasks to claim, and availability.
struct WorkPages: Sendable {
    let desk: PageDesk

    func addRoutes(to routes: inout Routes) {
        routes.get("/c/{company}/my/tasks", queue)
        routes.post("/c/{company}/my/tasks/next", next)
        routes.post("/c/{company}/my/availability", setAvailability)
        routes.get("/c/{company}/pool", pool)
    }

    @Sendable private func queue(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context, .listOwnTasks)
        let store = desk.site.store
        let account = found.signedIn.account
        let tasks = try await store.queue(found.company.id, of: account.id, now: desk.site.now)
        let done = try await store.done(found.company.id, by: account.id, limit: 10)
        let frame = desk.frame(context, request, title: "My tasks", company: found.company)
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
            <h1>My tasks</h1>\(first)\(availability(found, csrf: frame.csrf))<h2>Done by me</h2>\
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
                    Elements.state(task.state), Elements.priority(task.priority),
                    Elements.due(task.dueAtMs, now: desk.site.now, company), Elements.time(task.createdAtMs, company),
                ]
            })
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

    private func availability(_ found: Access.InCompany, csrf: String) -> HTML {
        let isAvailable = found.actor.membership?.isAvailable ?? false
        let handover: HTML =
            isAvailable
            ? Elements.field("handover", label: "What becomes of your tasks", errors: []) { attributes in
                """
                <select name="handover"\(attributes)><option value="not_started">Those not started go to others</option>\
                <option value="keep">I keep all</option><option value="all">All go to others</option></select>
                """
            } : .empty
        return """
            <h2>Availability</h2><form class="buttons" method="post" action="/c/\(found.company.slug)/my/availability">\
            \(Elements.hidden(csrf: csrf))<input type="hidden" name="available" value="\(isAvailable ? "false" : "true")">\
            <p>You are <strong>\(isAvailable ? "available" : "away")</strong>\
            \(isAvailable ? " and get new tasks." : " and get no new tasks.")</p>\(handover)\
            <button class="second">\(isAvailable ? "Go away" : "I am back")</button></form>
            """
    }

    @Sendable private func next(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context, .listOwnTasks)
        let site = desk.site
        let tasks = try await site.store.queue(found.company.id, of: found.signedIn.account.id, now: site.now)
        guard let first = tasks.first else { return .seeOther("/c/\(found.company.slug)/my/tasks") }
        try await site.store.startTask(first.id, by: found.signedIn.account, version: nil, now: site.now)
        return .seeOther("/c/\(found.company.slug)/tasks/\(first.id)")
    }

    @Sendable private func setAvailability(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context, .setOwnAvailability)
        let site = desk.site
        let isAvailable = context.form["available"] == "true"
        try await site.store.setAvailability(
            found.signedIn.account.login, company: found.company.id, isAvailable: isAvailable,
            handover: context.form["handover"].flatMap(Store.Handover.init(rawValue:)) ?? .notStarted, now: site.now)
        return site.seeOther(
            "/c/\(found.company.slug)/my/tasks", saying: isAvailable ? "You get tasks again." : "You get no new tasks.")
    }

    @Sendable private func pool(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context, .claimTask)
        let tasks = try await desk.site.store.pool(
            found.company.id, roles: found.actor.membership?.companyRoles ?? [], login: found.signedIn.account.login)
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

    private func find(_ context: WebContext, _ action: Action) async throws -> Access.InCompany {
        try await desk.access.company(context.parameters.get("company"), try context.requireSignedIn(), action)
    }
}
