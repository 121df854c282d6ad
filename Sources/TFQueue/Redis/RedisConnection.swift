import NIOCore
import NIOPosix

/// One connection to Redis; any number of callers may send at once, and their batches are pipelined.
struct RedisConnection: Sendable {
    /// How long connecting may take.
    static let connectTimeout = TimeAmount.seconds(2)

    private let channel: any Channel

    static func open(_ address: RedisAddress, group: any EventLoopGroup) async throws(QueueError) -> RedisConnection {
        let bootstrap = ClientBootstrap(group: group)
            .connectTimeout(connectTimeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(RedisCodec())
                }
            }
        do {
            switch address {
            case .unix(let path):
                return RedisConnection(channel: try await bootstrap.connect(unixDomainSocketPath: path).get())
            case .tcp(let host, let port, let user, let password):
                let channel = try await bootstrap.connect(host: host, port: port).get()
                let connection = RedisConnection(channel: channel)
                guard let password else { return connection }
                let reply = try await connection.send([["AUTH"] + (user.map { [$0] } ?? []) + [password]])
                if case .error(let reason) = reply[0] { throw QueueError.refused(command: "AUTH", reason: reason) }
                return connection
            }
        } catch let error as QueueError {
            throw error
        } catch {
            throw .unreachable(address: address.description, reason: "\(error)")
        }
    }

    /// Sends commands with one flush.
    /// - Parameter deadline: after it the connection is closed, since a late reply would be taken for another's.
    /// - Returns: as many replies, in their order; errors of Redis are values.
    func send(
        _ commands: [[String]], deadline: TimeAmount = .seconds(10)
    ) async throws(QueueError) -> [RedisValue] {
        let promise = channel.eventLoop.makePromise(of: [RedisValue].self)
        let timeout = channel.eventLoop.scheduleTask(in: deadline) {
            promise.fail(QueueError.connectionLost("no answer within \(deadline.nanoseconds / 1_000_000_000) s"))
            channel.close(promise: nil)
        }
        // Cancelled from the promise's own loop, as soon as the replies are there.
        promise.futureResult.whenComplete { _ in timeout.cancel() }
        channel.writeAndFlush(RedisBatch(commands: commands, replies: promise)).whenFailure { error in
            promise.fail(QueueError.connectionLost("\(error)"))
        }
        do {
            return try await promise.futureResult.get()
        } catch let error as QueueError {
            throw error
        } catch {
            throw .connectionLost("\(error)")
        }
    }

    func close() { channel.close(promise: nil) }
}
