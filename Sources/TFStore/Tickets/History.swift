import TFEngine
import TFExpression

/// A line that a ticket's history is to have.
struct NewHistory {
    let ticket: TicketID
    /// The task that it tells of; nil: it tells of the ticket or of a step.
    var task: TaskID?
    /// A login, or `system`.
    let actor: String
    let kind: HistoryKind
    let data: JSON
}

extension CompanyWriteSession {
    /// Writes a line, in the transaction of what it tells.
    func addHistory(_ new: NewHistory, now: Int64) throws {
        try run(
            """
            INSERT INTO history (company_id, ticket_id, task_id, actor, kind, data, at_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """, [company, new.ticket, new.task, new.actor, new.kind.rawValue, new.data, now])
    }
}
