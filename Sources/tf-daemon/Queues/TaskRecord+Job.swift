import TFExpression
import TFQueue
import TFStore

extension TaskRecord {
    /// The job of the task's present attempt. It was put into its list when its worker got it; if nobody has it, the list
    /// of unassigned tasks says when it was made.
    func job(company: String, baseURL: String) -> Job {
        var details: JSONObject = [
            "company": .string(company), "ticket": .int(ticketNumber), "task": .string(name), "title": .string(title),
            "priority": .string(priority.rawValue), "attempt": .int(attempt),
            "url": .string("\(baseURL)/c/\(company)/tasks/\(id)"),
        ]
        if let dueAtMs { details["due"] = .string(Moment.iso8601(dueAtMs)) }
        // People read the input on the task's page; a program needs it in the job.
        if kind == .service { details["input"] = input }
        return Job(
            id: jobID, task: id.description, role: role, kind: kind == .service ? .service : .person,
            isUrgent: priority == .urgent, attempt: attempt, details: JSON.object(details).text,
            createdAt: Double(createdAtMs) / 1000, enqueuedAt: Double(assignedAtMs ?? createdAtMs) / 1000)
    }
}
