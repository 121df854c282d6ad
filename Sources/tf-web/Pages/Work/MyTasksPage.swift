import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// The worker's home: what to do next, then their other tasks in the order to do them.
struct MyTasksPage {
    private static let limit = 25

    private let request: ProvedRequest<InCompany>

    private var times: Times { request.times }
    private var base: String { "/c/\(request.company.slug)" }
    private var address: ListAddress { ListAddress("\(base)/my/tasks") }

    @Sendable static func make(
        _ request: ProvedRequest<InCompany>, _ query: OwnTasksQuery, _ session: CompanyReadSession
    ) throws -> Page {
        let page = MyTasksPage(request: request)
        let tabs = try OwnTaskTabs(request, session)
        let (live, current) =
            switch query.shown {
            case .mine: (try page.mine(query, tabs, session), OwnTaskTabs.Current.mine)
            case .held: (try page.held(query, session), .held)
            case .done: (try page.done(query, session), .done)
            }
        let form = try absenceForm(request, isAsked: query.plansAbsence, session)
        return Page(
            "My tasks", "\(Elements.head("My tasks"))\(form)",
            live: #"<div class="stack">\#(tabs.html(current))\#(live)</div>"#,
            form == nil ? try absence(request, session) : .empty
        ).passingOver(query.passedOver)
    }

    /// The form for a planned absence when it is asked for; the switch in the header is for now.
    private static func absenceForm(
        _ request: ProvedRequest<InCompany>, isAsked: Bool, _ session: CompanyReadSession
    ) throws -> HTML? {
        guard isAsked || !request.typed.isFirst, let worker = try session.worker(request.account.login) else {
            return nil
        }
        return AvailabilityForm(worker: worker, company: request.company, typed: request.typed, tags: request.tags).html
    }

    /// Whether the worker is given new tasks.
    private static func absence(
        _ request: ProvedRequest<InCompany>, _ session: CompanyReadSession
    ) throws -> HTML {
        guard let presence = try session.presence(of: request.account.id) else { return .empty }
        let base = "/c/\(request.company.slug)/my"
        let form = "\(base)/tasks?plan=absence#absence"
        if let absence = PlannedAbsence(presence) {
            let cancel = absence.cancellation(at: "\(base)/availability", tags: request.tags)
            return """
                <div class="row sm"><span>You \(absence.words(request.times)).\(PlannedAbsence.setter(presence))</span>\
                <a href="\(form)">Change it</a>\(cancel)</div>
                """
        }
        let change: HTML? = presence.changesAtMs.map { "; this ends on \(request.times.moment($0))" }
        return """
            <p class="soft sm">You are \(presence.isAvailable ? "available and get" : "away and get no") new tasks\(change).\(when(!presence.isAvailable, PlannedAbsence.setter(presence))) \
            <a href="\(form)">\(presence.isAvailable ? "Plan an absence" : "Change it")</a></p>
            """
    }

    // MARK: Mine

    private func mine(
        _ query: OwnTasksQuery, _ tabs: OwnTaskTabs, _ session: CompanyReadSession
    ) throws -> HTML {
        let page = try session.openTaskLines(
            of: request.account.id, cursor: query.cursor, limit: Self.limit, now: request.now)
        let pager = ListParts.pager(page, address)
        guard page.previous == nil else {
            let table = try table("Your tasks, most urgent first", page.rows, session)
            return "\(table)\(pager)"
        }
        guard let first = page.rows.first else {
            guard query.cursor == nil else { return ListParts.gone(address) }
            let isAway = try session.presence(of: request.account.id).map { !$0.isAvailable } ?? false
            return nothing(tabs.claimable, isAway: isAway)
        }
        let next = try NextTask(first, request, session)
        let others = Array(page.rows.dropFirst())
        let rest: HTML =
            try others.isEmpty
            ? #"<p class="soft">This is your only open task.</p>"#
            : table("Your other tasks, most urgent first", others, session)
        return "\(next.html)\(rest)\(pager)"
    }

    private func table(_ caption: String, _ tasks: [TaskLine], _ session: CompanyReadSession) throws -> HTML {
        let types = try types(of: tasks, session)
        return RowTable(caption, heads: heads, rows: tasks.map { row($0, types) }).html
    }

