import Logging
import NIOCore
import NIOPosix

/// A connection to Redis that is opened when it is needed, and opened again after it broke.
///
/// An actor, since the open connection is its one piece of state. It never retries a command: only the caller knows
/// whether it may be sent twice. After a failure it connects again only after a pause that grows with each failure;
/// until then it fails at once, so that nobody waits for a server that is away.
///
/// Where Sentinel names the server, each connection begins with its question, and is given up as soon as the server
/// refuses a write because it is a replica by now, or, while `watch` runs, as soon as Sentinel names another one.
public actor RedisClient {
    /// The address of the server.
    public nonisolated let address: RedisAddress
    private let group: any EventLoopGroup
    private let logger: Logger
    private let deadline: TimeAmount
    private var connection: RedisConnection?
    /// How many connections have been opened: the number of the present one.
    private var number = 0
    private var shas: [String: String] = [:]
    private var failures = 0
    private var notBefore = ContinuousClock.now
    private var lastError: QueueError?

    private static let shortestPause = Duration.milliseconds(50)
    private static let longestPause = Duration.seconds(2)
    /// Another server will be the primary within seconds, and the first to ask for it should not be the last to know.
    private static let longestPauseWithSentinel = Duration.seconds(1)

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

    /// The server that the open connection leads to: with Sentinel, the primary. Nil: none is open.
    public var server: RedisAddress? { connection?.server }

    /// Sends commands in one pipeline.
    /// - Returns: as many replies, in their order; errors of Redis are `.error` values.
    /// - Throws: `QueueError.unreachable` if nothing was sent; `.connectionLost` if the commands may have been carried
    ///   out.
    public func send(_ commands: [[String]]) async throws(QueueError) -> [RedisValue] {
        try await send(commands, on: nil)
    }

    /// Sends one command; an error of Redis is thrown as `QueueError.refused`.
    public func send(_ command: String...) async throws(QueueError) -> RedisValue {
        try await send(command, on: nil)
    }

    /// - Parameter number: the number of the connection that is meant; nil: any.
    /// - Throws: `.connectionLost`, with nothing sent, if that one is closed by now.
    func send(_ commands: [[String]], on number: Int?) async throws(QueueError) -> [RedisValue] {
        // Redis would never answer nothing.
        guard !commands.isEmpty else { return [] }
        guard number == nil || (number == self.number && connection != nil) else {
            throw .connectionLost("it was closed meanwhile")
        }
        let connection = try await connected()
        do throws(QueueError) {
            let replies = try await connection.send(commands, deadline: deadline)
            failures = 0
            if replies.contains(where: \.isRefusedByReplica) { drop(connection) }
            return replies
        } catch {
            throw lost(connection, because: error)
        }
    }

    func send(_ command: [String], on number: Int?) async throws(QueueError) -> RedisValue {
        let reply = try await send([command], on: number)[0]
        if case .error(let reason) = reply { throw .refused(command: command[0], reason: reason) }
        return reply
    }

    /// Runs scripts in one pipeline, by their digest; Redis gets the source of a script that it does not know.
    func run(_ calls: [ScriptCall], on number: Int? = nil) async throws(QueueError) -> [RedisValue] {
        // Digests are kept by the script's name: hashing the long source for each call would be slow.
        for call in calls where shas[call.script.name] == nil { try await load(call.script, on: number) }
        var replies = try await send(calls.map { $0.command(sha: shas[$0.script.name] ?? "") }, on: number)
        let unknown = replies.indices.filter { index in
            if case .error(let reason) = replies[index] { reason.hasPrefix("NOSCRIPT") } else { false }
        }
        guard !unknown.isEmpty else { return replies }
        for script in Set(unknown.map { calls[$0].script }) { try await load(script, on: number) }
        let again = try await send(
            unknown.map { calls[$0].command(sha: shas[calls[$0].script.name] ?? "") }, on: number)
        for (index, reply) in zip(unknown, again) { replies[index] = reply }
        return replies
    }

    /// The number of the connection that is open, or is opened now.
    func connectionNumber() async throws(QueueError) -> Int {
        _ = try await connected()
        return number
    }

    /// Makes sure, where Sentinel names the server, that the connected one is a primary still.
    func expectPrimary() async throws(QueueError) {
        guard case .sentinel = address else { return }
        let connection = try await connected()
        do throws(QueueError) { try await connection.expectPrimary(deadline: deadline) } catch {
            throw lost(connection, because: error)
        }
    }

    /// Gives up the connection as soon as Sentinel names another server, until the task is cancelled: a server that
    /// hangs, or that does not know yet that it has a successor, would be waited for, or written to, in vain.
    /// - Throws: `CancellationError`.
    public func watch() async throws {
        guard case .sentinel(let sentinels) = address else {
            // Nothing to watch.
            while true { try await Task.sleep(for: .seconds(3_600)) }
        }
        while true {
            guard let connection else {
                try await Task.sleep(for: .milliseconds(100))
                continue
            }
            try await withThrowingTaskGroup(of: Bool.self) { [group] tasks in
                tasks.addTask {
                    try await sentinels.waitForOther(than: connection.server, group)
                    return true
                }
                tasks.addTask {
                    await connection.closedOrCancelled()
                    return false
                }
                if try await tasks.next() == true {
                    logger.notice("Redis has another primary", metadata: ["redis.name": "\(sentinels.name)"])
                    drop(connection)
                }
                tasks.cancelAll()
            }
        }
    }

    /// Closes the connection; the next command opens one again.
    public func close() {
        connection?.close()
        connection = nil
    }

    private func load(_ script: Script, on number: Int?) async throws(QueueError) {
        shas[script.name] = try await send(["SCRIPT", "LOAD", script.source], on: number).text
    }

    private func connected() async throws(QueueError) -> RedisConnection {
        if let connection { return connection }
        if let lastError, failures > 0, ContinuousClock.now < notBefore { throw lastError }
        let opened: RedisConnection
        do throws(QueueError) {
            opened = try await RedisConnection.open(address, group: group, deadline: deadline)
        } catch {
            throw failed(error)
        }
        // Another caller may have connected while this one waited.
        if let connection {
            opened.close()
            return connection
        }
        logger.debug("connected to Redis", metadata: ["redis.address": "\(opened.server)"])
        connection = opened
        number += 1
        return opened
    }

    /// Doubles the pause before the next connection, with jitter, so that not all clients come at once when Redis is
    /// back.
    private func failed(_ error: QueueError) -> QueueError {
        let longest = if case .sentinel = address { Self.longestPauseWithSentinel } else { Self.longestPause }
        let pause = min(longest, Self.shortestPause * (1 << min(failures, 6)))
        notBefore = .now + pause * Double.random(in: 0.5...1)
        failures += 1
        lastError = error
        return error
    }

    /// Closes a connection of which a caller got no answer. All who waited for one on it tell so; it is one failure.
    private func lost(_ connection: RedisConnection, because error: QueueError) -> QueueError {
        drop(connection) ? failed(error) : error
    }

    /// Closes a connection; another caller may have opened a new one already, which stays.
    /// - Returns: whether it was the present one.
    @discardableResult
    private func drop(_ connection: RedisConnection) -> Bool {
        connection.close()
        guard self.connection?.isSame(as: connection) == true else { return false }
        self.connection = nil
        return true
    }
}
