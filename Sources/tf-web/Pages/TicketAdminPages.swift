import Hummingbird
import TFDefinition
import TFEngine
import TFStore

/// A ticket admin's tasks and workers.
struct TicketAdminPages: Sendable {
    let desk: PageDesk

    func addRoutes(to routes: inout RouteTable) {
        routes.page(
            .get, "/c/{company}/tasks", .assignTask, on: .company, navigation: .at(.tasks, "Tasks"), tasks)
        routes.page(
            .get, "/c/{company}/workers", .seeWorkers, on: .company, navigation: .at(.workers, "Workers"), workers)
        routes.page(.post, "/c/{company}/workers/{login}/availability", .setAvailability, on: .company, setAvailability)
    }

    @Sendable private func tasks(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        guard let scope = Policy.managedTasks(found.actor) else { throw Failure.notFound }
        let query = request.uri.queryParameters
        var filter = TaskFilter()
        let state = query["state"].map(String.init) ?? "open"
        filter.state = TaskState(rawValue: state)
        filter.isOpen = state == "open"
        filter.assignee = query["assignee"].map(String.init).flatMap { $0.isEmpty || $0 == "-" ? nil : $0 }
        filter.isUnassigned = query["assignee"] == "-"
        filter.after = query["after"].flatMap { TaskID($0) }
        let store = found.store
        let (rows, hasMore) = try await store.read { [filter] in
            try $0.tasks(scope: scope, filter: filter)
        }
        let workers = try await store.read { try $0.workers() }
        let frame = desk.frame(context, request, title: "Tasks", company: found.company)
        let path = request.uri.path
        let next: HTML =
            hasMore
            ? """
            <nav class="buttons" aria-label="Pages"><a class="button second" \
            href="\(path)?state=\(state)&amp;assignee=\(query["assignee"].map(String.init) ?? "")&amp;after=\(rows.last.map { "\($0.id)" })">\
            Next page</a></nav>
            """ : .empty
        return desk.respond(
            frame,
            """
            <h1>Tasks</h1>\(try await unserved(found))\(filters(path, state: state, assignee: query["assignee"].map(String.init), workers))\
            \(rows.isEmpty
                ? Elements.empty("No task matches.", link: ("\(path)?state=all", "Show all tasks"))
                : table(rows, found.company, workers, csrf: frame.csrf, back: path))\(next)
            """)
    }

    /// Tells of tasks that nobody can have at present, with the reasons.
    private func unserved(_ found: Access.InCompany) async throws -> HTML {
        guard let scope = Policy.managedTasks(found.actor) else { return .empty }
        let reasons = try await found.store.read { try $0.unserved(scope: scope) }
        guard !reasons.isEmpty else { return .empty }
        let items = reasons.map { reason, tasks -> HTML in
            "<li>\(tasks) \(tasks == 1 ? "task" : "tasks"): \(reason)</li>"
        }
        return """
            <div class="card"><h2>Nobody can have these</h2><ul>\(items)</ul>\
            <p><a href="/c/\(found.company.slug)/tasks?state=ready&amp;assignee=-">Show them</a></p></div>
            """
    }

    private func filters(_ path: String, state: String, assignee: String?, _ workers: [WorkerLoad]) -> HTML {
        let states = (["open", "all"] + TaskState.allCases.map(\.rawValue)).map { name -> HTML in
            #"<option\#(when(name == state, " selected"))>\#(name)</option>"#
        }
        let people = workers.map { worker -> HTML in
            #"<option value="\#(worker.login)"\#(when(worker.login == assignee, " selected"))>\#(worker.name)</option>"#
        }
        return """
            <form class="filters" method="get" action="\(path)">\
            \(Elements.field("state", label: "State", errors: []) { a in #"<select name="state"\#(a)>\#(states)</select>"# })\
            \(Elements.field("assignee", label: "Who has it", errors: []) { attributes in
                """
                <select name="assignee"\(attributes)><option value="">Anybody</option>\
                <option value="-"\(when(assignee == "-", " selected"))>Nobody</option>\(people)</select>
                """
            })<button class="second">Apply</button></form>
            """
    }

