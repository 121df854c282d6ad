import Logging
import NIOCore
import NIOPosix

/// Hints that arrive on channels of Redis, for as long as Redis is there.
///
/// A hint may be lost with the connection, so whoever waits for one also polls.
public struct RedisSubscription: Sendable {
    private static let deadline = TimeAmount.seconds(5)
    private static var group: any EventLoopGroup { MultiThreadedEventLoopGroup.singleton }

    private let address: RedisAddress
    private let patterns: [String]
    private let logger: Logger

    /// A subscription to the channels whose name matches one of the patterns, of which there is at least one.
    public init(address: RedisAddress, patterns: [String], logger: Logger) {
        self.address = address
        self.patterns = patterns
        self.logger = logger
    }

    /// Listens until the task is cancelled, and connects again after each loss.
    /// - Parameter onHint: receives channel and text; runs on an event loop and must not block.
    public func run(_ onHint: @escaping @Sendable (_ channel: String, _ text: String) -> Void) async throws {
        while true {
            try Task.checkCancellation()
            do {
                let connection = try await RedisConnection.open(
                    address, group: Self.group, deadline: Self.deadline
                ) { message in
                    let parts = message.elements
                    guard parts.first?.text == "pmessage", parts.count == 4 else { return }
                    onHint(parts[2].text ?? "", parts[3].text ?? "")
                }
                // The answers for further patterns come like messages, and are none.
                _ = try await connection.send([["PSUBSCRIBE"] + patterns], deadline: Self.deadline)
                try await waitForEnd(of: connection)
            } catch {
                logger.debug("no hints from Redis for now", metadata: ["error": "\(error)"])
            }
            try await Task.sleep(for: .milliseconds(Int.random(in: 500..<1_500)))
        }
    }

    /// Returns when nothing more will come: the connection has ended, or Sentinel names another server.
    private func waitForEnd(of connection: RedisConnection) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await connection.closedOrCancelled() }
            if case .sentinel(let sentinels) = address {
                tasks.addTask { try await sentinels.waitForOther(than: connection.server, Self.group) }
            }
            try await tasks.next()
            tasks.cancelAll()
        }
    }
}
