import TFConfiguration
import TFQueue
import TFStore

/// The outbox: carried over in the order in which it was written.
extension QueueKeeper {
    private static let batch = 500

    func relay(_ leader: Leadership) async throws {
        while true {
            let entries = try await store.outbox(limit: Self.batch)
            guard !entries.isEmpty else { return }
            for company in Self.inOrder(entries.map(\.companyID)) {
                try await relay(entries.filter { $0.companyID == company }, company: company, leader)
            }
        }
    }

    private static func inOrder(_ ids: [Int64]) -> [Int64] {
        ids.reduce(into: []) { unique, id in if !unique.contains(id) { unique.append(id) } }
    }

    private func relay(_ entries: [OutboxEntry], company: Int64, _ leader: Leadership) async throws {
        let slug = entries[0].company
        guard let epoch = try await store.queueEpoch(company: company)?.epoch else {
            return try await rebuild(slug, company, leader, because: "it has no content yet")
        }
        let changes = entries.compactMap { entry in change(for: entry).map { (entry, $0) } }
        let answers: [QueueAnswer]
        do throws(QueueError) {
            answers = try await queues.apply(changes.map { ($0.id, $1) }, company: slug, epoch: epoch)
        } catch {
            if case .otherEpoch = error {
                return try await rebuild(slug, company, leader, because: "its content is of another generation")
            }
            // Junk of another type under our names: a rebuild clears it. A server that is away, full or read-only needs
            // time.
            if !error.isTemporary { try await rebuild(slug, company, leader, because: "\(error)") }
            throw error
        }
        var workers = EligibleWorkers.Cache(store: store)
        var results: [OutboxResult] = []
        var programs: Set<String> = []
        for (change, answer) in zip(changes, answers) {
            let outcome = try await outcome(of: change.0, answer, &workers)
            results.append(OutboxResult(entry: change.0.id, companyID: company, outcome: outcome))
            switch (change.0.work, outcome) {
            case (_, .assigned(let task, let worker, _)) where task.kind == .service: programs.insert(worker)
            case (.place(let task, let worker), _) where task.kind == .service: programs.insert(worker)
            default: break
            }
        }
        let answered = Set(results.map(\.entry))
        results += entries.filter { !answered.contains($0.id) }.map {
            OutboxResult(entry: $0.id, companyID: company, outcome: .done)
        }
        let now = WallClock.now()
        let strangers = try await store.settle(results, leader: leader, now: now)
        figures.settled(results, company: slug, now: now)
        try await queues.hint(company: slug, workers: programs)
        logger.debug("outbox carried over", metadata: ["company": "\(slug)", "entries": "\(entries.count)"])
        if let stranger = strangers.min() {
            try await rebuild(slug, company, leader, because: "Redis chose \(stranger), who may not have the task")
        }
    }

    private func change(for entry: OutboxEntry) -> QueueChange? {
        switch entry.work {
        case .assign(let task):
            let job = task.job(company: entry.company, baseURL: store.baseURL)
            guard task.strategy.isByRule, !entry.isPaused else { return .pool(job) }
            return .assign(
                job, by: task.strategy == .roundRobin ? .turns : .shortestList, prefer: task.preferred,
                exclude: task.excludedLogins + task.avoidedLogins)
        case .place(let task, let worker):
            return .place(task.job(company: entry.company, baseURL: store.baseURL), worker: worker)
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
        if case .assigned(let choice) = answer, task.strategy.isByRule {
            return .assigned(
                task, worker: choice.chosen.login, decision: Decision.chosen(choice, for: task, eligible))
        }
        let (reason, decision) = Decision.nobody(for: task, eligible, isPaused: entry.isPaused)
        return .waiting(task, reason: reason, decision: decision)
    }
}

extension Worker {
    init(_ state: WorkerState) {
        self.init(
            login: state.login, kind: state.kind == .service ? .service : .person, roles: state.roles,
            state: !state.isWorker ? .gone : state.isAvailable ? .available : .away)
    }
}
