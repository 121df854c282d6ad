import TFEngine

/// Decrypts a secret; nil if that is impossible.
package typealias SecretOpener = @Sendable (_ company: CompanyID, _ name: String, _ sealed: String) -> String?

/// The result of a call of `advanceInstances`.
package struct Advance: Sendable, Hashable {
    /// The number of events and timers that were applied.
    package let applied: Int
    /// For each event or timer that could not be applied, a sentence with the reason. Its instance is set aside, and
    /// the others go on.
    package let setAside: [String]
    /// How long each company's events and timers took, with what was computed beside a transaction.
    package let costs: [CompanyID: Duration]
    /// The workflows without a ticket that failed.
    package var failed: [UnticketedFailure] = []
    /// Whether nothing was due.
    package var isIdle = false
    /// If nothing was due: when the next timer or schedule is, in milliseconds since 1970.
    package var next: Int64?
}

/// A workflow that failed and has no ticket, on whose page somebody would see it.
package struct UnticketedFailure: Sendable, Hashable {
    /// The company's slug.
    package let company: String
    /// The workflow's name.
    package let workflow: String
    package let instance: InstanceID
    /// The reference of the step that failed, as the engine knows it: what the error says of it may be computed from data.
    package let step: String
    package let error: WorkflowError
}

extension ReadSession {
    /// Instances that a daemon was handling when it died.
    fileprivate func suspects() throws -> [InstanceKey] {
        try all(
            InstanceKey.self, "SELECT company_id, id FROM instance WHERE deaths > 0 AND set_aside IS NULL ORDER BY id")
    }

    /// The instances whose timer is due, from the companies in turn.
    fileprivate func wokenInstances(limit: Int, of companies: CompanyChoice, now: Int64) throws -> [InstanceKey] {
        let others = companies.condition()
        return try all(
            InstanceKey.self,
            """
            SELECT company_id, id FROM (
                SELECT company_id, id, wake_at_ms,
                    ROW_NUMBER() OVER (PARTITION BY company_id ORDER BY wake_at_ms) AS place
                FROM instance WHERE wake_at_ms <= ? AND \(others.sql)) due
            ORDER BY place, wake_at_ms LIMIT ?
            """, [now] + others.arguments + [limit])
    }
}

extension ReadSession {
    /// What is to be handled.
    /// - Returns: also the instances that are handled alone, whether they have something to do or not.
    func plan(
        _ turns: DueTurns, limit: Int, of companies: CompanyChoice, now: Int64
    ) throws -> (plan: TurnPlan, suspects: [InstanceKey]) {
        let suspects = try suspects().filter { companies.contains($0.company) }
        let alone = Set(suspects.map(\.id))
        let events = try next(.instanceEvent, limit: limit, in: turns.companiesWithEvents)
            .filter { !alone.contains($0["instance_id"]) }
        let woken =
            turns.hasTimers(now: now)
            ? try wokenInstances(limit: limit, of: companies, now: now).filter { !alone.contains($0.id) } : []
        return (TurnPlan(events: events.map(EventKey.init), woken: woken), suspects)
    }
}

/// What one snapshot shows of the engine's work.
private struct EngineLook: Sendable {
    let turns: DueTurns
    var plan = TurnPlan(events: [], woken: [])
    var ahead = StepsAhead()
    /// Instances that a daemon was handling when it died.
    var suspects: [InstanceKey] = []

    init(_ turns: DueTurns) { self.turns = turns }

    init(_ turns: DueTurns, _ plan: TurnPlan, _ ahead: StepsAhead, _ suspects: [InstanceKey]) {
        (self.turns, self.plan, self.ahead, self.suspects) = (turns, plan, ahead, suspects)
    }
}

extension CompanyReadSession {
    fileprivate func hasWork(_ instance: InstanceID, now: Int64) throws -> Bool {
        try first(
            Bool.self,
            """
            SELECT 1 WHERE EXISTS (SELECT 1 FROM instance_event WHERE company_id = ? AND instance_id = ? AND set_aside IS NULL)
                OR EXISTS (SELECT 1 FROM instance WHERE company_id = ? AND id = ? AND wake_at_ms <= ?)
            """, [company, instance, company, instance, now]) ?? false
    }
}

extension WriteSession {
    /// Handles items of a plan until the transaction has to end, or a step is next that was left out for its time; at
    /// least one.
    func work(
        _ plan: inout TurnPlan, _ ahead: StepsAhead, until end: ContinuousClock.Instant, _ rules: StepRules
    ) throws {
        var transaction = EngineTransaction(rules, ahead: ahead)
        var sessions: [CompanyID: CompanyWriteSession] = [:]
        var taken = 0
        var start = ContinuousClock.now
        repeat {
            if taken.isMultiple(of: StepRows.limit) {
                transaction.expect(plan.rest.filter { ahead.steps[$0] != nil }.prefix(StepRows.limit))
            }
            guard let item = plan.next(except: ahead.left) else { break }
            taken += 1
            let company = sessions[item.company] ?? inside(item.company)
            sessions[item.company] = company
            try transaction.prepare(company)
            switch item {
            case .event(let key): try transaction.apply(company, key)
            case .wake(let key): try transaction.wake(company, key)
            }
            let now = ContinuousClock.now
            plan.costs[item.company, default: .zero] += now - start
            start = now
        } while start < end
        plan.setAside += transaction.setAside
        plan.failed += transaction.failed
    }
}

