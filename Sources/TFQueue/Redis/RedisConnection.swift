import Glibc
import NIOCore
import NIOPosix
import NIOSSL

/// One connection to Redis; any number of callers may send at once, and their batches are pipelined.
struct RedisConnection: Sendable {
    private let channel: any Channel
    /// The server at its other end, which is never `.sentinel`.
    let server: RedisAddress

    /// - Parameters:
    ///   - deadline: for connecting, and for signing in.
    ///   - onMessage: takes the messages of a subscription.
    static func open(
        _ address: RedisAddress, group: any EventLoopGroup, deadline: TimeAmount,
        onMessage: (@Sendable (RedisValue) -> Void)? = nil
    ) async throws(QueueError) -> RedisConnection {
        guard case .sentinel(let sentinels) = address else {
            return try await connect(address, group: group, deadline: deadline, onMessage: onMessage)
        }
        let deadline = min(deadline, Sentinels.patience)
        let primary = try await sentinels.primary(group)
        // The sentinels may run on this machine, and the servers elsewhere.
        guard !primary.isOpenToTheNetwork else { throw .openToTheNetwork(address: primary.description) }
        do throws(QueueError) {
            let connection = try await connect(primary, group: group, deadline: deadline, onMessage: onMessage)
            try await connection.expectPrimary(deadline: deadline)
            return connection
        } catch {
            guard case .connectionLost(let reason) = error else { throw error }
            throw .unreachable(
                address: primary.description,
                reason: "\(reason), and the sentinels of \(sentinels.name) name no other yet")
        }
    }

    private static func connect(
        _ address: RedisAddress, group: any EventLoopGroup, deadline: TimeAmount,
        onMessage: (@Sendable (RedisValue) -> Void)?
    ) async throws(QueueError) -> RedisConnection {
        do {
            let tls = try context(address)
            let bootstrap = ClientBootstrap(group: group)
                .connectTimeout(deadline)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        if let tls {
                            try channel.pipeline.syncOperations.addHandler(
                                NIOSSLClientHandler(context: tls.context, serverHostname: tls.name))
                        }
                        try channel.pipeline.syncOperations.addHandler(RedisCodec(onMessage: onMessage))
                    }
                }
            switch address {
            case .unix(let path):
                let channel = try await bootstrap.connect(unixDomainSocketPath: path).get()
                return RedisConnection(channel: channel, server: address)
            case .tcp(let server):
                let channel = try await bootstrap.connect(host: server.host, port: server.port).get()
                let connection = RedisConnection(channel: channel, server: address)
                try await connection.signIn(server, deadline: deadline)
                return connection
            case .sentinel: preconditionFailure("its primary is asked for first")
            }
        } catch let error as QueueError {
            throw error
        } catch {
            throw .unreachable(address: address.description, reason: reason(of: error))
        }
    }

    /// In words for an operator: the library's own are a list of everything that was tried.
    private static func reason(of error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first { return reason(of: first.error) }
            return "its name is not known"
        case let error as IOError: return String(cString: strerror(error.errnoCode))
        default: return "\(error)"
        }
    }

    private static func context(_ address: RedisAddress) throws -> (context: NIOSSLContext, name: String?)? {
        guard case .tcp(let server) = address, let tls = server.tls else { return nil }
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let file = tls.authorities { configuration.trustRoots = .file(file) }
        // TLS asks for a server by its name (SNI); an address is not allowed there.
        let isAddress = server.host.contains(":") || server.host.allSatisfy { $0.isNumber || $0 == "." }
        return (try NIOSSLContext(configuration: configuration), isAddress ? nil : server.host)
    }

    private func signIn(_ server: RedisAddress.Server, deadline: TimeAmount) async throws(QueueError) {
        guard let credentials = server.credentials else { return }
        let words = ["AUTH"] + (credentials.user.map { [$0] } ?? []) + [credentials.password]
        let reply: RedisValue
        do throws(QueueError) { reply = try await send([words], deadline: deadline)[0] } catch {
            close()
            throw error
        }
        if case .error(let reason) = reply {
            close()
            throw .badCredentials(address: self.server.description, reason: reason)
        }
    }

    /// Makes sure that the server takes writes; else the connection is closed.
    /// - Throws: `QueueError.noPrimary`.
    func expectPrimary(deadline: TimeAmount) async throws(QueueError) {
        let reply: RedisValue
        do throws(QueueError) { reply = try await send([["ROLE"]], deadline: deadline)[0] } catch {
            close()
            throw error
        }
        guard reply.elements.first?.text != "master" else { return }
        close()
        if case .error(let reason) = reply { throw .refused(command: "ROLE", reason: reason) }
        throw .noPrimary(address: server.description)
    }

    /// Sends commands with one flush.
    /// - Parameter deadline: after it the connection is closed, since a late reply would be taken for another
    ///   command's.
    /// - Returns: as many replies, in their order; errors of Redis are values.
    func send(_ commands: [[String]], deadline: TimeAmount) async throws(QueueError) -> [RedisValue] {
        let promise = channel.eventLoop.makePromise(of: [RedisValue].self)
        let timeout = channel.eventLoop.scheduleTask(in: deadline) {
            promise.fail(QueueError.connectionLost(silence(deadline)))
            channel.close(promise: nil)
        }
        // Cancelled on the promise's own event loop, as soon as the replies are there.
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

    /// A server that speaks no TLS takes the connection, and waits for the end of what it takes for a command.
    private func silence(_ deadline: TimeAmount) -> String {
        let silence = "\(server) gave no answer within \(deadline.nanoseconds / 1_000_000) ms"
        guard case .tcp(let place) = server, place.tls != nil else { return silence }
        return "\(silence); if it speaks no TLS at that port, write redis for rediss in redis.url"
    }

    /// Returns when the connection has ended, for whatever reason. It is closed when the task is cancelled.
    func closedOrCancelled() async {
        await withTaskCancellationHandler {
            // The caller only waits for the end; the error, if there is one, has been reported to the senders.
            try? await channel.closeFuture.get()
        } onCancel: {
            close()
        }
    }

    func isSame(as other: RedisConnection) -> Bool { channel === other.channel }

    func close() { channel.close(promise: nil) }
}
