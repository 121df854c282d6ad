/// What a company's queues have to hold, as the store says.
public struct QueueContent: Sendable {
    /// An open job and who has it.
    public struct Entry: Sendable {
        /// The job.
        public let job: Job
        /// Who has the job; nil: it is unassigned.
        public let worker: String?
        /// Whether the job stands in its list; false if a program has taken it out.
        public let isListed: Bool

        /// An open job.
        public init(job: Job, worker: String?, isListed: Bool = true) {
            self.job = job
            self.worker = worker
            self.isListed = isListed
        }

        /// The field `worker` of the job's hash: a login, or `_unassigned.<role>`.
        var holder: String { worker ?? QueueKeys.unassigned(role: job.role) }

        /// The list to which the job belongs.
        var list: String { worker.map { job.list(of: $0) } ?? holder }
    }

    /// The company's workers.
    public let workers: [Worker]
    /// Open jobs in the order in which they were assigned.
    public let entries: [Entry]
    /// The position of the last outbox entry that is part of this.
    public let highWaterMark: Int64

    /// Describes a company's content.
    public init(workers: [Worker], entries: [Entry], highWaterMark: Int64) {
        self.workers = workers
        self.entries = entries
        self.highWaterMark = highWaterMark
    }

    /// The sets of available workers, by kind and role.
    var groups: [(kind: Worker.Kind, role: String?)] {
        [(.person, nil), (.service, nil)]
            + Set(workers.flatMap(\.roles)).sorted().flatMap { role in
                [(Worker.Kind.person, role), (Worker.Kind.service, role)]
            }
    }

    /// The names of the lists that hold jobs.
    public var lists: [String] { listed.keys.sorted() }

    /// The ids of the jobs that each list holds.
    var listed: [String: Set<String>] {
        entries.reduce(into: [:]) { lists, entry in
            if entry.isListed { lists[entry.list, default: []].insert(entry.job.id) }
        }
    }
}

/// Changes that are on their way to Redis, so that nothing can be said of what they are about.
public struct UnsettledChanges: Sendable, Hashable {
    /// The ids of jobs.
    public var jobs: Set<String>
    /// The logins of workers.
    public var workers: Set<String>

    /// Lists what is on its way.
    public init(jobs: Set<String> = [], workers: Set<String> = []) {
        self.jobs = jobs
        self.workers = workers
    }
}

/// Where Redis and the store differ.
public struct QueueDrift: Sendable, Hashable {
    /// By list: elements that must not be there.
    public var extra: [String: [String]] = [:]
    /// Ids of jobs that are missing in a person's or an unassigned list, or whose hash is wrong.
    public var missing: Set<String> = []
    /// Ids of jobs that have gone from programs' lists: the programs took them.
    public var taken: Set<String> = []
    /// Lists whose key has another type, or that hold an element that is not UTF-8.
    public var strange: Set<String> = []
    /// Workers whose count, availability or hash is wrong.
    public var workers: Set<String> = []
    /// The newest turn of any worker, if the assignment counter is behind it.
    public var lastTurn: Int?

    /// How many things differ; jobs that programs took do not count.
    public var count: Int {
        extra.values.reduce(0) { $0 + $1.count } + missing.count + strange.count + workers.count
            + (lastTurn == nil ? 0 : 1)
    }

    /// Whether nothing differs and nothing was taken.
    public var isEmpty: Bool { count == 0 && taken.isEmpty }
}

extension TaskQueues {
    static let chunk = 500

    /// Writes a company's content anew: deletes the present keys by name, writes the jobs in their order and the
    /// workers, and the epoch last, as commit mark. A rebuild that breaks off leaves an epoch that no script accepts,
    /// and is repeated. No worker is chosen.
    public func rebuild(company: String, epoch: String, _ content: QueueContent) async throws(QueueError) {
        let keys = QueueKeys(company: company)
        try await clear(keys, epoch: epoch, content)
        let mark = "rebuilding:\(epoch)"
        try await fill(keys, epoch: mark, content.entries)
        var lengths: [String: Int] = [:]
        var turns: [String: Int] = [:]
        for (number, entry) in content.entries.enumerated() {
            guard let worker = entry.worker else { continue }
            lengths[worker, default: 0] += 1
            turns[worker] = number + 1
        }
        // People who hold jobs without being workers, such as requesters, are counted too.
        let known = Set(content.workers.map(\.login))
        let others = lengths.keys.filter { !known.contains($0) }.sorted()
            .map { Worker(login: $0, roles: [], state: .gone) }
        let calls = (content.workers + others).map { worker in
            Self.call(
                worker, length: lengths[worker.login] ?? 0, turn: turns[worker.login] ?? 0, keys: keys,
                common: [mark, "0", company])
        }
        try await run(calls, company: company)
        let replies = try await client.send([
            ["SET", keys.sequence, String(content.entries.count)],
            ["SET", keys.highWaterMark, String(content.highWaterMark)], ["SET", keys.epoch, epoch],
        ])
        for reply in replies { if case .error(let reason) = reply { throw .refused(command: "SET", reason: reason) } }
    }

