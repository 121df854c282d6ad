import Hummingbird
import TFDefinition
import TFExpression
import TFStore

/// Workers, their load and their availability.
struct WorkerAPI: Sendable {
    let desk: APIDesk

    func addRoutes(to routes: inout Routes) {
        routes.get("/api/v1/companies/{company}/workers", workers)
        routes.put("/api/v1/companies/{company}/workers/{login}/availability", setAvailability)
    }

    @Sendable private func workers(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(
            context.parameters.get("company"), try context.requireSignedIn(), .seeWorkers)
        let workers = try await desk.site.store.workers(found.company.id)
        // nil: Redis does not answer; the store's figures stand alone then.
        let lengths = try? await desk.site.queues.lengths(company: found.company.slug, workers.map(\.login))
        let open = try await desk.site.store.openTasks(found.company.id)
        return desk.page(
            workers.enumerated().map { $1.json(open: open[$1.login] ?? [], length: lengths?[$0]) }, next: nil)
    }

    @Sendable private func setAvailability(_ request: Request, _ context: WebContext) async throws -> Response {
        let signedIn = try context.requireSignedIn()
        let login = context.parameters.get("login").map { $0 == "me" ? signedIn.account.login : $0 } ?? ""
        let isOwn = login == signedIn.account.login
        let found = try await desk.access.company(
            context.parameters.get("company"), signedIn, isOwn ? .setOwnAvailability : .setAvailability)
        let body = try await desk.body(request)
        try desk.refuseUnknown(body, known: ["available", "from", "until", "handover"])
        try await desk.site.store.setAvailability(
            login, company: found.company.id, try availability(body, found.company), now: desk.site.now)
        guard let worker = try await desk.site.store.workers(found.company.id).first(where: { $0.login == login })
        else {
            throw Failure.notFound
        }
        let open = try await desk.site.store.openTasks(found.company.id)[login]
        return .json(worker.json(open: open ?? [], length: nil))
    }

    private func availability(_ body: JSON, _ company: Company) throws -> Availability {
        guard let isAvailable = body["available"].boolValue else {
            throw Failure.invalid([FieldError(field: "available", message: "\"available\" must be true or false")])
        }
        let handover = try desk.text(body, "handover").map { text in
            guard let handover = Handover(rawValue: text) else {
                let names = Handover.allCases.map(\.rawValue).joined(separator: ", ")
                throw Failure.invalid([FieldError(field: "handover", message: "\"handover\" is one of \(names)")])
            }
            return handover
        }
        return Availability(
            isAvailable: isAvailable, from: try desk.moment(body, "from", in: company),
            until: try desk.moment(body, "until", in: company), handover: handover ?? .notStarted)
    }
}
