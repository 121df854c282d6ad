import TFDefinition
import TFEngine
import TFExpression
import TFSystem

/// A job that is leased to a program: the program has it as long as it renews the lease.
package struct LeasedJob: Sendable {
    package let task: TaskRecord
    /// The lease's token, by which the program proves that it has the job. Each attempt has another one.
    package let lease: String
    /// When the lease expires, in milliseconds since 1970.
    package let expiresAt: Int64
}

/// How a program proves that it has a job.
package enum JobProof: Sendable, Hashable {
    /// The token of its lease.
    case lease(String)
    /// The attempt in the job that it took from its Redis list.
    case attempt(Int)
}

/// Jobs of programs: leased, renewed, then completed or failed.
///
/// A job runs at least once and is completed at most once: each proof is valid for one attempt, and the attempt ends
/// when its lease expires.
extension CompanyReadSession {
    fileprivate func waitingJobs(account: AccountID, limit: Int) throws -> [TaskRecord] {
        try all(
            TaskRecord.self,
            TaskRecord.select + """
                 WHERE k.company_id = ? AND k.assignee_id = ? AND k.state = 'assigned' AND k.kind = 'service'
                ORDER BY \(TaskSQL.byPriority), k.assigned_at_ms NULLS FIRST, k.id LIMIT ?
                """, [company, account, limit])
    }

    fileprivate func job(_ id: TaskID, account: AccountID, _ proof: JobProof) throws -> TaskRecord {
        guard let task = try task(id: id), task.kind == .service,
            try task.assigneeID == account || hadJob(id, account)
        else { throw StoreError.notFound }
        let isProven =
            switch proof {
            case .lease(let lease): !lease.isEmpty && ConstantTime.areEqual(task.lease ?? "", lease)
            case .attempt(let attempt): task.attempt == attempt
            }
        guard task.state.isOpen else {
            throw StoreError.conflict("this job was \(task.state.rawValue) already")
        }
        guard isProven, task.assigneeID == account else {
            // The program may have mixed up its leases: the one that it has goes on.
            if case .lease = proof, task.assigneeID == account, task.lease?.isEmpty == false {
                throw StoreError.conflict(
                    "this is not the lease of the job, which is in attempt \(task.attempt) and has another")
            }
            throw StoreError.conflict("the lease has ended; the job is now in attempt \(task.attempt)")
        }
        return task
    }

    fileprivate func hadJob(_ task: TaskID, _ account: AccountID) throws -> Bool {
        try all(
            AccountID.self, "SELECT account_id FROM assignment WHERE company_id = ? AND task_id = ?", [company, task]
        ).contains(account)
    }

    /// The service settings of a task. A definition that cannot be read has the standard ones, so that it does not stop
    /// the timers of all tasks.
    fileprivate func service(_ task: TaskRecord) throws -> ServiceRule {
        do { return try definition(task).service ?? .standard } catch {
            if StoreError.isTemporary(error) { throw error }
            return .standard
        }
    }
}

extension CompanyWriteSession {
    /// Renews a lease for its full length; it also counts as a sign of life.
    /// - Returns: when the lease expires, in milliseconds since 1970.
    /// - Throws: `StoreError.conflict` if the lease has ended, `.notFound` if the program never had the job.
    package func renewLease(_ task: TaskID, account: Account, lease: String, now: Int64) throws -> Int64 {
        let task = try job(task, account: account.id, .lease(lease))
        let expiry = now + (try service(task).lease)
        try happen(.renewed(until: expiry), to: task, now: now)
        try markSeen(account.login, now: now)
        return expiry
    }

