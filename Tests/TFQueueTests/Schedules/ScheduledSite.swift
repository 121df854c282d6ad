import TFDefinition
import TFExpression
import TFQueue
import TestSupport

@testable import TFEngine

/// A whole site in one value: the store, one or two daemons, Redis, and what people and programs do. Each step does one
/// thing that nothing can come between.
struct ScheduledSite {
    enum Step: CaseIterable {
        case submit, engine, timer, clock
        case readOutbox, sendOne, settle, loseAnswers
        case claim, start, complete, hold, giveBack, prioritize, changeAvailability
        case lease, takeFromList, report
        case killDaemon, stopDaemon, wakeDaemon
        case emptyRedis, saveRedis, restoreRedis
        case checkEpoch, clearForRebuild, fillRebuild, audit
    }

    private struct Redis {
        var rules = QueueRules()
        var epoch: String?
        var highWaterMark: Int64 = 0
    }

    /// What a daemon has in memory.
    private struct Daemon {
        var term: Int
        var round: Round?
        var rebuild: (epoch: String, content: QueueRules, mark: Int64, isCleared: Bool)?
    }

    /// Entries that the relay has read, and how far it is with them.
    private struct Round {
        let epoch: String
        let entries: [(entry: ScheduledRecord.Entry, change: QueueChange?, situation: TaskSituation?)]
        var answers: [QueueRules.Answer] = []
    }

    private static let people = ["w1", "w2", "w3"]
    private static let programs = ["p1", "p2"]
    private static let rule = ServiceRule.standard

    private(set) var record: ScheduledRecord
    private var redis = Redis()
    private var saved: Redis?
    private var daemon = Daemon(term: 0)
    /// A leader that was stopped in the middle of a round.
    private var stopped: Daemon?
    private var now: Int64 = 1_000
    private var epochs = 0
    /// Whether Redis was filled to the end and has lost nothing since.
    private var isWhole = false
    private var needlessRebuilds = 0

    init(_ program: Program) { record = ScheduledRecord(program, workers: Self.people + Self.programs) }

    // MARK: Steps

    /// - Parameter seed: of what the step chooses, so that a step does the same when others before it are left out.
    mutating func take(_ step: Step, seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        switch step {
        case .submit: if record.tasks.count < 12 { record.submit() }
        case .engine: commit(&generator) { record, now in record.advance(now: now) }
        case .timer: fireTimers(&generator)
        case .clock: now += Int64(generator.pick([10, 1_000, 60_000, 600_000]))
        case .readOutbox: readOutbox(generator.below(6) + 1)
        case .sendOne: Self.sendOne(&daemon, &redis)
        case .settle: settle(&generator)
        case .loseAnswers: daemon.round = nil
        case .claim, .start, .complete, .hold, .giveBack: work(step, &generator)
        case .prioritize: prioritize(&generator)
        case .changeAvailability:
            let login = generator.pick(Self.people + Self.programs)
            record.setAvailable(login, generator.below(3) > 0)
        case .lease, .takeFromList, .report: workAsProgram(step, &generator)
        case .killDaemon: restart()
        case .stopDaemon:
            if stopped == nil, daemon.round != nil { stopped = daemon }
            restart()
        case .wakeDaemon: wake()
        case .emptyRedis:
            redis = Redis()
            isWhole = false
        case .saveRedis: saved = redis
        case .restoreRedis:
            if let saved { redis = saved }
            isWhole = false
        case .checkEpoch: checkEpoch()
        case .clearForRebuild: clearForRebuild()
        case .fillRebuild: fillRebuild()
        case .audit: audit()
        }
    }

    private mutating func restart() {
        record.term += 1
        daemon = Daemon(term: record.term)
    }

    /// A leader that was stopped goes on: it had asked whether it leads before it was stopped, so it still sends what it
    /// holds. What it writes is refused.
    private mutating func wake() {
        guard var old = stopped else { return }
        while Self.sendOne(&old, &redis) {}
        stopped = nil
    }

    /// A transaction of the daemon: it may be killed before the commit.
    private mutating func commit(_ generator: inout SeededGenerator, _ body: (inout ScheduledRecord, Int64) -> Void) {
        guard daemon.term == record.term else { return }
        var next = record
        body(&next, now)
        if generator.below(12) == 0 { return restart() }
        record = next
    }

