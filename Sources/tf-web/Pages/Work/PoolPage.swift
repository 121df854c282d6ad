import TFDefinition
import TFEngine
import TFStore

/// The unassigned tasks that the visitor may claim, a tab of the worker's home.
enum PoolPage {
    private static let limit = 100

    @Sendable static func make(_ request: ProvedRequest<InCompany>, _ session: CompanyReadSession) throws -> Page {
        let tabs = try OwnTaskTabs(request, session)
        let tasks = try session.claimable(
            scope: request.actor.tasks, request.actor.asClaimant, limit: limit, now: request.now)
        let types = try session.titles(of: .ticket, named: Set(tasks.map(\.type)))
        let roles = try session.roleLabels(for: tasks.map(\.waiting))
        let requesters = try session.requesterNames(of: tasks.map(\.ticketID))
        let content = tasks.isEmpty ? empty : table(tasks, types, roles, requesters, request)
        let isWorker = tabs.own != nil
        return Page(
            "To claim", Elements.head(isWorker ? "My tasks" : "Tasks to claim"),
            live: #"<div class="stack">\#(tabs.html(.toClaim))\#(content)</div>"#
        ).under(isWorker ? .myTasks : .tasks)
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
        let table = RowTable(
            "Tasks to claim, most urgent first",
            heads: [
                .init("Task"), .init("Opened", .w2), .init("Due", .w2), .init("Claim", .w1),
            ],
            rows: tasks.map { task in
                let path = "/c/\(request.company.slug)/tasks/\(task.id)"
                let requester = requesters[task.ticketID].map { "\($0) · " } ?? ""
                // Most wait for whoever claims them, or for the queues; only another reason is said.
                let reason = task.waiting?.code.isStuck(task.strategy) == true ? " · \(reason(task, roles))" : ""
                return [
                    .whole(
                        path: path, title: "\(task.title)",
                        meta: RowTable.behind(
                            task.priority, "\(requester)#\(task.ticketNumber) · \(types[task.type])\(reason)",
                            isCut: false)),
                    .named(times.near(task.createdAtMs)),
                    .named(task.dueAtMs == nil ? .empty : times.due(task.dueAtMs)),
                    .text(
                        """
                        <button class=small formaction="\(path)/claim" name="\(PostedForm.key)" \
                        value="\(request.tags.key(version: task.version, forLive: "claim \(task.id)"))">\
                        Claim<span class=vh> \(task.title)</span></button>
                        """),
                ]
            })
        let first = "/c/\(request.company.slug)/tasks/\(tasks[0].id)/claim"
        return #"<form method="post" action="\#(first)">\#(request.tags.keyedByButton)\#(table.html)</form>"#
    }
}
