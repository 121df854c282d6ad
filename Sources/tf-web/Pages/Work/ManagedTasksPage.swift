import TFDefinition
import TFEngine
import TFStore

/// The tasks that a ticket admin manages.
struct ManagedTasksPage {
    private let request: ProvedRequest<InCompany>
    private let query: ManagedTasksQuery
    private let filter: TaskFilter
    private let tasks: RowPage<TaskLine>
    private let roles: [String: String]
    /// Why tasks are on hold, in the list of those.
    private let holdReasons: [TaskID: String]
    private let sentence: TaskFilterSentence
    private let tabs: [Tab]
    /// How many tasks match.
    private let matching: Int
    /// How many match in any state, counted only if the list is empty.
    private let inAnyState: Int

    private var address: ListAddress { sentence.address }

    @Sendable static func make(
        _ request: ProvedRequest<InCompany>, _ query: ManagedTasksQuery, _ session: CompanyReadSession
    ) throws -> Page {
        guard let scope = request.actor.managedTasks else { throw Failure.notFound }
        let page = try ManagedTasksPage(request, query, scope, session)
        return page.page(unserved: try UnservedBanner(request, scope, session))
            .passingOver(query.passedOver(page.filter))
    }

    /// The whole list for a spreadsheet.
    @Sendable static func table(
        _ request: ProvedRequest<InCompany>, _ query: ManagedTasksQuery, _ session: CompanyReadSession
    ) throws -> Reply {
        guard let scope = request.actor.managedTasks else { throw Failure.notFound }
        var filter = query.filter(in: request.company, me: request.account.login, now: request.now)
        let errors = query.passedOver(filter)
        guard errors.isEmpty else { throw Failure.invalid(errors) }
        filter.cursor = nil
        filter.limit = CSV.limitRows
        let (rows, hasMore) = try session.tasks(scope: scope, filter: filter)
        return CSV.tasks(rows, in: request.company, next: nil, isCut: hasMore)
    }

    private init(
        _ request: ProvedRequest<InCompany>, _ query: ManagedTasksQuery, _ scope: TaskScope,
        _ session: CompanyReadSession
    ) throws {
        self.request = request
        self.query = query
        filter = query.filter(in: request.company, me: request.account.login, now: request.now)
        tasks = try session.taskLines(scope: scope, filter: filter)
        roles = try session.roleLabels(for: tasks.rows.map(\.waiting))
        holdReasons = query.state == .one(.held) ? try session.holdReasons(of: tasks.rows) : [:]
        let choices = query.isMenuOpen ? try session.taskChoices(scope: scope) : nil
        let types = Set(tasks.rows.map(\.type)).union([query.conditions.type].compactMap(\.self))
        let steps = Set((choices?.steps ?? []).map(\.value)).union([query.conditions.step].compactMap(\.self))
        var address = query.address(request.path)
        address.isOfPage = request.typed.isFirst
        var sentence = TaskFilterSentence(
            query: query, address: address, company: request.company,
            types: try session.titles(of: .ticket, named: choices == nil ? types : nil),
            steps: try session.titles(of: .task, named: steps), choices: choices,
            person: try query.conditions.assignee.flatMap { try session.memberName($0) })
        let saved = try SavedViewTabs(.tasks, at: address, request, session)
        let views = ListTabs(address, isSaved: saved.shown != nil)
        var tabs = try Self.tabs(views, scope, now: request.now, session)
        sentence.end = try saved.menu(isBuiltIn: !views.isNarrowed && tabs.contains(where: \.isCurrent), session)
        tabs += try saved.tabs { query in
            let filter = ManagedTasksQuery(fitting: query).filter(
                in: request.company, me: request.account.login, now: request.now)
            return filter.searchesTexts ? nil : try session.taskCounts(scope: scope, filters: [filter])[0]
        }
        (self.tabs, self.sentence) = (tabs, sentence)
        matching =
            tasks.isWhole ? tasks.rows.count : try session.taskCounts(scope: scope, filters: [filter])[0]
        var others = filter
        (others.state, others.isOpen, others.order) = (nil, false, .newest)
        inAnyState = tasks.rows.isEmpty ? try session.taskCount(scope: scope, filter: others) : 0
    }

    private static func tabs(
        _ views: ListTabs, _ scope: TaskScope, now: Int64, _ session: CompanyReadSession
    ) throws -> [Tab] {
        var (open, late, unassigned, held, failed) = (
            TaskFilter(), TaskFilter(), TaskFilter(), TaskFilter(), TaskFilter()
        )
        open.isOpen = true
        late.overdueAt = now
        unassigned.isUnassigned = true
        held.state = .held
        failed.state = .failed
        let filters = [open, late, unassigned, held, failed]
        let counts = try views.isNarrowed ? filters.map { _ in 0 } : session.taskCounts(scope: scope, filters: filters)
        return [
            views.tab("Open", count: counts[0]),
            views.tab("Late", ("overdue", "true"), count: counts[1], isHot: true),
            views.tab("With nobody", ("unassigned", "true"), without: ["assignee"], count: counts[2]),
            views.tab("On hold", ("state", TaskState.held.rawValue), count: counts[3]),
            views.tab("Failed", ("state", TaskState.failed.rawValue), count: counts[4], isHot: true),
            views.tab("Done", ("state", TaskState.completed.rawValue)),
            views.tab("All", ("state", ListedStates.all.rawValue)),
        ]
    }