    private mutating func fireTimers(_ generator: inout SeededGenerator) {
        commit(&generator) { record, now in
            for (id, state) in record.instances.sorted(by: { $0.key < $1.key }) {
                if let timer = state.nextTimer, timer <= now, state.status == .running { record.tick(id, now: now) }
            }
            for (id, task) in record.tasks.sorted(by: { $0.key < $1.key }) {
                guard let due = task.situation.wakeAtMs, due <= now else { continue }
                switch task.situation.state {
                case .ready: record.happen(.retryDue, to: id, now: now)
                case .held: record.happen(.holdEnded, to: id, now: now)
                case .started:
                    let end = LeaseEnd(attempts: 50, recipient: nil, hasOther: true)
                    record.happen(.leaseEnded(end), to: id, now: now)
                case .assigned, .completed, .withdrawn, .failed: break
                }
            }
        }
    }

    // MARK: The relay

    private mutating func readOutbox(_ limit: Int) {
        guard daemon.round == nil, daemon.rebuild == nil, let epoch = record.epoch else { return }
        let entries = record.outbox.prefix(limit).map { entry in
            (entry: entry, change: change(entry), situation: entry.task.flatMap { record.tasks[$0]?.situation })
        }
        guard !entries.isEmpty else { return }
        daemon.round = Round(epoch: epoch, entries: entries)
    }

    private func change(_ entry: ScheduledRecord.Entry) -> QueueChange? {
        guard let id = entry.task else { return .worker(record.worker(entry.login)) }
        let jobID = ScheduledRecord.jobID(id, attempt: entry.attempt)
        switch entry.kind {
        case .remove: return .remove(jobID)
        case .take: return .take(jobID)
        case .worker: return nil
        case .assign, .place, .rewrite:
            guard let task = record.tasks[id], task.situation.attempt == entry.attempt, task.isQueued,
                let job = record.job(id)
            else { return nil }
            if entry.kind == .rewrite { return .rewrite(job) }
            if let holder = task.situation.holder { return .place(job, worker: holder.login) }
            guard entry.kind == .assign else { return nil }
            guard task.situation.strategy.isByRule else { return .pool(job) }
            return .assign(job, prefer: nil, exclude: task.situation.avoided)
        }
    }

    /// Sends the next change of a round.
    /// - Returns: whether there was one.
    @discardableResult
    private static func sendOne(_ daemon: inout Daemon, _ redis: inout Redis) -> Bool {
        guard let round = daemon.round, round.answers.count < round.entries.count else { return false }
        guard redis.epoch == round.epoch else {
            daemon.round = nil
            return false
        }
        let (entry, change, _) = round.entries[round.answers.count]
        daemon.round?.answers.append(change.map { redis.rules.apply($0) } ?? .done)
        // An entry that has become nothing is acknowledged without a word to Redis.
        if change != nil { redis.highWaterMark = max(redis.highWaterMark, entry.position) }
        return true
    }

    private mutating func settle(_ generator: inout SeededGenerator) {
        guard let round = daemon.round, round.answers.count == round.entries.count else { return }
        daemon.round = nil
        commit(&generator) { record, now in
            for ((entry, change, before), answer) in zip(round.entries, round.answers) {
                guard let id = entry.task, case .assign? = change, let before,
                    let task = record.tasks[id]?.situation
                else { continue }
                // What has changed since is only given what it still waits for.
                let isSame = task.version == before.version
                guard isSame || (task.attempt == before.attempt && task.state == .ready && task.wakeAtMs == nil) else {
                    continue
                }
                switch answer {
                case .chosen(let login, _):
                    record.happen(.chosen(Self.holder(login), RuleChoice(because: .preferred)), to: id, now: now)
                case .nobody:
                    record.happen(.unserved(.noneEligible(role: nil, excluded: 0), workers: nil), to: id, now: now)
                case .done: break
                }
            }
            record.settle(
                Set(round.entries.map(\.entry.position)),
                applied: round.entries.filter { $0.change != nil }.map(\.entry.position))
        }
    }

    // MARK: Recovery

