/// The audit: compares Redis with what the store says, and mends the differences.
extension TaskQueues {
    /// Compares all of a company's keys with what they have to hold.
    /// - Parameter unsettled: changes that are part of the content, and that Redis may not know yet: their jobs are left
    ///   out, and so are the counts of the workers who had or have them.
    public func audit(
        company: String, _ content: QueueContent, unsettled: UnsettledChanges = UnsettledChanges()
    ) async throws(QueueError) -> QueueDrift {
        let keys = QueueKeys(company: company)
        var drift = QueueDrift()
        let broken = try await brokenJobs(keys, content)
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
                drift.compare(
                    list, expected[list] ?? [], reply, broken: broken, isPrograms: programs.contains(owner))
            }
        }
        drift.missing.formUnion(content.entries.filter { !$0.isListed }.map(\.job.id).filter(broken.contains))
        try await compareWorkers(keys, content, &drift)
        drift.leaveOut(
            jobs: unsettled.jobs,
            workers: unsettled.workers.union(try await holders(of: unsettled.jobs, keys, content)))
        return drift
    }

    /// Who has these jobs, as Redis and as the store say.
    private func holders(
        of jobs: Set<String>, _ keys: QueueKeys, _ content: QueueContent
    ) async throws(QueueError) -> Set<String> {
        guard !jobs.isEmpty else { return [] }
        let replies = try await client.send(jobs.sorted().map { ["HGET", keys.job($0), "worker"] })
        let new = content.entries.filter { jobs.contains($0.job.id) }.compactMap(\.worker)
        return Set(replies.compactMap(\.text) + new)
    }

    /// The ids of jobs whose hash in Redis is wrong.
    private func brokenJobs(_ keys: QueueKeys, _ content: QueueContent) async throws(QueueError) -> Set<String> {
        var broken: Set<String> = []
        for start in stride(from: 0, to: content.entries.count, by: Self.chunk) {
            let slice = content.entries[start..<min(start + Self.chunk, content.entries.count)]
            let replies = try await client.send(
                slice.map { ["HMGET", keys.job($0.job.id), "worker", "list", "attempt", "json"] })
            for (entry, reply) in zip(slice, replies) {
                let known = reply.elements.map(\.text)
                let list = entry.list == entry.holder ? nil : entry.list
                let isRight =
                    known.count == 4 && known[0] == entry.holder && known[1] == list
                    && known[2] == String(entry.job.attempt) && known[3].map(Job.id) == entry.job.id
                if !isRight { broken.insert(entry.job.id) }
            }
        }
        return broken
    }

    /// Finds workers whose length, availability or hash is wrong, and an assignment counter that is behind their turns.
    private func compareWorkers(
        _ keys: QueueKeys, _ content: QueueContent, _ drift: inout QueueDrift
    ) async throws(QueueError) {
        var lengths: [String: Int] = [:]
        for entry in content.entries { if let worker = entry.worker { lengths[worker, default: 0] += 1 } }
        let groups = content.groups
        let replies = try await client.send(
            [["GET", keys.sequence], ["ZRANGE", keys.open, "0", "-1", "WITHSCORES"]]
                + groups.map { ["ZRANGE", keys.available($0.kind, role: $0.role), "0", "-1", "WITHSCORES"] }
                + groups.map { ["ZRANGE", keys.turn($0.kind, role: $0.role), "0", "-1", "WITHSCORES"] }
                + content.workers.map { ["HMGET", keys.worker($0.login), "kind", "roles", "state", "last"] })
        drift.workers.formUnion(Self.differing(replies[1].scores.mapValues { Int(exactly: $0) ?? -1 }, lengths))
        var turns: [String: Int] = [:]
        for (worker, reply) in zip(content.workers, replies.suffix(content.workers.count)) {
            let known = reply.elements.map(\.text)
            turns[worker.login] = known.count == 4 ? known[3].flatMap { Int($0) } ?? 0 : 0
            if !worker.isKnown(as: known) { drift.workers.insert(worker.login) }
        }
        for (number, group) in groups.enumerated() {
            let wanted = content.workers.filter { $0.isAvailable(in: group) }.map(\.login)
            let available = replies[2 + number].scores.mapValues { $0.isFinite ? Int($0) : -1 }
            let byTurn = replies[2 + groups.count + number].scores.mapValues { Int(exactly: $0) ?? -1 }
            drift.workers.formUnion(Self.differing(available, wanted.reduce(into: [:]) { $0[$1] = lengths[$1] ?? 0 }))
            drift.workers.formUnion(Self.differing(byTurn, wanted.reduce(into: [:]) { $0[$1] = turns[$1] ?? 0 }))
        }
        let lastTurn = turns.values.max() ?? 0
        if replies[0].number ?? 0 < lastTurn { drift.lastTurn = lastTurn }
    }

    /// The members that only one of the two has, or that have different numbers.
    private static func differing(_ found: [String: Int], _ wanted: [String: Int]) -> Set<String> {
        Set(found.keys).union(wanted.keys).filter { found[$0] != wanted[$0] }
    }

    /// Mends what an audit found. Jobs that programs took are left to the caller.
    public func mend(
        company: String, epoch: String, _ drift: QueueDrift, _ content: QueueContent
    ) async throws(QueueError) {
        let keys = QueueKeys(company: company)
        let calls = Set(drift.extra.keys).union(drift.strange).sorted().map { list in
            ScriptCall(
                script: QueueScripts.purge, keys: [keys.epoch, keys.highWaterMark, keys.list(list)],
                arguments: [epoch, "0", company, drift.strange.contains(list) ? "all" : ""]
                    + (drift.extra[list] ?? []))
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
        if let turn = drift.lastTurn { _ = try await client.send("SET", keys.sequence, String(turn)) }
        guard !workers.isEmpty else { return }
        // First out of every set, those of roles that they do not have included.
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

    /// Writes the names of all lists into `queues` again.
    public func announce(company: String, _ lists: [String]) async throws(QueueError) {
        guard !lists.isEmpty else { return }
        let keys = QueueKeys(company: company)
        let command = ["SADD", QueueKeys.queues] + lists.map { keys.listName($0) }
        guard case .error = try await client.send([command])[0] else { return }
        _ = try await client.send([["DEL", QueueKeys.queues], command])
    }
}

extension QueueDrift {
    fileprivate mutating func leaveOut(jobs: Set<String>, workers: Set<String>) {
        missing.subtract(jobs)
        taken.subtract(jobs)
        extra = extra.mapValues { $0.filter { !jobs.contains(Job.id(of: $0)) } }.filter { !$0.value.isEmpty }
        self.workers.subtract(workers)
    }

    /// Compares a list by the jobs' ids: the text may differ, since a title may change after the push.
    fileprivate mutating func compare(
        _ list: String, _ expected: Set<String>, _ reply: RedisValue, broken: Set<String>, isPrograms: Bool
    ) {
        if case .error = reply { strange.insert(list) }
        var remaining = expected
        for element in reply.elements.map({ $0.text ?? "" }) {
            let job = Job.id(of: element)
            if remaining.remove(job) == nil {
                extra[list, default: []].append(element)
            } else if broken.contains(job) {
                // The job's hash must have the element exactly as the list has it, so both are written again.
                extra[list, default: []].append(element)
                missing.insert(job)
            }
        }
        // An element that is not UTF-8 cannot be named to be removed: the list is deleted and written again.
        if extra[list]?.contains(where: { $0.contains("\u{FFFD}") }) == true {
            strange.insert(list)
            extra[list] = nil
            remaining = expected
        }
        if isPrograms, !strange.contains(list) { taken.formUnion(remaining) } else { missing.formUnion(remaining) }
    }
}

extension Worker {
    /// Whether the worker belongs in the set of available workers of this kind and role.
    fileprivate func isAvailable(in group: (kind: Worker.Kind, role: String?)) -> Bool {
        state == .available && kind == group.kind && (group.role.map(roles.contains) ?? true)
    }

    /// Whether the worker's hash is right.
    /// - Parameter known: kind, roles separated by commas, state and turn; nil: the field is missing.
    fileprivate func isKnown(as known: [String?]) -> Bool {
        guard known.count >= 3 else { return false }
        if state == .gone { return known[0] == nil && known[2] == nil }
        let named = known[1].map { Set($0.split(separator: ",").map(String.init)) }
        return known[0] == kind.rawValue && named == Set(roles) && known[2] == state.rawValue
    }
}

extension RedisValue {
    /// The members of a sorted set with their scores.
    fileprivate var scores: [String: Double] {
        let values = elements
        return stride(from: 0, to: values.count - 1, by: 2).reduce(into: [:]) { scores, index in
            scores[values[index].text ?? ""] = values[index + 1].text.flatMap { Double($0) } ?? -1
        }
    }
}
