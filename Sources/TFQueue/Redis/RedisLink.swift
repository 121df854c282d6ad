/// A client of which one connection is meant, or whichever is open.
///
/// Content that is read through one connection says nothing about the server of the next: that one may have been
/// restarted, or may be a replica that has become the primary and lacks the last changes. Who checks first and changes
/// then does both on one connection.
struct RedisLink: Sendable {
    let client: RedisClient
    /// The connection's number; nil: any.
    var connection: Int?

    func send(_ commands: [[String]]) async throws(QueueError) -> [RedisValue] {
        try await client.send(commands, on: connection)
    }

    func send(_ command: String...) async throws(QueueError) -> RedisValue {
        try await client.send(command, on: connection)
    }

    func run(_ calls: [ScriptCall]) async throws(QueueError) -> [RedisValue] {
        try await client.run(calls, on: connection)
    }
}
