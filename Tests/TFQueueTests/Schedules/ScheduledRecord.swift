import TFDefinition
import TFExpression
import TFQueue

@testable import TFEngine

/// The store of a simulated site: a value, so that a transaction that is not committed is a copy that is thrown away.
///
/// What may happen to a task and to an instance, and what follows from it, is the real code (`TaskLife`, `Engine`); that
/// it is written in one transaction is what this models.
struct ScheduledRecord {
    struct StoredTask {
        var situation: TaskSituation
        let instance: Int
        let reference: String
        let visit: Int
        let role: String?
        let service: ServiceRule?

        /// Whether Redis knows of it.
        var isQueued: Bool {
            switch situation.state {
            case .ready: situation.wakeAtMs == nil
            case .assigned, .started: true
            case .held, .completed, .withdrawn, .failed: false
            }
        }
    }

    struct Entry: Hashable {
        let position: Int64
        let kind: OutboxKind
        /// A task, or nil for a worker.
        var task: Int?
        var attempt = 1
        var login = ""
    }

    let program: Program
    private(set) var tasks: [Int: StoredTask] = [:]
    private(set) var instances: [Int: InstanceState] = [:]
    private var instanceCount = 0
    private(set) var events: [(instance: Int, event: EngineEvent)] = []
    private(set) var outbox: [Entry] = []
    private var position: Int64 = 0
    var acknowledged: Int64 = 0
    var epoch: String?
    /// The term of the daemon that leads.
    var term = 0
    private(set) var available: [String: Bool] = [:]
    /// How often each task was completed, and how often its workflow was told.
    private(set) var completions: [Int: Int] = [:]
    private(set) var told: [String: Int] = [:]

    init(_ program: Program, workers: [String]) {
        self.program = program
        for login in workers { setAvailable(login, true) }
    }

    // MARK: Changes, each of them a transaction

    mutating func submit() {
        instanceCount += 1
        events.append((instanceCount, .start(input: [:])))
    }

    mutating func setAvailable(_ login: String, _ isAvailable: Bool) {
        available[login] = isAvailable
        add(Entry(position: 0, kind: .worker, login: login))
        guard isAvailable else { return }
        for id in tasks.keys.sorted() {
            guard let task = tasks[id], task.situation.state == .ready, task.isQueued, task.situation.strategy.isByRule
            else { continue }
            add(Entry(position: 0, kind: .assign, task: id, attempt: task.situation.attempt))
        }
    }

    /// - Returns: whether it could happen.
    @discardableResult
    mutating func happen(_ event: TaskEvent, to id: Int, now: Int64) -> Bool {
        guard let task = tasks[id] else { return false }
        let change: TaskChange
        do throws(TaskConflict) { change = try TaskLife.apply(event, to: task.situation, now: now) } catch {
            return false
        }
        tasks[id]?.situation = change.after
        for order in change.orders { add(Entry(position: 0, kind: order.kind, task: id, attempt: order.attempt)) }
        if event.kind == .completed { completions[id, default: 0] += 1 }
        switch change.news {
        case .completed(let output):
            events.append(
                (task.instance, .taskCompleted(reference: task.reference, visit: task.visit, output: output)))
        case .failed(let error):
            events.append((task.instance, .taskFailed(reference: task.reference, visit: task.visit, error: error)))
        case nil: break
        }
        return true
    }

    /// Applies the next event to its instance.
    mutating func advance(now: Int64) {
        guard !events.isEmpty else { return }
        let (instance, event) = events.removeFirst()
        apply(event, to: instance, now: now)
    }

    mutating func tick(_ instance: Int, now: Int64) { apply(.tick, to: instance, now: now) }

    private mutating func apply(_ event: EngineEvent, to instance: Int, now: Int64) {
        let surroundings = Surroundings(instance: "\(instance)", ticket: ["number": 1], now: now)
        guard let transition = Engine.advance(program, instances[instance], event, surroundings) else { return }
        if case .taskCompleted(let reference, let visit, _) = event {
            told["\(instance) \(reference) \(visit)", default: 0] += 1
        }
        instances[instance] = transition.state
        for effect in transition.effects { take(effect, of: instance, now: now) }
    }

    private mutating func take(_ effect: Effect, of instance: Int, now: Int64) {
        switch effect {
        case .openTask(let request): open(request, of: instance, now: now)
        case .withdrawTask(let reference, let visit):
            for (id, task) in tasks
            where task.instance == instance && task.reference == reference && task.visit == visit {
                happen(.withdrawn, to: id, now: now)
            }
        case .yield: events.append((instance, .resume))
        default: break
        }
    }

    private mutating func open(_ request: TaskRequest, of instance: Int, now: Int64) {
        let definition = program.tasks[request.definition]
        let isService = definition?.kind == .service
        let situation = TaskSituation(
            title: request.title, kind: isService ? .service : .person, strategy: request.strategy)
        let change = TaskLife.begin(situation, .waiting(request.strategy == .pool ? .claim : .queue), now: now)
        let id = tasks.count + 1
        tasks[id] = StoredTask(
            situation: change.after, instance: instance, reference: request.reference, visit: request.visit,
            role: request.role, service: isService ? definition?.service : nil)
        for order in change.orders { add(Entry(position: 0, kind: order.kind, task: id, attempt: order.attempt)) }
    }

    private mutating func add(_ entry: Entry) {
        position += 1
        outbox.append(
            Entry(position: position, kind: entry.kind, task: entry.task, attempt: entry.attempt, login: entry.login))
    }

    /// - Parameter applied: those of them of which Redis was told.
    mutating func settle(_ positions: Set<Int64>, applied: [Int64]) {
        outbox.removeAll { positions.contains($0.position) }
        acknowledged = max(acknowledged, applied.max() ?? 0)
    }

    // MARK: What Redis has to hold

    func job(_ id: Int) -> Job? {
        guard let task = tasks[id] else { return nil }
        let digits = String(id * 4_096 + task.situation.attempt, radix: 16)
        return Job(
            id: Self.jobID(id, attempt: task.situation.attempt), task: digits, role: task.role,
            kind: task.situation.kind == .service ? .service : .person,
            isUrgent: task.situation.priority == .urgent, attempt: task.situation.attempt, details: "{}", createdAt: 1,
            enqueuedAt: 1)
    }

    static func jobID(_ task: Int, attempt: Int) -> String {
        let digits = String(task * 4_096 + attempt, radix: 16)
        return String(repeating: "0", count: 24 - digits.count) + digits
    }

    func worker(_ login: String) -> Worker {
        Worker(
            login: login, kind: login.hasPrefix("p") ? .service : .person, roles: [],
            state: available[login] == true ? .available : .away)
    }

    /// The content of a rebuild.
    var content: QueueRules {
        var rules = QueueRules()
        for login in available.keys.sorted() { _ = rules.apply(.worker(worker(login))) }
        for id in tasks.keys.sorted() {
            guard let task = tasks[id], task.isQueued, let job = job(id) else { continue }
            _ = rules.apply(task.situation.holder.map { .place(job, worker: $0.login) } ?? .pool(job))
            if task.situation.kind == .service, task.situation.lease != nil { _ = rules.apply(.take(job.id)) }
        }
        return rules
    }
}
