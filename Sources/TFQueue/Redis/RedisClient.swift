import Logging
import NIOCore
import NIOPosix

/// A connection to Redis that is opened when it is needed, and opened again after it broke.
///
/// An actor, since the open connection is its one piece of state. It never retries a command: only the caller knows
/// whether it may be sent twice. After a failure it connects again only after a pause that grows with each failure;
/// until then it fails at once, so that nobody waits for a server that is away.
public actor RedisClient {
    /// The address of the server.
    public nonisolated let address: RedisAddress
    private let group: any EventLoopGroup
    private let logger: Logger
    private let deadline: TimeAmount
    private var connection: RedisConnection?
    private var shas: [String: String] = [:]
    private var failures = 0
    private var notBefore = ContinuousClock.now
    private var lastError: QueueError?

    private static let shortestPause = Duration.milliseconds(50)
    private static let longestPause = Duration.seconds(2)

    /// Makes a client without connecting.
    /// - Parameter deadline: for connecting, and for the replies to one pipeline; 10 s. After it the connection is
    ///   closed.
    public init(
        address: RedisAddress, logger: Logger, deadline: Duration = .seconds(10),
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        self.address = address
        self.logger = logger
        self.deadline = TimeAmount(deadline)
        self.group = group
    }

    /// Sends commands in one pipeline.
    /// - Returns: as many replies, in their order; errors of Redis are `.error` values.
    /// - Throws: `QueueError.unreachable` if nothing was sent; `.connectionLost` if the commands may have been carried
    ///   out.
    public func send(_ commands: [[String]]) async throws(QueueError) -> [RedisValue] {
        // Redis would never answer nothing.
        guard !commands.isEmpty else { return [] }
        let connection = try await connected()
        do {
            let replies = try await connection.send(commands, deadline: deadline)
            failures = 0
            return replies
        } catch {
            // Another caller may have opened a new connection already.
            if self.connection?.isSame(as: connection) == true { drop() }
            throw failed(error)
        }
    }

    /// Sends one command; an error of Redis is thrown as `QueueError.refused`.
    public func send(_ command: String...) async throws(QueueError) -> RedisValue {
        let reply = try await send([command])[0]
        if case .error(let reason) = reply { throw .refused(command: command[0], reason: reason) }
        return reply
    }

    /// Runs scripts in one pipeline, by their digest; Redis gets the source of a script that it does not know.
    func run(_ calls: [ScriptCall]) async throws(QueueError) -> [RedisValue] {
        // Digests are kept by the script's name: hashing the long source for each call would be slow.
        for call in calls where shas[call.script.name] == nil { try await load(call.script) }
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
        if let lastError, failures > 0, ContinuousClock.now < notBefore { throw lastError }
        let opened: RedisConnection
        do {
            opened = try await RedisConnection.open(address, group: group, deadline: deadline)
        } catch {
            throw failed(error)
        }
        // Another caller may have connected while this one waited.
        if let connection {
            opened.close()
            return connection
        }
        logger.debug("connected to Redis", metadata: ["redis.address": "\(address)"])
        connection = opened
        return opened
    }

    /// Doubles the pause before the next connection, with jitter, so that not all clients come at once when Redis is
    /// back.
    private func failed(_ error: QueueError) -> QueueError {
        let pause = min(Self.longestPause, Self.shortestPause * (1 << min(failures, 6)))
        notBefore = .now + pause * Double.random(in: 0.5...1)
        failures += 1
        lastError = error
        return error
    }

    private func drop() {
        connection?.close()
        connection = nil
    }
}
