import Hummingbird
import TFDefinition
import TFExpression
import TFStore

/// Workers, their load and their availability.
struct WorkerAPI: Sendable {
    let desk: APIDesk

    func addRoutes(to routes: inout RouteTable) {
        let workers = "/companies/{company}/workers"
        routes.api(
            .get, workers, .seeWorkers, on: .company,
            Operation(
                "listWorkers", "Everybody who may be given tasks, with their load",
                answer: .page(of: WorkerAnswer.answer)),
            self.workers)
        routes.api(
            .put, "\(workers)/{login}/availability", .setOwnAvailability, on: .company,
            Operation(
                "setAvailability", "Say whether somebody (`me`: oneself) takes new tasks",
                body: .json(
                    .object([
                        .required("available", .flag),
                        .optional("from", .time, "From then on; at once where nothing is said."),
                        .optional("until", .time, "Until then; for good where nothing is said."),
                        .optional(
                            "handover", .words(Handover.self),
                            "Which of their tasks go to others; not_started if absent."),
                    ])), answer: .object(WorkerAnswer.answer)), setAvailability)
    }

    @Sendable private func workers(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(context)
        _ = try desk.query(request, context)
        let workers = try await found.store.read { try $0.workers() }
        // nil: Redis does not answer; the store's figures stand alone then.
        let lengths = try? await desk.site.queues.lengths(company: found.company.slug, workers.map(\.login))
        let open = try await found.store.read { try $0.openTasks() }
        return desk.page(
            workers.enumerated().map { index, load in
                WorkerAnswer(load: load, open: open[load.login] ?? [], length: lengths?[index])
            })
    }

    @Sendable private func setAvailability(_ request: Request, _ context: WebContext) async throws -> Response {
        let signedIn = try context.requireSignedIn()
        let login = context.part("login").map { $0 == "me" ? signedIn.account.login : $0 } ?? ""
        let isOwn = login == signedIn.account.login
        let found = try await desk.access.company(context, isOwn ? .setOwnAvailability : .setAvailability)
        let body = try await desk.body(request, context)
        let availability = Availability(
            isAvailable: body["available"] == true, from: desk.moment(body, "from", in: found.company),
            until: desk.moment(body, "until", in: found.company),
            handover: body["handover"].stringValue.flatMap(Handover.init) ?? .notStarted)
        return try await found.changes.answer { session in
            try session.setAvailability(login, availability, now: desk.site.now)
            guard let worker = try session.workers().first(where: { $0.login == login }) else {
                throw Failure.notFound
            }
            let open = try session.openTasks()[login]
            return .json(WorkerAnswer(load: worker, open: open ?? [], length: nil).json)
        }
    }
}
