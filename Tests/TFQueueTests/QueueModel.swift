import TestSupport

@testable import TFQueue

/// Random changes of the queues, and what has to be after each: see `QueueRules`.
struct QueueModel {
    struct Step {
        let change: QueueChange
        /// The job that it is about; nil: a worker.
        let job: String?
    }

    private(set) var rules = QueueRules()
    private var newest = 0
    private var generator: SeededGenerator

    init(generator: SeededGenerator) {
        self.generator = generator
        for index in 0..<8 {
            let roles = ["r0", "r1"].filter { _ in Bool.random(using: &self.generator) }
            let kind = index < 5 ? Worker.Kind.person : .service
            rules.workers["w\(index)"] = QueueRules.Member(
                login: "w\(index)", kind: kind, roles: roles, isAvailable: index % 3 != 0)
        }
    }

    mutating func next() -> Step {
        switch Int.random(in: 0..<20, using: &generator) {
        case 0..<9: assign()
        case 9..<11: place()
        case 11..<12:
            step(.pool(newJob(.person)))
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
        case 17:
            about {
                .rewrite(Self.prioritized($0.job))
            } where: { _ in
                true
            }
        default: changeWorker()
        }
    }

    /// The job after its task has become urgent, or is not any more.
    private static func prioritized(_ job: Job) -> Job {
        RedisFixture.job(RedisFixture.number(job), role: job.role, kind: job.kind, isUrgent: !job.isUrgent)
    }

    private func step(_ change: QueueChange) -> Step { Step(change: change, job: change.job) }

    private mutating func newJob(_ kind: Worker.Kind) -> Job {
        newest += 1
        let role = [nil, "r0", "r1"].randomElement(using: &generator) ?? nil
        return RedisFixture.job(
            newest, role: role, kind: kind, isUrgent: Int.random(in: 0..<4, using: &generator) == 0)
    }

    private mutating func assign() -> Step {
        // One that waits in the pool is tried again now and then.
        let pooled = rules.jobs.filter { $0.value.holder == nil }.keys.sorted().randomElement(using: &generator)
        let kind = Bool.random(using: &generator) ? Worker.Kind.person : .service
        let isNew = pooled == nil || Int.random(in: 0..<3, using: &generator) > 0
        let job = isNew ? newJob(kind) : pooled.flatMap { rules.jobs[$0]?.job } ?? newJob(kind)
        let exclude = rules.workers.keys.sorted().filter { _ in Int.random(in: 0..<5, using: &generator) == 0 }
        let prefer =
            Int.random(in: 0..<4, using: &generator) == 0
            ? rules.workers.keys.sorted().randomElement(using: &generator) : nil
        let order: AssignmentOrder = Int.random(in: 0..<3, using: &generator) == 0 ? .turns : .shortestList
        return step(.assign(job, by: order, prefer: prefer, exclude: exclude))
    }

    private mutating func place() -> Step {
        let member = rules.workers.values.sorted { $0.login < $1.login }.randomElement(using: &generator)
        return step(.place(newJob(member?.kind ?? .person), worker: member?.login ?? "w0"))
    }

    private mutating func about(
        _ change: (QueueRules.Held) -> QueueChange, where fits: (QueueRules.Held) -> Bool
    ) -> Step {
        let id = rules.jobs.filter { fits($0.value) }.keys.sorted().randomElement(using: &generator)
        guard let id, let held = rules.jobs[id] else { return assign() }
        return step(change(held))
    }

    private mutating func changeWorker() -> Step {
        let workers = rules.workers.values.sorted { $0.login < $1.login }
        var member = workers.randomElement(using: &generator) ?? workers.first
        member?.isAvailable.toggle()
        if Bool.random(using: &generator) {
            member?.roles = ["r0", "r1"].filter { _ in Bool.random(using: &generator) }
        }
        guard let member else { return assign() }
        return step(.worker(member.worker))
    }

    // MARK: What must be

    /// Compares an answer with the model and follows it; nil: it is right.
    mutating func check(_ step: Step, _ answer: QueueAnswer) -> String? {
        let before = rules
        let expected = rules.apply(step.change)
        switch (expected, answer) {
        case (.done, .done), (.nobody, .nobody): return nil
        case (.nobody, .assigned(let choice)): return "\(choice.chosen.login) was chosen, but nobody could be"
        case (.chosen(let best, _), .nobody): return "nobody was chosen, but \(best) could be"
        case (.chosen(let best, _), .assigned(let choice)):
            guard choice.chosen.login == best else { return "\(choice.chosen.login) was chosen instead of \(best)" }
            return Self.check(choice, step.change, before)
        case (.done, _), (_, .done): return "\(answer) to \(step.change)"
        }
    }

    /// Checks what a choice says of the lists as they were before.
    private static func check(_ choice: Choice, _ change: QueueChange, _ before: QueueRules) -> String? {
        guard case .assign(let job, let order, _, _, let exclude) = change else { return "a choice for \(change)" }
        let best = choice.chosen.login
        guard choice.chosen.length == before.load(best) else { return "the length is \(choice.chosen.length)" }
        let eligible = before.inOrder(job.kind, job.role, by: order).filter { !exclude.contains($0) }
        let next = eligible.filter { $0 != best }.prefix(5).map { [$0, String(before.load($0))] }
        guard choice.following.map({ [$0.login, String($0.length)] }) == Array(next) else {
            return "next were \(choice.following) instead of \(next)"
        }
        return nil
    }

    /// What Redis has to hold.
    var content: QueueContent {
        QueueContent(
            workers: rules.workers.values.map(\.worker),
            entries: rules.jobs.sorted { $0.key < $1.key }.map { _, held in
                QueueContent.Entry(job: held.job, worker: held.holder, isListed: held.isListed)
            }, highWaterMark: 1)
    }
}
