import NIOCore

/// Ends a connection after a while, whatever comes in or goes out on it.
///
/// Whoever asks for figures sends one request without a body and reads one answer. So a client that sends a byte now and
/// then, before or after its answer, holds none of the few connections for longer than one that is in order.
final class ShortConnection: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    /// More than the ten seconds after which Prometheus gives up by itself.
    private static let lifetime = TimeAmount.seconds(15)

    private var end: Scheduled<Void>?

    func handlerAdded(context: ChannelHandlerContext) {
        let box = NIOLoopBound(context, eventLoop: context.eventLoop)
        end = context.eventLoop.scheduleTask(in: Self.lifetime) { box.value.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { end?.cancel() }
}
