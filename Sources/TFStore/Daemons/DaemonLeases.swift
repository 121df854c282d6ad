import TFEngine

/// The lease of the daemon that leads the site, as it was read at some moment.
package struct LeaderLease: Sendable, Hashable {
    /// The process that leads; empty: it gave leading up.
    package let holder: String
    /// Raised when another process takes over; what a leader of an earlier epoch writes is refused.
    package let epoch: Int64
    /// How often it was renewed. While it grows, the leader works.
    package let renewals: Int64
    package let renewedAtMs: Int64

    package var isGivenUp: Bool { holder.isEmpty }

    /// Until when its last renewal counts, in milliseconds since 1970.
    package var expiryMs: Int64 { renewedAtMs + Store.daemonLeaseLength }

    /// Whether the leader seems to work, for people who look from outside. A renewal in the future says that the clock
    /// was set back since, and nothing about the leader.
    package func isFresh(now: Int64) -> Bool { !isGivenUp && abs(now - renewedAtMs) < Store.daemonLeaseLength }
}

extension LeaderLease: RowReadable {
    package init(row: Row) {
        holder = row["holder"]
        epoch = row["epoch"]
        renewals = row["renewals"]
        renewedAtMs = row["renewed_at_ms"]
    }
}

/// The lease of a daemon that shares the companies with others, as it was read at some moment.
package struct DaemonLease: Sendable, Hashable {
    /// The process.
    package let name: String
    /// The Redis servers that it uses.
    package let queues: String
    package let renewals: Int64
    package let renewedAtMs: Int64

    /// Whether the daemon seems to work, for people who look from outside.
    package func isFresh(now: Int64) -> Bool { abs(now - renewedAtMs) < Store.daemonLeaseLength }
}

extension DaemonLease: RowReadable {
    package init(row: Row) {
        name = row["name"]
        queues = row["queues"]
        renewals = row["renewals"]
        renewedAtMs = row["renewed_at_ms"]
    }
}

/// Which daemon does a company's work.
package struct LedCompany: Sendable, Hashable {
    package let id: CompanyID
    package let slug: String
    /// The daemon; empty: none.
    package let leader: String
    package let epoch: Int64

    package init(id: CompanyID, slug: String, leader: String, epoch: Int64) {
        (self.id, self.slug, self.leader, self.epoch) = (id, slug, leader, epoch)
    }
}

extension LedCompany {
    /// Whether the company is in an epoch.
    static let isLed = "SELECT 1 FROM company WHERE id = ? AND leader_epoch = ?"
}

extension LedCompany: RowReadable {
    package init(row: Row) {
        id = row["id"]
        slug = row["slug"]
        leader = row["leader"]
        epoch = row["leader_epoch"]
    }
}

extension ReadSession {
    /// The daemons that share the companies, in the order of their names.
    package func daemons() throws -> [DaemonLease] {
        try all(DaemonLease.self, "SELECT * FROM daemon ORDER BY name")
    }

    /// All companies with their daemons.
    package func ledCompanies() throws -> [LedCompany] {
        try all(LedCompany.self, "SELECT id, slug, leader, leader_epoch FROM company ORDER BY id")
    }
}

extension WriteSession {
    /// Lets a daemon take part in sharing the companies; it leads none yet.
    /// - Parameter queues: the Redis servers that it uses.
    /// - Throws: `StoreError.conflict` if another daemon uses other servers.
    package func join(daemon name: String, queues: String, now: Int64) throws {
        if let other = try daemons().first(where: { $0.name != name && $0.queues != queues && $0.isFresh(now: now) }) {
            throw StoreError.conflict(
                """
                the daemon \(other.name) of this site uses the Redis servers \(other.queues), and this one \(queues); \
                give all daemons the same redis.url
                """)
        }
        try remove(daemon: name)
        try run("INSERT INTO daemon (name, queues, renewed_at_ms) VALUES (?, ?, ?)", [name, queues, now])
    }

    /// Ends a daemon's part: its companies are free.
    func remove(daemon name: String) throws {
        for company in try all(CompanyID.self, "SELECT id FROM company WHERE leader = ? ORDER BY id", [name]) {
            try give(company, of: name)
        }
        try forget(daemon: name)
    }

    private func forget(daemon name: String) throws {
        try noteFailing([], of: name)
        try run("DELETE FROM daemon WHERE name = ?", [name])
    }

    private func give(_ company: CompanyID, of daemon: String) throws {
        try inside(company).run("UPDATE company SET leader = '' WHERE id = ? AND leader = ?", [company, daemon])
    }

    /// Changes what a daemon leads.
    /// - Parameters:
    ///   - wanted: companies that it takes, unless another daemon that lives has them.
    ///   - given: companies that it gives to others.
    ///   - ended: leases that it knows to be over, by a clock of its own. One that was renewed since is left.
    /// - Returns: the epochs of the companies that it took. What was under way there when the last leader stopped is
    ///   handled as after a start. A company whose lock somebody keeps stays as it is until the next look: a machine that
    ///   was cut off keeps its locks for some seconds, and nobody else is to wait for them.
    package func redistribute(
        to leader: Leadership, taking wanted: [CompanyID], giving given: [CompanyID], ended: [DaemonLease], now: Int64
    ) throws -> [CompanyID: Int64] {
        // Its row is left alone: whoever renews it meanwhile does not wait for this transaction.
        guard try first(Bool.self, "SELECT 1 FROM daemon WHERE name = ?", [leader.holder]) == true else {
            throw StoreError.notLeader
        }
        for lease in ended {
            let isOver = try first(
                Bool.self, "SELECT 1 FROM daemon WHERE name = ? AND renewals = ?", [lease.name, lease.renewals])
            // Its companies are free without their rows being changed.
            if isOver == true { try forget(daemon: lease.name) }
        }
        // What there is no time for is done at the next look: the site's lock is kept meanwhile.
        let end = ContinuousClock.now + .milliseconds(1_500)
        for company in given.sorted() where ContinuousClock.now < end {
            _ = try connection.unlessLocked { try give(company, of: leader.holder) }
        }
        var taken: [CompanyID: Int64] = [:]
        for company in wanted.sorted() where ContinuousClock.now < end {
            taken[company] = try connection.unlessLocked { try take(company, for: leader.holder, now: now) } ?? nil
        }
        return taken
    }

    /// - Returns: the company's new epoch; nil: another daemon that lives has it.
    private func take(_ company: CompanyID, for daemon: String, now: Int64) throws -> Int64? {
        let epoch = try inside(company).first(
            Int64.self,
            """
            UPDATE company SET leader = ?, leader_epoch = leader_epoch + 1
            WHERE id = ? AND (leader IN ('', ?) OR NOT EXISTS (SELECT 1 FROM daemon d WHERE d.name = company.leader))
            RETURNING leader_epoch
            """, [daemon, company, daemon])
        if epoch != nil { try inside(company).recoverHTTPCalls(now: now) }
        return epoch
    }
}