    private func page(unserved: UnservedBanner) -> Page {
        let tabs = Elements.tabs("Views", tabs)
        let before: HTML = """
            \(Elements.head("Tasks", actions: ListParts.export(address)))\(unserved.html)\(tabs)\(sentence.html)
            """
        guard !tasks.rows.isEmpty else { return Page("Tasks", before, live: empty, tabs: tabs) }
        let rows: HTML = "\(table.html)\(ListParts.pager(tasks, address))"
        guard !bulkActions.isEmpty else { return Page("Tasks", before, live: rows, tabs: tabs) }
        let bulk = BulkBar(
            path: "\(address.isOfPage ? "tasks" : request.path)/bulk", address: address, actions: bulkActions,
            matching: matching)
        return Page("Tasks", "\(before)\(bulk.start)", live: rows, bulk.end, tabs: tabs)
    }

    /// What can be done to several rows at once.
    private var bulkActions: [BulkAction] {
        BulkAction.ofTasks.filter {
            $0.isOffered(
                holdsOpen: query.state == .all || isOpen, holdsFailed: [.all, .one(.failed)].contains(query.state))
        }
    }

    // MARK: Rows

    private var table: RowTable {
        let order =
            switch filter.order {
            case .oldest: "oldest first"
            case .newest: "newest first"
            case .due: "soonest due first"
            }
        return RowTable(
            "\(sentence.adjective) tasks, \(order)", heads: heads, rows: tasks.rows.map(row))
    }

    private var heads: [RowTable.Head] {
        let isByAge: RowTable.Head.Direction? =
            filter.order == .oldest ? .ascending : filter.order == .newest ? .descending : nil
        let path = { (order: TaskFilter.Order) in address.with("sort", order.rawValue).href }
        let reason: [RowTable.Head] = holdReasons.isEmpty ? [] : [.init("Reason", .w2)]
        return [
            .init(
                "No.", .w1, sortPath: path(filter.order == .newest ? .oldest : .newest), sorted: isByAge,
                ticksAll: !bulkActions.isEmpty),
            .init("Task"), .init("State", .w4),
        ] + reason + [
            .init("With", .w2),
            .init(
                isOpen ? "Due" : "Ended", .w2, sortPath: isOpen ? path(.due) : nil,
                sorted: filter.order == .due ? .ascending : nil),
        ]
    }

    private var isOpen: Bool { query.state.areOpen }

    private func row(_ task: TaskLine) -> [RowTable.Cell] {
        let type = sentence.types[task.type]
        let reason: [RowTable.Cell] = holdReasons.isEmpty ? [] : [ListParts.holdReason(holdReasons[task.id])]
        // Beside why it is on hold, a title on a telephone leaves no room for the rest of its line.
        let isWhole = task.state == .held
        let path = "\(address.isOfPage ? "tasks" : address.path)/\(task.id)"
        let meta = RowTable.behind(
            task.state.isOpen ? task.priority : .normal, "#\(task.ticketNumber) · \(type)", isCut: !isWhole)
        return [
            bulkActions.isEmpty ? .text("\(task.id)") : .tick(name: "n", value: "\(task.id)", label: "\(task.id)"),
            isWhole
                ? .whole(path: path, title: "\(task.title)", meta: meta)
                : .link(path: path, title: "\(task.title)", meta: meta),
            .state(task.state.tone, words(task)),
        ] + reason + [
            .text("\(task.assigneeName)"), moment(task),
        ]
    }

    /// When it is due or ended; with its head where it stands beside the end of a hold.
    private func moment(_ task: TaskLine) -> RowTable.Cell {
        guard isOpen else { return .text(request.times.inList(task.finishedAtMs)) }
        let due = request.times.dueInList(task.dueAtMs)
        guard task.state == .held, case .text(let text) = due else { return due }
        return .named(text)
    }

    private func words(_ task: TaskLine) -> String {
        switch task.state {
        case .ready: WaitingReason.words(task.waiting, task.strategy, title: task.state.label, roles: roles)
        case .completed: Self.result(task)
        case .held: task.wakeAtMs.map { "On hold until \(request.times.untilInList($0))" } ?? task.state.label
        case .assigned, .started, .withdrawn, .failed: task.state.label
        }
    }

    /// The outcome, unless it says no more than that it is done.
    private static func result(_ task: TaskLine) -> String {
        guard let outcome = task.outcome, ReadableName.title(outcome) != task.state.label else {
            return task.state.label
        }
        return "\(task.state.label): \(ReadableName.words(outcome))"
    }

    // MARK: Without rows

    private var empty: HTML {
        guard filter.cursor == nil else { return ListParts.gone(address) }
        let all = Link(address.with("state", ListedStates.all.rawValue).text, "Show those in any state")
        let others = inAnyState == 1 ? "1 in another state matches." : "\(inAnyState) in another state match."
        guard sentence.parts.isEmpty else {
            let words = sentence.parts.map(\.words).joined(separator: ", ")
            let removals = sentence.parts.map { Link($0.without.text, "Remove \(Words.quoted($0.words))") }
            return Elements.empty(
                .noMatch, "No \(sentence.adjective.lowercased()) task: \(words)",
                inAnyState > 0 ? "\(others)" : "The filter leaves nothing over.",
                actions: (inAnyState > 0 ? [all] : []) + removals)
        }
        guard inAnyState > 0 else {
            return Elements.empty(
                .nothingYet, "There are no tasks yet",
                "A submitted ticket opens tasks for those who work on it. They stand here, with who has them.")
        }
        return Elements.empty(
            isOpen ? .nothingToDo : .noMatch, "No task is \(sentence.adjective.lowercased())", "\(others)",
            actions: [all])
    }
}
