import TFDefinition
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
extension Store {
    /// Gives a program its oldest jobs, urgent ones first; also a sign of its life.
    /// - Parameter newLease: makes a token that nobody can guess.
    /// - Throws: `StoreError.notFound` where the account is no service worker of the company.
    package func leaseJobs(
        _ limit: Int, company: Int64, account: Account, now: Int64, newLease: @escaping @Sendable () -> String
    ) async throws -> [LeasedJob] {
        let (hasJobs, mustBeSeen) = try await read { db in
            (
                try waitingJobs(db, company: company, account: account.id, limit: 1).isEmpty == false,
                try presence(db, account.login, company: company, now: now) != nil
            )
        }
        guard hasJobs || mustBeSeen else { return [] }
        return try await write { db in
            try markSeen(db, account.login, company: company, now: now)
            return try waitingJobs(db, company: company, account: account.id, limit: limit).map { task in
                let lease = newLease()
                let expiry = now + (try service(db, task).lease)
                try db.run(
                    """
                    UPDATE task SET state = 'started', lease = ?, wake_at_ms = ?,
                        started_at_ms = COALESCE(started_at_ms, ?), version = version + 1
                    WHERE id = ?
                    """, [lease, expiry, now, task.id])
                try Outbox.take(db, company: company, task: task.id, attempt: task.attempt, now: now)
                try note(db, task, by: account, "started", [:], now: now)
                return LeasedJob(task: task, lease: lease, expiresAt: expiry)
            }
        }
    }

    private func waitingJobs(_ db: ReadSession, company: Int64, account: Int64, limit: Int) throws -> [TaskRecord] {
        try db.all(
            TaskRecord.self,
            TaskRecord.select + """
                 WHERE k.company_id = ? AND k.assignee_id = ? AND k.state = 'assigned' AND k.kind = 'service'
                ORDER BY CASE k.priority WHEN 'urgent' THEN 0 WHEN 'high' THEN 1 WHEN 'normal' THEN 2 ELSE 3 END,
                    k.assigned_at_ms, k.id LIMIT ?
                """, [company, account, limit])
    }

    /// Holds a lease for its full length again.
    /// - Returns: when it ends, in milliseconds since 1970.
    /// - Throws: `StoreError.conflict` when it has ended.
    package func renewLease(
        _ task: Int64, company: Int64, account: Account, lease: String, now: Int64
    ) async throws -> Int64 {
        try await write { db in
            let task = try job(db, task, company: company, account: account.id, .lease(lease))
            let expiry = now + (try service(db, task).lease)
            try db.run("UPDATE task SET wake_at_ms = ? WHERE id = ?", [expiry, task.id])
            try markSeen(db, account.login, company: company, now: now)
            return expiry
        }
    }

    /// Ends a job as the program that holds it says.
    /// - Throws: `StoreError.conflict` for a proof of an attempt that has ended: nothing changes; `.invalid` for an
    ///   outcome that the task does not have.
    package func finishJob(
        _ task: Int64, company: Int64, account: Account, proof: JobProof, _ result: JobResult, now: Int64
    ) async throws {
        try await write { db in
            try finishJob(db, task, company: company, account: account, proof: proof, result, now: now)
        }
    }

    func finishJob(
        _ db: WriteSession, _ task: Int64, company: Int64, account: Account, proof: JobProof, _ result: JobResult,
        now: Int64
    ) throws {
        let task = try job(db, task, company: company, account: account.id, proof)
        switch result {
        case .completed(let output, let outcome):
            try complete(db, task, by: account, output, outcome: outcome, now: now)
        case .failed(let title, let detail, let retry):
            let error: JSON = ["title": .string(title), "detail": .optional(detail)]
            try fail(db, task, by: account.login, error, mayRetry: retry, now: now)
        }
    }

    private func complete(
        _ db: WriteSession, _ task: TaskRecord, by account: Account, _ answers: JSONObject, outcome: String?, now: Int64
    ) throws {
        let names = try definition(db, task).outcomes.map(\.value)
        if let outcome, !names.isEmpty, !names.contains(outcome) {
            throw StoreError.invalid([
                FieldError(
                    field: "outcome", message: "Choose an outcome: \(names.joined(separator: ", "))")
            ])
        }
        var output = answers
        if let outcome { output["outcome"] = .string(outcome) }
        try db.run(
            """
            UPDATE task SET state = 'completed', output = ?, error = NULL, lease = NULL, wake_at_ms = NULL,
                finished_at_ms = ?, started_at_ms = COALESCE(started_at_ms, ?), version = version + 1
            WHERE id = ?
            """, [JSON.object(output), now, now, task.id])
        var data = JSONObject()
        if let outcome { data["outcome"] = .string(outcome) }
        try note(db, task, by: account, "completed", data, now: now)
        try tellEngine(db, task, output: .object(output), now: now)
        try Outbox.remove(db, company: task.companyID, task: task.id, attempt: task.attempt, now: now)
    }

