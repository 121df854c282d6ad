import TFDefinition
import TFEngine

/// The live session of a request, with the account that it belongs to.
package struct LiveSession: Sendable, Hashable {
    package let id: SessionID
    package let purpose: Session.Purpose
    /// Milliseconds since 1970.
    package let createdAtMs: Int64
    /// The other server that its access tokens are for; nil: this site.
    package let audience: String?
    package let identity: Identity
}

extension ReadSession {
    /// A live session with the identity from which the caller's rights follow; read once per request.
    /// - Returns: nil if it is unknown, has ended or expired, or its account is disabled.
    package func session(_ id: SessionID, now: Int64) throws -> LiveSession? {
        let rows = try all(
            Row.self,
            """
            SELECT \(Identity.columns), s.purpose, s.created_at_ms AS session_created_at_ms, s.audience
            FROM session s JOIN account a ON a.id = s.account_id AND a.disabled_at_ms IS NULL \(Identity.joinedRoles)
            WHERE s.id = ? AND s.ended_at_ms IS NULL AND s.rotated_at_ms > ?
            """, [id, now - Store.sessionLifetime])
        guard let row = rows.first, let identity = try Identity.fetch(self, rows) else { return nil }
        return LiveSession(
            id: id, purpose: try Column.word(row["purpose"]), createdAtMs: row["session_created_at_ms"],
            audience: row["audience"], identity: identity)
    }
}
