import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPTypes
import TFConfiguration
import TFExpression
import Testing

@testable import tf_web

/// One connection and its guard, with a clock that the test moves.
private final class Guarded {
    let loop = EmbeddedEventLoop()
    let channel: EmbeddedChannel
    private let limits: ConnectionLimits

    init(_ bounds: ConnectionLimits.Bounds = .init(), limits: ConnectionLimits? = nil) throws {
        self.limits = limits ?? ConnectionLimits(bounds, proxies: [])
        channel = EmbeddedChannel(handlers: [ConnectionGuard(limits: self.limits)], loop: loop)
        try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
        waitForClient()
    }

    /// The server wants what comes next.
    func waitForClient() { channel.read() }

    func receive(_ part: HTTPRequestPart) throws {
        try channel.writeInbound(part)
        waitForClient()
    }

    func receiveHead(_ method: HTTPRequest.Method = .post, _ fields: HTTPFields = [:]) throws {
        try receive(
            .head(HTTPRequest(method: method, scheme: "http", authority: "a", path: "/", headerFields: fields)))
    }

    func receive(bytes: Int) throws { try receive(.body(ByteBuffer(repeating: 0, count: bytes))) }

    /// - Returns: whether the answer says that it is the connection's last.
    func answer(_ status: HTTPResponse.Status = .notFound) throws -> Bool {
        try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: status)))
        try channel.writeOutbound(HTTPResponsePart.end(nil))
        var isLast = false
        while let part = try channel.readOutbound(as: HTTPResponsePart.self) {
            if case .head(let head) = part { isLast = head.headerFields[.connection] == "close" }
        }
        return isLast
    }

    func wait(seconds: Int64) { loop.advanceTime(by: .seconds(seconds)) }
}

@Suite struct ConnectionGuardTests {
    @Test(arguments: [true, false])
    func `a server that stops lets a connection have one more answer, and ends a silent one after a moment`(
        _ isAsked: Bool
    ) throws {
        let guarded = try Guarded()
        try guarded.receiveHead(.get)
        try guarded.receive(.end(nil))
        #expect(try !guarded.answer())
        guarded.channel.pipeline.fireUserInboundEventTriggered(ServerLeaves())
        guarded.wait(seconds: 1)
        #expect(guarded.channel.isActive)
        if isAsked {
            try guarded.receiveHead(.get)
            try guarded.receive(.end(nil))
            // The answer may take its time.
            guarded.wait(seconds: 20)
            #expect(guarded.channel.isActive)
            #expect(try guarded.answer())
        }
        guarded.wait(seconds: 10)
        #expect(!guarded.channel.isActive)
    }

    @Test func `a body that drips ends its connection, answered or not`() throws {
        for isAnswered in [false, true] {
            let guarded = try Guarded()
            try guarded.receiveHead(fields("Content-Length", "1000"))
            if isAnswered { #expect(try !guarded.answer()) }
            for _ in 0..<4 where guarded.channel.isActive {
                guarded.wait(seconds: 15)
                try? guarded.receive(bytes: 1)  // it may be closed by then
            }
            #expect(!guarded.channel.isActive, "answered: \(isAnswered)")
        }
    }

    @Test func `what came fast is no credit for a slow rest, be it body or trailers`() throws {
        let guarded = try Guarded()
        try guarded.receiveHead(fields("Transfer-Encoding", "chunked"))
        for _ in 0..<100 { try guarded.receive(bytes: 1 << 20) }
        for _ in 0..<3 where guarded.channel.isActive { guarded.wait(seconds: 15) }
        #expect(!guarded.channel.isActive)
    }

    @Test func `a body at the slowest rate goes on for hours, and so does one that the server does not read`() throws {
        let guarded = try Guarded()
        try guarded.receiveHead(fields("Content-Length", "1000000000"))
        for _ in 0..<1_000 {
            guarded.wait(seconds: 10)
            try guarded.receive(bytes: 40_960)
        }
        #expect(guarded.channel.isActive)
        // The last part that it reads for now.
        try guarded.channel.writeInbound(HTTPRequestPart.body(ByteBuffer(repeating: 0, count: 10)))
        guarded.wait(seconds: 10_000)
        #expect(guarded.channel.isActive)
    }

    @Test(arguments: [
        (["Content-Length": "1000"], false), (["Content-Length": "10000000"], true),
        (["Transfer-Encoding": "chunked"], true), (["Content-Length": "1000", "Expect": "100-continue"], true),
    ])
    func `an answer to a body that has not come says that it is the last, unless little is left`(
        _ named: [String: String], _ isLast: Bool
    ) throws {
        let guarded = try Guarded()
        var all = HTTPFields()
        for (name, value) in named { all[try #require(HTTPField.Name(name))] = value }
        try guarded.receiveHead(all)
        #expect(try guarded.answer() == isLast)
    }

    @Test func `after a whole request the connection is kept, and idle it ends`() throws {
        let guarded = try Guarded()
        for _ in 0..<5 {
            try guarded.receiveHead(fields("Content-Length", "1000"))
            #expect(try !guarded.answer())
            try guarded.receive(bytes: 1_000)
            try guarded.receive(.end(nil))
            guarded.wait(seconds: 20)
            #expect(guarded.channel.isActive)
        }
        guarded.wait(seconds: 20)
        #expect(!guarded.channel.isActive)
    }

    @Test func `whatever follows a request that said it is the last is not handed on`() throws {
        let guarded = try Guarded()
        for _ in 0..<2 {
            try guarded.receiveHead(.get, fields("Connection", "close"))
            try guarded.receive(.end(nil))
        }
        var heads = 0
        while let part = try guarded.channel.readInbound(as: HTTPRequestPart.self) {
            if case .head = part { heads += 1 }
        }
        #expect(heads == 1)
        #expect(try guarded.answer(.ok))
    }

    @Test func `a request gets one answer, also where its body turns out to be unreadable after it`() throws {
        let guarded = try Guarded()
        try guarded.receiveHead(fields("Content-Length", "1000"))
        #expect(try !guarded.answer())
        guarded.channel.pipeline.fireErrorCaught(HTTPParserError.invalidEOFState)
        try? guarded.channel.throwIfErrorCaught()  // the embedded channel keeps it for the test
        try guarded.channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .badRequest)))
        #expect(try guarded.channel.readOutbound(as: HTTPResponsePart.self) == nil)
    }