    /// One try is spent: another after its backoff, or the task has failed for good and the workflow is told.
    private func fail(
        _ db: WriteSession, _ task: TaskRecord, by login: String, _ error: JSON, mayRetry: Bool, now: Int64
    ) throws {
        let rule = try service(db, task)
        let failures = task.failures + 1
        let title = error["title"].stringValue ?? "failed"
        try db.run("UPDATE task SET failures = ?, error = ? WHERE id = ?", [failures, error, task.id])
        guard mayRetry, failures < rule.attempts else {
            return try endFailed(db, task, by: login, error, failures: failures, now: now)
        }
        let again = now + rule.wait(afterFailures: failures)
        try putBack(
            db, task, until: again,
            because: "\(title); try \(failures + 1) of \(rule.attempts) at \(Moment.iso8601(again))", now: now)
        try addHistory(
            db, task.companyID, task.ticketID, task: task.id, actor: login, "try-failed",
            [
                "title": .string(task.title), "error": .string(title), "try": .int(failures),
                "of": .int(rule.attempts), "again": .string(Moment.iso8601(again)),
            ], now: now)
    }

    private func endFailed(
        _ db: WriteSession, _ task: TaskRecord, by login: String, _ error: JSON, failures: Int, now: Int64
    ) throws {
        try db.run(
            """
            UPDATE task SET state = 'failed', lease = NULL, wake_at_ms = NULL, finished_at_ms = ?,
                version = version + 1
            WHERE id = ?
            """, [now, task.id])
        try Outbox.remove(db, company: task.companyID, task: task.id, attempt: task.attempt, now: now)
        try addHistory(
            db, task.companyID, task.ticketID, task: task.id, actor: login, "task-failed",
            ["title": .string(task.title), "error": error["title"], "try": .int(failures)], now: now)
        try addEvent(
            db, company: task.companyID, instance: task.instanceID, "task_failed",
            ["reference": .string(task.reference), "visit": .int(task.visit), "error": error], now: now)
    }

    /// A new attempt that nobody has and that is in no list until its moment.
    private func putBack(
        _ db: WriteSession, _ task: TaskRecord, until moment: Int64, because reason: String, now: Int64
    ) throws {
        try db.run(
            """
            UPDATE task SET state = 'ready', assignee_id = NULL, attempt = attempt + 1, version = version + 1,
                waiting_because = ?, decision = NULL, assigned_at_ms = NULL, started_at_ms = NULL, lease = NULL,
                wake_at_ms = ?
            WHERE id = ?
            """, [reason, moment, task.id])
        try Outbox.remove(db, company: task.companyID, task: task.id, attempt: task.attempt, now: now)
    }

    /// A lease has ended without a word: that try is spent, and another program gets the job where there is one.
    func endLease(_ db: WriteSession, _ task: TaskRecord, now: Int64) throws {
        let holder = task.assignee ?? "a program"
        let error: JSON = [
            "title": "No word from the program",
            "detail": .string("the lease of \(holder) ended at \(Moment.iso8601(task.wakeAtMs ?? now))"),
        ]
        let failures = task.failures + 1
        try db.run("UPDATE task SET failures = ?, error = ? WHERE id = ?", [failures, error, task.id])
        guard failures < (try service(db, task).attempts) else {
            return try endFailed(db, task, by: "system", error, failures: failures, now: now)
        }
        let reason = "the lease of \(holder) ended"
        try addHistory(
            db, task.companyID, task.ticketID, task: task.id, actor: "system", "lease-ended",
            ["title": .string(task.title), "to": .string(holder), "try": .int(failures)], now: now)
        if task.strategy.isAddressed {
            if try !deliver(db, task, now: now) { try move(db, task, to: nil, reason: reason, now: now) }
            return
        }
        let avoided: [JSON] = try isAnotherAvailable(db, than: holder, for: task) ? [.string(holder)] : []
        try db.run("UPDATE task SET avoided = ? WHERE id = ?", [JSON.array(avoided), task.id])
        try move(db, task, to: nil, reason: reason, now: now)
    }

    // MARK: Jobs taken straight from their list

    /// Jobs that have gone from their lists without a lease: a program that reads Redis took them, and has them from now
    /// on for as long as a lease lasts.
    package func markTaken(_ jobs: Set<String>, company: Int64, leader: Leadership, now: Int64) async throws {
        try await write { db in
            try check(db, leader, now: now)
            for id in jobs.sorted() {
                guard let (number, attempt) = TaskRecord.task(ofJob: id), let task = try taskRecord(db, id: number),
                    task.companyID == company, task.attempt == attempt, task.state == .assigned, task.kind == .service
                else { continue }
                try db.run(
                    """
                    UPDATE task SET state = 'started', lease = '', wake_at_ms = ?,
                        started_at_ms = COALESCE(started_at_ms, ?), version = version + 1
                    WHERE id = ?
                    """, [now + (try service(db, task).lease), now, number])
            }
        }
    }

    private func job(
        _ db: ReadSession, _ id: Int64, company: Int64, account: Int64, _ proof: JobProof
    ) throws -> TaskRecord {
        guard let task = try taskRecord(db, id: id), task.companyID == company, task.kind == .service,
            try task.assigneeID == account || hadJob(db, id, account)
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

    private func hadJob(_ db: ReadSession, _ task: Int64, _ account: Int64) throws -> Bool {
        try db.first(
            Bool.self, "SELECT EXISTS (SELECT 1 FROM assignment WHERE task_id = ? AND account_id = ?)", [task, account])
            ?? false
    }

    /// A definition that cannot be read any more must not stop the clock for everybody.
    private func service(_ db: ReadSession, _ task: TaskRecord) throws -> ServiceRule {
        do { return try definition(db, task).service ?? .standard } catch {
            if StoreError.isTemporary(error) { throw error }
            return .standard
        }
    }
}
