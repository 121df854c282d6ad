import Foundation
import Logging
import TFConfiguration
import TFQueue
import TFStore

/// Keeps Redis saying what the store says.
///
/// One loop does all of it, so that nothing here runs beside itself: it carries the outbox over whenever something was
/// committed, looks at epoch and high-water mark every 2 s and at the lengths of all lists every 5 s, and rebuilds a
/// company whose content is not what it was left as.
struct QueueKeeper {
    private static let batch = 500
    private static let epochInterval = Duration.seconds(2)
    private static let lengthInterval = Duration.seconds(5)
    /// Our own redis-server starts beside this loop.
    private static let startGrace = Duration.seconds(3)

    let store: Store
    let queues: TaskQueues
    let wake: Wake
    let logger: Logger

    func run(_ leader: Leadership) async throws {
        let started = ContinuousClock.now
        var epochsDue = started
        var lengthsDue = started
        var isUnreachable = false
        for await _ in wake.rings {
            try Task.checkCancellation()
            do {
                if ContinuousClock.now >= epochsDue {
                    try await checkEpochs(leader)
                    epochsDue = .now + Self.epochInterval
                }
                try await relay(leader)
                if ContinuousClock.now >= lengthsDue {
                    try await checkLengths(leader)
                    lengthsDue = .now + Self.lengthInterval
                }
                if isUnreachable { logger.notice("Redis is back") }
                isUnreachable = false
            } catch let error as QueueError {
                // Tickets and completions are accepted meanwhile; the outbox keeps what Redis has to be told.
                if !isUnreachable, ContinuousClock.now > started + Self.startGrace {
                    logger.warning("the queues cannot be reached", metadata: ["error": "\(error)"])
                    isUnreachable = true
                }
                epochsDue = .now
                try await Task.sleep(for: .milliseconds(200 + Int.random(in: 0..<200)))
            }
        }
    }

    // MARK: The outbox

    private func relay(_ leader: Leadership) async throws {
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
            switch error {
            case .otherEpoch:
                return try await rebuild(slug, company, leader, because: "its content is of another generation")
            case .refused(_, let reason):
                // Junk of another type under our names: a rebuild clears it. Anything else waits before it tries again.
                try await rebuild(slug, company, leader, because: reason)
                throw error
            case .badAddress, .unreachable, .connectionLost: throw error
            }
        }
        var workers = EligibleWorkers.Cache(store: store)
        var results: [OutboxResult] = []
        for (change, answer) in zip(changes, answers) {
            let outcome = try await outcome(of: change.0, answer, &workers)
            results.append(OutboxResult(entry: change.0.id, companyID: company, outcome: outcome))
        }
        let answered = Set(results.map(\.entry))
        results += entries.filter { !answered.contains($0.id) }.map {
            OutboxResult(entry: $0.id, companyID: company, outcome: .done)
        }
        try await store.settle(results, leader: leader, now: WallClock.now())
        logger.debug("outbox carried over", metadata: ["company": "\(slug)", "entries": "\(entries.count)"])
    }

    private func change(for entry: OutboxEntry) -> QueueChange? {
        switch entry.work {
        case .assign(let task):
            let job = task.job(company: entry.company, baseURL: store.baseURL)
            guard task.strategy == .shortestQueue else { return .pool(job) }
            return .assign(job, prefer: task.preferred, exclude: task.excludedLogins)
        case .place(let task, let worker):
            return .place(task.job(company: entry.company, baseURL: store.baseURL), worker: worker)
        case .remove(let jobID): return .remove(jobID)
        case .worker(let state): return .worker(Worker(state))
        case .nothing: return nil
        }
    }

    private func outcome(
        of entry: OutboxEntry, _ answer: QueueAnswer, _ workers: inout EligibleWorkers.Cache
    ) async throws -> OutboxResult.Outcome {
        guard case .assign(let task) = entry.work else { return .done }
        let eligible = try await workers.workers(for: task)
        if case .assigned(let choice) = answer, task.strategy == .shortestQueue {
            return .assigned(
                task, worker: choice.chosen.login, decision: Decision.chosen(choice, for: task, eligible))
        }
        let (reason, decision) = Decision.nobody(for: task, eligible)
        return .waiting(task, reason: reason, decision: decision)
    }

    // MARK: Recovery

    private func checkEpochs(_ leader: Leadership) async throws {
        for company in try await store.companies() {
            guard let known = try await store.queueEpoch(company: company.id) else {
                try await rebuild(company.slug, company.id, leader, because: "it has no content yet")
                continue
            }
            let found = try await queues.state(company: company.slug)
            if found.epoch != known.epoch {
                try await rebuild(company.slug, company.id, leader, because: "Redis was emptied or restarted")
            } else if found.highWaterMark < known.acknowledged {
                try await rebuild(company.slug, company.id, leader, because: "Redis went back to an older state")
            }
        }
    }

    /// A list that is longer or shorter than the store says, with nothing left in the outbox to explain it.
    private func checkLengths(_ leader: Leadership) async throws {
        guard try await store.outboxBacklog(now: WallClock.now()).count == 0 else { return }
        for company in try await store.companies() {
            let expected = try await expectedLengths(company)
            let names = expected.keys.sorted()
            let lengths = try await queues.lengths(company: company.slug, names)
            guard let index = names.indices.first(where: { lengths[$0] != expected[names[$0]] }) else { continue }
            // A commit between the two reads looks like drift; only what stays is.
            guard try await store.outboxBacklog(now: WallClock.now()).count == 0,
                try await expectedLengths(company) == expected
            else { continue }
            try await rebuild(
                company.slug, company.id, leader,
                because:
                    "the list \(names[index]) holds \(lengths[index]) jobs instead of \(expected[names[index]] ?? 0)")
        }
    }

    /// How long every list of a company has to be, by its name.
    private func expectedLengths(_ company: Company) async throws -> [String: Int] {
        var lengths: [String: Int] = [QueueKeys.unassigned(role: nil): 0]
        for worker in try await store.workers(company.id) { lengths[worker.login] = 0 }
        for role in try await store.companyRoles(company.id) { lengths[QueueKeys.unassigned(role: role)] = 0 }
        for (role, count) in try await store.unassignedCounts(company: company.id) {
            lengths[QueueKeys.unassigned(role: role)] = count
        }
        return lengths.merging(try await store.openTaskCounts(company: company.id)) { _, open in open }
    }

    private func rebuild(_ slug: String, _ company: Int64, _ leader: Leadership, because reason: String) async throws {
        let epoch = UUID().uuidString.lowercased()
        let content = try await store.beginEpoch(epoch, company: company, leader: leader, now: WallClock.now())
        let inOrder = content.tasks.sorted { ($0.assignedAtMs ?? .max, $0.id) < ($1.assignedAtMs ?? .max, $1.id) }
        try await queues.rebuild(
            company: slug, epoch: epoch, workers: content.workers.map { Worker($0) },
            jobs: inOrder.map { ($0.job(company: slug, baseURL: store.baseURL), $0.assignee) },
            highWaterMark: content.acknowledged)
        logger.notice(
            "queues rebuilt",
            metadata: ["company": "\(slug)", "reason": "\(reason)", "tasks": "\(content.tasks.count)"])
    }
}

extension Worker {
    init(_ state: WorkerState) {
        self.init(
            login: state.login, roles: state.roles,
            state: !state.isWorker ? .gone : state.isAvailable ? .available : .away)
    }
}
