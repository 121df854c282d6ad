/// What a company's queues have to hold.
public struct QueueContent: Sendable {
    /// An open job, the oldest first.
    public struct Entry: Sendable {
        /// The job.
        public let job: Job
        /// Who has it; nil: it waits in the pool.
        public let worker: String?
        /// False: a program has taken it out of its list.
        public let isListed: Bool

        /// An open job.
        public init(job: Job, worker: String?, isListed: Bool = true) {
            self.job = job
            self.worker = worker
            self.isListed = isListed
        }

        /// Who has it, as the job's own key names him.
        var holder: String { worker ?? QueueKeys.unassigned(role: job.role) }

        /// The list that it belongs to.
        var list: String { worker.map { job.list(of: $0) } ?? holder }
    }

    /// The company's workers.
    public let workers: [Worker]
    /// Open jobs in the order in which they were assigned.
    public let entries: [Entry]
    /// The newest outbox id that is part of this.
    public let highWaterMark: Int64

    /// Content.
    public init(workers: [Worker], entries: [Entry], highWaterMark: Int64) {
        self.workers = workers
        self.entries = entries
        self.highWaterMark = highWaterMark
    }

    /// Every set that an available worker may be in.
    var groups: [(kind: WorkerKind, role: String?)] {
        [(.person, nil), (.service, nil)]
            + Set(workers.flatMap(\.roles)).sorted().flatMap { role in
                [(WorkerKind.person, role), (WorkerKind.service, role)]
            }
    }

    /// The lists that hold something.
    public var lists: [String] { listed.keys.sorted() }

    /// The ids of the jobs that each list holds.
    var listed: [String: Set<String>] {
        entries.reduce(into: [:]) { lists, entry in
            if entry.isListed { lists[entry.list, default: []].insert(entry.job.id) }
        }
    }
}

/// Where Redis and the store differ.
public struct QueueDrift: Sendable, Hashable {
    /// By list: elements that must not be there.
    public var extra: [String: [String]] = [:]
    /// Ids of jobs that a person's or the unassigned's list lacks.
    public var missing: Set<String> = []
    /// Ids of jobs that have gone from programs' lists: somebody took them.
    public var taken: Set<String> = []
    /// Lists whose key is of another type.
    public var strange: Set<String> = []
    /// Workers whose count or availability is not what it has to be.
    public var workers: Set<String> = []

    /// How many things differ; jobs that programs took do not count.
    public var count: Int { extra.values.reduce(0) { $0 + $1.count } + missing.count + strange.count + workers.count }

    /// Nothing differs, and nothing was taken.
    public var isEmpty: Bool { count == 0 && taken.isEmpty }
}

extension TaskQueues {
    private static let chunk = 500

    /// Makes a company's content anew: what is there goes, by name; then jobs in their order and workers; the epoch
    /// last, as commit mark. One that breaks off leaves an epoch that no script accepts, and is done again. Nothing is
    /// chosen.
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
        // Those who hold jobs and are no workers, such as requesters, are counted too.
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

