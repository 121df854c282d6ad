import Logging
import TFConfiguration
import TFEngine
import TFStore
import TFSystem
import TFWatch

/// Sends the requests of workflows. The store holds the intent before a request is sent, and the answer after it.
struct HTTPCaller {
    /// How many requests may be under way at a time, beside the first one of each company.
    private static let commonPlaces = 32
    private static let limitAttempts = 4
    /// The time for an answer in milliseconds, if the step has no timeout of its own.
    private static let usual: Int64 = 30_000

    let store: Store
    let sender: HTTPSender
    let wake: Wake
    let opener: SecretOpener
    let logger: Logger

    func run(_ term: LeaderTerm) async throws {
        try await store.write(leading: term.leadership) { [leader = term.leadership] in
            try $0.recoverHTTPCalls(leader: leader, now: WallClock.now())
        }
        let running = RunningCalls(commonPlaces: Self.commonPlaces)
        try await withThrowingDiscardingTaskGroup { group in
            for await _ in wake.rings {
                // The tasks of all requests were cancelled because one failed; all begins anew with the next run.
                if group.isCancelled { break }
                // Requests whose step has timed out or was cancelled: nobody waits for their answers.
                running.stop(try await store.endedHTTPCalls(among: running.ids))
                while true {
                    let jobs = try await store.takeHTTPCalls(
                        running.share, leader: term.leadership, now: WallClock.now(), opener: opener)
                    if jobs.isEmpty { break }
                    for job in jobs {
                        let run = running.begin(job)
                        group.addTask {
                            defer {
                                running.end(job, run)
                                wake.ring()
                            }
                            try await call(job, run.stop, term)
                        }
                    }
                }
                try await Wake.rest(.milliseconds(10))
            }
        }
    }

    private func call(_ job: HTTPCallJob, _ stop: AsyncStream<Never>, _ term: LeaderTerm) async throws {
        let outcome: HTTPOutcome
        do {
            guard let response = try await answer(to: job, stop) else {
                return logger.debug("a workflow's request was stopped", metadata: ["step": "\(job.step.reference)"])
            }
            CrashPoint.reach(.answered)
            outcome = .response(response)
        } catch let failure as CallFailure {
            guard let settled = Self.outcome(failure, job) else { return try await again(job, failure, term) }
            outcome = settled
        }
        try await settle(job, term) { [outcome] leader in
            try await store.write(in: job.company) {
                try $0.finishHTTPCall(job, outcome.hiding(job.secrets), leader: leader, now: WallClock.now())
            }
        }
        logger.debug("a workflow's request was answered", metadata: ["step": "\(job.step.reference)"])
    }

    /// Stores what became of a request, again and again while the store is locked or its disk full: an answer comes
    /// only once. Where another daemon has the company by now, that one has told the workflow that the answer is unknown.
    private func settle(
        _ job: HTTPCallJob, _ term: LeaderTerm, _ write: (Leadership) async throws -> Void
    ) async throws {
        while true {
            let leader = term.leadership
            guard leader.leads(job.company) else { return }
            do { return try await write(leader) } catch  where StoreError.isTemporary(error) {
                logger.warning("an answer cannot be stored yet", metadata: ["error": "\(error)"])
            }
            try await Task.sleep(for: .seconds(1))
        }
    }

    /// - Returns: nil if the request was stopped.
    private func answer(
        to job: HTTPCallJob, _ stop: AsyncStream<Never>
    ) async throws -> HTTPOutcome.Response? {
        let left = job.attempt.deadlineAt.map { $0 - WallClock.now() } ?? Self.usual
        return try await withThrowingTaskGroup(of: HTTPOutcome.Response?.self) { group in
            group.addTask { try await sender.send(job, within: left) }
            group.addTask {
                for await _ in stop {}
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    /// The outcome of a failure; nil if the request is sent again.
    private static func outcome(_ failure: CallFailure, _ job: HTTPCallJob) -> HTTPOutcome? {
        switch failure {
        case .refused(let reason):
            return .failed(
                WorkflowError(.communication, status: 403, title: "The request is not allowed", detail: reason, at: ""))
        case .unauthenticated(let reason):
            return .failed(
                WorkflowError(.authentication, status: 401, title: "Signing in failed", detail: reason, at: ""))
        case .unreachable(let reason):
            if job.attempt.number < limitAttempts { return nil }
            return .failed(
                WorkflowError(.communication, status: 503, title: "Nobody answers", detail: reason, at: ""))
        case .unclear(let reason):
            guard job.attempt.isRepeatable else { return .unclear(reason) }
            if job.attempt.number < limitAttempts { return nil }
            return .failed(
                WorkflowError(.communication, status: 504, title: "No answer came", detail: reason, at: ""))
        }
    }

    /// Sends the request again after 1, 2 and 4 s, each lengthened by up to half at random.
    private func again(_ job: HTTPCallJob, _ failure: CallFailure, _ term: LeaderTerm) async throws {
        let base = Int64(1_000) << Int64(min(job.attempt.number - 1, 6))
        let now = WallClock.now()
        logger.warning(
            "a workflow's request came to no answer and is sent again",
            metadata: [
                "step": "\(job.step.reference)", "attempt": "\(job.attempt.number)",
                "reason": "\(failure.reason.hiding(job.secrets))",
            ])
        try await settle(job, term) { leader in
            try await store.write(in: job.company) {
                try $0.retryHTTPCall(
                    job, at: now + base + Int64.random(in: 0...(base / 2)), leader: leader, now: now)
            }
        }
    }
}
