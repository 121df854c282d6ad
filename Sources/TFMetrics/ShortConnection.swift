import NIOCore

/// Closes a connection after a fixed time, whatever comes in or goes out on it.
///
/// A client that reads figures sends one short request and reads one answer. So a client that sends single bytes now
/// and then cannot hold one of the few connections longer than an honest one.
final class ShortConnection: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    /// More than the ten seconds after which Prometheus gives up.
    private static let lifetime = TimeAmount.seconds(15)

    private var end: Scheduled<Void>?

    func handlerAdded(context: ChannelHandlerContext) {
        let box = NIOLoopBound(context, eventLoop: context.eventLoop)
        end = context.eventLoop.scheduleTask(in: Self.lifetime) { box.value.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { end?.cancel() }
}
