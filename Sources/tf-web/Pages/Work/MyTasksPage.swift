import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// A worker's open and completed tasks, with the form for their availability.
struct MyTasksPage {
    /// Maximum number of completed tasks that are shown.
    private static let limitDone = 10

    private let company: Company
    private let tasks: [TaskRecord]
    private let done: [TaskRecord]
    private let tags: FormTags
    private let now: Int64

    @Sendable static func make(_ request: ProvedRequest<InCompany>, _ session: CompanyReadSession) throws -> Page {
        let account = request.account
        let page = MyTasksPage(
            company: request.company, tasks: try session.queue(of: account.id, now: request.now),
            done: try session.done(by: account.id, limit: limitDone), tags: request.tags, now: request.now)
        let availability = try session.worker(account.login).map { worker in
            AvailabilityForm(worker: worker, company: request.company, typed: request.typed, tags: request.tags).html
        }
        return Page(
            "My tasks",
            "<h1>My tasks</h1>\(page.toDo)\(availability)<h2>Done by me</h2>\(page.doneBefore)")
    }

    private var base: String { "/c/\(company.slug)" }

    private var toDo: HTML {
        guard !tasks.isEmpty else { return Elements.empty("Nothing to do.", link: ("\(base)/pool", "Tasks to claim")) }
        let table = Elements.table(
            "What to do first stands first", ["Task", "Ticket", "State", "Priority", "Due", "Waiting since"],
            tasks.map { task in
                [
                    link(to: task),
                    """
                    <a href="\(base)/tickets/\(task.ticketNumber)">#\(task.ticketNumber)\
                    <span class="hidden"> of \(task.title)</span></a>
                    """,
                    state(task), Elements.priority(task.priority), Elements.due(task.dueAtMs, now: now, company),
                    Elements.time(task.createdAtMs, company),
                ]
            })
        return """
            <form method="post" action="\(base)/my/tasks/next">\(tags.hidden())\
            <button>Start the next task</button></form>\(table)
            """
    }

    private var doneBefore: HTML {
        guard !done.isEmpty else { return Elements.empty("Tasks that you complete appear here.") }
        return Elements.table(
            "The last ten", ["Task", "Result", "When"],
            done.map { task in
                [
                    link(to: task), "\(task.output?["outcome"].stringValue)",
                    Elements.time(task.finishedAtMs, company),
                ]
            })
    }

    private func link(to task: TaskRecord) -> HTML { #"<a href="\#(base)/tasks/\#(task.id)">\#(task.title)</a>"# }

    private func state(_ task: TaskRecord) -> HTML {
        guard task.state == .held, let wake = task.wakeAtMs else { return Elements.state(task.state) }
        return "\(Elements.state(task.state)) until \(Elements.time(wake, company))"
    }
}
