import Hummingbird
import ServiceLifecycle
import TFDefinition
import TFEngine
import TFExpression
import TFStore
import TFSystem

/// Programs' work: jobs are leased, kept by heartbeat, and completed or failed once.
struct JobAPI: Sendable {
    private static let longestWait: Int64 = 30
    private static let mostJobs: Int64 = 100
    /// How often a waiting request looks without a hint: a hint may be lost.
    private static let look = Duration.seconds(1)

    let desk: APIDesk

    func addRoutes(to routes: inout RouteTable) {
        let jobs = "/companies/{company}/jobs"
        let lease = Shape.Member.required("lease", .text(1, 200), "The lease that `lease` gave.")
        routes.api(
            .post, "\(jobs)/lease", .workJobs, on: .company,
            Operation(
                "leaseJobs", "Take jobs for a while, and wait for one where there is none",
                body: .optional(
                    .object([
                        .optional("max", .integer(1...Self.mostJobs), "1 where nothing is said."),
                        .optional("wait", .integer(0...Self.longestWait), "Seconds to wait, 0 where nothing is said."),
                    ])), answer: .object(LeaseList.answer)), self.lease)
        routes.api(
            .post, "\(jobs)/{task}/heartbeat", .workJobs, on: .company,
            Operation(
                "renewLease", "Keep a job for longer", body: .json(.object([lease])),
                answer: .object(LeaseAnswer.answer),
                failures: [409]), heartbeat)
        routes.api(
            .post, "\(jobs)/{task}/completion", .workJobs, on: .company,
            Operation(
                "completeJob", "Finish a job",
                body: .json(
                    .object([
                        lease, .optional("output", .map(.any)), .optional("outcome", .text(1, .outcome)),
                    ])), answer: .object(JobStateAnswer.answer), failures: [409]), complete)
        routes.api(
            .post, "\(jobs)/{task}/failure", .workJobs, on: .company,
            Operation(
                "failJob", "Say that a job failed; it is tried again as its task's definition says",
                body: .json(
                    .object([
                        lease,
                        .required(
                            "error",
                            .either([
                                .text(1, .failure),
                                .object([
                                    .required("title", .text(1, .failure)),
                                    .optional("detail", .orNull(.text(0, .failure))),
                                ]),
                            ])),
                        .optional("retry", .flag, "false: it is not tried again. true where nothing is said."),
                    ])), answer: .object(JobStateAnswer.answer), failures: [409]), fail)
    }

    @Sendable private func lease(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(context)
        let body = try await desk.body(request, context)
        let jobs = try await jobs(
            found, body["max"].intValue ?? 1, until: .now + .seconds(body["wait"].intValue ?? 0))
        return .json(LeaseList(jobs: jobs).json)
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
                let jobs = try await found.store.leaseJobs(
                    most, account: account, now: site.now, newLease: Random.token)
                let left = end - .now
                guard jobs.isEmpty, left > .zero else { return jobs }
                do {
                    // A waiting request does not delay a stop: it is answered with no job, and the program asks again.
                    try await cancelWhenGracefulShutdown { try await hints.next(atMost: min(left, Self.look)) }
                } catch is CancellationError {
                    return []
                }
            }
        }
    }

    @Sendable private func heartbeat(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(context)
        let task = try task(context)
        let body = try await desk.body(request, context)
        return try await found.changes.answer { session in
            let expiry = try session.renewLease(
                task, account: found.signedIn.account,
                lease: body["lease"].stringValue ?? "", now: desk.site.now)
            return .json(LeaseAnswer(task: task, lease: body["lease"].stringValue ?? "", expiresAt: expiry).json)
        }
    }

    @Sendable private func complete(_ request: Request, _ context: WebContext) async throws -> Response {
        try await finish(request, context) { body in
            .completed(output: body["output"].objectValue ?? [:], outcome: body["outcome"].stringValue)
        }
    }

    @Sendable private func fail(_ request: Request, _ context: WebContext) async throws -> Response {
        try await finish(request, context) { body in
            let error = body["error"]
            return .failed(
                title: error.stringValue ?? error["title"].stringValue ?? "", detail: error["detail"].stringValue,
                retry: body["retry"].boolValue ?? true)
        }
    }

    private func finish(
        _ request: Request, _ context: WebContext, _ result: @escaping @Sendable (JSON) -> JobResult
    ) async throws -> Response {
        let found = try await desk.access.company(context)
        let id = try task(context)
        let body = try await desk.body(request, context)
        return try await found.changes.answer { session in
            try session.finishJob(
                id, account: found.signedIn.account,
                proof: .lease(body["lease"].stringValue ?? ""), result(body), now: desk.site.now)
            guard let task = try session.task(id: id) else { throw Failure.notFound }
            return .json(JobStateAnswer(task: task).json)
        }
    }

    private func task(_ context: WebContext) throws -> TaskID {
        guard let task = context.part("task").flatMap({ TaskID($0) }) else { throw Failure.notFound }
        return task
    }
}
