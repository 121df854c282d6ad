import TFDefinition
import TFEngine

/// Which open tasks of a worker are given to others when the worker becomes unavailable: all, those that are not
/// started, or none (`keep`).
package enum AbsenceHandover: String, Sendable, Hashable, CaseIterable {
    case all
    case notStarted = "not_started"
    case keep
}

/// A change of a worker's availability, now or planned.
package struct Availability: Sendable, Hashable {
    package let isAvailable: Bool
    /// When it begins, in milliseconds since 1970; nil: now.
    package let from: Int64?
    /// When it ends and the opposite begins, in milliseconds since 1970; nil: open-ended.
    package let until: Int64?
    /// Which open tasks are given to others when the worker becomes unavailable.
    package let handover: AbsenceHandover

    package init(isAvailable: Bool, from: Int64? = nil, until: Int64? = nil, handover: AbsenceHandover = .notStarted) {
        self.isAvailable = isAvailable
        self.from = from
        self.until = until
        self.handover = handover
    }
}

/// Whether a worker takes new tasks, and when that changes.
package struct Presence: Sendable, Hashable {
    package let isAvailable: Bool
    /// When it changes as planned, in milliseconds since 1970; nil: nothing is planned.
    package let changesAtMs: Int64?
    /// When it changes back after that, in milliseconds since 1970; nil: that is not planned.
    package let changesBackAtMs: Int64?
    /// Which open tasks are given to others at the last change that was planned; nil: none ever was.
    package let handover: AbsenceHandover?
    /// The name of who has set or planned it; nil: the worker.
    package let setBy: String?

    /// - Parameter row: of `worker` and its `membership`, with `setter`.
    init(row: Row) throws {
        isAvailable = row["is_available"]
        changesAtMs = row["plan_at_ms"]
        changesBackAtMs = row["plan_until_ms"]
        handover = try (row["plan_handover"] as String?).map { try Column.word($0) }
        setBy = row["set_by"]
    }

    /// The column with the name of who has set the presence of `membership m`.
    static let setter = "(SELECT b.name FROM account b WHERE b.id = m.set_by_id) AS set_by"
}

/// Availability of workers: people switch it themselves; programs are available as long as they give a sign of life.
extension CompanyReadSession {
    fileprivate func check(_ availability: Availability, now: Int64) throws {
        let start = max(availability.from ?? now, now)
        if let until = availability.until, until <= start {
            throw StoreError.invalid([
                FieldError(field: "until", message: "“Until” must be later than “From”, and than now")
            ])
        }
        for (field, label, moment) in [
            ("from", "From", availability.from), ("until", "Until", availability.until),
        ] {
            guard let moment, moment > now + Store.longestPlan else { continue }
            throw StoreError.invalid([
                FieldError(field: field, message: "“\(label)” must be within the coming year")
            ])
        }
    }

    /// Whether a member takes new tasks; nil: they are not a worker of the company.
    package func presence(of account: AccountID) throws -> Presence? {
        try first(
            Row.self,
            """
            SELECT w.is_available, m.plan_at_ms, m.plan_until_ms, m.plan_handover, \(Presence.setter) FROM worker w
            JOIN membership m ON m.company_id = w.company_id AND m.account_id = w.account_id
            WHERE w.company_id = ? AND w.account_id = ?
            """, [company, account]
        ).map { try Presence(row: $0) }
    }

    /// The company's available programs, each with its last sign of life in milliseconds since 1970.
    package func presentPrograms() throws -> [(login: String, seenAtMs: Int64)] {
        try all(
            Row.self,
            """
            SELECT a.login, m.seen_at_ms FROM membership m JOIN account a ON a.id = m.account_id
            WHERE m.company_id = ? AND m.seen_at_ms IS NOT NULL AND m.is_available = 1
            """, [company]
        ).map { ($0["login"], $0["seen_at_ms"]) }
    }

