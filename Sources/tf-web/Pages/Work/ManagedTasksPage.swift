import TFDefinition
import TFEngine
import TFStore

/// The tasks that a ticket admin manages, each with a button to reassign it.
struct ManagedTasksPage {
    private let company: Company
    private let path: String
    private let query: ManagedTasksQuery
    private let tasks: [TaskRecord]
    private let workers: [WorkerLoad]
    private let tags: FormTags
    private let now: Int64

    @Sendable static func make(
        _ request: ProvedRequest<InCompany>, _ query: ManagedTasksQuery, _ session: CompanyReadSession
    ) throws -> Page {
        guard let scope = request.actor.managedTasks else { throw Failure.notFound }
        let (tasks, hasMore) = try session.tasks(scope: scope, filter: query.filter)
        let page = ManagedTasksPage(
            company: request.company, path: request.path, query: query, tasks: tasks,
            workers: try session.workers(), tags: request.tags, now: request.now)
        let unserved = UnservedTasks(reasons: try session.unserved(scope: scope), in: request.company)
        return Page(
            "Tasks",
            "<h1>Tasks</h1>\(unserved.html)\(page.filters)\(page.list)\(when(hasMore, page.next))")
    }

    private var filters: HTML {
        let states = ManagedTasksQuery.states.map { name -> HTML in
            #"<option\#(when(name == query.state, " selected"))>\#(name)</option>"#
        }
        let people = workers.map { worker -> HTML in
            """
            <option value="\(worker.login)"\(when(worker.login == query.assignee, " selected"))>\(worker.name)</option>
            """
        }
        let nobody = ManagedTasksQuery.nobody
        return """
            <form class="filters" method="get" action="\(path)">\
            \(Elements.field("state", label: "State", errors: []) { attributes in
                #"<select name="state"\#(attributes)>\#(states)</select>"#
            })\
            \(Elements.field("assignee", label: "Who has it", errors: []) { attributes in
                """
                <select name="assignee"\(attributes)><option value="">Anybody</option>\
                <option value="\(nobody)"\(when(query.assignee == nobody, " selected"))>Nobody</option>\(people)</select>
                """
            })<button class="second">Apply</button></form>
            """
    }

    private var list: HTML {
        guard !tasks.isEmpty else {
            return Elements.empty(
                "No task matches.", link: ("\(path)?state=\(ManagedTasksQuery.all)", "Show all tasks"))
        }
        return Elements.table(
            "Oldest first", ["Task", "Ticket", "State", "Who has it", "Due", "Reassign"], tasks.map(row))
    }

    private func row(_ task: TaskRecord) -> [HTML] {
        [
            #"<a href="/c/\#(company.slug)/tasks/\#(task.id)">\#(task.title)</a>"#,
            """
            <a href="/c/\(company.slug)/tickets/\(task.ticketNumber)">#\(task.ticketNumber)\
            <span class="hidden"> of \(task.title)</span></a>
            """,
            Elements.state(task.state), "\(task.assignee ?? task.waitingBecause ?? "–")",
            task.state.isOpen ? Elements.due(task.dueAtMs, now: now, company) : "–",
            task.state.isOpen ? reassign(task) : "–",
        ]
    }

    private func reassign(_ task: TaskRecord) -> HTML {
        """
        <form method="post" action="/c/\(company.slug)/tasks/\(task.id)/assignment">\
        \(tags.hidden(version: task.version))<input type="hidden" name="next" value="\(path)">\
        <button class="plain">By the rule<span class="hidden">: \(task.title) of ticket \(task.ticketNumber)</span></button>\
        </form>
        """
    }

    private var next: HTML {
        """
        <nav class="buttons" aria-label="Pages"><a class="button second" \
        href="\(path)?state=\(query.state)&amp;assignee=\(query.assignee ?? "")&amp;after=\(tasks.last.map { "\($0.id)" })">\
        Next page</a></nav>
        """
    }
}

/// Lists the reasons why some tasks have no eligible worker at present.
struct UnservedTasks: Sendable {
    private let reasons: [(reason: String, tasks: Int)]
    private let company: Company

    init(reasons: [(reason: String, tasks: Int)], in company: Company) {
        self.reasons = reasons
        self.company = company
    }

    var html: HTML {
        guard !reasons.isEmpty else { return .empty }
        let items = reasons.map { reason, tasks -> HTML in
            "<li>\(tasks) \(tasks == 1 ? "task" : "tasks"): \(reason)</li>"
        }
        return """
            <div class="card"><h2>Nobody can have these</h2><ul>\(items)</ul>\
            <p><a href="/c/\(company.slug)/tasks?state=ready&amp;assignee=\(ManagedTasksQuery.nobody)">Show them</a></p></div>
            """
    }
}
