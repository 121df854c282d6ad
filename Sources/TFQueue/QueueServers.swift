import Logging
import NIOCore
import NIOPosix

/// One of the servers that hold the queues.
public struct QueueServer: Sendable {
    /// Its connection.
    public let client: RedisClient

    /// A server with a client of its own.
    public init(client: RedisClient) { self.client = client }

    /// By what it is known among the others: `RedisAddress.name`.
    public var name: String { client.address.name }
    /// The queues of the companies on it.
    public var queues: TaskQueues { TaskQueues(client: client) }
}

/// The servers that hold the queues, and which of them holds a company's.
///
/// A company is on one server, chosen from its slug and the servers' names alone (`Rendezvous`), so that all processes
/// of a site find it on the same one without asking anybody. Since Redis only delivers, a company moves by being filled
/// anew from the store where it is by now.
public struct QueueServers: Sendable {
    /// At least one, in the order of the setting.
    public let all: [QueueServer]
    private let choice: Rendezvous

    /// Servers at these addresses, of which there is at least one, without connecting.
    /// - Parameter deadline: as `RedisClient` has it.
    public init(_ addresses: [RedisAddress], logger: Logger, deadline: Duration = .seconds(10)) {
        all = addresses.map { address in
            QueueServer(client: RedisClient(address: address, logger: logger, deadline: deadline))
        }
        choice = Rendezvous(addresses.map(\.name))
    }

    /// The server that holds a company's queues.
    public func server(of company: String) -> QueueServer { all[choice.index(for: company)] }

    /// A company's queues.
    public func queues(of company: String) -> TaskQueues { server(of: company).queues }

    /// Whether a server holds a company's queues.
    public func isOn(_ server: QueueServer, company: String) -> Bool { self.server(of: company).name == server.name }

    /// Watches every server until the task is cancelled: `RedisClient.watch`.
    public func watch() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for server in all { group.addTask { try await server.client.watch() } }
        }
    }

    /// Closes all connections; the next command opens one again.
    public func close() async {
        for server in all { await server.client.close() }
    }
}
