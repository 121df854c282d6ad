import TFQueue
import TestSupport

/// The queues as a plain model: who has which job, where it stands, and who may get one.
struct QueueModel {
    struct Member {
        let login: String
        let kind: WorkerKind
        var roles: [String]
        var isAvailable: Bool
        var worker: Worker {
            Worker(login: login, kind: kind, roles: roles, state: isAvailable ? .available : .away)
        }
    }

    /// A job that somebody has, or that waits in the pool.
    struct Held {
        let job: Job
        /// nil: it waits in the pool.
        let holder: String?
        /// False: a program has taken it out of its list.
        var isListed: Bool

        var list: String { holder.map { job.list(of: $0) } ?? QueueKeys.unassigned(role: job.role) }
    }

    struct Step {
        let change: QueueChange
        /// The job that it is about; nil: a worker.
        let job: Int?
    }

    private(set) var workers: [String: Member] = [:]
    private(set) var jobs: [Int: Held] = [:]
    private var turns: [String: Int] = [:]
    private var turn = 0
    private var newest = 0
    private var generator: SeededGenerator

    init(generator: SeededGenerator) {
        self.generator = generator
        for index in 0..<8 {
            let roles = ["r0", "r1"].filter { _ in Bool.random(using: &self.generator) }
            let kind = index < 5 ? WorkerKind.person : .service
            workers["w\(index)"] = Member(login: "w\(index)", kind: kind, roles: roles, isAvailable: index % 3 != 0)
        }
    }

    mutating func next() -> Step {
        switch Int.random(in: 0..<20, using: &generator) {
        case 0..<9: assign()
        case 9..<11: place()
        case 11..<12: Step(change: .pool(newJob(.person)), job: newest)
        case 12..<14:
            about {
                .take($0.job.id)
            } where: {
                $0.job.kind == .service && $0.holder != nil
            }
        case 14..<17:
            about {
                .remove($0.job.id)
            } where: { _ in
                true
            }
        default: changeWorker()
        }
    }

    private mutating func newJob(_ kind: WorkerKind) -> Job {
        newest += 1
        let role = [nil, "r0", "r1"].randomElement(using: &generator) ?? nil
        return RedisFixture.job(
            newest, role: role, kind: kind, isUrgent: Int.random(in: 0..<4, using: &generator) == 0)
    }

    private mutating func assign() -> Step {
        // One that waits in the pool is tried again now and then.
        let pooled = jobs.filter { $0.value.holder == nil }.keys.sorted().randomElement(using: &generator)
        let kind = Bool.random(using: &generator) ? WorkerKind.person : .service
        let isNew = pooled == nil || Int.random(in: 0..<3, using: &generator) > 0
        let job = isNew ? newJob(kind) : pooled.flatMap { jobs[$0]?.job } ?? newJob(kind)
        let exclude = workers.keys.sorted().filter { _ in Int.random(in: 0..<5, using: &generator) == 0 }
        let prefer =
            Int.random(in: 0..<4, using: &generator) == 0 ? workers.keys.sorted().randomElement(using: &generator) : nil
        let order: AssignmentOrder = Int.random(in: 0..<3, using: &generator) == 0 ? .turns : .shortestList
        return Step(
            change: .assign(job, by: order, prefer: prefer, exclude: exclude), job: RedisFixture.number(job))
    }

    private mutating func place() -> Step {
        let member = workers.values.sorted { $0.login < $1.login }.randomElement(using: &generator)
        let job = newJob(member?.kind ?? .person)
        return Step(change: .place(job, worker: member?.login ?? "w0"), job: newest)
    }

    private mutating func about(
        _ change: (Held) -> QueueChange, where fits: (Held) -> Bool
    ) -> Step {
        let number = jobs.filter { fits($0.value) }.keys.sorted().randomElement(using: &generator)
        guard let number, let held = jobs[number] else { return assign() }
        return Step(change: change(held), job: number)
    }

    private mutating func changeWorker() -> Step {
        var member = workers.values.sorted { $0.login < $1.login }.randomElement(using: &generator) ?? workers["w0"]
        member?.isAvailable.toggle()
        if Bool.random(using: &generator) {
            member?.roles = ["r0", "r1"].filter { _ in Bool.random(using: &generator) }
        }
        guard let member else { return assign() }
        workers[member.login] = member
        return Step(change: .worker(member.worker), job: nil)
    }

    // MARK: What must be

    /// Compares an answer with the model and follows it; nil: it is right.
    mutating func check(_ step: Step, _ answer: QueueAnswer) -> String? {
        switch step.change {
        case .assign(let job, let order, let prefer, let exclude):
            return check(job, order, prefer, exclude, answer)
        case .place(let job, let worker):
            give(job, to: worker)
        case .pool(let job): jobs[RedisFixture.number(job)] = Held(job: job, holder: nil, isListed: true)
        case .take: step.job.map { jobs[$0]?.isListed = false }
        case .remove: step.job.map { jobs[$0] = nil }
        case .worker: break
        }
        return answer == .done ? nil : "\(answer) to \(step.change)"
    }

    private mutating func give(_ job: Job, to worker: String) {
        turn += 1
        turns[worker] = turn
        jobs[RedisFixture.number(job)] = Held(job: job, holder: worker, isListed: true)
    }

    private mutating func check(
        _ job: Job, _ order: AssignmentOrder, _ prefer: String?, _ exclude: [String], _ answer: QueueAnswer
    ) -> String? {
        let eligible = inOrder(job.kind, job.role, by: order).filter { !exclude.contains($0) }
        guard case .assigned(let choice) = answer else {
            jobs[RedisFixture.number(job)] = Held(job: job, holder: nil, isListed: true)
            return eligible.first.map { "nobody was chosen, but \($0) could be" }
        }
        guard let best = prefer.flatMap({ eligible.contains($0) ? $0 : nil }) ?? eligible.first else {
            return "\(choice.chosen.login) was chosen, but nobody could be"
        }
        guard choice.chosen.login == best else { return "\(choice.chosen.login) was chosen instead of \(best)" }
        guard choice.chosen.length == load(best) else { return "the length is \(choice.chosen.length)" }
        let next = eligible.filter { $0 != best }.prefix(5).map { [$0, String(load($0))] }
        guard choice.following.map({ [$0.login, String($0.length)] }) == Array(next) else {
            return "next were \(choice.following) instead of \(next)"
        }
        give(job, to: best)
        return nil
    }

    /// The available workers of a kind with a role, in the order in which one is chosen.
    func inOrder(_ kind: WorkerKind, _ role: String?, by order: AssignmentOrder) -> [String] {
        workers.values.filter { member in
            member.isAvailable && member.kind == kind && (role.map(member.roles.contains) ?? true)
        }.map(\.login).sorted { left, right in
            let loads = order == .turns ? (0, 0) : (load(left), load(right))
            return (loads.0, turns[left] ?? 0, left) < (loads.1, turns[right] ?? 0, right)
        }
    }

    func load(_ login: String) -> Int { jobs.values.count { $0.holder == login } }

    /// What Redis has to hold.
    var content: QueueContent {
        QueueContent(
            workers: workers.values.map(\.worker),
            entries: jobs.sorted { $0.key < $1.key }.map { _, held in
                QueueContent.Entry(job: held.job, worker: held.holder, isListed: held.isListed)
            }, highWaterMark: 1)
    }
}
