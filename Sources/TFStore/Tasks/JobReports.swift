import TFDefinition
import TFEngine
import TFExpression

/// The report of a program about a job that it took straight from Redis:
/// `{jid, worker, attempt, status: "completed" | "failed", output?, outcome?, error?: {title, detail}, retry?}`
package struct JobReport: Sendable {
    /// Why nobody can tell whose report it is.
    private enum Problem: Error, CustomStringConvertible {
        case lacks(String)
        case nul(String)

        var description: String {
            switch self {
            case .lacks(let member): "it has no \"\(member)\""
            case .nul(let member): "its \"\(member)\" holds the character U+0000"
            }
        }
    }

    /// What has become of a report.
    package enum Reception: Sendable, Hashable {
        /// The job has ended as it says.
        case taken
        /// It came too late, or its job is another program's; nothing has changed.
        case refused(reason: String)
        /// It says what cannot be said of a job, or of this one: the try has failed.
        case unfit(TaskID, reason: String)
    }

    /// The job's id.
    package let job: String
    /// The login of the program.
    package let worker: String
    package let attempt: Int
    /// The whole report.
    private let said: JSON

    /// Reads an element of the list of results, as far as it says whose report it is.
    /// - Throws: if it is no JSON or does not say that.
    package init(_ text: String) throws {
        said = try JSON(parsing: text)
        guard let job = said["jid"].stringValue else { throw Problem.lacks("jid") }
        guard let worker = said["worker"].stringValue else { throw Problem.lacks("worker") }
        guard let attempt = said["attempt"].intValue else { throw Problem.lacks("attempt") }
        if let name = [("jid", job), ("worker", worker)].first(where: { $0.1.hasNUL })?.0 { throw Problem.nul(name) }
        self.job = job
        self.worker = worker
        self.attempt = attempt
    }

    /// What it says of the job.
    /// - Throws: `StoreError.invalid`.
    fileprivate var result: JobResult {
        get throws {
            if let path = said.pathOfNUL { throw StoreError.invalid([.nul(in: path)]) }
            switch said["status"].stringValue {
            case "completed": return try .completion(output: said["output"], outcome: said["outcome"])
            case "failed": return try .failure(said["error"], retry: said["retry"])
            case _:
                throw StoreError.invalid([
                    FieldError(field: "status", message: "\"status\" must be one of completed, failed")
                ])
            }
        }
    }

    /// The failure of a try whose report cannot be taken. What it said is kept: it may have been the only word of what
    /// went wrong.
    fileprivate func failure(because reason: String) -> JobResult {
        let members = ["status", "output", "outcome", "error", "retry"].map { ($0, said[$0]) }.filter { $0.1 != .null }
        let words = JSON.object(JSONObject(members, uniquingKeysWith: { first, _ in first }))
        return .failed(
            title: "The program's report was refused: \(reason)", detail: "It said \(words.text)",
            retry: said["retry"].boolValue ?? true)
    }
}

extension CompanyWriteSession {
    /// Completes or fails jobs in one transaction; each report also counts as a sign of life.
    /// - Returns: what has become of each report.
    /// - Throws: `StoreError.notLeader`, or a temporary error: nothing changes then.
    package func finishJobs(
        _ reports: [JobReport], leader: Leadership, now: Int64
    ) throws -> [JobReport.Reception] {
        try site.check(leader)
        return try reports.map { report in
            do { return try receive(report, now: now) } catch {
                // A report that is rejected must not prevent the others.
                if StoreError.isTemporary(error) { throw error }
                return .refused(reason: "\(error)")
            }
        }
    }

    private func receive(_ report: JobReport, now: Int64) throws -> JobReport.Reception {
        do {
            _ = try savepoint { try finish(report, report.result, now: now) }
            return .taken
        } catch StoreError.invalid(let errors) {
            let reason = StoreError.invalid(errors).description
            let task = try savepoint { try finish(report, report.failure(because: reason), now: now) }
            return .unfit(task, reason: reason)
        }
    }

    private func finish(_ report: JobReport, _ result: JobResult, now: Int64) throws -> TaskID {
        guard let (task, attempt) = TaskRecord.task(ofJob: report.job), attempt == report.attempt,
            let account = try Account.fetchOne(site, login: report.worker)
        else { throw StoreError.notFound }
        try finishJob(task, account: account, proof: .attempt(attempt), result, now: now)
        try markSeen(report.worker, now: now)
        return task
    }
}
