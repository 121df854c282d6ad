import TFEngine
import TFExpression

/// What a program that took its job straight from Redis says of it.
package struct JobReport: Sendable {
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
    /// Ends jobs as their programs say, in one transaction; also a sign of life of each.
    /// - Returns: why each was not taken; nil: it was.
    package func finishJobs(_ reports: [JobReport], leader: Leadership, now: Int64) throws -> [String?] {
        try site.check(leader, now: now)
        return try reports.map { report in
            do {
                try savepoint { try finish(report, now: now) }
                return nil
            } catch {
                // One report that cannot be taken, for whatever reason, must not keep the others from it.
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