    /// Writes jobs into their lists, some hundred a script.
    private func fill(_ keys: QueueKeys, epoch: String, _ entries: [QueueContent.Entry]) async throws(QueueError) {
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

    private func run(_ calls: [ScriptCall], company: String) async throws(QueueError) {
        for start in stride(from: 0, to: calls.count, by: 1_000) {
            let slice = Array(calls[start..<min(start + 1_000, calls.count)])
            for reply in try await client.run(slice) { _ = try Self.answer(reply, company: company) }
        }
    }

    // MARK: Audit

    /// Compares everything that Redis holds of a company with what it has to hold.
    public func audit(company: String, _ content: QueueContent) async throws(QueueError) -> QueueDrift {
        let keys = QueueKeys(company: company)
        var drift = QueueDrift()
        let expected = content.listed
        let logins = content.workers.filter { $0.state != .gone }
        var names = Set(expected.keys).union(logins.map(\.login))
        names.formUnion(logins.filter { $0.kind == .service }.map { QueueKeys.urgent($0.login) })
        names.formUnion(logins.flatMap(\.roles).map { QueueKeys.unassigned(role: $0) })
        names.insert(QueueKeys.unassigned(role: nil))
        let listed = try await client.send([["SMEMBERS", QueueKeys.queues]])[0].elements.compactMap(\.text)
        names.formUnion(listed.filter { $0.hasPrefix("\(company).") }.map { String($0.dropFirst(company.count + 1)) })
        let programs = Set(content.workers.filter { $0.kind == .service }.map(\.login))
        let inOrder = names.sorted()
        for start in stride(from: 0, to: inOrder.count, by: 64) {
            let slice = inOrder[start..<min(start + 64, inOrder.count)]
            let replies = try await client.send(slice.map { ["LRANGE", keys.list($0), "0", "-1"] })
            for (list, reply) in zip(slice, replies) {
                let owner = list.hasSuffix(".urgent") ? String(list.dropLast(7)) : list
                drift.compare(list, expected[list] ?? [], reply, isPrograms: programs.contains(owner))
            }
        }
        drift.workers = try await differingWorkers(keys, content)
        return drift
    }

    /// Workers whose length or availability Redis has wrong.
    private func differingWorkers(_ keys: QueueKeys, _ content: QueueContent) async throws(QueueError) -> Set<String> {
        var lengths: [String: Int] = [:]
        for entry in content.entries { if let worker = entry.worker { lengths[worker, default: 0] += 1 } }
        let groups = content.groups
        let replies = try await client.send(
            [["ZRANGE", keys.open, "0", "-1", "WITHSCORES"]]
                + groups.map { ["ZRANGE", keys.available($0.kind, role: $0.role), "0", "-1"] })
        var differing: Set<String> = []
        let scores = replies[0].elements
        var found: [String: Int] = [:]
        for index in stride(from: 0, to: scores.count - 1, by: 2) {
            found[scores[index].text ?? ""] = scores[index + 1].number ?? -1
        }
        for login in Set(found.keys).union(lengths.keys) where found[login] ?? 0 != lengths[login] ?? 0 {
            differing.insert(login)
        }
        for (group, reply) in zip(groups, replies.dropFirst()) {
            let there = Set(reply.elements.compactMap(\.text))
            let wanted = Set(
                content.workers.filter { worker in
                    worker.state == .available && worker.kind == group.kind
                        && (group.role.map(worker.roles.contains) ?? true)
                }.map(\.login))
            if case .error = reply { differing.formUnion(wanted) }
            differing.formUnion(there.symmetricDifference(wanted))
        }
        return differing
    }

    /// Repairs what an audit found; jobs that programs took are left to the caller.
    public func mend(
        company: String, epoch: String, _ drift: QueueDrift, _ content: QueueContent
    ) async throws(QueueError) {
        let keys = QueueKeys(company: company)
        let calls = Set(drift.extra.keys).union(drift.strange).sorted().map { list in
            ScriptCall(
                script: QueueScripts.purge, keys: [keys.epoch, keys.highWaterMark, keys.list(list)],
                arguments: [epoch, "0", company, ""] + (drift.extra[list] ?? []))
        }
        try await run(calls, company: company)
        try await fill(keys, epoch: epoch, content.entries.filter { drift.missing.contains($0.job.id) })
        let lengths = content.entries.reduce(into: [String: Int]()) { lengths, entry in
            if let worker = entry.worker { lengths[worker, default: 0] += 1 }
        }
        let known = Dictionary(content.workers.map { ($0.login, $0) }) { first, _ in first }
        let workers = drift.workers.sorted().map { login in
            known[login] ?? Worker(login: login, roles: [], state: .gone)
        }
        guard !workers.isEmpty else { return }
        // Out of every set first, also of those that are not his.
        _ = try await client.send(
            content.groups.flatMap { group in
                [keys.available(group.kind, role: group.role), keys.turn(group.kind, role: group.role)]
            }.map { ["ZREM", $0] + workers.map(\.login) })
        try await run(
            workers.map {
                Self.call(
                    $0, length: lengths[$0.login] ?? 0, turn: nil, keys: keys, common: [epoch, "0", company])
            }, company: company)
    }

    /// Puts the names of all lists into `queues` again, whatever it was.
    public func announce(company: String, _ lists: [String]) async throws(QueueError) {
        guard !lists.isEmpty else { return }
        let keys = QueueKeys(company: company)
        let command = ["SADD", QueueKeys.queues] + lists.map { keys.listName($0) }
        guard case .error = try await client.send([command])[0] else { return }
        _ = try await client.send([["DEL", QueueKeys.queues], command])
    }
}

extension QueueDrift {
    /// By the jobs' ids: a text may differ, where a title or a priority was changed after the push.
    fileprivate mutating func compare(
        _ list: String, _ expected: Set<String>, _ reply: RedisValue, isPrograms: Bool
    ) {
        if case .error = reply { strange.insert(list) }
        var remaining = expected
        for element in reply.elements.map({ $0.text ?? "" }) where remaining.remove(Job.id(of: element)) == nil {
            extra[list, default: []].append(element)
        }
        if isPrograms, !strange.contains(list) { taken.formUnion(remaining) } else { missing.formUnion(remaining) }
    }
}
