import TFQueue

/// What the scripts do, as a plain model: who has which job, where it stands, and who gets the next one. `QueueFuzzTests`
/// holds the scripts on a real Redis against it; the schedules of a whole site stand on it.
struct QueueRules: Hashable {
    struct Member: Hashable {
        let login: String
        let kind: Worker.Kind
        var roles: [String]
        var isAvailable: Bool
        var worker: Worker {
            Worker(login: login, kind: kind, roles: roles, state: isAvailable ? .available : .away)
        }
    }

    /// A job that somebody has, or that waits in the pool.
    struct Held: Hashable {
        let job: Job
        /// nil: it waits in the pool.
        let holder: String?
        /// False: a program has taken it out of its list.
        var isListed: Bool

        var list: String { holder.map { job.list(of: $0) } ?? QueueKeys.unassigned(role: job.role) }
    }

    enum Answer: Hashable {
        case done
        case chosen(String, isRepeated: Bool)
        case nobody
    }

    var workers: [String: Member] = [:]
    /// By id.
    var jobs: [String: Held] = [:]
    /// Who had the jobs that were removed: these are known for an hour.
    private var ended: [String: String] = [:]
    private var turns: [String: Int] = [:]
    private var turn = 0

    mutating func apply(_ change: QueueChange) -> Answer {
        switch change {
        case .assign(let job, let order, _, let prefer, let exclude): return assign(job, order, prefer, exclude)
        case .place(let job, let worker):
            guard jobs[job.id]?.holder != worker, ended[job.id] != worker else { break }
            give(job, to: worker)
        case .pool(let job):
            guard jobs[job.id].map({ $0.holder != nil }) ?? true else { break }
            jobs[job.id] = Held(job: job, holder: nil, isListed: true)
        case .rewrite(let job, _):
            if let held = jobs[job.id] {
                jobs[job.id] = Held(job: job, holder: held.holder, isListed: held.isListed)
            }
        case .take(let id): jobs[id]?.isListed = false
        case .remove(let id):
            if let held = jobs.removeValue(forKey: id) { ended[id] = held.holder }
        case .worker(let worker):
            workers[worker.login] =
                worker.state == .gone
                ? nil
                : Member(
                    login: worker.login, kind: worker.kind, roles: worker.roles,
                    isAvailable: worker.state == .available)
        }
        return .done
    }

    private mutating func assign(_ job: Job, _ order: AssignmentOrder, _ prefer: String?, _ exclude: [String]) -> Answer
    {
        if let holder = jobs[job.id]?.holder ?? ended[job.id] { return .chosen(holder, isRepeated: true) }
        let eligible = inOrder(job.kind, job.role, by: order).filter { !exclude.contains($0) }
        guard let best = prefer.flatMap({ eligible.contains($0) ? $0 : nil }) ?? eligible.first else {
            jobs[job.id] = Held(job: job, holder: nil, isListed: true)
            return .nobody
        }
        give(job, to: best)
        return .chosen(best, isRepeated: false)
    }

    mutating func give(_ job: Job, to worker: String) {
        turn += 1
        turns[worker] = turn
        ended[job.id] = nil
        jobs[job.id] = Held(job: job, holder: worker, isListed: true)
    }

    /// The available workers of a kind with a role, in the order in which one is chosen.
    func inOrder(_ kind: Worker.Kind, _ role: String?, by order: AssignmentOrder) -> [String] {
        workers.values.filter { member in
            member.isAvailable && member.kind == kind && (role.map(member.roles.contains) ?? true)
        }.map(\.login).sorted { left, right in
            let loads = order == .turns ? (0, 0) : (load(left), load(right))
            return (loads.0, turns[left] ?? 0, left) < (loads.1, turns[right] ?? 0, right)
        }
    }

    func load(_ login: String) -> Int { jobs.values.count { $0.holder == login } }

    /// By job, the list in which it stands; a program's job that it has is in none.
    var places: [String: String] { jobs.filter(\.value.isListed).mapValues(\.list) }
}
