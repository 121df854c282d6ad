import Hummingbird
import ServiceLifecycle
import TFEngine
import TFStore
import TFSystem

/// Service tasks for programs: jobs are leased, kept by heartbeats, and completed or failed once.
enum JobRoutes {
    private static let jobs = "/companies/{company}/jobs"

    static func add(to routes: inout RouteTable) {
        let leases = JobLeases(site: routes.server.site)
        routes.own(
            .post, "\(jobs)/lease", .workJobs, on: .company, body: JobLeaseRequest.self,
            Operation(
                "leaseJobs", "Take jobs for a while, and wait for one where there is none",
                answer: .object(LeaseList.answer))
        ) { request, body, own in
            let jobs = try await leases.take(body, request, own.records(of: request.company))
            return Reply.json(LeaseList(jobs: jobs)).response
        }
        routes.change(
            nil, .workJobs, on: .company, body: JobHeartbeat.self,
            api: .post(
                "\(jobs)/{task}/heartbeat",
                Operation(
                    "renewLease", "Keep a job for longer", answer: .object(LeaseAnswer.answer), failures: [409]))
        ) { request, body, session in
            let task = try request.job
            let expiry = try session.renewLease(task, account: request.account, lease: body.lease, now: request.now)
            return .answered { .json(LeaseAnswer(task: task, lease: body.lease, expiresAt: expiry)) }
        }
        addEnds(to: &routes)
    }

    private static func addEnds(to routes: inout RouteTable) {
        routes.change(
            nil, .workJobs, on: .company, body: JobCompletion.self,
            api: .post(
                "\(jobs)/{task}/completion",
                Operation("completeJob", "Finish a job", answer: .object(JobStateAnswer.answer), failures: [409]))
        ) { request, body, session in
            try finish(request, lease: body.lease, body.result, session)
        }
        routes.change(
            nil, .workJobs, on: .company, body: JobFailure.self,
            api: .post(
                "\(jobs)/{task}/failure",
                Operation(
                    "failJob", "Say that a job failed; it is tried again as its task's definition says",
                    answer: .object(JobStateAnswer.answer), failures: [409]))
        ) { request, body, session in
            try finish(request, lease: body.lease, body.result, session)
        }
    }

    private static func finish(
        _ request: ProvedRequest<InCompany>, lease: String, _ result: JobResult, _ session: CompanyWriteSession
    ) throws -> Done {
        let id = try request.job
        try session.finishJob(id, account: request.account, proof: .lease(lease), result, now: request.now)
        return .answered {
            guard let task = try session.task(id: id) else { throw Failure.notFound }
            return .json(JobStateAnswer(task: task))
        }
    }
}

extension ProvedRequest<InCompany> {
    /// The task in the address; whether it belongs to the caller is checked by its lease.
    fileprivate var job: TaskID {
        get throws {
            guard let number = parts.number("task") else { throw Failure.notFound }
            return TaskID(number)
        }
    }
}

/// Leases jobs, and waits if there are none.
private struct JobLeases: Sendable {
    /// How often a waiting request checks without a hint, since hints may be lost.
    private static let look = Duration.seconds(1)

    let site: Site

    /// Tries to lease jobs, again after every hint, until there is one or the time is over.
    func take(
        _ wanted: JobLeaseRequest, _ request: ProvedRequest<InCompany>, _ store: CompanyStore
    ) async throws -> [LeasedJob] {
        let end = ContinuousClock.now + wanted.wait
        let account = request.account
        // Subscribes before the first try, so that no hint is missed.
        return try await site.hints.listen(company: request.company.slug, login: account.login) { hints in
            while true {
                let jobs = try await store.leaseJobs(
                    wanted.limit, account: account, now: site.now, newLease: Random.token)
                let left = end - .now
                guard jobs.isEmpty, left > .zero else { return jobs }
                do {
                    // A waiting request does not delay shutdown: it is answered without a job, and the program asks
                    // again.
                    try await cancelWhenGracefulShutdown { try await hints.next(atMost: min(left, Self.look)) }
                } catch is CancellationError {
                    return []
                }
            }
        }
    }
}