    /// Whether a program's sign of life has to be stored.
    /// - Returns: the account and whether it was unavailable; nil if there is nothing to store, or it is not a program
    ///   of the company.
    func presence(_ login: String, now: Int64) throws -> (account: AccountID, wasAway: Bool)? {
        let row = try first(
            Row.self,
            """
            SELECT w.account_id, m.is_available, m.seen_at_ms FROM worker w
            JOIN membership m ON m.company_id = w.company_id AND m.account_id = w.account_id
            WHERE w.company_id = ? AND w.login = ? AND w.kind = 'service'
            """, [company, login])
        guard let row else { return nil }
        let wasAway = !(row["is_available"] as Bool)
        let seen: Int64 = row["seen_at_ms"] ?? 0
        return wasAway || seen < now - Store.presenceStep ? (row["account_id"], wasAway) : nil
    }
}

extension CompanyWriteSession {
    /// Makes a person available or unavailable, now or at a planned moment; an earlier plan is replaced. If the caller is
    /// somebody else, it is kept who they are, to tell the person. An unavailable
    /// person gets no new tasks, and `handover` says which open ones are given to others.
    /// - Throws: `StoreError.notFound` if the account is not a worker of the company, `.conflict` for a program, and for a
    ///   person who is to be available now and has no password; `.invalid` for moments that do not fit.
    package func setAvailability(_ login: String, _ availability: Availability, now: Int64) throws {
        try check(availability, now: now)

        let row = try first(
            Row.self, "SELECT account_id, kind FROM worker WHERE company_id = ? AND login = ?", [company, login])
        guard let row else { throw StoreError.notFound }
        guard row["kind"] == WorkerKind.person.rawValue else {
            throw StoreError.conflict("\(login) is a program: it is available as long as it asks for jobs")
        }
        let isLater = availability.from.map { $0 > now } ?? false
        let account: AccountID = row["account_id"]
        if availability.isAvailable, !isLater, try site.lacksPassword(account) {
            throw StoreError.conflict("\(login) has no password yet, and gets tasks as soon as they have chosen one")
        }
        if !isLater { try apply(availability, account: account, now: now) }
        let plan =
            isLater
            ? (at: availability.from, isAvailable: availability.isAvailable, until: availability.until)
            : (at: availability.until, isAvailable: !availability.isAvailable, until: nil)
        try run(
            """
            UPDATE membership
            SET plan_at_ms = ?, plan_available = ?, plan_handover = ?, plan_until_ms = ?, set_by_id = ?
            WHERE company_id = ? AND account_id = ?
            """,
            [
                plan.at, plan.at.map { _ in plan.isAvailable }, plan.at.map { _ in availability.handover.rawValue },
                plan.at == nil ? nil : plan.until, caller?.account == account ? nil : caller?.account, company, account,
            ])
    }

    fileprivate func follow(plan row: Row, now: Int64) throws {
        let account: AccountID = row["account_id"]
        let isAvailable: Bool = row["plan_available"] ?? true
        let handover =
            try (row["plan_handover"] as String?).map { try Column.word($0) as AbsenceHandover } ?? .notStarted
        let until: Int64? = row["plan_until_ms"]
        try apply(Availability(isAvailable: isAvailable, handover: handover), account: account, now: now)
        try run(
            """
            UPDATE membership SET plan_at_ms = ?, plan_available = ?, plan_until_ms = NULL
            WHERE company_id = ? AND account_id = ?
            """, [until, until.map { _ in !isAvailable }, company, account])
    }

    /// Tasks would stay with somebody for whom nobody can sign in: whatever was planned, a person without a password is
    /// not available.
    fileprivate func apply(_ availability: Availability, account: AccountID, now: Int64) throws {
        let isAvailable = try availability.isAvailable && !site.lacksPassword(account)
        try run(
            "UPDATE membership SET is_available = ? WHERE company_id = ? AND account_id = ?",
            [isAvailable, company, account])
        try Outbox.workerChanged(self, account: account, now: now)
        guard !isAvailable, availability.handover != .keep else { return }
        try returnTasks(
            account: account, .presence, startedToo: availability.handover == .all, now: now)
    }

