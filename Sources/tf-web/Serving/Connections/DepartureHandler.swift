import NIOCore
import NIOHTTPTypes

/// Notes when a client has closed its side of the connection, so that work whose result nobody reads can be cancelled.
final class DepartureHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart

    private var hasLeft = false
    private var listeners: [AsyncStream<Void>.Continuation] = []

    /// Finishes when the client has left.
    fileprivate func departure() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        if hasLeft { continuation.finish() } else { listeners.append(continuation) }
        return stream
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { leave() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { leave() }

    private func leave() {
        hasLeft = true
        for listener in listeners { listener.finish() }
        listeners = []
    }
}

extension WebContext {
    /// Runs work that is useful only while the client is connected, and cancels it when the client leaves.
    /// - Throws: `CancellationError` in that case.
    func whileClientStays<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let channel = channel
        let departure = try await channel.eventLoop.submit {
            // A request without a connection, as in tests, has no such handler.
            try? channel.pipeline.syncOperations.handler(type: DepartureHandler.self).departure()
        }.get()
        guard let departure else { return try await work() }
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                for await _ in departure {}
                return nil
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() ?? nil else { throw CancellationError() }
            return value
        }
    }
}
