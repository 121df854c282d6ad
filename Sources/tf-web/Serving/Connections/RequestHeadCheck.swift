import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// Refuses request heads that two servers may read differently: which host is meant, or where the body ends.
///
/// A proxy in front that reads them differently would take the end of one person's request for the start of another's,
/// or serve one host's answer to visitors of another (RFC 9112, 3.2, 6.1 and 6.3). Errors within one line (spaces
/// before a colon, folded lines, a sign before a length) are refused by the parser itself.
final class RequestHeadCheck: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    private var isRefused = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isRefused else { return }
        guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        guard Self.isClear(head) else {
            isRefused = true
            // The same as for a parser error: 400, and the connection ends.
            return context.fireErrorCaught(HTTPParserError.invalidHeaderToken)
        }
        // A client of that version knows no 100 (RFC 9110, 10.1.1); afterwards nobody knows the version.
        if head.version == .http1_0 { head.headers.remove(name: "Expect") }
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    static func isClear(_ head: HTTPRequestHead) -> Bool {
        hasOneHost(head) && hasClearLength(head)
    }

    // MARK: The host

    private static func hasOneHost(_ head: HTTPRequestHead) -> Bool {
        let hosts = head.headers["Host"]
        guard hosts.count == 1 || (hosts.isEmpty && head.version == .http1_0) else { return false }
        guard hosts.allSatisfy(isHost), !head.uri.utf8.contains(UInt8(ascii: "#")) else { return false }
        if head.uri.hasPrefix("/") { return true }
        if head.uri == "*" { return head.method == .OPTIONS }
        guard let authority = authority(of: head.uri) else { return false }
        return authority.lowercased() == hosts.first?.lowercased()
    }

    /// Whether the text is a host name or address with or without a port, and no other part of a URL.
    private static func isHost(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-._:[]".utf8.contains(byte)
            }
        }
    }

    /// The host and port of an absolute http or https URL; nil for any other text.
    private static func authority(of address: String) -> Substring? {
        let lowercased = address.lowercased()
        guard let scheme = ["http://", "https://"].first(where: { lowercased.hasPrefix($0) }) else { return nil }
        return address.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" }
    }

    // MARK: The body's length

    private static func hasClearLength(_ head: HTTPRequestHead) -> Bool {
        let encodings = head.headers["Transfer-Encoding"]
        let lengths = head.headers["Content-Length"]
        if encodings.isEmpty {
            return lengths.count <= 1 && lengths.allSatisfy(isLength)
        }
        return lengths.isEmpty && encodings.count == 1 && encodings[0].lowercased() == "chunked"
            && head.version == .http1_1
    }

    private static func isLength(_ text: String) -> Bool {
        (1...18).contains(text.utf8.count)
            && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}

/// A connection whose heads are checked before the framework converts them: its own types no longer tell that the
/// request target named another host.
struct CheckedChannel: ServerChildChannel {
    private let base: HTTP1Channel

    init(_ base: HTTP1Channel) { self.base = base }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let operations = channel.pipeline.syncOperations
            let decoder = try operations.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try operations.addHandler(RequestHeadCheck(), position: .after(decoder))
            return value
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}