    private mutating func checkEpoch() {
        guard daemon.term == record.term, daemon.rebuild == nil, daemon.round == nil else { return }
        let isAhead =
            redis.highWaterMark > record.acknowledged
            && !record.outbox.contains { $0.position == redis.highWaterMark }
        guard
            record.epoch == nil || redis.epoch != record.epoch || redis.highWaterMark < record.acknowledged || isAhead
        else { return }
        if isWhole { needlessRebuilds += 1 }
        isWhole = false
        epochs += 1
        let epoch = "e\(epochs)"
        record.epoch = epoch
        for (id, task) in record.tasks where task.situation.lease == "" && task.situation.state == .started {
            record.happen(.requeued, to: id, now: now)
        }
        daemon.rebuild = (epoch, record.content, record.acknowledged, false)
    }

    private mutating func clearForRebuild() {
        guard let rebuild = daemon.rebuild, !rebuild.isCleared else { return }
        redis = Redis(epoch: "rebuilding:\(rebuild.epoch)")
        daemon.rebuild?.isCleared = true
    }

    private mutating func fillRebuild() {
        guard let rebuild = daemon.rebuild, rebuild.isCleared else { return }
        daemon.rebuild = nil
        guard redis.epoch == "rebuilding:\(rebuild.epoch)" else { return }
        redis = Redis(rules: rebuild.content, epoch: rebuild.epoch, highWaterMark: rebuild.mark)
        isWhole = rebuild.epoch == record.epoch
    }

    /// Compares Redis with the store, and mends it.
    /// - Returns: whether anything differed, besides jobs that programs took.
    @discardableResult
    private mutating func audit() -> Bool {
        guard daemon.term == record.term, daemon.round == nil, daemon.rebuild == nil, record.outbox.isEmpty,
            redis.epoch == record.epoch
        else { return false }
        for (id, task) in record.tasks.sorted(by: { $0.key < $1.key })
        where task.situation.kind == .service && task.situation.state == .assigned {
            let jobID = ScheduledRecord.jobID(id, attempt: task.situation.attempt)
            guard let held = redis.rules.jobs[jobID], !held.isListed else { continue }
            record.happen(.taken(until: now + Self.rule.lease), to: id, now: now)
        }
        let content = record.content
        guard redis.rules.jobs != content.jobs || redis.rules.workers != content.workers else { return false }
        redis.rules = content
        return true
    }

    // MARK: People and programs

    private static func holder(_ login: String) -> TaskHolder {
        TaskHolder(account: AccountID(Int64((people + programs).firstIndex(of: login) ?? 0) + 1), login: login)
    }

    private mutating func work(_ step: Step, _ generator: inout SeededGenerator) {
        let login = generator.pick(Self.people)
        let holder = Self.holder(login)
        let open = record.tasks.filter { $0.value.situation.state.isOpen && $0.value.situation.kind == .person }
        let mine = open.filter { $0.value.situation.holder == holder }.keys.sorted()
        guard step != .claim else {
            let ready = open.filter { $0.value.situation.state == .ready }.keys.sorted()
            if !ready.isEmpty { record.happen(.claimed(by: holder), to: generator.pick(ready), now: now) }
            return
        }
        guard !mine.isEmpty else { return }
        let task = generator.pick(mine)
        switch step {
        case .start: record.happen(.started(by: holder, draft: nil), to: task, now: now)
        case .hold: record.happen(.held(until: now + 30_000, by: holder, reason: nil), to: task, now: now)
        case .giveBack: record.happen(.released(by: holder, reason: nil), to: task, now: now)
        default:
            // Sent twice now and then: the second one is refused.
            for _ in 0...generator.below(2) {
                record.happen(
                    .completed(by: holder, TaskResult(output: ["outcome": "done"], outcome: "done")), to: task, now: now
                )
            }
        }
    }

    /// Somebody gives a task another priority, or its ticket does.
    private mutating func prioritize(_ generator: inout SeededGenerator) {
        let open = record.tasks.filter { $0.value.situation.state.isOpen }.keys.sorted()
        guard !open.isEmpty else { return }
        let person = generator.below(2) == 0 ? Self.holder(generator.pick(Self.people)) : nil
        record.happen(
            .prioritized(generator.pick(Priority.allCases), by: person), to: generator.pick(open), now: now)
    }

