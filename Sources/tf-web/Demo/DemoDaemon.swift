import TFEngine
import TFExpression
import TFStore

/// What a daemon does, at moments of the past: workflows go on, servers answer, tasks go to people, timers end.
///
/// The queues are left to the real daemon, which fills them from the store at its first look. Here the rule counts the
/// open tasks in the store, to which the lists in Redis are equal.
struct DemoDaemon {
    private let store: Store
    private let leader: Leadership
    /// The HTTP status with which the supplier answers the order of a ticket, by company and the ticket's number.
    var supplierStatus: [CompanyID: [Int: Int]] = [:]
    /// When holds and absences end.
    private var alarms: [Int64] = []
    private var assignments = 0
    /// Which assignment was each worker's last.
    private var turns: [AccountKey: Int] = [:]

    private struct AccountKey: Hashable {
        let company: CompanyID
        let login: String
    }

    /// A workflow of the demo could not go on.
    struct Stopped: Error, CustomStringConvertible {
        let reasons: [String]
        var description: String { "the demo's workflows stopped: \(reasons.joined(separator: "; "))" }
    }

    init(_ store: Store, _ leader: Leadership) {
        self.store = store
        self.leader = leader
    }

    /// Has holds and absences end at this moment.
    mutating func wake(at moment: Int64) { alarms.append(moment) }

    /// Handles every timer up to a moment, each at its own.
    mutating func run(until end: Int64) async throws {
        while true {
            let timer = try await store.read { try $0.nextTurn(now: end) }.next
            guard let next = (alarms + [timer ?? .max]).min(), next <= end else { return }
            alarms.removeAll { $0 <= next }
            try await settle(now: next)
        }
    }

    /// Does everything that there is to do at a moment.
    mutating func settle(now: Int64) async throws {
        var isBusy = true
        while isBusy {
            isBusy = try await advance(now: now)
            isBusy = try await answerRequests(now: now) || isBusy
            isBusy = try await assignTasks(now: now) || isBusy
            isBusy = try await store.advanceTaskClock(leader: leader, now: now) > 0 || isBusy
        }
    }

    private func advance(now: Int64) async throws -> Bool {
        var hasAdvanced = false
        while try await store.read({ try $0.nextTurn(now: now) }).isDue {
            let advance = try await store.advanceInstances(limit: 64, leader: leader, now: now)
            guard advance.setAside.isEmpty else { throw Stopped(reasons: advance.setAside) }
            hasAdvanced = true
        }
        return hasAdvanced
    }

    // MARK: The supplier's server

    private func answerRequests(now: Int64) async throws -> Bool {
        let calls = try await store.takeHTTPCalls(
            CallShare(commonPlaces: 32), leader: leader, now: now, opener: { _, _, _ in nil })
        for call in calls {
            let order = try JSON(parsing: String(decoding: call.request.body ?? [], as: UTF8.self))
            let status = order["reference"].intValue.flatMap { supplierStatus[call.company]?[$0] } ?? 503
            let answer = HTTPOutcome.Response(
                status: status, headers: [.init(name: "content-type", value: "application/json")],
                body: Array("{}".utf8), to: call.request.head)
            try await store.write(in: call.company) { [leader] in
                try $0.finishHTTPCall(call, .response(answer), leader: leader, now: now)
            }
        }
        return !calls.isEmpty
    }

    // MARK: The rule

    /// Carries out what is to be carried to the queues, one entry after the other: each choice counts for the next.
    private mutating func assignTasks(now: Int64) async throws -> Bool {
        var hasAssigned = false
        while let entry = try await store.read({ try $0.outbox(limit: 1) }).first {
            let outcome = try await outcome(of: entry)
            let result = OutboxResult(entry: entry.position, companyID: entry.companyID, outcome: outcome)
            let strangers = try await store.write { [leader] in try $0.settle([result], leader: leader, now: now) }
            guard strangers.isEmpty else { throw Stopped(reasons: ["chosen without a right: \(strangers.sorted())"]) }
            hasAssigned = true
        }
        return hasAssigned
    }

    private mutating func outcome(of entry: OutboxEntry) async throws -> OutboxResult.Outcome {
        switch entry.work {
        case .remove(_, let ended?): return .ended(ended)
        case .remove, .place, .rewrite, .take, .worker, .nothing: return .done
        case .assign(let task): return try await choose(for: task)
        }
    }

    /// Chooses as the queues do: whom the workflow prefers, else the shortest list, and of two the one whose last
    /// assignment was longer ago.
    private mutating func choose(for task: TaskRecord) async throws -> OutboxResult.Outcome {
        let (holders, open) = try await store.read(in: task.companyID) {
            (try $0.eligibleWorkers(kind: task.kind, role: task.role), try $0.openTaskCounts())
        }
        let workers = WorkerCount(for: task, among: holders)
        let barred = Set(task.excludedLogins + task.avoidedLogins)
        let candidates = holders.filter { $0.value && !barred.contains($0.key) }.map { holder in
            (login: holder.key, length: open[holder.key] ?? 0, turn: turn(of: holder.key, task.companyID))
        }.sorted {
            ($0.login == task.preferred ? 0 : 1, $0.length, $0.turn, $0.login)
                < ($1.login == task.preferred ? 0 : 1, $1.length, $1.turn, $1.login)
        }
        guard task.strategy.isByRule, let chosen = candidates.first else {
            let reason = WaitingReason(nobodyFor: task, workers, isPaused: false)
            return .waiting(task, reason: reason, workers: workers)
        }
        assignments += 1
        turns[AccountKey(company: task.companyID, login: chosen.login)] = assignments
        let reason: ChoiceReason =
            chosen.login == task.preferred
            ? .preferred : .shortestList(available: workers.available, length: chosen.length)
        let choice = RuleChoice(
            because: reason, length: chosen.length,
            following: candidates.dropFirst().prefix(10).map { .init(login: $0.login, length: $0.length) },
            workers: workers)
        return .assigned(task, worker: chosen.login, choice)
    }

    private func turn(of login: String, _ company: CompanyID) -> Int {
        turns[AccountKey(company: company, login: login)] ?? 0
    }
}
