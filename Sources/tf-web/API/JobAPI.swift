import Hummingbird
import ServiceLifecycle
import TFDefinition
import TFExpression
import TFStore

/// Programs' work: jobs are leased, kept by heartbeat, and completed or failed once.
struct JobAPI: Sendable {
    private static let longestWait = 30
    private static let mostJobs = 100
    /// How often somebody who waits looks by himself: a hint may be lost.
    private static let look = Duration.seconds(1)
    private static let longestText = 4_000

    let desk: APIDesk

    func addRoutes(to routes: inout Routes) {
        let jobs = "/api/v1/companies/{company}/jobs"
        routes.post("\(jobs)/lease", lease)
        routes.post("\(jobs)/{task}/heartbeat", heartbeat)
        routes.post("\(jobs)/{task}/completion", complete)
        routes.post("\(jobs)/{task}/failure", fail)
    }

    @Sendable private func lease(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        let body = try await desk.optionalBody(request)
        try desk.refuseUnknown(body, known: ["max", "wait"])
        let most = try number(body, "max", in: 1...Self.mostJobs) ?? 1
        let wait = try number(body, "wait", in: 0...Self.longestWait) ?? 0
        let jobs = try await jobs(found, most, until: .now + .seconds(wait))
        return .json([
            "jobs": .array(
                jobs.map { job in
                    [
                        "task": .int(job.task.id), "name": .string(job.task.name), "title": .string(job.task.title),
                        "input": job.task.input, "ticket": .int(job.task.ticketNumber),
                        "attempt": .int(job.task.attempt), "lease": .string(job.lease), "expires": .time(job.expiresAt),
                    ]
                })
        ])
    }

    /// Asks, and asks again on every hint, until there is one or the time is over.
    private func jobs(
        _ found: Access.InCompany, _ most: Int, until end: ContinuousClock.Instant
    ) async throws -> [LeasedJob] {
        let site = desk.site
        let account = found.signedIn.account
        // Listening begins before the first look, so that nothing falls between.
        return try await site.hints.listen(company: found.company.slug, login: account.login) { hints in
            while true {
                let jobs = try await site.store.leaseJobs(
                    most, company: found.company.id, account: account, now: site.now, newLease: Random.token)
                let left = end - .now
                guard jobs.isEmpty, left > .zero else { return jobs }
                do {
                    // Whoever waits does not hold up a stop: he hears that there is nothing, and asks again.
                    try await cancelWhenGracefulShutdown { try await hints.next(atMost: min(left, Self.look)) }
                } catch is CancellationError {
                    return []
                }
            }
        }
    }

    @Sendable private func heartbeat(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        let body = try await desk.body(request)
        try desk.refuseUnknown(body, known: ["lease"])
        let task = try task(context)
        let expiry = try await desk.site.store.renewLease(
            task, company: found.company.id, account: found.signedIn.account,
            lease: try desk.text(body, "lease", isRequired: true) ?? "", now: desk.site.now)
        return .json(["task": .int(task), "lease": body["lease"], "expires": .time(expiry)])
    }

    @Sendable private func complete(_ request: Request, _ context: WebContext) async throws -> Response {
        let body = try await desk.body(request)
        try desk.refuseUnknown(body, known: ["lease", "output", "outcome"])
        let output = body["output"]
        guard output == .null || output.objectValue != nil else {
            throw Failure.invalid([FieldError(field: "output", message: "\"output\" must be an object")])
        }
        return try await finish(
            context, body,
            .completed(output: output.objectValue ?? [:], outcome: try desk.text(body, "outcome")))
    }

    @Sendable private func fail(_ request: Request, _ context: WebContext) async throws -> Response {
        let body = try await desk.body(request)
        try desk.refuseUnknown(body, known: ["lease", "error", "retry"])
        let error = body["error"]
        guard let title = error.stringValue ?? error["title"].stringValue, !title.isEmpty else {
            throw Failure.invalid([
                FieldError(
                    field: "error", message: "\"error\" must be a text, or an object with \"title\" and \"detail\"")
            ])
        }
        guard body["retry"] == .null || body["retry"].boolValue != nil else {
            throw Failure.invalid([FieldError(field: "retry", message: "\"retry\" must be true or false")])
        }
        return try await finish(
            context, body,
            .failed(
                title: String(title.prefix(Self.longestText)),
                detail: error["detail"].stringValue.map { String($0.prefix(Self.longestText)) },
                retry: body["retry"].boolValue ?? true))
    }

    private func finish(_ context: WebContext, _ body: JSON, _ result: JobResult) async throws -> Response {
        let found = try await find(context)
        let id = try task(context)
        let store = desk.site.store
        try await store.finishJob(
            id, company: found.company.id, account: found.signedIn.account,
            proof: .lease(try desk.text(body, "lease", isRequired: true) ?? ""), result, now: desk.site.now)
        guard let task = try await store.task(found.company.id, id: id) else { throw Failure.notFound }
        return .json([
            "task": .int(task.id), "state": .string(task.state.rawValue), "attempt": .int(task.attempt),
            "failures": .int(task.failures), "again": .time(task.state == .ready ? task.wakeAtMs : nil),
        ])
    }

    private func find(_ context: WebContext) async throws -> Access.InCompany {
        try await desk.access.company(context.parameters.get("company"), try context.requireSignedIn(), .workJobs)
    }

    private func task(_ context: WebContext) throws -> Int64 {
        guard let task = context.parameters.get("task").flatMap({ Int64($0) }) else { throw Failure.notFound }
        return task
    }

    private func number(_ body: JSON, _ name: String, in range: ClosedRange<Int>) throws -> Int? {
        guard body[name] != .null else { return nil }
        guard let number = body[name].intValue, range.contains(number) else {
            throw Failure.invalid([
                FieldError(
                    field: name,
                    message: "\"\(name)\" must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            ])
        }
        return number
    }
}
