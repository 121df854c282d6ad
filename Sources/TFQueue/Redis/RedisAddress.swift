/// Where Redis listens: a socket, a server on the network, or the primary that Redis Sentinel names.
///
/// `init(_:)` says how each is written.
public enum RedisAddress: Sendable, Hashable, CustomStringConvertible {
    case unix(path: String)
    case tcp(Server)
    case sentinel(Sentinels)

    /// A server on the network.
    public struct Server: Sendable, Hashable {
        /// A name or an address; an IPv6 address without its brackets.
        public let host: String
        /// The port; 6379 if the address has none.
        public let port: Int
        /// Who signs in; nil: nobody does.
        public let credentials: Credentials?
        /// How TLS is spoken; nil: the connection is not encrypted.
        public let tls: TLS?

        /// `host:port`, with brackets around an IPv6 address.
        var place: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }
    }

    /// Who signs in.
    public struct Credentials: Sendable, Hashable {
        /// nil: Redis' default user.
        public let user: String?
        /// In the clear.
        public let password: String
    }

    /// How the server's certificate is checked.
    public struct TLS: Sendable, Hashable {
        /// PEM file of the authorities that are trusted; nil: those of the system.
        public let authorities: String?
    }

    /// The bytes that the path of a socket has at most. The kernel takes four more, SwiftNIO does not.
    public static let longestSocketPath = 103

    /// The address without passwords.
    public var description: String {
        switch self {
        case .unix(let path): "redis+unix://\(path)"
        case .tcp(let server): "\(server.tls == nil ? "redis" : "rediss")://\(server.place)"
        case .sentinel(let sentinels): sentinels.description
        }
    }

    /// By what the server is known among others: `host:port`, the socket's path, or the name that its sentinels know it
    /// by. It stays the same when a password or the list of sentinels changes, and when another server becomes the
    /// primary.
    public var name: String {
        switch self {
        case .unix(let path): path
        case .tcp(let server): server.place
        case .sentinel(let sentinels): sentinels.name
        }
    }

    /// Whether anybody on the network could read and write the queues: neither a password nor TLS protects them.
    public var isOpenToTheNetwork: Bool {
        switch self {
        case .unix: false
        case .tcp(let server): server.credentials == nil && server.tls == nil && !Self.isLoopback(server.host)
        case .sentinel(let sentinels):
            sentinels.credentials == nil && sentinels.tls == nil
                && !sentinels.sentinels.allSatisfy { Self.isLoopback($0.host) }
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        ["localhost", "::1"].contains(host) || host.hasPrefix("127.")
    }
}
