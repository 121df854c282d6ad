import Foundation

/// A Redis primary with a replica, and three sentinels of which two decide, all on free ports of this machine, with a
/// password for the servers and another one for the sentinels.
///
/// A primary that does not answer for 700 ms counts as down. Only one server at a time may be away.
package final class TestSentinel: Sendable {
    /// One of the two servers.
    package struct Server: Sendable {
        package let redis: TestRedis
        package let port: Int
    }

    /// The name by which the sentinels know the primary.
    package static let name = "main"
    private static let password = "of-servers"
    private static let sentinelPassword = "of-sentinels"

    /// The first begins as the primary.
    package let servers: [Server]
    private let sentinels: [Server]

    /// As `redis.url` writes it.
    package var address: String {
        let places = sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
        return "redis+sentinel://:\(Self.password)@\(places)/\(Self.name)?sentinel_password=\(Self.sentinelPassword)"
    }

    /// Starts all, runs the body when a failover could be decided, and stops them.
    package static func with(_ body: (TestSentinel) async throws -> Void) async throws {
        let processes = try (0..<5).map { number in
            var redis = try TestRedis()
            redis.password = number < 2 ? password : sentinelPassword
            return redis
        }
        defer { for process in processes { process.stop() } }
        let primary = try await start(processes[0])
        let replica = try await start(processes[1], replicaOf: primary)
        var sentinels: [Server] = []
        for process in processes[2...] { sentinels.append(try await startSentinel(process, of: primary)) }
        let all = TestSentinel(servers: [primary, replica], sentinels: sentinels)
        try await all.waitUntilComplete()
        try await body(all)
    }

    private init(servers: [Server], sentinels: [Server]) {
        self.servers = servers
        self.sentinels = sentinels
    }

    private static func start(_ redis: TestRedis, replicaOf primary: Server? = nil) async throws -> Server {
        try await onFreePort { port in
            try await redis.starts(options(port, primary)) ? Server(redis: redis, port: port) : nil
        }
    }

    private static func options(_ port: Int, _ primary: Server?) -> [String] {
        ["--port", "\(port)", "--bind", "127.0.0.1", "--repl-diskless-sync-delay", "0"]
            + ["--requirepass", password, "--masterauth", password]
            + (primary.map { ["--replicaof", "127.0.0.1 \($0.port)"] } ?? [])
    }

    private static func startSentinel(_ redis: TestRedis, of primary: Server) async throws -> Server {
        try await onFreePort { port in
            // Sentinel writes into the file what it comes to know.
            let file = redis.directory + "/sentinel.conf"
            try """
            port \(port)
            bind 127.0.0.1
            unixsocket \(redis.socket)
            logfile \(redis.log)
            requirepass \(sentinelPassword)
            sentinel monitor \(name) 127.0.0.1 \(primary.port) 2
            sentinel auth-pass \(name) \(password)
            sentinel down-after-milliseconds \(name) 700
            sentinel failover-timeout \(name) 2000

            """.write(toFile: file, atomically: true, encoding: .utf8)
            return try await redis.runs([file, "--sentinel"]) ? Server(redis: redis, port: port) : nil
        }
    }

    // MARK: What happens

    /// The server that the sentinels name.
    package func primary() async throws -> Server {
        let answer = try await sentinels[0].redis.answer("SENTINEL", "GET-MASTER-ADDR-BY-NAME", Self.name)
        guard let server = servers.first(where: { answer.hasSuffix("\n\($0.port)") }) else {
            throw NeverHappened(what: "a sentinel names one of the servers: \(answer)", tries: 1, lastError: nil)
        }
        return server
    }

    /// Stops the primary in one way or another, and returns when all sentinels name the other server.
    /// - Returns: the one that was the primary.
    @discardableResult
    package func fail(_ stop: (TestRedis) -> Void) async throws -> Server {
        let old = try await primary()
        stop(old.redis)
        for sentinel in sentinels {
            _ = try await eventually("a sentinel names another primary") {
                let answer = try await sentinel.redis.answer("SENTINEL", "GET-MASTER-ADDR-BY-NAME", Self.name)
                return answer.hasSuffix("\n\(old.port)") ? nil : true
            }
        }
        return old
    }

    /// Starts a server that was killed, which comes back empty and as a primary, as the sentinels will not leave it.
    package func restart(_ server: Server) async throws {
        guard try await server.redis.starts(Self.options(server.port, nil)) else {
            throw NeverHappened(what: "redis-server starts on its port again", tries: 1, lastError: nil)
        }
    }

    /// Waits until the other server follows the primary, and every sentinel knows all others: until then, nobody would
    /// take over.
    package func waitUntilComplete() async throws {
        for sentinel in sentinels {
            _ = try await eventually("a sentinel can decide a failover") { () async throws -> Bool? in
                let facts = try await sentinel.redis.answer("SENTINEL", "MASTER", Self.name).split(separator: "\n")
                func fact(_ name: String) -> Substring? {
                    facts.firstIndex(of: name[...]).flatMap { facts.dropFirst($0 + 1).first }
                }
                guard fact("flags") == "master", fact("num-slaves") == "1", fact("num-other-sentinels") == "2" else {
                    return nil
                }
                return try await sentinel.redis.answer("SENTINEL", "REPLICAS", Self.name)
                    .contains("master-link-status\nok") ? true : nil
            }
        }
        _ = try await eventually("the replica has what the primary has") {
            try await self.primary().redis.answer("INFO", "replication").contains("state=online") ? true : nil
        }
    }
}
