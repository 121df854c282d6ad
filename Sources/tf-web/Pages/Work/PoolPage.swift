import TFDefinition
import TFEngine
import TFStore

/// The unassigned tasks that the visitor may claim, a tab of the worker's home. Each row says only what it must: 25 of them
/// with their buttons have to fit into the first packets of a connection.
enum PoolPage {
    private static let limit = 25

    @Sendable static func make(
        _ request: ProvedRequest<InCompany>, _ query: PoolQuery, _ session: CompanyReadSession
    ) throws -> Page {
        let tabs = try OwnTaskTabs(request, session)
        let page = try session.claimable(
            scope: request.actor.tasks, request.actor.asClaimant, cursor: query.place.cursor, limit: limit,
            now: request.now)
        let tasks = page.rows
        let types = try session.titles(of: .ticket, named: Set(tasks.map(\.type)))
        let roles = try session.roleLabels(for: tasks.map(\.waiting))
        let requesters = try session.requesterNames(of: tasks.map(\.ticketID))
        let address = ListAddress("/c/\(request.company.slug)/pool")
        let content: HTML =
            tasks.isEmpty
            ? query.place.cursor == nil ? empty : ListParts.gone(address)
            : "\(table(tasks, types, roles, requesters, request))\(ListParts.pager(page, address))"
        let isWorker = tabs.own != nil
        return Page(
            "To claim", Elements.head(isWorker ? "My tasks" : "Tasks to claim"),
            live: #"<div class="stack">\#(tabs.html(.toClaim))\#(content)</div>"#
        ).under(isWorker ? .myTasks : .tasks).passingOver(query.place.passedOver)
    }

    private static var empty: HTML {
        Elements.empty(
            .nothingToDo, "Nothing to claim",
            "Tasks that anybody with your roles may take stand here. At present none waits for somebody with them.")
    }

    /// Why the queues have given a task to nobody, for somebody who may claim it.
    private static func reason(_ task: TaskLine, _ roles: [String: String]) -> String {
        task.waiting?.code == .noneAvailable
            ? "Nobody else is available"
            : WaitingReason.words(task.waiting, task.strategy, title: task.title, roles: roles)
    }

    /// One form for all rows: each button sends to its own task, with a key of its own.
    private static func table(
        _ tasks: [TaskLine], _ types: DefinitionTitles, _ roles: [String: String],
        _ requesters: [TicketID: String], _ request: ProvedRequest<InCompany>
    ) -> HTML {
        let times = request.times
        let company = "/c/\(request.company.slug)"
        // Where the browser shows this page's own address, links can be relative to it.
        let base = request.typed.isFirst ? "tasks" : "\(company)/tasks"
        // Buttons of one ticket have one name only where its tasks have one title.
        let several = Set(Dictionary(grouping: tasks, by: \.ticketID).filter { $0.value.count > 1 }.keys)
        let table = RowTable(
            "Tasks to claim, most urgent first",
            heads: [.init("Task"), .init("When", .w2), .init("Claim", .w1)],
            rows: tasks.map { task in
                let path = "\(base)/\(task.id)"
                let requester = requesters[task.ticketID].map { "\($0) · " } ?? ""
                // Many titles begin with their type.
                let type = task.title.hasPrefix(types[task.type]) ? "" : " · \(types[task.type])"
                // Most wait for whoever claims them, or for the queues; only another reason is said.
                let reason = task.waiting?.code.isStuck(task.strategy) == true ? " · \(reason(task, roles))" : ""
                let which = several.contains(task.ticketID) ? ": \(task.title)" : ""
                return [
                    .whole(
                        path: path, title: "\(task.title)",
                        meta: RowTable.behind(
                            task.priority, "\(requester)#\(task.ticketNumber)\(type)\(reason)", isCut: false)),
                    moment(task, times),
                    .text(
                        """
                        <button formaction=\(path)/claim name=\(PostedForm.key) \
                        value=\(request.tags.key(version: task.version, forLive: "claim \(task.id)"))>\
                        Claim<i class=vh> #\(task.ticketNumber)\(which)</i></button>
                        """),
                ]
            })
        let first = "\(company)/tasks/\(tasks[0].id)/claim"
        return #"<form method="post" action="\#(first)">\#(request.tags.keyedByButton)\#(table.html)</form>"#
    }

    /// When it is due, or how late it is; of what is never due, since when it is there.
    private static func moment(_ task: TaskLine, _ times: Times) -> RowTable.Cell {
        guard let due = task.dueAtMs else { return .text("Opened \(times.inList(task.createdAtMs))") }
        return times.isPast(due) ? times.dueInList(due) : .text("Due \(times.inList(due))")
    }
}
