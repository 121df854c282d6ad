/// One change of the queues.
public enum QueueChange: Sendable, Hashable {
    /// Choose an available, eligible worker, and put the job into their list.
    /// - at: the moment of the choice, in seconds since 1970, which the job then says in the place of its own; nil: its own.
    case assign(
        Job, by: AssignmentOrder = .shortestList, at: Double? = nil, prefer: String?, exclude: [String])
    /// Put a job into the list of the worker who has it.
    case place(Job, worker: String)
    /// Put a job into the list of unassigned tasks.
    case pool(Job)
    /// Write a job again, as it is now, in the list of whoever has it; it keeps its turn unless it changes the list.
    /// - at: the moment that it says if a worker has it, as in `assign`: one may have been chosen just before; nil: its own.
    case rewrite(Job, at: Double? = nil)
    /// Take a job, by its id, out of a program's list because the program has it; it still counts as the program's.
    case take(String)
    /// Remove a job, by its id, from its list.
    case remove(String)
    /// Set a worker's kind, roles and state.
    case worker(Worker)

    /// The id of the job that the change is about; nil if it is about a worker.
    public var job: String? {
        switch self {
        case .assign(let job, _, _, _, _), .place(let job, _), .pool(let job), .rewrite(let job, _): job.id
        case .take(let id), .remove(let id): id
        case .worker: nil
        }
    }
}

/// How a worker is chosen among those who are available and eligible.
public enum AssignmentOrder: Sendable, Hashable {
    /// The shortest list; ties go to the worker assigned to least recently.
    case shortestList
    /// The worker assigned to least recently.
    case turns
}

/// What a change did.
public enum QueueAnswer: Sendable, Hashable {
    case done
    /// An `assign` chose a worker, now or when it was sent before.
    case assigned(Choice)
    /// An `assign` found no worker; the job is unassigned.
    case nobody
}

/// The choice of a worker, with the facts it was made from.
public struct Choice: Sendable, Hashable {
    /// A worker with the length of their list before the choice.
    public struct Candidate: Sendable, Hashable {
        /// The worker's login.
        public let login: String
        /// The number of tasks assigned and not finished.
        public let length: Int
    }

    /// Who was chosen.
    public let chosen: Candidate
    /// How many workers with the role were available.
    public let available: Int
    /// The next in order, at most five.
    public let following: [Candidate]
    /// Whether an earlier call made this choice, whose answer was lost.
    public let isRepeated: Bool
}

/// The queues of the companies on one Redis.
///
/// Redis only delivers: everything here follows from the store and can be made again from it. Changes are idempotent:
/// a job is known by its id, and a worker's state is set as a whole.
public struct TaskQueues: Sendable {
    let client: RedisLink

    /// Queues over a client.
    public init(client: RedisClient) { self.client = RedisLink(client: client) }

    private init(_ link: RedisLink) { client = link }

    /// The same queues on the connection that is open now: once it is lost, everything throws `.connectionLost`, also
    /// when another one has been opened. So no change reaches a server whose content was not looked at before.
    public func onPresentConnection() async throws(QueueError) -> TaskQueues {
        guard client.connection == nil else { return self }
        return TaskQueues(RedisLink(client: client.client, connection: try await client.client.connectionNumber()))
    }

    /// Makes sure, where Sentinel names the server, that it is the primary still.
    public func expectPrimary() async throws(QueueError) { try await client.client.expectPrimary() }

    /// Applies changes in one pipeline, each by one script.
    /// - Parameters:
    ///   - changes: with the position of the outbox entry that asks for each, ascending.
    ///   - epoch: the epoch that Redis must hold.
    /// - Returns: one answer for each change, in order.
    /// - Throws: `QueueError.otherEpoch` if Redis holds another epoch. Some of the changes may have been applied by
    ///   then; all of them may be sent again after a rebuild.
    public func apply(
        _ changes: [(position: Int64, change: QueueChange)], company: String, epoch: String
    ) async throws(QueueError) -> [QueueAnswer] {
        let keys = QueueKeys(company: company)
        let calls = changes.map { Self.call($0.change, position: $0.position, keys: keys, epoch: epoch) }
        let replies = try await client.run(calls)
        var answers: [QueueAnswer] = []
        for reply in replies { answers.append(try Self.answer(reply, company: company)) }
        return answers
    }