extension CompanyWriteSession {
    fileprivate func advanceAlone(
        _ instance: InstanceID, limit: Int, _ rules: StepRules
    ) throws -> Advance {
        let now = rules.now
        defer { mark.clear() }
        var transaction = EngineTransaction(rules)
        let events = try all(
            Row.self,
            "SELECT * FROM instance_event WHERE company_id = ? AND instance_id = ? AND set_aside IS NULL ORDER BY position LIMIT ?",
            [company, instance, limit])
        let start = ContinuousClock.now
        let end = start + store.longestTransaction
        func advance(_ count: Int) -> Advance {
            Advance(
                applied: count - transaction.setAside.count, setAside: transaction.setAside,
                costs: [company: .now - start], failed: transaction.failed)
        }
        for (place, event) in events.enumerated() {
            // Its time is up, and other instances go first again. It is handled alone until all its events are applied.
            guard place == 0 || ContinuousClock.now < end else {
                return advance(place)
            }
            try transaction.apply(self, event)
        }
        try transaction.wake(self, InstanceKey(company: company, id: instance))
        // Everything was applied, so this instance was not what ended the daemon.
        try forgetDeaths(instance: instance, now: now)
        return advance(events.count + 1)
    }
}

extension Store {
    /// How long CloudEvents are kept for listeners that start later, in milliseconds.
    static let cloudEventLifetime: Int64 = 24 * 3_600_000

    /// The longest time of a transaction of the engine, so that other writers get their turn.
    var longestTransaction: Duration { engine.longestTransaction }

    /// Applies what waits: events in the order of their company, and timers that are due, each with its history, tasks
    /// and outbox entries.
    ///
    /// What is due, and what the engine makes of it, is found before, in a snapshot. It is written in transactions of many
    /// steps, for one sync of the disk each, as long as these are short. On a server each company has a transaction of its
    /// own, one after the other: one for all would keep the locks of some companies while it waits for that of another.
    /// An event that fails is rolled back alone, and its instance is set aside. An instance that a daemon was handling
    /// when it died is handled after the others, in a transaction of its own.
    /// - Parameters:
    ///   - limit: the largest number of events and of timers.
    ///   - resting: companies whose events and timers wait.
    ///   - opener: decrypts secrets.
    /// - Throws: `StoreError.notLeader`, or a temporary error.
    package func advanceInstances(
        limit: Int, except resting: Set<CompanyID> = [], leader: Leadership, now: Int64,
        opener: @escaping SecretOpener = { _, _, _ in nil }
    ) async throws -> Advance {
        let rules = StepRules(now: now, opener: opener)
        let (advance, suspect) = try await advanceMany(
            limit: limit, of: CompanyChoice(of: leader, except: resting), leader: leader, rules)
        guard let suspect else { return advance }
        // Everything else was handled.
        let alone = try await write(leading: leader) { session in
            try session.inside(suspect.company).advanceAlone(suspect.id, limit: limit, rules)
        }
        return Advance(
            applied: advance.applied + alone.applied, setAside: advance.setAside + alone.setAside,
            costs: advance.costs.merging(alone.costs, uniquingKeysWith: +), failed: advance.failed + alone.failed)
    }

    /// - Returns: also an instance that has something to do and must be handled alone.
    fileprivate func advanceMany(
        limit: Int, of companies: CompanyChoice, leader: Leadership, _ rules: StepRules
    ) async throws -> (Advance, suspect: InstanceKey?) {
        let now = rules.now
        let look = try await read { [engine] session in
            let turns = try session.dueTurns(of: companies)
            guard turns.areDue(now: now) else { return EngineLook(turns) }
            let (plan, suspects) = try session.plan(turns, limit: limit, of: companies, now: now)
            let ahead = try StepsAhead(plan.rest, until: .now + engine.longestLook, session, rules)
            return EngineLook(turns, plan, ahead, suspects)
        }
        guard look.turns.areDue(now: now) else {
            return (Advance(applied: 0, setAside: [], costs: [:], isIdle: true, next: look.turns.next), nil)
        }
        var handling = PlanHandling(
            store: self, companies: companies, ahead: look.ahead, leader: leader, rules: rules, costs: look.ahead.costs)
        if engine.locksCompanies {
            if look.turns.startsSomething(now: now) {
                try await write(leading: leader) { [longestTransaction] db in
                    try db.startDue(look.turns, limit: limit, of: companies, until: .now + longestTransaction, now: now)
                    try db.indexNewTexts()
                }
            }
            var locked: DatabaseFailure?
            for (company, plan) in look.plan.byCompany {
                do { try await handling.handle(plan, in: company) } catch let failure as DatabaseFailure
                    where failure.refusal == .locked
                {
                    // Somebody keeps this company's lock; the others go on, and the next call tries it again.
                    locked = failure
                }
            }
            if let locked, handling.done == 0 { throw locked }
        } else {
            try await handling.handle(look.plan, in: nil) { db, end in
                try db.startDue(look.turns, limit: limit, of: companies, until: end, now: now)
            }
        }
        let suspect =
            look.suspects.isEmpty
            ? nil
            : try await read { db in try look.suspects.first { try db.inside($0.company).hasWork($0.id, now: now) } }
        let advance = Advance(
            applied: handling.done - handling.setAside.count, setAside: handling.setAside, costs: handling.costs,
            failed: handling.failed)
        return (advance, suspect)
    }
}