    private func table(
        _ tasks: [TaskRecord], _ company: Company, _ workers: [WorkerLoad], csrf: String, back: String
    ) -> HTML {
        Elements.table(
            "Oldest first", ["Task", "Ticket", "State", "Who has it", "Due", "Reassign"],
            tasks.map { task in
                [
                    #"<a href="/c/\#(company.slug)/tasks/\#(task.id)">\#(task.title)</a>"#,
                    #"<a href="/c/\#(company.slug)/tickets/\#(task.ticketNumber)">#\#(task.ticketNumber)<span class="hidden"> of \#(task.title)</span></a>"#,
                    Elements.state(task.state), "\(task.assignee ?? task.waitingBecause ?? "–")",
                    task.state.isOpen ? Elements.due(task.dueAtMs, now: desk.site.now, company) : "–",
                    task.state.isOpen ? reassign(task, company, csrf: csrf, back: back) : "–",
                ]
            })
    }

    private func reassign(_ task: TaskRecord, _ company: Company, csrf: String, back: String) -> HTML {
        """
        <form method="post" action="/c/\(company.slug)/tasks/\(task.id)/assignment">\
        \(Elements.hidden(csrf: csrf, version: task.version))<input type="hidden" name="next" value="\(back)">\
        <button class="plain">By the rule<span class="hidden">: \(task.title) of ticket \(task.ticketNumber)</span></button>\
        </form>
        """
    }

    @Sendable private func workers(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        let workers = try await found.store.read { try $0.workers() }
        // nil: Redis is away; the store's figures stand alone then.
        let lengths = try? await desk.site.queues.lengths(company: found.company.slug, workers.map(\.login))
        let frame = desk.frame(context, request, title: "Workers", company: found.company)
        let rows = workers.enumerated().map { index, worker -> [HTML] in
            // A program's jobs that it has taken are in no list.
            let drift =
                lengths.map { $0[index] == worker.open || worker.kind == .service ? "" : " (Redis has \($0[index]))" }
                ?? " (Redis does not answer)"
            return [
                "\(worker.name) (\(worker.login))", "\(worker.roles.joined(separator: ", "))",
                #"<span class="bar w\#(min(worker.open, 8))"></span>\#(worker.open)\#(drift)"#, "\(worker.done)",
                availability(worker, found.company),
                worker.kind == .service
                    ? "by itself"
                    : """
                    <form method="post" action="/c/\(found.company.slug)/workers/\(worker.login)/availability">\
                    \(Elements.hidden(csrf: frame.csrf))<input type="hidden" name="available" value="\(worker.isAvailable ? "false" : "true")">\
                    <button class="plain">\(worker.isAvailable ? "Set away" : "Set available")<span class="hidden">: \(worker.name)</span>\
                    </button></form>
                    """,
            ]
        }
        return desk.respond(
            frame,
            """
            <h1>Workers</h1>\(try await unserved(found))\
            \(workers.isEmpty
                ? Elements.empty("Nobody in this company holds the role task_worker.")
                : Elements.table("Open tasks of each worker", ["Worker", "Roles", "Open", "Done", "State", "Change"], rows))
            """)
    }

    private func availability(_ worker: WorkerLoad, _ company: Company) -> HTML {
        let tag: HTML =
            worker.isAvailable
            ? #"<span class="tag good">available</span>"# : #"<span class="tag off">away</span>"#
        let kind: HTML = worker.kind == .service ? " a program" : .empty
        let change = worker.changesAtMs.map { moment -> HTML in " until \(Elements.time(moment, company))" }
        return "\(tag)\(kind)\(change)"
    }

    @Sendable private func setAvailability(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        guard let login = context.part("login") else { throw Failure.notFound }
        let site = desk.site
        let availability = try AvailabilityForm.read(context.form, found.company)
        do {
            return try await found.changes.answer { session in
                try session.setAvailability(login, availability, now: site.now)
                return site.seen(
                    "/c/\(found.company.slug)/workers", saying: "Availability of \(login) is changed.")
            }
        } catch StoreError.conflict(let sentence) {
            return desk.conflict(
                context, request, sentence, company: found.company, back: "/c/\(found.company.slug)/workers")
        }
    }

    private func find(_ context: WebContext) async throws -> Access.InCompany {
        try await desk.access.company(context)
    }
}
