import TFEngine
import TFExpression

/// A new entry of a ticket's history.
struct NewHistory {
    let ticket: TicketID
    /// The task that it is about; nil: it is about the ticket or a step.
    var task: TaskID?
    /// A login, or `system`.
    let actor: String
    let kind: HistoryKind
    let data: JSON
}

extension CompanyWriteSession {
    /// Adds an entry, in the transaction of the change that it records.
    func addHistory(_ new: NewHistory, now: Int64) throws {
        try run(
            """
            INSERT INTO history (company_id, ticket_id, task_id, actor, kind, data, at_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """, [company, new.ticket, new.task, new.actor, new.kind.rawValue, new.data, now])
    }
}
