import TFConfiguration
import TFEngine
import TFQueue
import TFStore
import TFSystem

/// The relay: carries the outbox to Redis, in the order of each company.
extension QueueKeeper {
    /// How many entries are carried over in one round, from all companies that have some.
    private static let batch = 128
    /// And of one company, if others have something to do, too: what comes meanwhile waits for the end of the round.
    private static let batchBesideOthers = 16
    /// From how many companies entries are on their way at the same time.
    private static let companiesAtOnce = 8

    /// Carries over all entries, but for those of companies that rest.
    /// - Parameter due: something else has to be done then: what is left is carried over afterwards, however much comes.
    /// - Returns: when the first company that rests has rested; nil: none rests.
    @discardableResult
    func relay(
        _ leader: Leadership, until due: ContinuousClock.Instant? = nil
    ) async throws -> ContinuousClock.Instant? {
        // Companies whose entries Redis refuses: these wait for the next round, and the others' go on.
        var refused: Set<CompanyID> = []
        while true {
            let resting = shares.resting()
            let entries = try await store.read { [holds, refused] session in
                let elsewhere = try session.companies().filter { !holds($0.slug) }.map(\.id)
                return try session.outbox(
                    limit: Self.batch, of: leader, except: refused.union(resting.companies).union(elsewhere))
            }
            guard !entries.isEmpty else { return resting.end }
            let round = Self.inOrder(entries.map(\.companyID)).map { company in
                let limit = shares.hasOthers(than: company) ? Self.batchBesideOthers : Self.batch
                return Array(entries.filter { $0.companyID == company }.prefix(limit))
            }
            refused.formUnion(try await relay(round, leader))
            // These were all, if no company got its whole share; what comes meanwhile wakes this loop again.
            if round.map(\.count).reduce(0, +) == entries.count, Self.isAll(entries) { return resting.end }
            if let due, ContinuousClock.now >= due {
                wake.ring()
                return resting.end
            }
        }
    }