    func markSeen(_ login: String, now: Int64) throws {
        guard let (account, wasAway) = try presence(login, now: now) else { return }
        try run(
            "UPDATE membership SET is_available = 1, seen_at_ms = ? WHERE company_id = ? AND account_id = ?",
            [now, company, account])
        if wasAway { try Outbox.workerChanged(self, account: account, now: now) }
    }

    fileprivate func endPresence(of account: AccountID, now: Int64) throws {
        try run(
            """
            UPDATE membership SET is_available = 0, seen_at_ms = NULL WHERE company_id = ? AND account_id = ?
            """, [company, account])
        try Outbox.workerChanged(self, account: account, now: now)
        try returnTasks(account: account, .presence, startedToo: false, now: now)
    }
}

extension WriteSession {
    /// Makes a person available who has chosen their first password, but where they are absent until a moment that is
    /// planned. An absence that is yet to come stays planned.
    func setArrival(of account: AccountID, now: Int64) throws {
        let companies = try all(
            CompanyID.self,
            """
            SELECT m.company_id FROM membership m JOIN account a ON a.id = m.account_id
            WHERE m.account_id = ? AND m.is_available = 0 AND (m.plan_at_ms IS NULL OR m.plan_available = 0)
                AND a.kind = 'person'
            """, [account])
        for company in companies {
            try inside(company).apply(Availability(isAvailable: true), account: account, now: now)
        }
    }

    /// Applies the planned changes that are due, at most 100.
    /// - Returns: how many.
    func followPlans(of companies: CompanyChoice, now: Int64) throws -> Int {
        let chosen = companies.condition()
        let due = try all(
            Row.self,
            """
            SELECT company_id, account_id, plan_available, plan_handover, plan_until_ms FROM membership
            WHERE plan_at_ms <= ? AND \(chosen.sql) ORDER BY plan_at_ms LIMIT 100
            """, [now] + chosen.arguments)
        for row in due { try inside(row["company_id"]).follow(plan: row, now: now) }
        return due.count
    }

    /// Makes programs without a recent sign of life unavailable, at most 100; the jobs that they have not started go to
    /// others.
    /// - Returns: how many.
    func endPresence(of companies: CompanyChoice, now: Int64) throws -> Int {
        let chosen = companies.condition()
        let gone = try all(
            Row.self,
            """
            SELECT company_id, account_id FROM membership
            WHERE seen_at_ms IS NOT NULL AND is_available = 1 AND seen_at_ms < ? AND \(chosen.sql) LIMIT 100
            """, [now - Store.presenceLength] + chosen.arguments)
        for row in gone { try inside(row["company_id"]).endPresence(of: row["account_id"], now: now) }
        return gone.count
    }
}

extension Store {
    /// A program without a sign of life for this time is unavailable, in milliseconds.
    package static let presenceLength: Int64 = 60_000
    /// A sign of life is stored at most once in this time, in milliseconds.
    fileprivate static let presenceStep: Int64 = 10_000
    /// How far in the future a plan may be, in milliseconds: a year.
    fileprivate static let longestPlan: Int64 = 366 * 86_400_000
}

extension CompanyStore {
    /// Stores the signs of life of programs, given by their logins, as the daemon sees them in Redis.
    /// - Throws: `StoreError.notLeader`.
    package func markSeen(_ logins: Set<String>, leader: Leadership, now: Int64) async throws {
        let unknown = try await read { db in
            try logins.filter { try db.presence($0, now: now) != nil }
        }
        guard !unknown.isEmpty else { return }
        try await write { db in
            try db.site.check(leader)
            for login in unknown.sorted() { try db.markSeen(login, now: now) }
        }
    }
}
