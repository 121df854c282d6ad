import TFExpression
import TFQueue
import TFStore

extension TaskRecord {
    /// The task's present attempt as a job.
    func job(company: String, baseURL: String) -> Job {
        var details: JSONObject = [
            "company": .string(company), "ticket": .int(ticketNumber), "task": .string(name), "title": .string(title),
            "priority": .string(priority.rawValue), "attempt": .int(attempt),
            "url": .string("\(baseURL)/c/\(company)/tasks/\(id)"),
        ]
        if let dueAtMs { details["due"] = .string(Moment.iso8601(dueAtMs)) }
        // A program has no page to read it from.
        if kind == .service { details["input"] = input }
        return Job(
            id: jobID, task: id.description, role: role, kind: kind == .service ? .service : .person,
            isUrgent: priority == .urgent, attempt: attempt, details: JSON.object(details).text,
            createdAt: Double(createdAtMs) / 1000, enqueuedAt: Double(assignedAtMs ?? createdAtMs) / 1000)
    }

    /// Logins that may not have it.
    var excludedLogins: [String] { excluded.arrayValue?.compactMap(\.stringValue) ?? [] }

    /// Logins that the rule does not choose: they gave it back.
    var avoidedLogins: [String] { avoided.arrayValue?.compactMap(\.stringValue) ?? [] }
}
