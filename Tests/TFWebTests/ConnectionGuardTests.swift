import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPTypes
import TFConfiguration
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