    /// Deletes everything of a company whose queues are on another server by now, the reports of its programs and its
    /// epoch at last: whoever is ended in the middle finds it again.
    /// - Parameter content: names the keys.
    public func removeAll(company: String, _ content: QueueContent) async throws(QueueError) {
        let keys = QueueKeys(company: company)
        try await clear(keys, epoch: "moved", content)
        // Reports that come at the last moment stay until they are taken.
        for key in [keys.statistics, keys.epoch] { _ = try await client.send([["DEL", key]]) }
    }

    /// Those of these companies of which the server holds something, in one round trip.
    public func companiesHeld(_ companies: [String]) async throws(QueueError) -> [String] {
        guard !companies.isEmpty else { return [] }
        let counts = try await client.send(
            companies.map { company in
                let keys = QueueKeys(company: company)
                return ["EXISTS", keys.epoch, keys.results]
            })
        return zip(companies, counts).filter { ($0.1.number ?? 0) > 0 }.map(\.0)
    }

    private func clear(_ keys: QueueKeys, epoch: String, _ content: QueueContent) async throws(QueueError) {
        let roles = Set(content.workers.flatMap(\.roles)).union(content.entries.compactMap(\.job.role))
        let logins = content.workers.map(\.login)
        let lists =
            logins + content.workers.filter { $0.kind == .service }.map { QueueKeys.urgent($0.login) }
            + content.entries.map(\.list) + roles.map { QueueKeys.unassigned(role: $0) }
            + [QueueKeys.unassigned(role: nil)]
        let call = ScriptCall(
            script: QueueScripts.clear, keys: [keys.epoch],
            arguments: [
                keys.company, epoch, Set(lists).joined(separator: ","), roles.joined(separator: ","),
                logins.joined(separator: ","),
            ])
        if case .error(let reason) = try await client.run([call])[0] {
            throw .refused(command: "the script clear", reason: reason)
        }
    }

    /// Writes jobs into their lists, some hundred in each script call.
    func fill(_ keys: QueueKeys, epoch: String, _ entries: [QueueContent.Entry]) async throws(QueueError) {
        var byList: [String: [QueueContent.Entry]] = [:]
        for entry in entries { byList[entry.list, default: []].append(entry) }
        var calls: [ScriptCall] = []
        for (list, entries) in byList {
            for start in stride(from: 0, to: entries.count, by: Self.chunk) {
                let slice = entries[start..<min(start + Self.chunk, entries.count)]
                calls.append(Self.fill(keys, epoch: epoch, list: list, slice))
            }
        }
        for start in stride(from: 0, to: calls.count, by: 64) {
            try await run(Array(calls[start..<min(start + 64, calls.count)]), company: keys.company)
        }
    }

    private static func fill(
        _ keys: QueueKeys, epoch: String, list: String, _ entries: ArraySlice<QueueContent.Entry>
    ) -> ScriptCall {
        ScriptCall(
            script: QueueScripts.fill, keys: [keys.epoch, keys.highWaterMark],
            arguments: [epoch, "0", keys.company, list, entries.first?.holder ?? list]
                + entries.flatMap { entry in
                    [
                        entry.job.id, entry.job.element(company: keys.company, list: list), entry.job.role ?? "any",
                        String(entry.job.attempt), entry.isListed ? "1" : "0",
                    ]
                })
    }

    func run(_ calls: [ScriptCall], company: String) async throws(QueueError) {
        for start in stride(from: 0, to: calls.count, by: 1_000) {
            let slice = Array(calls[start..<min(start + 1_000, calls.count)])
            for reply in try await client.run(slice) { _ = try Self.answer(reply, company: company) }
        }
    }
}