    @Test(
        arguments: [(HTTPParserError.invalidMethod, 405), (.invalidHeaderToken, 400), (.invalidURL, 400)]
            as [(HTTPParserError, Int)])
    func `a head that cannot be parsed is answered with a problem`(_ error: HTTPParserError, _ status: Int) throws {
        let guarded = try Guarded()
        guarded.channel.pipeline.fireErrorCaught(error)
        try? guarded.channel.throwIfErrorCaught()  // the embedded channel keeps it for the test
        let bare: HTTPFields = [.connection: "close", .contentLength: "0"]
        try guarded.channel.writeOutbound(
            HTTPResponsePart.head(HTTPResponse(status: .badRequest, headerFields: bare)))
        try guarded.channel.writeOutbound(HTTPResponsePart.end(nil))
        guard case .head(let head)? = try guarded.channel.readOutbound(as: HTTPResponsePart.self),
            case .body(let body)? = try guarded.channel.readOutbound(as: HTTPResponsePart.self)
        else {
            Issue.record("no answer with a body")
            return
        }
        #expect(head.status.code == status && head.headerFields[.connection] == "close")
        #expect(head.headerFields[.contentType] == "application/problem+json")
        #expect(head.headerFields[.contentLength] == "\(body.readableBytes)")
        #expect(try JSON(parsing: String(buffer: body))["status"].intValue == status)
        #expect(head.headerFields[.allow] == (status == 405 ? "GET, HEAD, POST, PUT, PATCH, DELETE" : nil))
        expectSecurity(of: head.headerFields)
    }

    /// What every answer says, whoever gives it.
    private func expectSecurity(of fields: HTTPFields) {
        #expect(fields[.contentSecurityPolicy]?.hasPrefix("default-src 'none'; ") == true)
        #expect(fields[.xContentTypeOptions] == "nosniff")
        #expect(fields[SecurityHeaders.name("Referrer-Policy")] == "same-origin")
        #expect(fields[SecurityHeaders.name("Cross-Origin-Opener-Policy")] == "same-origin")
        #expect(fields[.cacheControl] == "no-store" && fields[.strictTransportSecurity] == nil)
    }

