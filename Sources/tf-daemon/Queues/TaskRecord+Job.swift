import TFExpression
import TFQueue
import TFStore

extension TaskRecord {
    /// The task's present attempt as a job.
    func job(company: String, baseURL: String) -> Job {
        let details: JSON = [
            "company": .string(company), "ticket": .int(ticketNumber), "task": .string(name), "title": .string(title),
            "priority": .string(priority.rawValue), "due": .optional(dueAtMs.map(Moment.iso8601)),
            "attempt": .int(attempt), "url": .string("\(baseURL)/c/\(company)/tasks/\(id)"),
        ]
        return Job(
            id: jobID, task: String(id), role: role, attempt: attempt, details: details.text,
            createdAt: Double(createdAtMs) / 1000, enqueuedAt: Double(assignedAtMs ?? createdAtMs) / 1000)
    }

    /// Logins that may not have it.
    var excludedLogins: [String] { excluded.arrayValue?.compactMap(\.stringValue) ?? [] }
}
