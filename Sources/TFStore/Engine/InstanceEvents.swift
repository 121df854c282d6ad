import TFEngine
import TFExpression

extension CompanyWriteSession {
    /// Tells an instance of something, in the transaction in which it happens: a row of `event`, which the daemon
    /// applies in the company's order and deletes with that. The instance's own end, and its being given up, delete
    /// what it was never told.
    func addEvent(instance: InstanceID, _ kind: EventKind, _ payload: JSON, now: Int64) throws {
        try run(
            """
            INSERT INTO event (company_id, position, instance_id, kind, payload, created_at_ms)
            VALUES (?, ?, ?, ?, ?, ?)
            """, [company, takePosition(), instance, kind.rawValue, payload, now])
    }
}
