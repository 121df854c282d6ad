/// Programs that take their jobs straight from Redis, such as Sidekiq processes: which lists they read, and their
/// reports on the jobs that they took.
extension TaskQueues {
    /// How old the last beat of a live Sidekiq process may be, in seconds.
    private static let sidekiqLife = 60.0
    /// How many reports are read at once.
    private static let limitResults = 200

    /// The lists that live Sidekiq processes read, as `queues` names them.
    ///
    /// Each process writes a hash of its name with `info` (JSON with `queues`), `beat` (seconds since 1970) and
    /// `quiet`, and lists the name in the set `processes`.
    /// - Parameter now: seconds since 1970.
    public func listsReadBySidekiq(now: Double) async throws(QueueError) -> Set<String> {
        // The key `processes` is Sidekiq's, not ours. If it has another type, there are no Sidekiq processes.
        let processes = try await client.send([["SMEMBERS", "processes"]])[0].elements.compactMap(\.text)
        guard !processes.isEmpty else { return [] }
        let replies = try await client.send(processes.map { ["HMGET", $0, "info", "beat", "quiet"] })
        var lists: Set<String> = []
        for reply in replies {
            let parts = reply.elements
            guard parts.count == 3, let info = parts[0].text, let beat = parts[1].text.flatMap(Double.init),
                beat > now - Self.sidekiqLife, parts[2].text != "true"
            else { continue }
            lists.formUnion(Self.queues(in: info))
        }
        return lists
    }

    /// The texts of the member `queues` of a process's `info`. Queue names hold no escapes.
    static func queues(in info: String) -> [String] {
        guard let mark = info.firstRange(of: "\"queues\":[") else { return [] }
        let list = info[mark.upperBound...].prefix { $0 != "]" }
        return list.split(separator: ",").map { $0.filter { $0 != "\"" && $0 != " " } }
    }

    /// Writes into the hashes of programs when each last showed that it lives, in seconds since 1970.
    public func markSeen(_ programs: [(login: String, at: Double)], company: String) async throws(QueueError) {
        guard !programs.isEmpty else { return }
        let keys = QueueKeys(company: company)
        _ = try await client.send(programs.map { ["HSET", keys.worker($0.login), "seen", Job.time($0.at)] })
    }

    /// The programs' reports on their jobs, the oldest first, at most 200.
    public func results(company: String) async throws(QueueError) -> [String] {
        let key = QueueKeys(company: company).results
        let reports = try await client.send("LRANGE", key, String(-Self.limitResults), "-1").elements
        return reports.reversed().compactMap(\.text)
    }

    /// Whether any of these companies has results, in one round trip.
    public func companiesWithResults(_ companies: [String]) async throws(QueueError) -> [String] {
        guard !companies.isEmpty else { return [] }
        let lengths = try await client.send(companies.map { ["LLEN", QueueKeys(company: $0).results] })
        return zip(companies, lengths).filter { ($0.1.number ?? 0) > 0 }.map(\.0)
    }

    /// Removes reports that have been handled.
    public func acknowledge(_ results: [String], company: String) async throws(QueueError) {
        guard !results.isEmpty else { return }
        let key = QueueKeys(company: company).results
        let removed = try await client.send(results.map { ["LREM", key, "-1", $0] }).reduce(0) { $0 + ($1.number ?? 0) }
        // LREM cannot name a report that is not UTF-8. Once the others are gone it is among the oldest, and is trimmed.
        if removed < results.count { _ = try await client.send("LTRIM", key, "0", String(removed - results.count - 1)) }
    }

    /// Wakes requests that wait for a job of these workers.
    public func hint(company: String, workers: Set<String>) async throws(QueueError) {
        guard !workers.isEmpty else { return }
        let channel = QueueKeys(company: company).wake
        _ = try await client.send(workers.sorted().map { ["PUBLISH", channel, $0] })
    }
}