    private func nothing(_ claimable: Int, isAway: Bool) -> HTML {
        let comesByItself: HTML =
            isAway
            ? "No new tasks come while you are away." : "New tasks come here by themselves while you are available."
        guard claimable > 0 else {
            return Elements.empty(
                .nothingToDo, "Nothing to do", comesByItself)
        }
        let others = claimable == 1 ? "1 task waits" : "\(Elements.grouped(claimable)) tasks wait"
        return Elements.empty(
            .nothingToDo, "Nothing to do",
            "\(comesByItself) \(others) for anybody with your roles.",
            actions: [Link("\(base)/pool", "See what you can claim")])
    }

    // MARK: On hold, done

    private func held(_ query: OwnTasksQuery, _ session: CompanyReadSession) throws -> HTML {
        let page = try session.heldTaskLines(of: request.account.id, cursor: query.cursor, limit: Self.limit)
        let (tasks, address) = (page.rows, self.address.with("show", query.shown.rawValue))
        guard !tasks.isEmpty else {
            guard query.cursor == nil else { return ListParts.gone(address) }
            return Elements.empty(
                .nothingToDo, "Nothing is on hold",
                "A task that has to wait for something can be put off until then; it leaves your list and comes back by itself."
            )
        }
        let reasons = try session.holdReasons(of: tasks)
        let types = try types(of: tasks, session)
        let head: [RowTable.Head] = reasons.isEmpty ? [] : [.init("Reason", .w4)]
        let table = RowTable(
            "Your tasks on hold, the next to come back first",
            heads: [.init("State", .w2), .init("Task")] + head + [.init("Comes back", .w2)],
            rows: tasks.map { task in
                let reason: [RowTable.Cell] = reasons.isEmpty ? [] : [ListParts.holdReason(reasons[task.id])]
                return [state(task), link(task, types)] + reason + [.named(times.until(task.wakeAtMs))]
            })
        return "\(table.html)\(ListParts.pager(page, address))"
    }

    private func done(_ query: OwnTasksQuery, _ session: CompanyReadSession) throws -> HTML {
        let page = try session.doneTaskLines(
            of: request.account.id, cursor: query.cursor, limit: Self.limit)
        let address = self.address.with("show", query.shown.rawValue)
        guard !page.rows.isEmpty else {
            guard query.cursor == nil else { return ListParts.gone(address) }
            return Elements.empty(
                .nothingYet, "Nothing is done yet", "What you complete stands here, the latest first.")
        }
        let words = try session.outcomeWords(of: page.rows)
        let types = try types(of: page.rows, session)
        let tasks = try session.tasksInForce(named: Set(page.rows.map(\.name)))
        let table = RowTable(
            "What you have done, the latest first",
            heads: [.init("Result", .w4), .init("Task"), .init("When", .w2)],
            rows: page.rows.map { task in
                [
                    .state(
                        // A tick would say that a refused request was granted.
                        tasks[task.name]?.outcomes.first.map { $0.value == task.outcome } ?? true ? .done : .off,
                        words[task.id] ?? ReadableName.title(task.outcome ?? "done")), link(task, types),
                    .text(times.near(task.finishedAtMs)),
                ]
            })
        return "\(table.html)\(ListParts.pager(page, address))"
    }

    // MARK: Rows

    private var heads: [RowTable.Head] { [.init("State", .w2), .init("Task"), .init("Due", .w2)] }

    /// Of the tickets of the rows: there may be many more types than rows.
    private func types(of tasks: [TaskLine], _ session: CompanyReadSession) throws -> DefinitionTitles {
        try session.titles(of: .ticket, named: Set(tasks.map(\.type)))
    }

    private func row(_ task: TaskLine, _ types: DefinitionTitles) -> [RowTable.Cell] {
        [state(task), link(task, types), .named(task.dueAtMs == nil ? .empty : times.due(task.dueAtMs))]
    }

    private func state(_ task: TaskLine) -> RowTable.Cell { .state(task.state.tone, task.state.label) }

    private func link(_ task: TaskLine, _ types: DefinitionTitles) -> RowTable.Cell {
        .whole(
            path: "\(base)/tasks/\(task.id)", title: "\(task.title)",
            meta: RowTable.behind(
                task.state.isOpen ? task.priority : .normal, "#\(task.ticketNumber) · \(types[task.type])",
                isCut: false))
    }
}
