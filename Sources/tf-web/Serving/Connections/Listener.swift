import NIOCore
import NIOPosix

/// A socket at which connections are accepted. Each of them is served, also one that comes in at the very end.
///
/// The bootstrap has a stream of connections of its own. It drops what is still being prepared when the socket is closed,
/// which resets that client and, since a connection must not be dropped unread, ends the process.
struct Listener<Connection: Sendable>: Sendable {
    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup

    /// What was accepted, in that order; finished when the socket is closed and the last of them is here.
    let connections: AsyncStream<Connection>

    /// - Parameters:
    ///   - bind: opens the socket.
    ///   - prepare: makes of an accepted channel what `connections` gives; done before the channel's loop does anything
    ///     else.
    ///   - refuse: closes what comes after the task that read `connections` was cancelled.
    init(
        _ bootstrap: ServerBootstrap, on group: MultiThreadedEventLoopGroup,
        bind: (ServerBootstrap) -> EventLoopFuture<any Channel>,
        prepare: @escaping @Sendable (any Channel) -> EventLoopFuture<Connection>,
        refuse: @escaping @Sendable (Connection) -> Void
    ) async throws {
        let (connections, continuation) = AsyncStream.makeStream(of: Connection.self)
        let prepared = bootstrap.childChannelInitializer { channel in
            prepare(channel).map { connection in
                if case .terminated = continuation.yield(connection) { refuse(connection) }
            }
        }
        channel = try await bind(prepared).get()
        self.group = group
        self.connections = connections
        try await channel.eventLoop.submit { [channel] in
            try channel.pipeline.syncOperations.addHandler(AcceptGate(), position: .first)
        }.get()
        continuation.onTermination = { [self] reason in if case .cancelled = reason { close() } }
        channel.closeFuture.whenComplete { [self] _ in settled().whenComplete { _ in continuation.finish() } }
    }

    /// Accepts nothing any more: whoever shares the socket takes what comes from now on.
    func close() {
        channel.triggerUserOutboundEvent(AcceptGate.Shut())
            .flatMap { channel.setOption(.autoRead, value: false) }
            .flatMap { settled() }
            .whenComplete { _ in channel.close(promise: nil) }
    }

    /// Done when all that was accepted until now is prepared: each loop does in order what it is given.
    private func settled() -> EventLoopFuture<Void> {
        .andAllComplete(group.makeIterator().map { $0.submit {} }, on: channel.eventLoop)
    }
}

/// Stops the accepting of a socket for good: other handlers ask for more whenever a connection has ended.
private final class AcceptGate: ChannelOutboundHandler {
    typealias OutboundIn = Never

    struct Shut: Sendable {}

    private var isShut = false

    func read(context: ChannelHandlerContext) { if !isShut { context.read() } }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is Shut else { return context.triggerUserOutboundEvent(event, promise: promise) }
        isShut = true
        promise?.succeed()
    }
}
