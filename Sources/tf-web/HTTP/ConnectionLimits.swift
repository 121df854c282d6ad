import Foundation
import HTTPTypes
import NIOCore
import NIOHTTPTypes
import Synchronization
import TFConfiguration

/// What one client may take of the server: connections, and time to send and to read.
final class ConnectionLimits: Sendable {
    /// Connections without a request end after this.
    static let idle = TimeAmount.seconds(30)
    /// From the connection to the end of its first request's headers.
    static let headers = TimeAmount.seconds(10)
    /// After this a body must have come at `slowest`, and an answer must be taken.
    static let patience = TimeAmount.seconds(30)
    /// Bytes a second.
    static let slowest = 4_096
    static let look = TimeAmount.seconds(5)
    /// Of one address that is no trusted proxy and not this machine.
    static let mostOfOneAddress = 256

    private let proxies: [AddressRange]
    private let open = Mutex<[String: Int]>([:])

    init(proxies: [AddressRange]) { self.proxies = proxies }

    func handlers() -> [any RemovableChannelHandler] { [ConnectionGuard(limits: self)] }

    /// - Returns: false where the address has too many already.
    fileprivate func enter(_ address: String) -> Bool {
        guard isCounted(address) else { return true }
        return open.withLock { open in
            guard open[address, default: 0] < Self.mostOfOneAddress else { return false }
            open[address, default: 0] += 1
            return true
        }
    }

    fileprivate func leave(_ address: String) {
        guard isCounted(address) else { return }
        open.withLock { open in
            let left = (open[address] ?? 1) - 1
            open[address] = left > 0 ? left : nil
        }
    }

    private func isCounted(_ address: String) -> Bool {
        guard let bytes = AddressRange.bytes(of: address), address != "::1", bytes.first != 127 || bytes.count != 4
        else {
            return false
        }
        return !proxies.contains { $0.contains(bytes) }
    }
}

/// Watches one connection, and ends it where its client is too slow.
private final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart

    private enum Phase {
        case waiting
        /// A body comes in, since a moment.
        case reading(since: NIODeadline, bytes: Int)
        case answering
    }

    private let limits: ConnectionLimits
    private var address: String?
    private var phase = Phase.waiting
    private var firstHead: Scheduled<Void>?
    private var look: RepeatedTask?
    private var writes = 0
    private var lastWrite = NIODeadline.now()

    init(limits: ConnectionLimits) { self.limits = limits }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard firstHead == nil else { return }
        let address = context.channel.remoteAddress?.ipAddress ?? ""
        guard limits.enter(address) else { return context.close(promise: nil) }
        self.address = address
        let box = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        firstHead = context.eventLoop.scheduleTask(in: ConnectionLimits.headers) { box.value.1.close(promise: nil) }
        look = context.eventLoop.scheduleRepeatedTask(
            initialDelay: ConnectionLimits.look, delay: ConnectionLimits.look
        ) { _ in box.value.0.check(box.value.1) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    private func end() {
        firstHead?.cancel()
        look?.cancel()
        if let address { limits.leave(address) }
        address = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            firstHead?.cancel()
            phase = .reading(since: .now(), bytes: 0)
        case .body(let bytes):
            if case .reading(let since, let before) = phase {
                phase = .reading(since: since, bytes: before + bytes.readableBytes)
            }
        case .end: phase = .answering
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { phase = .waiting }
        let promise = promise ?? context.eventLoop.makePromise()
        if writes == 0 { lastWrite = .now() }
        writes += 1
        let box = NIOLoopBound(self, eventLoop: context.eventLoop)
        promise.futureResult.whenComplete { _ in
            box.value.writes -= 1
            box.value.lastWrite = .now()
        }
        context.write(data, promise: promise)
    }

    private func check(_ context: ChannelHandlerContext) {
        let now = NIODeadline.now()
        if writes > 0, now - lastWrite > ConnectionLimits.patience { return context.close(promise: nil) }
        guard case .reading(let since, let bytes) = phase else { return }
        let late = now - since - ConnectionLimits.patience
        guard late > .zero else { return }
        // In floating point: whoever sends for days must not reach the end of the integers.
        if Double(bytes) * 1e9 < Double(late.nanoseconds) * Double(ConnectionLimits.slowest) {
            context.close(promise: nil)
        }
    }
}
