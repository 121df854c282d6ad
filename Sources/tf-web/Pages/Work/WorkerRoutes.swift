import Hummingbird
import TFDefinition
import TFEngine
import TFStore

/// A company's tasks and workers, for ticket admins and programs.
enum WorkerRoutes {
    static func add(to routes: inout RouteTable) {
        let queues = WorkerQueues(site: routes.server.site)
        routes.page(
            "/c/{company}/tasks", .assignTask, on: .company, query: ManagedTasksQuery.self,
            navigation: .at(.tasks, "Tasks"), ManagedTasksPage.make)
        routes.own(
            .get, "/c/{company}/workers", .seeWorkers, on: .company, navigation: .at(.workers, "Workers")
        ) { request, own in .page(try await queues.page(request, own.records(of: request.company))) }
        routes.own(
            .get, "/companies/{company}/workers", .seeWorkers, on: .company, query: NoFields.self,
            Operation(
                "listWorkers", "Everybody who may be given tasks, with their load",
                answer: .page(of: WorkerAnswer.answer))
        ) { request, _, own in try await queues.list(request, own.records(of: request.company)) }
        // The page of all workers is for ticket admins; in the API workers set their own availability here.
        routes.change(
            "/c/{company}/workers/{login}/availability", .setAvailability, on: .worker,
            body: AvailabilityRequest.self, setAvailability)
        routes.change(
            nil, .setOwnAvailability, on: .worker, body: AvailabilityRequest.self,
            api: .put(
                "/companies/{company}/workers/{login}/availability",
                Operation(
                    "setAvailability", "Set whether a worker (`me`: yourself) takes new tasks",
                    answer: .object(WorkerAnswer.answer))),
            setAvailability)
    }

    @Sendable private static func setAvailability(
        _ request: ProvedRequest<OnWorker>, _ body: AvailabilityRequest, _ session: CompanyWriteSession
    ) throws -> Done {
        let login = request.login
        try session.setAvailability(login, body.availability(in: request.company), now: request.now)
        return .seen("/c/\(request.company.slug)/workers", saying: "Availability of \(login) is changed.").answering {
            guard let worker = try session.worker(login) else { throw Failure.notFound }
            return .json(WorkerAnswer(load: worker, open: try session.openTasks(of: login), length: nil))
        }
    }
}

/// The workers with the lengths of their lists in Redis, which are read after the snapshot.
private struct WorkerQueues: Sendable {
    let site: Site

    func page(_ request: ProvedRequest<InCompany>, _ store: CompanyStore) async throws -> Page {
        guard let scope = request.actor.managedTasks else { throw Failure.notFound }
        let (workers, unserved) = try await store.read { session in
            (try session.workers(), UnservedTasks(reasons: try session.unserved(scope: scope), in: request.company))
        }
        return WorkersPage(
            company: request.company, workers: workers, lengths: await lengths(workers, request.company),
            unserved: unserved, tags: request.tags
        ).page
    }

    func list(_ request: ProvedRequest<InCompany>, _ store: CompanyStore) async throws -> Response {
        let (workers, open) = try await store.read { (try $0.workers(), try $0.openTasks()) }
        let lengths = await lengths(workers, request.company)
        let answers = workers.enumerated().map { index, load in
            WorkerAnswer(load: load, open: open[load.login] ?? [], length: lengths?[index])
        }
        return Reply.page(answers).response
    }

    /// The lengths in the order of the workers; nil if Redis does not answer, and only the store's figures are shown.
    private func lengths(_ workers: [WorkerLoad], _ company: Company) async -> [Int]? {
        try? await site.queues.lengths(company: company.slug, workers.map(\.login))
    }
}
