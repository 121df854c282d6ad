import TFQueue

/// The queues as a plain model: who has which job, and who may get one.
struct QueueModel {
    struct Member {
        let login: String
        var roles: [String]
        var isAvailable: Bool
        var worker: Worker { Worker(login: login, roles: roles, state: isAvailable ? .available : .away) }
    }

    struct Step {
        let change: QueueChange
        let job: Int?
        let role: String?
        let exclude: [String]
    }

    let seed: UInt64
    private(set) var workers: [String: Member] = [:]
    /// Job → who has it.
    private(set) var holders: [Int: String] = [:]
    private var turns: [String: Int] = [:]
    private var turn = 0
    private var jobs = 0
    private var generator: SplitMix

    init(seed: UInt64) {
        self.seed = seed
        generator = SplitMix(state: seed)
        for index in 0..<8 {
            let roles = ["r0", "r1"].filter { _ in Bool.random(using: &generator) }
            workers["w\(index)"] = Member(login: "w\(index)", roles: roles, isAvailable: index % 3 != 0)
        }
    }

    mutating func next() -> Step {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<5: return assign()
        case 5..<8: return holders.isEmpty ? assign() : remove()
        default: return changeWorker()
        }
    }

    private mutating func assign() -> Step {
        jobs += 1
        let role = [nil, "r0", "r1"].randomElement(using: &generator) ?? nil
        let exclude = workers.keys.sorted().filter { _ in Int.random(in: 0..<5, using: &generator) == 0 }
        return Step(
            change: .assign(RedisFixture.job(jobs, role: role), prefer: nil, exclude: exclude), job: jobs, role: role,
            exclude: exclude)
    }

    private mutating func remove() -> Step {
        let job = holders.keys.sorted().randomElement(using: &generator) ?? 0
        holders[job] = nil
        return Step(change: .remove(RedisFixture.job(job).id), job: nil, role: nil, exclude: [])
    }

    private mutating func changeWorker() -> Step {
        var member = workers.values.sorted { $0.login < $1.login }.randomElement(using: &generator) ?? workers["w0"]
        member?.isAvailable.toggle()
        if Bool.random(using: &generator) {
            member?.roles = ["r0", "r1"].filter { _ in Bool.random(using: &generator) }
        }
        guard let member else { return assign() }
        workers[member.login] = member
        return Step(change: .worker(member.worker), job: nil, role: nil, exclude: [])
    }

    /// Compares an answer with the model and follows it; nil: it is right.
    mutating func check(_ step: Step, _ answer: QueueAnswer) -> String? {
        guard let job = step.job else { return answer == .done ? nil : "\(answer) to \(step.change)" }
        let eligible = workers.values.filter { member in
            member.isAvailable && !step.exclude.contains(member.login)
                && (step.role.map { member.roles.contains($0) } ?? true)
        }
        let best = eligible.min { (load($0), turns[$0.login] ?? 0) < (load($1), turns[$1.login] ?? 0) }
        guard case .assigned(let choice) = answer else {
            return best.map { "nobody was chosen, but \($0.login) could be" }
        }
        guard let best else { return "\(choice.chosen.login) was chosen, but nobody could be" }
        guard let chosen = eligible.first(where: { $0.login == choice.chosen.login }) else {
            return "\(choice.chosen.login) is not eligible"
        }
        guard load(chosen) == load(best), turns[chosen.login] ?? 0 == turns[best.login] ?? 0 else {
            return "\(chosen.login) was chosen with \(load(chosen)), but \(best.login) has \(load(best))"
        }
        guard choice.chosen.length == load(chosen) else { return "the length is \(choice.chosen.length)" }
        turn += 1
        turns[chosen.login] = turn
        holders[job] = chosen.login
        return nil
    }

    private func load(_ member: Member) -> Int { holders.values.count { $0 == member.login } }
}

/// A generator that a seed repeats (Steele, Lea, Flood: "Fast splittable pseudorandom number generators").
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
