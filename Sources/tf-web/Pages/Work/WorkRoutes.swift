import TFDefinition
import TFEngine
import TFStore

/// A worker's own tasks, those that they may claim, and their availability.
enum WorkRoutes {
    static func add(to routes: inout RouteTable) {
        routes.page(
            "/c/{company}/my/tasks", .listOwnTasks, on: .company, query: OwnTasksQuery.self,
            navigation: .at(.myTasks, "My tasks"), isLive: true, MyTasksPage.make)
        routes.change("/c/{company}/my/tasks/next", .listOwnTasks, on: .company, body: NoFields.self, startNext)
        routes.change(
            "/c/{company}/my/availability", .setOwnAvailability, on: .company, body: AvailabilityRequest.self,
            formOn: "/c/{company}/my/tasks"
        ) { request, body, session in
            let availability = body.availability(in: request.company)
            let before = try session.worker(request.account.login)
            try body.check(before?.presence)
            try session.setAvailability(request.account.login, availability, now: request.now)
            return .seen(
                "/c/\(request.company.slug)/my/tasks", saying: sentence(availability, before, now: request.now))
        }
        routes.page(
            "/c/{company}/pool", .claimTask, on: .company, query: PoolQuery.self, isLive: true, PoolPage.make)
    }

    /// Starts the first task in the visitor's list that is not on hold.
    @Sendable private static func startNext(
        _ request: ProvedRequest<InCompany>, _ body: NoFields, _ session: CompanyWriteSession
    ) throws -> Done {
        let base = "/c/\(request.company.slug)"
        let next = try session.openTaskLines(of: request.account.id, limit: 1, now: request.now)
        guard let first = next.rows.first else {
            return .seen("\(base)/my/tasks")
        }
        try session.startTask(first.id, by: request.account, version: nil, now: request.now)
        return .seen("\(base)/tasks/\(first.id)")
    }

    /// - Parameter worker: with their load before the change.
    private static func sentence(_ availability: Availability, _ worker: WorkerLoad?, now: Int64) -> String {
        if let from = availability.from, from > now {
            return PlannedAbsence(worker?.presence) == nil ? "It is planned." : "The planned absence is changed."
        }
        if PlannedAbsence(worker?.presence)?.isCancelled(by: availability) == true {
            return "The absence is cancelled."
        }
        guard !availability.isAvailable else { return "You get tasks again." }
        if worker?.isAvailable == false { return "Your return is changed." }
        let given = worker?.givenAway(availability.handover) ?? ""
        return "You get no new tasks.\(given)\(PlannedAbsence.replaced(worker?.presence))"
    }
}
