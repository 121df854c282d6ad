import TFDefinition

/// The session that a request came with: what the request needs to know of it, and whose it is.
package struct LiveSession: Sendable, Hashable {
    package let id: String
    package let purpose: Session.Purpose
    package let createdAtMs: Int64
    /// The other server that its tokens are for; nil: this site.
    package let audience: String?
    package let identity: Identity
}

extension ReadSession {
    /// A session that has not ended, with everything that the person's rights follow from; every request asks for it once.
    /// - Returns: nil where it has ended, or its account is disabled.
    package func session(_ id: String, now: Int64) throws -> LiveSession? {
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
