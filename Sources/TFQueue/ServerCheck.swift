/// A Redis server's version and settings, as it reports them.
public struct RedisServerInfo: Sendable, Hashable {
    /// Such as `7.0.15`.
    public let version: String
    /// What the server does when its memory is full; the queues need `noeviction`. Nil: it does not say.
    public let evictionPolicy: String?
    /// How many replicas follow it at present.
    public let replicas: Int

    /// The oldest version that has every command in the form that the queues use.
    public static let oldestVersion = [6, 0]

    /// A server that was asked in another way than through a connection.
    public init(version: String, evictionPolicy: String?, replicas: Int = 0) {
        self.version = version
        self.evictionPolicy = evictionPolicy
        self.replicas = replicas
    }

    /// Why the queues cannot rely on this server; empty if they can.
    public var complaints: [String] {
        var complaints: [String] = []
        let numbers = version.split(separator: ".").compactMap { Int($0) }
        if numbers.lexicographicallyPrecedes(Self.oldestVersion) {
            complaints.append("Redis \(version) is too old; 6.0 or newer is needed")
        }
        if let evictionPolicy, evictionPolicy != "noeviction" {
            complaints.append(
                "maxmemory-policy is \(evictionPolicy): Redis may throw jobs away when its memory is full; "
                    + "set it to noeviction")
        }
        return complaints
    }
}

extension TaskQueues {
    /// Asks the server for its version and settings.
    public func server() async throws(QueueError) -> RedisServerInfo {
        let replies = try await client.send([["INFO", "server"], ["INFO", "replication"]])
        if case .error(let reason) = replies[0] { throw .refused(command: "INFO", reason: reason) }
        let lines = replies.flatMap { ($0.text ?? "").split(whereSeparator: \.isNewline) }
        let line = lines.first { $0.hasPrefix("redis_version:") }
        // Servers of cloud providers may refuse CONFIG.
        let policy = try await client.send([["CONFIG", "GET", "maxmemory-policy"]])[0].elements.last?.text
        return RedisServerInfo(
            version: line.map { String($0.dropFirst("redis_version:".count)) } ?? "unknown", evictionPolicy: policy,
            replicas: lines.count { $0.hasPrefix("slave") && $0.contains(",state=online") })
    }
}
