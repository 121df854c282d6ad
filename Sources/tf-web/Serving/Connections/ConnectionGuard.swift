import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import TFExpression

/// Tells a connection that the server stops.
struct ServerLeaves: Sendable {}

/// Watches one connection, and ends it if its client is too slow or sends what will not be read.
///
/// A body must keep a minimum rate until its end, even after its request was answered. An answer that is sent before
/// the body's end closes the connection, unless little of the body is left. Before closing, incoming bytes are
/// discarded for a short while, so that the client can still read the answer.
///
/// A connection for which there is no place (`ConnectionPlaces`) is told so in answer to its request.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limits: ConnectionLimits
    private var address: String?
    private var firstHead: Scheduled<Void>?
    private var look: RepeatedTask?
    private var drain: Scheduled<Void>?
    private var departure: Scheduled<Void>?

    /// The body that is being received; nil between two requests.
    private var body: IncomingBody?
    /// The number of requests that were received and not yet answered.
    private var unanswered = 0
    /// Whether the client announced that its latest request is its last.
    private var isLastRequest = false
    /// Whether the current or latest answer ends the connection.
    private var isLastAnswer = false
    /// Why the input could not be parsed; the parser then reads nothing more. nil: it could.
    private var unreadable: Failure?
    /// Whether input is discarded, and its bytes counted, until the connection ends.
    private var isClosing = false
    /// Whether there is no place for this connection.
    private var isRefused = false
    /// Whether the server stops, so that the next answer is the last.
    private var isLeaving = false
    private var thrownAway = 0
    /// Whether a request that follows the last one is being discarded.
    private var skipsRequest = false
    /// Whether an answer that belongs to no request is being discarded.
    private var skipsAnswer = false

    /// Since when the server waits for the client; nil while the server itself does not read.
    private var readingSince: NIODeadline?
    private var idleSince = NIODeadline.uptimeNanoseconds(0)
    private var writes = 0
    private var lastWrite = NIODeadline.uptimeNanoseconds(0)

    init(limits: ConnectionLimits) { self.limits = limits }

    private var bounds: ConnectionLimits.Bounds { limits.bounds }

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
        idleSince = context.eventLoop.now
        isRefused = !limits.places.enter(ObjectIdentifier(self), context.channel, now: idleSince)
        let box = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        firstHead = context.eventLoop.scheduleTask(in: isRefused ? bounds.refusal : bounds.headers) {
            box.value.1.close(promise: nil)
        }
        look = context.eventLoop.scheduleRepeatedTask(initialDelay: bounds.look, delay: bounds.look) { _ in
            box.value.0.check(box.value.1)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    private func end() {
        firstHead?.cancel()
        look?.cancel()
        drain?.cancel()
        departure?.cancel()
        if let address {
            limits.leave(address)
            limits.places.leave(ObjectIdentifier(self))
        }
        address = nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ServerLeaves { leave(context) }
        if event is MakesRoom { makeRoom(context) }
        context.fireUserInboundEventTriggered(event)
    }

    /// The server stops. A client that is silent may just be sending, and would lose its request if the connection were
    /// closed now; so it is given a moment to send and to be answered.
    private func leave(_ context: ChannelHandlerContext) {
        isLeaving = true
        let box = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        departure = context.eventLoop.scheduleTask(in: bounds.departure) {
            let (guardian, context) = box.value
            guard guardian.unanswered == 0, !guardian.isClosing else { return }
            context.close(mode: .output, promise: nil)
            guardian.linger(context)
        }
    }

    /// A newcomer needs this place. A request that came meanwhile is served first.
    private func makeRoom(_ context: ChannelHandlerContext) {
        guard address != nil else { return }
        if isClosing || (isIdle && writes == 0) {
            context.close(promise: nil)
        } else {
            limits.places.stay(ObjectIdentifier(self), context.channel)
        }
    }

    private var isIdle: Bool { unanswered == 0 && body == nil }

    private func check(_ context: ChannelHandlerContext) {
        let now = context.eventLoop.now
        charge(now)
        let isSlow = body.map { $0.credit < 0 } ?? false
        let isIdle = isIdle && now - idleSince > bounds.idle
        let readsNothing = writes > 0 && now - lastWrite > bounds.patience
        if isSlow || isIdle || readsNothing { context.close(promise: nil) }
    }

    // MARK: Input

    func read(context: ChannelHandlerContext) {
        if readingSince == nil { readingSince = context.eventLoop.now }
        context.read()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        charge(context.eventLoop.now)
        readingSince = nil
        context.fireChannelReadComplete()
        // The handler that asked for reads may have stopped asking.
        if isClosing { read(context: context) }
    }

    /// Subtracts from the body's credit the bytes that should have come since the last call.
    private func charge(_ now: NIODeadline) {
        guard let since = readingSince, body != nil else { return }
        // At most two intervals: a suspended machine does not make the client slow.
        body?.wait(min(now - since, bounds.look + bounds.look), slowest: bounds.slowest)
        readingSince = now
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            // Anything after the last request is not a request.
            skipsRequest = isClosing || isLastRequest || isLastAnswer
            guard !skipsRequest else { return }
            guard !isRefused else { return refuse(head, context) }
            receive(head, context)
        case .body(let bytes):
            if isClosing || skipsRequest || unanswered == 0 { throwAway(bytes.readableBytes, context) }
            guard !isClosing, !skipsRequest else { return }
            body?.add(bytes.readableBytes, to: bounds.credit)
        case .end:
            guard !isClosing, !skipsRequest else { return }
            body = nil
            if unanswered == 0 {
                drain?.cancel()
                rest(context)
            }
        }
        context.fireChannelRead(data)
    }

    private func receive(_ head: HTTPRequest, _ context: ChannelHandlerContext) {
        firstHead?.cancel()
        limits.places.begin(ObjectIdentifier(self))
        unanswered += 1
        let fields = head.headerFields
        let length = fields[.transferEncoding] == nil ? Int(fields[.contentLength] ?? "0") : nil
        body = IncomingBody(
            length: length, isHeldBack: fields[.expect]?.lowercased() == "100-continue",
            credit: bounds.credit)
        isLastRequest = fields[.connection]?.lowercased() == "close"
        thrownAway = 0
        if readingSince != nil { readingSince = context.eventLoop.now }
    }

    private func rest(_ context: ChannelHandlerContext) {
        idleSince = context.eventLoop.now
        limits.places.rest(ObjectIdentifier(self), now: idleSince)
    }

    private func throwAway(_ count: Int, _ context: ChannelHandlerContext) {
        thrownAway += count
        if thrownAway > bounds.drainBytes { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The parser also reports bytes that follow the last request.
        if let error = error as? HTTPParserError, unreadable == nil, body != nil || !isLastRequest {
            unreadable = if case .invalidMethod = error { Failure.unknownMethod } else { Failure.unreadable }
            if body == nil {
                // A head that cannot be parsed is answered too.
                unanswered += 1
            } else if unanswered == 0 {
                linger(context)
            }
        }
        context.fireErrorCaught(error)
    }

    // MARK: Output

    /// Asks for the body that the client holds back until then (RFC 9110, 10.1.1).
    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is BodyIsWanted else { return context.triggerUserOutboundEvent(event, promise: promise) }
        if body?.isAwaited == true, unanswered == 1, !isClosing {
            body?.isHeldBack = false
            write(.head(HTTPResponse(status: .continue)), context, nil)
            context.flush()
        }
        promise?.succeed()
    }

    /// Answers a request for which there is no place.
    private func refuse(_ head: HTTPRequest, _ context: ChannelHandlerContext) {
        firstHead?.cancel()
        (skipsRequest, isLastAnswer) = (true, true)
        let failure = Failure.busy
        let isOfAPI = head.path?.hasPrefix("/api/") == true
        let text = isOfAPI ? failure.problem.text : "\(failure.title). \(failure.detail)\n"
        var fields: HTTPFields = [
            .connection: "close", .contentLength: "\(text.utf8.count)",
            .contentType: isOfAPI ? "application/problem+json" : "text/plain; charset=utf-8",
        ]
        failure.addHeaders(to: &fields)
        SecurityHeaders.add(to: &fields, isSecure: limits.isSecure)
        let sent = context.eventLoop.makePromise(of: Void.self)
        let box = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        sent.futureResult.whenComplete { _ in
            box.value.1.close(mode: .output, promise: nil)
            box.value.0.linger(box.value.1)
        }
        write(.head(HTTPResponse(status: .serviceUnavailable, headerFields: fields)), context, nil)
        if head.method != .head { write(.body(ByteBuffer(string: text)), context, nil) }
        write(.end(nil), context, sent)
        context.flush()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            guard head.status.kind != .informational else { return write(.head(head), context, promise) }
            skipsAnswer = unanswered == 0
            guard !skipsAnswer else { break }
            isLastAnswer = endsConnection()
            if isLastAnswer { head.headerFields[.connection] = "close" }
            if let unreadable, head.isBare { return explain(unreadable, head, context, promise) }
            return write(.head(head), context, promise)
        case .body(let bytes):
            guard !skipsAnswer else { break }
            return write(.body(bytes), context, promise)
        case .end(let trailers):
            guard !skipsAnswer else { break }
            let promise = promise ?? context.eventLoop.makePromise()
            answered(context, promise.futureResult)
            return write(.end(trailers), context, promise)
        }
        promise?.succeed()
    }

    /// Says to whoever sent a head that cannot be parsed what is wrong with it: the framework answers with a bare 400, since
    /// it knows neither address nor client.
    private func explain(
        _ failure: Failure, _ answer: HTTPResponse, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?
    ) {
        let text = failure.problem.text
        var head = answer
        head.status = .init(code: failure.status)
        head.headerFields[.contentType] = "application/problem+json"
        head.headerFields[.contentLength] = "\(text.utf8.count)"
        failure.addHeaders(to: &head.headerFields)
        SecurityHeaders.add(to: &head.headerFields, isSecure: limits.isSecure)
        write(.head(head), context, promise)
        write(.body(ByteBuffer(string: text)), context, nil)
    }

    /// Whether the answer that is being sent is the connection's last.
    private func endsConnection() -> Bool {
        guard unanswered == 1 else { return false }
        guard !isLastRequest, unreadable == nil, !isLeaving else { return true }
        guard let body else { return false }
        return body.left.map { $0 > bounds.drainBytes } ?? true
    }

    private func answered(_ context: ChannelHandlerContext, _ sent: EventLoopFuture<Void>) {
        unanswered -= 1
        idleSince = context.eventLoop.now
        let box = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        guard isLastAnswer else {
            if unanswered == 0, body != nil { endLater(context) }
            return
        }
        sent.whenComplete { _ in
            box.value.1.close(mode: .output, promise: nil)
            box.value.0.linger(box.value.1)
        }
    }

    private func write(_ part: HTTPResponsePart, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        let promise = promise ?? context.eventLoop.makePromise()
        if writes == 0 { lastWrite = context.eventLoop.now }
        writes += 1
        let box = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        promise.futureResult.whenComplete { _ in
            let (guardian, context) = box.value
            guardian.writes -= 1
            guardian.lastWrite = context.eventLoop.now
            if guardian.writes == 0, guardian.isIdle { guardian.rest(context) }
        }
        context.write(wrapOutboundOut(part), promise: promise)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .output { linger(context) }
        context.close(mode: mode, promise: promise)
    }

    /// Sends no more answers, and discards input for a while before closing.
    private func linger(_ context: ChannelHandlerContext) {
        guard !isClosing else { return }
        isClosing = true
        rest(context)
        endLater(context)
        read(context: context)
    }

    private func endLater(_ context: ChannelHandlerContext) {
        drain?.cancel()
        let box = NIOLoopBound(context, eventLoop: context.eventLoop)
        drain = context.eventLoop.scheduleTask(in: bounds.drainTime) { box.value.close(promise: nil) }
    }
}

extension HTTPResponse {
    /// Whether it is the framework's answer to input that cannot be parsed, with nothing in it.
    fileprivate var isBare: Bool {
        status == .badRequest && headerFields[.contentLength] == "0" && headerFields[.contentType] == nil
    }
}
