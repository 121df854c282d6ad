import TFEngine
import TFExpression

extension CompanyWriteSession {
    /// Adds an event for an instance, in the transaction in which it happens. The daemon applies it in the company's
    /// order and then deletes it; abandoning the instance deletes it too.
    func addEvent(instance: InstanceID, _ kind: InstanceEventKind, _ payload: JSON, now: Int64) throws {
        try run(
            """
            INSERT INTO instance_event (company_id, position, instance_id, kind, payload, created_at_ms)
            VALUES (?, ?, ?, ?, ?, ?)
            """, [company, takePosition(), instance, kind.rawValue, payload, now])
    }
}