    @Test func `on https an answer to what cannot be read says so too`() throws {
        let guarded = try Guarded(limits: ConnectionLimits(proxies: [], isSecure: true))
        guarded.channel.pipeline.fireErrorCaught(HTTPParserError.invalidURL)
        try? guarded.channel.throwIfErrorCaught()  // the embedded channel keeps it for the test
        let bare: HTTPFields = [.connection: "close", .contentLength: "0"]
        try guarded.channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .badRequest, headerFields: bare)))
        guard case .head(let head)? = try guarded.channel.readOutbound(as: HTTPResponsePart.self) else {
            Issue.record("no answer")
            return
        }
        #expect(head.headerFields[.strictTransportSecurity]?.hasPrefix("max-age=") == true)
    }

    @Test func `where all places are taken, the connection that is idle longest goes for a newcomer`() throws {
        let limits = ConnectionLimits(proxies: [], places: ConnectionPlaces(of: 8))
        #expect(limits.places.limit == 4)
        let first = try (0..<4).map { _ in try Guarded(limits: limits) }
        for (index, guarded) in first.enumerated() where index != 1 {
            guarded.wait(seconds: 2)
            try guarded.receiveHead(.get)
            try guarded.receive(.end(nil))
            if index != 3 { #expect(try !guarded.answer()) }
        }
        let newcomer = try Guarded(limits: limits)
        #expect(first.map(\.channel.isActive) == [true, false, true, true])
        try newcomer.receiveHead(.get)
        try newcomer.receive(.end(nil))
        #expect(try newcomer.channel.readInbound(as: HTTPRequestPart.self) != nil)
        for guarded in first { guarded.wait(seconds: 0) }
        #expect(limits.places.figures == .init(open: 4, refused: 0, displaced: 1))
        // What was answered last stays longest.
        newcomer.wait(seconds: 3)
        #expect(try !newcomer.answer())
        let others = try (0..<2).map { _ in
            let other = try Guarded(limits: limits)
            try other.receiveHead(.get)
            return other
        }
        #expect(first.map(\.channel.isActive) == [false, false, false, true])
        #expect(newcomer.channel.isActive)
        #expect(!others.contains { !$0.channel.isActive })
    }

    @Test(arguments: [("/login", "text/plain; charset=utf-8"), ("/api/v1/me", "application/problem+json")])
    func `where all places are taken by requests, a newcomer is told so at once`(
        _ path: String, _ type: String
    ) throws {
        let limits = ConnectionLimits(proxies: [], places: ConnectionPlaces(of: 8))
        let busy = try (0..<4).map { _ in try Guarded(limits: limits) }
        for guarded in busy { try guarded.receiveHead(.get) }
        let newcomer = try Guarded(limits: limits)
        try newcomer.receive(.head(HTTPRequest(method: .get, scheme: "http", authority: "a", path: path)))
        try newcomer.receive(.end(nil))
        #expect(try newcomer.channel.readInbound(as: HTTPRequestPart.self) == nil)
        guard case .head(let head)? = try newcomer.channel.readOutbound(as: HTTPResponsePart.self) else {
            Issue.record("no answer")
            return
        }
        #expect(head.status == .serviceUnavailable)
        #expect(head.headerFields[.retryAfter] == "2")
        #expect(head.headerFields[.connection] == "close")
        #expect(head.headerFields[.contentType] == type)
        expectSecurity(of: head.headerFields)
        newcomer.wait(seconds: 6)
        #expect(!newcomer.channel.isActive)
        #expect(!busy.contains { !$0.channel.isActive })
        #expect(limits.places.figures == .init(open: 4, refused: 1, displaced: 0))
        // One of many that are told and stay makes room for the next.
        let told = try (0..<6).map { _ in try Guarded(limits: limits) }
        #expect(told.filter(\.channel.isActive).count == 3)
        for guarded in told { guarded.wait(seconds: 0) }
        #expect(limits.places.figures.open == 7)
    }

    @Test func `a body that a client holds back is asked for once, when it is wanted`() throws {
        let guarded = try Guarded()
        var fields = fields("Content-Length", "1000")
        fields[.expect] = "100-continue"
        try guarded.receiveHead(fields)
        #expect(try guarded.channel.readOutbound(as: HTTPResponsePart.self) == nil)
        for _ in 0..<2 { guarded.channel.triggerUserOutboundEvent(BodyIsWanted(), promise: nil) }
        #expect(
            try guarded.channel.readOutbound(as: HTTPResponsePart.self) == .head(HTTPResponse(status: .continue)))
        #expect(try guarded.channel.readOutbound(as: HTTPResponsePart.self) == nil)
        try guarded.receive(bytes: 1_000)
        try guarded.receive(.end(nil))
        #expect(try !guarded.answer(.ok))
    }

    @Test func `connections are counted by network, however its addresses are written`() {
        var bounds = ConnectionLimits.Bounds()
        bounds.limitOfNetwork = 2
        let limits = ConnectionLimits(bounds, proxies: [AddressRange("10.0.0.0/8")].compactMap { $0 })
        #expect(limits.enter("2001:db8::1"))
        #expect(limits.enter("2001:db8::ffff:0:1"))
        #expect(!limits.enter("2001:db8::2"))
        #expect(limits.enter("2001:db8:0:1::1"))
        limits.leave("2001:db8::1")
        #expect(limits.enter("2001:db8::3"))

        #expect(limits.enter("192.0.2.1"))
        #expect(limits.enter("::ffff:192.0.2.1"))
        #expect(!limits.enter("::ffff:c000:201"))
        // This machine and the proxies speak for many.
        for address in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.1.2.3", "::ffff:10.1.2.3"] {
            #expect((0..<5).allSatisfy { _ in limits.enter(address) }, "\(address)")
        }
    }

    private func fields(_ name: String, _ value: String) -> HTTPFields {
        HTTPField.Name(name).map { [$0: value] } ?? [:]
    }
}

extension Guarded {
    func receiveHead(_ fields: HTTPFields) throws { try receiveHead(.post, fields) }
}
