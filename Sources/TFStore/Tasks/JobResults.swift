import TFEngine
import TFExpression

/// How a program's job ended.
package enum JobResult: Sendable {
    /// The program's output, and the value of an outcome if the task has outcomes.
    case completed(output: JSONObject, outcome: String?)
    /// - retry: false: another try would fail too.
    case failed(title: String, detail: String?, retry: Bool)
}

/// The report of a program about a job that it took straight from Redis.
package struct JobReport: Sendable {
    /// The job's id.
    package let job: String
    /// The login of the program.
    package let worker: String
    package let attempt: Int
    package let result: JobResult

    package init(job: String, worker: String, attempt: Int, result: JobResult) {
        self.job = job
        self.worker = worker
        self.attempt = attempt
        self.result = result
    }
}

extension CompanyWriteSession {
    /// Completes or fails jobs in one transaction; each report also counts as a sign of life.
    /// - Returns: for each report the reason why it was rejected; nil: it was accepted.
    /// - Throws: `StoreError.notLeader`, or a temporary error: nothing changes then.
    package func finishJobs(_ reports: [JobReport], leader: Leadership, now: Int64) throws -> [String?] {
        try site.check(leader)
        return try reports.map { report in
            do {
                try savepoint { try finish(report, now: now) }
                return nil
            } catch {
                // A report that is rejected must not prevent the others.
                if StoreError.isTemporary(error) { throw error }
                return "\(error)"
            }
        }
    }

    fileprivate func finish(_ report: JobReport, now: Int64) throws {
        guard let (task, attempt) = TaskRecord.task(ofJob: report.job), attempt == report.attempt,
            let account = try Account.fetchOne(site, login: report.worker)
        else { throw StoreError.notFound }
        try finishJob(task, account: account, proof: .attempt(attempt), report.result, now: now)
        try markSeen(report.worker, now: now)
    }
}
