import Hummingbird
import TFDefinition
import TFEngine
import TFStore

/// A company's tasks and workers, for ticket admins and programs.
enum WorkerRoutes {
    private static let availability = "/c/{company}/availability/{login}"
    private static let limitCounted = 100

    static func add(to routes: inout RouteTable) {
        let queues = WorkerQueues(site: routes.server.site)
        routes.page(
            "/c/{company}/tasks", .assignTask, on: .company, query: ManagedTasksQuery.self,
            navigation: .at(.tasks, "Tasks"), isLive: true, ManagedTasksPage.make)
        routes.table(
            "/c/{company}/tasks.csv", .assignTask, on: .company, query: ManagedTasksQuery.self, ManagedTasksPage.table)
        routes.own(
            .get, "/c/{company}/workers", .seeWorkers, on: .company, navigation: .at(.workers, "Workers"),
            isLive: true
        ) { request, own in .page(try await queues.page(request, own.records(of: request.company))) }
        routes.own(
            .get, "/companies/{company}/workers", .seeWorkers, on: .company, query: ListPage.self,
            Operation(
                "listWorkers", "Everybody who may be given tasks, with their load",
                answer: .page(of: WorkerAnswer.answer))
        ) { request, query, own in
            try await queues.list(request, own.records(of: request.company), query.paging)
        }
        routes.page(availability, .setAvailability, on: .worker, availabilityPage)
        // The page of all workers is for ticket admins; in the API workers set their own availability here.
        routes.change(
            availability, .setAvailability, on: .worker, body: AvailabilityRequest.self, setAvailability)
        routes.change(
            nil, .setOwnAvailability, on: .worker, body: AvailabilityRequest.self,
            api: .put(
                "/companies/{company}/workers/{login}/availability",
                Operation(
                    "setAvailability", "Set whether a worker (`me`: yourself) takes new tasks",
                    answer: .object(WorkerAnswer.answer))),
            setAvailability)
    }

    @Sendable private static func availabilityPage(
        _ request: ProvedRequest<OnWorker>, _ session: CompanyReadSession
    ) throws -> Page {
        guard let worker = try session.worker(request.login), worker.kind == .person else { throw Failure.notFound }
        let form = AvailabilityForm(
            worker: worker, company: request.company, typed: request.typed, tags: request.tags, isOwn: false)
        let back = Link("/c/\(request.company.slug)/workers", "Workers")
        let title = worker.isAvailable ? "Set \(worker.name) away" : "\(worker.name) is away"
        return Page(
            title,
            "\(Elements.head("\(title)", back: [back]))\(try openTasks(of: worker, request, session))\(form.html)"
        ).under(.workers)
    }

    /// What the worker has to do at present, in a sentence.
    private static func openTasks(
        of worker: WorkerLoad, _ request: ProvedRequest<OnWorker>, _ session: CompanyReadSession
    ) throws -> HTML {
        guard worker.open + worker.held > 0 else { return #"<p class="soft">They have no open task.</p>"# }
        // The late ones come first: all that a sentence has to count are among the first.
        let first = try session.openTaskLines(of: worker.account, limit: limitCounted, now: request.now).rows
        let late = first.count { ($0.dueAtMs ?? .max) < request.now }
        let more: [HTML] = [
            when(late > 0, #"<span class="late">\#(late == limitCounted ? "\(late) or more" : "\(late)") late</span>"#),
            when(worker.held > 0, "\(worker.held) on hold"),
        ].filter { !$0.isEmpty }
        let tasks = Words.count(worker.open + worker.held, "open task")
        let path = ListAddress("/c/\(request.company.slug)/tasks", [("assignee", worker.login)]).text
        return "<p>They have <a href=\(HTML.value(path))>\(tasks)</a>\(more.map { part -> HTML in ", \(part)" }).</p>"
    }

    @Sendable private static func setAvailability(
        _ request: ProvedRequest<OnWorker>, _ body: AvailabilityRequest, _ session: CompanyWriteSession
    ) throws -> Done {
        let login = request.login
        let availability = body.availability(in: request.company)
        let before = try session.worker(login)
        try body.check(before?.presence)
        try session.setAvailability(login, availability, now: request.now)
        let sentence = before.map { Self.sentence($0, availability, now: request.now) }
        return .seen("/c/\(request.company.slug)/workers", saying: sentence).answering {
            guard let worker = try session.worker(login) else { throw Failure.notFound }
            // Redis follows the transaction, and a person's list then holds exactly the open tasks; whether it answers
            // is not known here.
            return .json(WorkerAnswer(load: worker, open: try session.openTasks(of: login), length: worker.open))
        }
    }

    /// - Parameter worker: with their load before the change.
    private static func sentence(_ worker: WorkerLoad, _ availability: Availability, now: Int64) -> String {
        if let from = availability.from, from > now {
            return PlannedAbsence(worker.presence) == nil
                ? "It is planned for \(worker.name)." : "The planned absence of \(worker.name) is changed."
        }
        if PlannedAbsence(worker.presence)?.isCancelled(by: availability) == true {
            return "The absence of \(worker.name) is cancelled."
        }
        guard !availability.isAvailable else { return "\(worker.name) gets new tasks again." }
        if !worker.isAvailable { return "The return of \(worker.name) is changed." }
        let replaced = PlannedAbsence.replaced(worker.presence)
        return "\(worker.name) is away.\(worker.givenAway(availability.handover))\(replaced)"
    }
}

extension WorkerLoad {
    /// What becomes of their tasks when they go, in a sentence that follows another.
    func givenAway(_ handover: AbsenceHandover) -> String {
        let given = givable.leaving(handover)
        return given == 0
            ? ""
            : " \(Words.count(given, "task")) go\(given == 1 ? "es" : "") to others, as far as somebody may do \(given == 1 ? "it" : "them")."
    }
}

/// The workers with the lengths of their lists in Redis, which are read after the snapshot.
private struct WorkerQueues: Sendable {
    let site: Site

    func page(_ request: ProvedRequest<InCompany>, _ store: CompanyStore) async throws -> Page {
        guard let scope = request.actor.managedTasks else { throw Failure.notFound }
        let (company, now) = (request.company, request.now)
        let first = CalendarDate(days: company.today(now: now).days - WorkersPage.days + 1)
        let (workers, figures, unserved, roles) = try await store.read { session in
            (
                try session.workers(),
                try session.workerFigures(since: company.beginning(of: first), days: WorkersPage.days),
                try UnservedBanner(request, scope, session), try session.roleLabels()
            )
        }
        return WorkersPage(
            company: company, workers: workers, figures: figures,
            isQueueThere: await lengths(workers, company) != nil, unserved: unserved, roleLabels: roles, now: now
        ).page
    }

    func list(
        _ request: ProvedRequest<InCompany>, _ store: CompanyStore, _ paging: Paging
    ) async throws -> Response {
        let (workers, open) = try await store.read { (try $0.workers(), try $0.openTasks()) }
        let lengths = await lengths(workers, request.company)
        let answers = workers.enumerated().map { index, load in
            WorkerAnswer(load: load, open: open[load.login] ?? [], length: lengths?[index])
        }
        return Reply.page(answers, paging) { $0.load.login }.response
    }

    /// The lengths in the order of the workers; nil if Redis does not answer, and only the store's figures are shown.
    private func lengths(_ workers: [WorkerLoad], _ company: Company) async -> [Int]? {
        try? await site.servers.queues(of: company.slug).lengths(company: company.slug, workers.map(\.login))
    }
}
