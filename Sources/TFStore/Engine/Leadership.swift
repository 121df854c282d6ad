/// Proof that this daemon is the leader; every write of a leader checks it.
package struct Leadership: Sendable, Hashable {
    package let holder: String
    /// Grows with every change of the leader, so that a former leader that has not noticed the change is refused.
    package let epoch: Int64
}

extension ReadSession {
    /// When the leader's lease expires, in milliseconds since 1970; nil: no daemon has ever run.
    package func leaderExpiry() throws -> Int64? {
        try first(Int64.self, "SELECT expires_at_ms FROM leader WHERE id = 1")
    }

    /// - Throws: `StoreError.notLeader` if another daemon has become the leader.
    func check(_ leader: Leadership, now: Int64) throws {
        let isLeader = try first(
            Bool.self, "SELECT 1 FROM leader WHERE holder = ? AND epoch = ?", [leader.holder, leader.epoch])
        guard isLeader == true else { throw StoreError.notLeader }
    }
}

extension WriteSession {
    /// Takes or renews leadership for `Store.leaseLength`.
    /// - Parameter holder: identifies the daemon.
    /// - Returns: nil while another daemon is the leader.
    package func lead(as holder: String, now: Int64) throws -> Leadership? {
        let row = try first(Row.self, "SELECT * FROM leader WHERE id = 1")
        if let row, row["holder"] != holder, (row["expires_at_ms"] as Int64) > now { return nil }
        let epoch: Int64 = row.map { $0["holder"] == holder ? $0["epoch"] : $0["epoch"] + 1 } ?? 1
        try run(
            """
            INSERT INTO leader (id, holder, epoch, expires_at_ms) VALUES (1, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, epoch = excluded.epoch,
                expires_at_ms = excluded.expires_at_ms
            """, [holder, epoch, now + Store.leaseLength])
        return Leadership(holder: holder, epoch: epoch)
    }

    /// Gives leadership up, so that a standby takes over at once.
    package func resign(_ leader: Leadership) throws {
        try run(
            "UPDATE leader SET expires_at_ms = 0 WHERE id = 1 AND holder = ? AND epoch = ?",
            [leader.holder, leader.epoch])
    }
}

extension Store {
    /// How long leadership lasts without renewal, in milliseconds.
    package static let leaseLength: Int64 = 6_000
}
