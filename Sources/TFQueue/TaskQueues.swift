/// One change of the queues.
public enum QueueChange: Sendable, Hashable {
    /// Find an available, eligible worker by a rule.
    case assign(Job, by: AssignmentOrder = .shortestList, prefer: String?, exclude: [String])
    /// Put a job into the list of the person who has it.
    case place(Job, worker: String)
    /// Put a job where tasks wait for somebody.
    case pool(Job)
    /// A program has a job: out of its list, and still counted as its.
    case take(String)
    /// Take a job, by its id, out of wherever it is.
    case remove(String)
    /// Make a worker what they are now.
    case worker(Worker)

    /// The id of the job that it is about; nil: it is about a worker.
    public var job: String? {
        switch self {
        case .assign(let job, _, _, _), .place(let job, _), .pool(let job): job.id
        case .take(let id), .remove(let id): id
        case .worker: nil
        }
    }
}

/// How a worker is chosen among the available and eligible.
public enum AssignmentOrder: Sendable, Hashable {
    /// The shortest list; ties: who was assigned to least recently.
    case shortestList
    /// Who was assigned to least recently.
    case turns
}

/// What a change did.
public enum QueueAnswer: Sendable, Hashable {
    case done
    /// An `assign` chose somebody, now or when it was sent before.
    case assigned(Choice)
    /// An `assign` found nobody; the job waits in the pool.
    case nobody
}

/// The choice of a worker with what it was made from.
public struct Choice: Sendable, Hashable {
    /// A worker with the length of their list before the choice.
    public struct Candidate: Sendable, Hashable {
        /// His login.
        public let login: String
        /// Assigned and not finished.
        public let length: Int
    }

    /// Who was chosen.
    public let chosen: Candidate
    /// How many workers with the role were available.
    public let available: Int
    /// The next in order, at most five.
    public let following: [Candidate]
    /// The job was assigned by an earlier call that did not hear the answer.
    public let isRepeated: Bool
}

/// The queues of all companies on one Redis.
///
/// Redis only delivers: everything here follows from the store and can be made again from it. A change is applied once
/// however often it is sent: jobs by their id, workers since their state is set, not changed.
public struct TaskQueues: Sendable {
    let client: RedisClient

    /// Queues over a client.
    public init(client: RedisClient) { self.client = client }

    /// Applies changes in one pipeline, each by one script.
    /// - Parameters:
    ///   - changes: with the outbox id that asks for each, ascending.
    ///   - epoch: the generation that the content must be of.
    /// - Returns: one answer a change, in order.
    /// - Throws: `QueueError.otherEpoch` when Redis holds another generation: those before it may be applied, and all
    ///   may be sent again after a rebuild.
    public func apply(
        _ changes: [(id: Int64, change: QueueChange)], company: String, epoch: String
    ) async throws(QueueError) -> [QueueAnswer] {
        let keys = QueueKeys(company: company)
        let replies = try await client.run(changes.map { Self.call($0.change, id: $0.id, keys: keys, epoch: epoch) })
        var answers: [QueueAnswer] = []
        for reply in replies { answers.append(try Self.answer(reply, company: company)) }
        return answers
    }

    /// The epoch and the last outbox id applied, as Redis has them.
    public func state(company: String) async throws(QueueError) -> (epoch: String?, highWaterMark: Int64) {
        let keys = QueueKeys(company: company)
        let replies = try await client.send([["GET", keys.epoch], ["GET", keys.highWaterMark]])
        return (replies[0].text, replies[1].text.flatMap { Int64($0) } ?? 0)
    }

    /// The lengths of lists, in the order asked for; a key of another type counts as -1.
    /// - Parameter names: logins, or `_unassigned.<role>`.
    public func lengths(company: String, _ names: [String]) async throws(QueueError) -> [Int] {
        let keys = QueueKeys(company: company)
        guard !names.isEmpty else { return [] }
        return try await client.send(names.map { ["LLEN", keys.list($0)] }).map { $0.number ?? -1 }
    }

    // MARK: Scripts

    static func call(_ change: QueueChange, id: Int64, keys: QueueKeys, epoch: String) -> ScriptCall {
        let common = [epoch, String(id), keys.company]
        let marks = [keys.epoch, keys.highWaterMark]
        switch change {
        case .assign(let job, let order, let prefer, let exclude):
            let available = keys.available(job.kind, role: job.role)
            let walked = order == .turns ? keys.turn(job.kind, role: job.role) : available
            return ScriptCall(
                script: QueueScripts.assign, keys: marks + [walked, keys.job(job.id), keys.open, available],
                arguments: common + arguments(job, keys) + [prefer ?? ""] + exclude)
        case .place(let job, let worker):
            return ScriptCall(
                script: QueueScripts.place, keys: marks + [keys.job(job.id)],
                arguments: common + arguments(job, keys) + [worker])
        case .pool(let job):
            return call(
                .place(job, worker: QueueKeys.unassigned(role: job.role)), id: id, keys: keys, epoch: epoch)
        case .take(let job):
            return ScriptCall(script: QueueScripts.take, keys: marks + [keys.job(job)], arguments: common)
        case .remove(let job):
            return ScriptCall(
                script: QueueScripts.remove, keys: marks + [keys.job(job)], arguments: common + [job])
        case .worker(let worker):
            return call(worker, length: nil, turn: nil, keys: keys, common: common)
        }
    }

    /// - Parameters:
    ///   - length: what `open` has to say of them; nil: as it does.
    ///   - turn: when they were assigned to last; nil: as it is known.
    static func call(
        _ worker: Worker, length: Int?, turn: Int?, keys: QueueKeys, common: [String]
    ) -> ScriptCall {
        ScriptCall(
            script: QueueScripts.worker, keys: [keys.epoch, keys.highWaterMark, keys.worker(worker.login)],
            arguments: common + [
                worker.login, worker.roles.joined(separator: ","), worker.state.rawValue, worker.kind.rawValue,
                length.map(String.init) ?? "", turn.map(String.init) ?? "",
            ])
    }

    private static func arguments(_ job: Job, _ keys: QueueKeys) -> [String] {
        [
            job.id, job.rest(company: keys.company), job.role ?? "any", String(job.attempt),
            job.kind == .service && job.isUrgent ? ".urgent" : "",
        ]
    }

    static func answer(_ reply: RedisValue, company: String) throws(QueueError) -> QueueAnswer {
        if case .error(let reason) = reply { throw .refused(command: "a script", reason: reason) }
        let parts = reply.elements
        switch parts.first?.text {
        case "EPOCH": throw .otherEpoch(company: company)
        case "POOL": return .nobody
        case "OK" where parts.count >= 5:
            let next = stride(from: 5, to: parts.count - 1, by: 2).map { candidate(parts[$0], parts[$0 + 1]) }
            return .assigned(
                Choice(
                    chosen: candidate(parts[1], parts[2]), available: parts[3].number ?? 0, following: next,
                    isRepeated: false))
        case "DUP" where parts.count == 2:
            guard let login = parts[1].text, !login.hasPrefix("_") else { return .done }
            return .assigned(
                Choice(chosen: .init(login: login, length: 0), available: 0, following: [], isRepeated: true))
        default: return .done
        }
    }

    private static func candidate(_ login: RedisValue, _ length: RedisValue) -> Choice.Candidate {
        Choice.Candidate(login: login.text ?? "", length: length.number ?? 0)
    }
}