/// Handles the plans of one call of `advanceInstances`, and adds up what has come of them.
private struct PlanHandling {
    let store: Store
    /// Whose events and timers may be handled.
    let companies: CompanyChoice
    /// The steps that were computed before.
    let ahead: StepsAhead
    let leader: Leadership
    let rules: StepRules
    /// How many events and timers were handled.
    var done = 0
    /// The reasons of those that could not be applied.
    var setAside: [String] = []
    var failed: [UnticketedFailure] = []
    /// How long those of each company took.
    var costs: [CompanyID: Duration]

    /// Handles a plan in transactions, each as long as it may be. It ends when the plan is done, the turn has taken its
    /// time, or others have something to do; never before what must be handled in this call. While one transaction writes,
    /// the steps for the next one are computed.
    /// - Parameters:
    ///   - company: whose plan it is; nil: of all.
    ///   - first: what the first transaction does before.
    mutating func handle(
        _ plan: TurnPlan, in company: CompanyID?,
        first: @escaping @Sendable (WriteSession, ContinuousClock.Instant) throws -> Void = { _, _ in }
    ) async throws {
        let length = store.longestTransaction
        /// When a further transaction may still begin.
        let last = ContinuousClock.now + store.engine.longestTurn - length
        var (plan, ahead, taken, isFirst) = (plan, ahead, 0, true)
        while true {
            let isLast = !plan.mustGoOn && ContinuousClock.now + length > last
            let isEnough = isLast || (!isFirst && ahead.steps.count > taken)
            let (handling, present, earlier) = (self, plan, ahead)
            async let following = isEnough ? Following() : handling.follow(earlier, in: present)
            if isFirst || plan.rest.first.map(ahead.left.contains) == false {
                plan = try await store.write(leading: leader, in: company) { [store, rules, isFirst] db in
                    defer { store.mark.clear() }
                    let end = ContinuousClock.now + length
                    var plan = present
                    if isFirst { try first(db, end) }
                    try db.work(&plan, earlier, until: end, rules)
                    if isFirst { try db.indexNewTexts() }
                    return plan
                }
                taken = plan.done - present.done
                note(&plan, taken)
            }
            isFirst = false
            ahead.forget(handledIn: plan)
            // Where it cannot be read, the next call meets the cause.
            guard let next = try? await following else { return }
            if let steps = next.steps {
                ahead.add(steps)
                costs.merge(steps.costs, uniquingKeysWith: +)
            }
            let isOver = next.othersWait || ContinuousClock.now > last
            if plan.rest.isEmpty || (isOver && !plan.mustGoOn) { return }
        }
    }

    /// Adds what a transaction has done.
    private mutating func note(_ plan: inout TurnPlan, _ taken: Int) {
        done += taken
        setAside += plan.setAside
        failed += plan.failed
        costs.merge(plan.costs, uniquingKeysWith: +)
        (plan.setAside, plan.failed, plan.costs) = ([], [], [:])
    }

    /// Computes the steps behind those that a transaction takes, unless others are to go first.
    private func follow(_ earlier: StepsAhead, in plan: TurnPlan) async throws -> Following {
        let items = plan.rest.filter(earlier.left.contains)
        guard !items.isEmpty else { return Following() }
        return try await store.read { [store, companies, rules] session in
            let turns = try session.dueTurns(of: companies)
            // What is behind events of its own company waits for them anyway.
            let own = Set(plan.rest.map(\.company))
            let othersWait = turns.startsSomething(now: rules.now) || !own.isSuperset(of: turns.companiesWithEvents)
            guard plan.mustGoOn || !othersWait else { return Following(othersWait: true) }
            let end = ContinuousClock.now + store.longestTransaction
            return Following(
                steps: try StepsAhead(items, behind: earlier, until: end, session, rules), othersWait: othersWait)
        }
    }
}

/// What one snapshot shows behind the steps that are being written.
private struct Following: Sendable {
    /// nil: none were computed.
    var steps: StepsAhead?
    /// Whether there is work that the plan does not know of, and that does not come behind what it knows.
    var othersWait = false
}

extension WriteSession {
    /// Brings CloudEvents to those who listen, and starts what is scheduled.
    fileprivate func startDue(
        _ turns: DueTurns, limit: Int, of companies: CompanyChoice, until end: ContinuousClock.Instant, now: Int64
    ) throws {
        if turns.hasCloudEvents { try dispatchCloudEvents(limit: limit, of: companies, until: end, now: now) }
        if turns.hasSchedules(now: now) { try startScheduled(limit: limit, of: companies, until: end, now: now) }
    }
}