    /// Completes or fails a job for the program that has it.
    /// - Throws: `StoreError.conflict` for a proof of an attempt that has ended, `.invalid` for an outcome that the
    ///   task does not have, or for none of several, `.notFound` if the program never had the job; nothing changes then.
    package func finishJob(
        _ task: TaskID, account: Account, proof: JobProof, _ result: JobResult,
        now: Int64
    ) throws {
        let task = try job(task, account: account.id, proof)
        switch result {
        case .completed(let output, let outcome):
            try complete(task, by: account, output, outcome: outcome, now: now)
        case .failed(let title, let detail, let retry):
            // A report from Redis that is too long is shortened: nobody is there who could be told.
            let failure = FailedTry(
                login: account.login, title: TextLimit.failure.shortened(title),
                detail: detail.map(TextLimit.failure.shortened),
                mayRetry: retry, rule: try service(task))
            try happen(.tryFailed(failure), to: task, now: now)
        }
    }

    fileprivate func complete(
        _ task: TaskRecord, by account: Account, _ answers: JSONObject, outcome: String?, now: Int64
    ) throws {
        let end = try self.outcome(of: task, named: outcome, in: answers)
        var output = answers
        if let outcome { output["outcome"] = .string(outcome) }
        try happen(.completed(by: account.asHolder, TaskResult(output: output, outcome: end)), to: task, now: now)
    }

    /// How a task ends whose program names an outcome beside its output, in it, or not at all. A task whose definition
    /// lists none may end in any way, as only its program knows; one that can end in several ways has to end in one.
    private func outcome(of task: TaskRecord, named: String?, in output: JSONObject) throws -> String? {
        let names = try definition(task).outcomes.map(\.value)
        guard !names.isEmpty else { return named }
        let given = named.map(JSON.string) ?? output["outcome", default: .null]
        if given == .null {
            guard names.count > 1 else { return nil }
            throw StoreError.noOutcome(nil, among: names)
        }
        guard let outcome = given.stringValue, names.contains(outcome) else {
            throw StoreError.noOutcome(
                given.stringValue, among: names, field: named == nil ? "output.outcome" : "outcome")
        }
        return outcome
    }

    /// Handles an expired lease.
    func endLease(_ task: TaskRecord, now: Int64) throws {
        let recipient = try recipient(task)
        let end = LeaseEnd(
            attempts: try service(task).attempts, recipient: recipient,
            hasOther: try isAnotherAvailable(than: task.assignee ?? "", for: task))
        try happen(.leaseEnded(end), to: task, now: now)
        try notePause(of: task.id, now: now)
    }

    // MARK: Jobs taken straight from their list

    /// Marks jobs that programs took straight from their Redis lists, without a lease, as started. A program then has
    /// the job for the length of a lease.
    /// - Parameter jobs: ids of jobs.
    /// - Throws: `StoreError.notLeader`.
    package func markTaken(_ jobs: Set<String>, leader: Leadership, now: Int64) throws {
        try site.check(leader)
        for id in jobs.sorted() {
            guard let (number, attempt) = TaskRecord.task(ofJob: id), let task = try task(id: number),
                task.attempt == attempt, task.state == .assigned, task.kind == .service
            else { continue }
            try happen(.taken(until: now + (try service(task).lease)), to: task, now: now)
        }
    }
}

extension CompanyStore {
    /// Leases a program's oldest jobs to it, by priority; this also counts as a sign of life.
    /// - Parameters:
    ///   - limit: the largest number of jobs.
    ///   - newLease: makes a token that cannot be guessed.
    package func leaseJobs(
        _ limit: Int, account: Account, now: Int64, newLease: @escaping @Sendable () -> String
    ) async throws -> [LeasedJob] {
        let (hasJobs, mustBeSeen) = try await read { db in
            (
                try db.waitingJobs(account: account.id, limit: 1).isEmpty == false,
                try db.presence(account.login, now: now) != nil
            )
        }
        guard hasJobs || mustBeSeen else { return [] }
        return try await write { db in
            try db.markSeen(account.login, now: now)
            return try db.waitingJobs(account: account.id, limit: limit).map { task in
                let lease = newLease()
                let expiry = now + (try db.service(task).lease)
                try db.happen(.leased(by: account.asHolder, lease: lease, until: expiry), to: task, now: now)
                return LeasedJob(task: task, lease: lease, expiresAt: expiry)
            }
        }
    }
}