    /// The epoch and the position of the last outbox entry applied, as Redis has them.
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

    static func call(_ change: QueueChange, position: Int64, keys: QueueKeys, epoch: String) -> ScriptCall {
        let common = [epoch, String(position), keys.company]
        let marks = [keys.epoch, keys.highWaterMark]
        switch change {
        case .assign(let job, let order, let moment, let prefer, let exclude):
            let available = keys.available(job.kind, role: job.role)
            let walked = order == .turns ? keys.turn(job.kind, role: job.role) : available
            return ScriptCall(
                script: QueueScripts.assign, keys: marks + [walked, keys.job(job.id), keys.open, available],
                arguments: common + arguments(job, job.beforeMoment) + ends(job, moment, keys) + [prefer ?? ""]
                    + exclude)
        case .place(let job, let worker):
            return ScriptCall(
                script: QueueScripts.place, keys: marks + [keys.job(job.id)],
                arguments: common + arguments(job, job.rest(company: keys.company)) + [worker])
        case .pool(let job):
            return call(
                .place(job, worker: QueueKeys.unassigned(role: job.role)), position: position, keys: keys, epoch: epoch)
        case .rewrite(let job, let moment):
            return ScriptCall(
                script: QueueScripts.rewrite, keys: marks + [keys.job(job.id)],
                arguments: common + arguments(job, job.beforeMoment) + ends(job, moment, keys))
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
    ///   - length: the worker's number of open tasks; nil leaves it unchanged.
    ///   - turn: the turn at which the worker was assigned to last; nil leaves it unchanged.
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

    /// The ends of a job's JSON: the one if nobody has the job, and the one if a worker has it.
    private static func ends(_ job: Job, _ moment: Double?, _ keys: QueueKeys) -> [String] {
        [job.enqueuedAt, moment ?? job.enqueuedAt].map { Job.fromMoment($0, company: keys.company) }
    }

    /// - Parameter text: the job's JSON behind its queue's name, or a part of it.
    private static func arguments(_ job: Job, _ text: String) -> [String] {
        [
            job.id, text, job.role ?? "any", String(job.attempt),
            job.kind == .service && job.isUrgent ? ".urgent" : "",
        ]
    }

    /// The first word of a script's answer.
    private enum Word: String {
        case done = "OK"
        case repeated = "DUP"
        case nobody = "POOL"
        case otherEpoch = "EPOCH"
    }

    static func answer(_ reply: RedisValue, company: String) throws(QueueError) -> QueueAnswer {
        if case .error(let reason) = reply { throw .refused(command: "a script", reason: reason) }
        let parts = reply.elements
        switch parts.first?.text.flatMap(Word.init(rawValue:)) {
        case .otherEpoch?: throw .otherEpoch(company: company)
        case .nobody?: return .nobody
        case .done?:
            // Only a choice has facts.
            guard parts.count >= 5 else { return .done }
            let next = stride(from: 5, to: parts.count - 1, by: 2).map { candidate(parts[$0], parts[$0 + 1]) }
            return .assigned(
                Choice(
                    chosen: candidate(parts[1], parts[2]), available: parts[3].number ?? 0, following: next,
                    isRepeated: false))
        case .repeated?:
            guard parts.count == 2, let login = parts[1].text, !login.hasPrefix("_") else { return .done }
            return .assigned(
                Choice(chosen: .init(login: login, length: 0), available: 0, following: [], isRepeated: true))
        case nil: throw .refused(command: "a script", reason: "its answer begins with no word that is known")
        }
    }

    private static func candidate(_ login: RedisValue, _ length: RedisValue) -> Choice.Candidate {
        Choice.Candidate(login: login.text ?? "", length: length.number ?? 0)
    }
}
