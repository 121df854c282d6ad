import TFEngine

/// Proof that this daemon leads the site or some companies; every write of a leader checks it.
package struct Leadership: Sendable, Hashable {
    /// What a daemon leads, and the epoch of each lease. An epoch grows with every change of the leader, so that a former
    /// leader that has not noticed the change is refused.
    package enum Reach: Sendable, Hashable {
        /// The site with all companies, where one daemon works at a time.
        case site(epoch: Int64)
        /// These companies, where several daemons share them.
        case companies([CompanyID: Int64])
    }

    /// The process that leads.
    package let holder: String
    package let reach: Reach

    package init(holder: String, reach: Reach) {
        self.holder = holder
        self.reach = reach
    }

    /// What its writes lock first.
    var lock: WriteLock {
        switch reach {
        case .site: .site
        case .companies: .companies
        }
    }

    /// What its writes in one company lock first.
    func lock(in company: CompanyID) -> WriteLock {
        switch reach {
        case .site: .site
        case .companies: .company(company)
        }
    }

    package func leads(_ company: CompanyID) -> Bool {
        switch reach {
        case .site: true
        case .companies(let epochs): epochs[company] != nil
        }
    }
}

extension ReadSession {
    /// The leader's row; nil: no daemon has ever run.
    package func leaderLease() throws -> LeaderLease? {
        try first(LeaderLease.self, "SELECT * FROM leader WHERE id = 1")
    }
}

extension WriteSession {
    /// Lets this transaction write as a leader: a take-over comes before it or behind it, and nowhere between.
    /// - Throws: `StoreError.notLeader` if another daemon has become the leader; in the case of companies also later,
    ///   when a company is looked into that this daemon does not lead.
    func check(_ leader: Leadership) throws {
        switch leader.reach {
        case .site(let epoch):
            try connection.lockLeader()
            let isLeader = try first(
                Bool.self, "SELECT 1 FROM leader WHERE holder = ? AND epoch = ?", [leader.holder, epoch])
            guard isLeader == true else { throw StoreError.notLeader }
        case .companies(let epochs): try connection.fence(epochs)
        }
    }

    /// Makes a process the leader of the site, if there is none.
    /// - Parameters:
    ///   - holder: the process; it stays the leader if it is already.
    ///   - ended: a lease that the caller knows to be over, by `DaemonPresence` or by a clock of its own.
    /// - Returns: nil if another process leads, also if the lease was renewed since `ended` was read.
    package func lead(as holder: String, replacing ended: LeaderLease? = nil, now: Int64) throws -> Leadership? {
        let lease = try leaderLease()
        let isFree = lease.map { $0.isGivenUp || $0.holder == holder || $0 == ended } ?? true
        guard isFree else { return nil }
        if let lease, lease.holder == holder {
            let leader = Leadership(holder: holder, reach: .site(epoch: lease.epoch))
            try renew(leader, now: now)
            return leader
        }
        let epoch = (lease?.epoch ?? 0) + 1
        try run(
            """
            INSERT INTO leader (id, holder, epoch, renewals, renewed_at_ms) VALUES (1, ?, ?, 0, ?)
            ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, epoch = excluded.epoch,
                renewals = excluded.renewals, renewed_at_ms = excluded.renewed_at_ms
            """, [holder, epoch, now])
        if let lease { try noteFailing([], of: lease.holder) }
        // While no daemon ran, only this much is known: the time of day cannot be before the last renewal. Where daemons
        // have clocks of their own, that one may have been another's.
        if let lease, connection.hasOneClock, now < lease.renewedAtMs - Store.clockTolerance {
            try clockWasSet(by: now - lease.renewedAtMs)
        }
        return Leadership(holder: holder, reach: .site(epoch: epoch))
    }

    /// Renews a lease: the site's, or that of a daemon that shares the companies.
    /// - Throws: `StoreError.notLeader` if another daemon has become the leader.
    package func renew(_ leader: Leadership, now: Int64) throws {
        let renewed =
            switch leader.reach {
            case .site(let epoch):
                try changedRows(
                    "UPDATE leader SET renewals = renewals + 1, renewed_at_ms = ? WHERE id = 1 AND holder = ? AND epoch = ?",
                    [now, leader.holder, epoch])
            case .companies:
                try changedRows(
                    "UPDATE daemon SET renewals = renewals + 1, renewed_at_ms = ? WHERE name = ?", [now, leader.holder])
            }
        guard renewed == 1 else { throw StoreError.notLeader }
    }

    /// Gives leadership up, so that others take over at once.
    package func resign(_ leader: Leadership) throws {
        switch leader.reach {
        case .site(let epoch):
            try run(
                "UPDATE leader SET holder = '' WHERE id = 1 AND holder = ? AND epoch = ?", [leader.holder, epoch])
            // Whoever leads next does not know any more who led.
            try noteFailing([], of: leader.holder)
        case .companies: try remove(daemon: leader.holder)
        }
    }

    /// Does something outside of the store that only the leader of the site may do, and that takes no time. Nobody else
    /// becomes the leader between the check and its end, because that is a write too.
    /// - Throws: `StoreError.notLeader`.
    package func asLeader(_ leader: Leadership, _ act: () -> Void) throws {
        guard case .site(let epoch) = leader.reach else { throw StoreError.notLeader }
        // A write first: an engine with several writers locks the leader's row by it.
        let isLeader = try changedRows(
            "UPDATE leader SET renewals = renewals + 1 WHERE id = 1 AND holder = ? AND epoch = ?",
            [leader.holder, epoch])
        guard isLeader == 1 else { throw StoreError.notLeader }
        act()
    }
}

extension Store {
    /// How long leadership lasts without renewal, in milliseconds.
    package static let daemonLeaseLength: Int64 = 6_000

    /// Writes in one transaction what only a leader may write. Other daemons write beside it in their companies.
    /// - Parameter company: in which alone it writes; nil: in any that it leads.
    /// - Throws: `StoreError.notLeader`.
    @discardableResult
    package func write<Value: Sendable>(
        leading leader: Leadership, in company: CompanyID? = nil,
        _ body: @escaping @Sendable (WriteSession) throws -> Value
    ) async throws -> Value {
        try await write(locking: company.map(leader.lock(in:)) ?? leader.lock) { session in
            try session.check(leader)
            return try body(session)
        }
    }
}
