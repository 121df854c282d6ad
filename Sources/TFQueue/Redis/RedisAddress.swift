/// Where Redis listens: `redis://[user:password@]host[:port]`, `rediss://…` over TLS, or
/// `redis+unix:///path/to/socket`.
///
/// `rediss://…?ca=/path.pem` trusts the certificates of that file alone, for a server whose certificate no public
/// authority signed. Credentials may be percent-encoded.
public enum RedisAddress: Sendable, Hashable, CustomStringConvertible {
    case unix(path: String)
    case tcp(Server)

    /// A server on the network.
    public struct Server: Sendable, Hashable {
        /// A name or an address; an IPv6 address without its brackets.
        public let host: String
        /// The port; 6379 if the address has none.
        public let port: Int
        /// The user to sign in as; nil: Redis' default user.
        public let user: String?
        /// The password; nil: none is sent.
        public let password: String?
        /// How TLS is spoken; nil: the connection is not encrypted.
        public let tls: TLS?
    }

    /// How the server's certificate is checked.
    public struct TLS: Sendable, Hashable {
        /// PEM file of the authorities that are trusted; nil: those of the system.
        public let authorities: String?
    }

    /// Reads an address.
    /// - Throws: `QueueError.badAddress`.
    public init(_ text: String) throws(QueueError) {
        if text.hasPrefix("redis+unix://"), text.count > "redis+unix:///".count {
            self = .unix(path: String(text.dropFirst("redis+unix://".count)))
            return
        }
        let isSecure = text.hasPrefix("rediss://")
        guard isSecure || text.hasPrefix("redis://"), let server = Self.server(text, isSecure: isSecure) else {
            throw .badAddress(Self.redacted(text))
        }
        self = .tcp(server)
    }

    /// The address without its password.
    public var description: String {
        switch self {
        case .unix(let path): "redis+unix://\(path)"
        case .tcp(let server):
            "\(server.tls == nil ? "redis" : "rediss")://"
                + (server.host.contains(":") ? "[\(server.host)]" : server.host) + ":\(server.port)"
        }
    }

    /// Whether anybody on the network could read and write the queues: neither a password nor TLS protects them.
    public var isOpenToTheNetwork: Bool {
        guard case .tcp(let server) = self, server.password == nil, server.tls == nil else { return false }
        return !["localhost", "::1"].contains(server.host) && !server.host.hasPrefix("127.")
    }

    private static func server(_ text: String, isSecure: Bool) -> Server? {
        let rest = text.dropFirst(isSecure ? "rediss://".count : "redis://".count)
        let whole = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let authority = whole[0].prefix { $0 != "/" }
        // A path names a database; only database 0 is supported.
        guard ["", "/", "/0"].contains(whole[0].dropFirst(authority.count)) else { return nil }
        let parts = authority.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count <= 2, let (host, port) = hostAndPort(parts[parts.count - 1]) else { return nil }
        let credentials =
            parts.count == 2 ? parts[0].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false) : []
        var authorities: String?
        if whole.count == 2 {
            guard isSecure, whole[1].hasPrefix("ca="), whole[1].count > 3 else { return nil }
            authorities = String(whole[1].dropFirst(3))
        }
        return Server(
            host: host, port: port, user: credentials.first.flatMap { $0.isEmpty ? nil : decoded($0) },
            password: credentials.count == 2 ? decoded(credentials[1]) : nil,
            tls: isSecure ? TLS(authorities: authorities) : nil)
    }

    private static func hostAndPort(_ text: Substring) -> (String, Int)? {
        var host = text
        var port: Substring = "6379"
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            let behind = text[text.index(after: end)...]
            guard behind.isEmpty || behind.hasPrefix(":") else { return nil }
            if !behind.isEmpty { port = behind.dropFirst() }
        } else {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2 else { return nil }
            host = parts[0]
            if parts.count == 2 { port = parts[1] }
        }
        guard !host.isEmpty, let number = Int(port), (1...65_535).contains(number) else { return nil }
        return (String(host), number)
    }

    /// Undoes percent-encoding; text that is not valid percent-encoding stays as it is.
    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard byte == UInt8(ascii: "%"), digits.count == 2, let value = UInt8(digits, radix: 16) else {
                bytes.append(byte)
                continue
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func redacted(_ text: String) -> String {
        guard let at = text.lastIndex(of: "@"), let slash = text.firstIndex(of: "/"), slash < at else { return text }
        return "\(text[..<slash])//…\(text[at...])"
    }
}
