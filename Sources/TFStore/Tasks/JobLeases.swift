import TFDefinition
import TFEngine
import TFExpression

/// A job that a program has been given, for as long as it shows that it works on it.
package struct LeasedJob: Sendable {
    package let task: TaskRecord
    /// The proof that it holds the job; another attempt has another.
    package let lease: String
    /// Milliseconds since 1970.
    package let expiresAt: Int64
}

/// How a program shows that a job is its own.
package enum JobProof: Sendable, Hashable {
    /// The lease that it was given.
    case lease(String)
    /// The attempt that stands in the job which it took from its list.
    case attempt(Int)
}

/// How a program's job ended.
package enum JobResult: Sendable {
    /// `output` is what the program made of it.
    case completed(output: JSONObject, outcome: String?)
    /// - retry: false: another try would be of no use.
    case failed(title: String, detail: String?, retry: Bool)
}

/// Work that programs do: leased, renewed, and completed or failed once.
///
/// A job runs at least once and its completion counts once: every proof is of one attempt, and the attempt ends with the
/// lease.
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
            case .lease(let lease): !lease.isEmpty && task.lease == lease
            case .attempt(let attempt): task.attempt == attempt
            }
        guard task.state.isOpen else {
            throw StoreError.conflict("this job was \(task.state.rawValue) already")
        }
        guard isProven, task.assigneeID == account else {
            throw StoreError.conflict("the lease has ended; the job is in its attempt \(task.attempt) now")
        }
        return task
    }

    fileprivate func hadJob(_ task: TaskID, _ account: AccountID) throws -> Bool {
        try first(
            Bool.self, "SELECT 1 FROM assignment WHERE company_id = ? AND task_id = ? AND account_id = ? LIMIT 1",
            [company, task, account])
            ?? false
    }

    /// A definition that cannot be read any more must not stop the clock for everybody.
    fileprivate func service(_ task: TaskRecord) throws -> ServiceRule {
        do { return try definition(task).service ?? .standard } catch {
            if StoreError.isTemporary(error) { throw error }
            return .standard
        }
    }
}

extension CompanyWriteSession {
    /// Holds a lease for its full length again.
    /// - Returns: when it ends, in milliseconds since 1970.
    /// - Throws: `StoreError.conflict` when it has ended.
    package func renewLease(_ task: TaskID, account: Account, lease: String, now: Int64) throws -> Int64 {
        let task = try job(task, account: account.id, .lease(lease))
        let expiry = now + (try service(task).lease)
        try happen(.renewed(until: expiry), to: task, now: now)
        try markSeen(account.login, now: now)
        return expiry
    }

    /// Ends a job as the program that holds it says.
    /// - Throws: `StoreError.conflict` for a proof of an attempt that has ended: nothing changes; `.invalid` for an
    ///   outcome that the task does not have.
    package func finishJob(
        _ task: TaskID, account: Account, proof: JobProof, _ result: JobResult,
        now: Int64
    ) throws {
        let task = try job(task, account: account.id, proof)
        switch result {
        case .completed(let output, let outcome):
            try complete(task, by: account, output, outcome: outcome, now: now)
        case .failed(let title, let detail, let retry):
            // Over Redis it comes as the program wrote it.
            let failure = FailedTry(
                login: account.login, title: TextLimit.failure.cut(title), detail: detail.map(TextLimit.failure.cut),
                mayRetry: retry, rule: try service(task))
            try happen(.tryFailed(failure), to: task, now: now)
        }
    }

    fileprivate func complete(
        _ task: TaskRecord, by account: Account, _ answers: JSONObject, outcome: String?, now: Int64
    ) throws {
        try refuseUnfit(("outcome", outcome, .outcome))
        let names = try definition(task).outcomes.map(\.value)
        if let outcome, !names.isEmpty, !names.contains(outcome) {
            throw StoreError.invalid([
                FieldError(
                    field: "outcome", message: "Choose an outcome: \(names.joined(separator: ", "))")
            ])
        }
        var output = answers
        if let outcome { output["outcome"] = .string(outcome) }
        try happen(.completed(by: account.asHolder, TaskResult(output: output, outcome: outcome)), to: task, now: now)
    }

    /// A lease has ended without a word.
    func endLease(_ task: TaskRecord, now: Int64) throws {
        let recipient = try recipient(task)
        let end = LeaseEnd(
            attempts: try service(task).attempts, recipient: recipient,
            hasOther: try isAnotherAvailable(than: task.assignee ?? "", for: task))
        try happen(.leaseEnded(end), to: task, now: now)
    }

    // MARK: Jobs taken straight from their list

    /// Jobs that have gone from their lists without a lease: a program that reads Redis took them, and has them from now
    /// on for as long as a lease lasts.
    package func markTaken(_ jobs: Set<String>, leader: Leadership, now: Int64) throws {
        try site.check(leader, now: now)
        for id in jobs.sorted() {
            guard let (number, attempt) = TaskRecord.task(ofJob: id), let task = try task(id: number),
                task.attempt == attempt, task.state == .assigned, task.kind == .service
            else { continue }
            try happen(.taken(until: now + (try service(task).lease)), to: task, now: now)
        }
    }
}

extension CompanyStore {
    /// Gives a program its oldest jobs, urgent ones first; also a sign of its life.
    /// - Parameter newLease: makes a token that nobody can guess.
    /// - Throws: `StoreError.notFound` where the account is no service worker of the company.
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