    /// Carries entries of several companies to Redis, each in its own order, and several companies at the same time: what is
    /// written about them afterwards waits for the disk, or for a server, together. What has to be repaired is repaired
    /// then, one after the other.
    /// - Returns: the companies whose entries Redis refuses.
    /// - Throws: why the entries of others could not be carried. What was begun for a company is ended before.
    private func relay(_ round: [[OutboxEntry]], _ leader: Leadership) async throws -> Set<CompanyID> {
        var refused: Set<CompanyID> = []
        var isSharedMended = false
        var (faults, failure) = try await carry(round, leader)
        for fault in faults {
            do {
                try await repair(fault, &isSharedMended, leader)
            } catch let error as QueueError where !error.isTemporary {
                refused.insert(fault.company.id)
                tell(error, of: fault.company.slug)
            } catch let error where !Self.isOver(error) {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return refused
    }

    /// - Returns: what has to be repaired, in the companies' order, and why the entries of others could not be carried.
    /// - Throws: `StoreError.notLeader`.
    private func carry(
        _ round: [[OutboxEntry]], _ leader: Leadership
    ) async throws -> (faults: [RelayFault], failure: (any Error)?) {
        try await withThrowingTaskGroup(of: RelayFault?.self) { group in
            var waiting = round[...]
            func carryNext() {
                guard let entries = waiting.popFirst() else { return }
                group.addTask { try await relay(entries, leader) }
            }
            for _ in 0..<Self.companiesAtOnce { carryNext() }
            var (faults, failures): ([RelayFault], [any Error]) = ([], [])
            while let result = await group.nextResult() {
                switch result {
                case .success(let fault): faults += [fault].compactMap { $0 }
                case .failure(let error): failures.append(error)
                }
                // Where one company's could not be carried, the others' most likely cannot either.
                if failures.isEmpty { carryNext() }
            }
            if let failure = failures.first(where: Self.isOver) { throw failure }
            return (faults.sorted { $0.company.id < $1.company.id }, failures.first)
        }
    }

    /// Whether another daemon leads by now.
    private static func isOver(_ error: any Error) -> Bool {
        if case StoreError.notLeader = error { true } else { false }
    }

    /// Fills Redis anew, after mending the keys to which somebody else has written.
    /// - Parameter isSharedMended: whether another company's repair has mended the key that all share.
    private func repair(_ fault: RelayFault, _ isSharedMended: inout Bool, _ leader: Leadership) async throws {
        let company = fault.company
        switch fault.cause {
        case .content(let reason): try await rebuild(company, leader, because: reason)
        case .keys(let jobs, let error):
            let shared = try await mendShared(leader)
            if !shared.isEmpty { isSharedMended = true }
            // Faults are mended also in the keys of jobs that have ended.
            let faults =
                shared
                + (try await mend(
                    try await store.read(in: company.id, { try $0.queueKeys() }) + jobs, of: company, leader))
            try await rebuild(company, leader, because: faults.first.map(Self.sentence) ?? "\(error)")
            // After mending, the entries are sent again at once.
            if faults.isEmpty, !isSharedMended { throw error }
        }
    }

    /// Whether a company with more entries would have got more of a round.
    private static func isAll(_ entries: [OutboxEntry]) -> Bool {
        let counts = entries.reduce(into: [CompanyID: Int]()) { $0[$1.companyID, default: 0] += 1 }
        return counts.values.allSatisfy { $0 < batch / counts.count }
    }

    /// The companies with the fewest entries first: they are sent to Redis first.
    static func inOrder(_ ids: [CompanyID]) -> [CompanyID] {
        let counts = ids.reduce(into: [CompanyID: Int]()) { $0[$1, default: 0] += 1 }
        return counts.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map(\.key)
    }

    /// Carries entries of one company to Redis.
    /// - Returns: nil: they are there.
    private func relay(_ entries: [OutboxEntry], _ leader: Leadership) async throws -> RelayFault? {
        let slug = entries[0].company
        let (company, known) = try await store.read(in: entries[0].companyID) {
            (try $0.companyRecord(), try $0.queueEpoch()?.epoch)
        }
        guard let epoch = known else { return RelayFault(company: company, cause: .content("it was never filled")) }
        // The moment of every choice: the jobs say the same as the store, also when they are made again from it.
        let chosenAt = WallClock.now()
        let changes = entries.compactMap { entry in change(for: entry, chosenAt: chosenAt).map { (entry, $0) } }
        let answers: [QueueAnswer]
        try await touch()
        do throws(QueueError) {
            answers = try await queues.apply(changes.map { ($0.position.number, $1) }, company: slug, epoch: epoch)
        } catch {
            if case .otherEpoch = error {
                return RelayFault(company: company, cause: .content("it holds another epoch"))
            }
            // If Redis is away, full or read-only, waiting helps.
            guard !error.isTemporary else { throw error }
            let jobs = QueueKeys(company: slug).jobKeys(changes.compactMap { $1.job })
            return RelayFault(company: company, cause: .keys(ofJobs: jobs, error))
        }
        CrashPoint.reach(.redisChanged)
        var workers = EligibleWorkers.Cache(store: store)
        var results: [OutboxResult] = []
        var programs: Set<String> = []
        for (change, answer) in zip(changes, answers) {
            let outcome = try await outcome(of: change.0, answer, &workers)
            results.append(OutboxResult(entry: change.0.position, companyID: company.id, outcome: outcome))
            if case .assigned(let task, let worker, _) = outcome, task.kind == .service { programs.insert(worker) }
            if case .place(let task, let worker) = change.0.work, task.kind == .service { programs.insert(worker) }
        }
        let answered = Set(results.map(\.entry))
        results += entries.filter { !answered.contains($0.position) }.map {
            OutboxResult(entry: $0.position, companyID: company.id, outcome: .outdated)
        }
        let (strangers, taken) = try await store.write(in: company.id) { [results] session in
            let start = ContinuousClock.now
            return (try session.site.settle(results, leader: leader, now: chosenAt), ContinuousClock.now - start)
        }
        shares.note([company.id: taken])
        figures.settled(results, company: slug, now: WallClock.now())
        try await queues.hint(company: slug, workers: programs)
        logger.debug("outbox carried over", metadata: ["company": "\(slug)", "entries": "\(entries.count)"])
        return strangers.min().map { stranger in
            RelayFault(company: company, cause: .content("Redis chose \(stranger), who may not have the task"))
        }
    }

    /// - Parameter chosenAt: in milliseconds since 1970.
    private func change(for entry: OutboxEntry, chosenAt: Int64) -> QueueChange? {
        switch entry.work {
        case .assign(let task):
            let job = task.job(company: entry.company, baseURL: store.baseURL)
            guard let order = task.strategy.order, !entry.isPaused else { return .pool(job) }
            return .assign(
                job, by: order, at: Double(chosenAt) / 1000, prefer: task.preferred,
                exclude: task.excludedLogins + task.avoidedLogins)
        case .place(let task, let worker):
            return .place(task.job(company: entry.company, baseURL: store.baseURL), worker: worker)
        case .rewrite(let task):
            // Where nobody has had it in the store, a worker may have been chosen in this round.
            return .rewrite(
                task.job(company: entry.company, baseURL: store.baseURL),
                at: task.state == .ready ? Double(chosenAt) / 1000 : nil)
        case .take(let jobID): return .take(jobID)
        case .remove(let jobID, _): return .remove(jobID)
        case .worker(let state): return .worker(Worker(state))
        case .nothing: return nil
        }
    }

    private func outcome(
        of entry: OutboxEntry, _ answer: QueueAnswer, _ workers: inout EligibleWorkers.Cache
    ) async throws -> OutboxResult.Outcome {
        if case .remove(_, let ended?) = entry.work { return .ended(ended) }
        guard case .assign(let task) = entry.work else { return .done }
        let eligible = try await workers.workers(for: task)
        if case .assigned(let choice) = answer, task.strategy.order != nil {
            return .assigned(task, worker: choice.chosen.login, RuleChoice(choice, for: task, eligible))
        }
        let reason = WaitingReason(nobodyFor: task, eligible, isPaused: entry.isPaused)
        return .waiting(task, reason: reason, workers: eligible)
    }
}

extension Worker {
    init(_ state: WorkerState) {
        self.init(
            login: state.login, kind: state.kind == .service ? .service : .person, roles: state.roles,
            state: !state.isWorker ? .gone : state.isAvailable ? .available : .away)
    }
}

/// Why a company's entries could not be carried to Redis as they were.
private struct RelayFault: Sendable {
    enum Cause: Sendable {
        /// Redis holds something else than the store, for this reason.
        case content(String)
        /// Somebody else has written to a key, perhaps of one of these jobs.
        case keys(ofJobs: [QueueKey], QueueError)
    }

    let company: Company
    let cause: Cause
}