    private mutating func workAsProgram(_ step: Step, _ generator: inout SeededGenerator) {
        let login = generator.pick(Self.programs)
        let holder = Self.holder(login)
        let mine = record.tasks.filter { $0.value.situation.holder == holder && $0.value.situation.state.isOpen }
        switch step {
        case .lease:
            let idle = mine.filter { $0.value.situation.state == .assigned }.keys.sorted()
            guard !idle.isEmpty else { return }
            record.happen(
                .leased(by: holder, lease: "token", until: now + Self.rule.lease), to: generator.pick(idle), now: now)
        case .takeFromList:
            let listed = redis.rules.jobs.filter { $0.value.holder == login && $0.value.isListed }.keys.sorted()
            if !listed.isEmpty { _ = redis.rules.apply(.take(generator.pick(listed))) }
        default:
            let begun = mine.filter { $0.value.situation.state == .started }.keys.sorted()
            guard !begun.isEmpty else { return }
            let failure = FailedTry(login: login, title: "no", detail: nil, mayRetry: true, rule: Self.rule)
            let isFailure = generator.below(4) == 0
            let event: TaskEvent =
                isFailure ? .tryFailed(failure) : .completed(by: holder, TaskResult(output: [:], outcome: nil))
            record.happen(event, to: generator.pick(begun), now: now)
        }
    }

    // MARK: What has to be

    /// Lets all faults end, and everything go on until nothing is left to do.
    /// - Returns: the guarantee that is broken, if one is.
    mutating func heal() -> String? {
        wake()
        restart()
        for login in Self.people + Self.programs { record.setAvailable(login, true) }
        var generator = SeededGenerator(seed: 1)
        for round in 0..<400 {
            settleAll(&generator)
            _ = audit()
            if let complaint = complaint() { return "round \(round): \(complaint)" }
            let open = record.tasks.filter { $0.value.situation.state.isOpen }.keys.min()
            if let open { finish(open) }
            if open == nil, record.instances.values.allSatisfy({ $0.status != .running }) { break }
        }
        for (id, state) in record.instances where state.status == .running { return "instance \(id) is stuck" }
        return nil
    }

    /// The daemon's loop, until it has nothing to do.
    private mutating func settleAll(_ generator: inout SeededGenerator) {
        now += 1_000_000
        for _ in 0..<1_000 {
            let isQuiet = record.events.isEmpty && record.outbox.isEmpty && !isAnythingDue
            for step in [
                Step.timer, .engine, .checkEpoch, .clearForRebuild, .fillRebuild, .readOutbox, .sendOne, .sendOne,
                .sendOne, .sendOne, .sendOne, .sendOne, .settle,
            ] { take(step, seed: generator.next()) }
            if isQuiet, record.events.isEmpty, record.outbox.isEmpty, daemon.round == nil, daemon.rebuild == nil,
                redis.epoch == record.epoch
            {
                return
            }
        }
    }

    private var isAnythingDue: Bool {
        record.instances.values.contains { $0.status == .running && ($0.nextTimer ?? .max) <= now }
            || record.tasks.values.contains { $0.situation.state.isOpen && ($0.situation.wakeAtMs ?? .max) <= now }
    }

    private mutating func finish(_ id: Int) {
        guard let task = record.tasks[id]?.situation else { return }
        let holder = task.holder ?? Self.holder("w1")
        if task.state == .ready { record.happen(.claimed(by: holder), to: id, now: now) }
        record.happen(
            .completed(by: holder, TaskResult(output: ["outcome": "done"], outcome: "done")), to: id, now: now)
    }

    private func complaint() -> String? {
        guard needlessRebuilds == 0 else { return "Redis was rebuilt though it had lost nothing" }
        guard record.outbox.isEmpty else { return "the outbox is not empty: \(record.outbox)" }
        let expected = record.content.places
        // A program's job is missing in its list from the moment it takes it until somebody notices.
        guard redis.rules.places == expected else { return "the lists are \(redis.rules.places), not \(expected)" }
        guard redis.rules.workers == record.content.workers else { return "the workers are \(redis.rules.workers)" }
        for (id, task) in record.tasks {
            let state = task.situation.state
            let places = redis.rules.jobs.values.count { Int($0.job.task, radix: 16).map { $0 / 4_096 } == id }
            let isCounted = task.isQueued ? 1 : 0
            guard places == isCounted else { return "task \(id), \(state), is counted in \(places) places" }
            let count = record.completions[id, default: 0]
            guard count == (state == .completed ? 1 : 0) else {
                return "task \(id), \(state), was completed \(count) times"
            }
        }
        for (key, count) in record.told where count != 1 { return "\(key) was told \(count) times" }
        return nil
    }
}
