import Logging
import NIOCore
import NIOPosix

/// A connection to Redis that is opened when it is needed, and opened again after it broke.
///
/// An actor, since the open connection is its one piece of state. It never retries a command by itself: whether
/// something may be sent twice is for the caller to say.
public actor RedisClient {
    /// Where it connects.
    public nonisolated let address: RedisAddress
    private let group: any EventLoopGroup
    private let logger: Logger
    private var connection: RedisConnection?
    private var shas: [String: String] = [:]

    /// Makes a client; nothing is connected yet.
    public init(
        address: RedisAddress, logger: Logger, group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        self.address = address
        self.logger = logger
        self.group = group
    }

    /// Sends commands in one pipeline.
    /// - Returns: as many replies, in their order; errors of Redis are `.error` values.
    /// - Throws: `QueueError.unreachable` before anything was sent, `.connectionLost` when it is unknown what was done.
    public func send(_ commands: [[String]]) async throws(QueueError) -> [RedisValue] {
        let connection = try await connected()
        do {
            return try await connection.send(commands)
        } catch {
            drop()
            throw error
        }
    }

    /// Sends one command; an error of Redis is thrown as `QueueError.refused`.
    public func send(_ command: String...) async throws(QueueError) -> RedisValue {
        let reply = try await send([command])[0]
        if case .error(let reason) = reply { throw .refused(command: command[0], reason: reason) }
        return reply
    }

    /// Runs scripts in one pipeline, by their digest; Redis is given the source where it does not know it.
    func run(_ calls: [ScriptCall]) async throws(QueueError) -> [RedisValue] {
        for script in Set(calls.map(\.script)) where shas[script.name] == nil { try await load(script) }
        var replies = try await send(calls.map { $0.command(sha: shas[$0.script.name] ?? "") })
        let unknown = replies.indices.filter { index in
            if case .error(let reason) = replies[index] { reason.hasPrefix("NOSCRIPT") } else { false }
        }
        guard !unknown.isEmpty else { return replies }
        for script in Set(unknown.map { calls[$0].script }) { try await load(script) }
        let again = try await send(unknown.map { calls[$0].command(sha: shas[calls[$0].script.name] ?? "") })
        for (index, reply) in zip(unknown, again) { replies[index] = reply }
        return replies
    }

    /// Closes the connection; the next command opens one again.
    public func close() { drop() }

    private func load(_ script: Script) async throws(QueueError) {
        shas[script.name] = try await send("SCRIPT", "LOAD", script.source).text
    }

    private func connected() async throws(QueueError) -> RedisConnection {
        if let connection { return connection }
        let opened = try await RedisConnection.open(address, group: group)
        // Another caller may have connected while this one waited.
        if let connection {
            opened.close()
            return connection
        }
        logger.debug("connected to Redis", metadata: ["redis.address": "\(address)"])
        connection = opened
        return opened
    }

    private func drop() {
        connection?.close()
        connection = nil
    }
}
