/// Where Redis listens: `redis://[user:password@]host:port`, or `redis+unix:///path/to/socket`.
public enum RedisAddress: Sendable, Hashable, CustomStringConvertible {
    case unix(path: String)
    case tcp(host: String, port: Int, user: String?, password: String?)

    /// Reads an address.
    /// - Throws: `QueueError.badAddress`.
    public init(_ text: String) throws(QueueError) {
        if text.hasPrefix("redis+unix://"), text.count > "redis+unix:///".count {
            self = .unix(path: String(text.dropFirst("redis+unix://".count)))
            return
        }
        guard text.hasPrefix("redis://") else { throw .badAddress(Self.redacted(text)) }
        let authority = text.dropFirst("redis://".count).prefix { $0 != "/" && $0 != "?" }
        let parts = authority.split(separator: "@", omittingEmptySubsequences: false)
        let host = parts.last?.split(separator: ":", omittingEmptySubsequences: false) ?? []
        guard parts.count <= 2, let name = host.first, !name.isEmpty, host.count <= 2,
            let port = host.count == 2 ? Int(host[1]) : 6379, (1...65_535).contains(port)
        else { throw .badAddress(Self.redacted(text)) }
        let credentials =
            parts.count == 2 ? parts[0].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false) : []
        self = .tcp(
            host: String(name), port: port, user: credentials.first.flatMap { $0.isEmpty ? nil : String($0) },
            password: credentials.count == 2 ? String(credentials[1]) : nil)
    }

    /// Without the password.
    public var description: String {
        switch self {
        case .unix(let path): "redis+unix://\(path)"
        case .tcp(let host, let port, _, _): "redis://\(host):\(port)"
        }
    }

    /// Anybody on the network could read and write the queues.
    public var isOpenToTheNetwork: Bool {
        guard case .tcp(let host, _, _, let password) = self else { return false }
        return password == nil && !["localhost", "::1"].contains(host) && !host.hasPrefix("127.")
    }

    private static func redacted(_ text: String) -> String {
        guard let at = text.lastIndex(of: "@"), let slash = text.firstIndex(of: "/"), slash < at else { return text }
        return "\(text[..<slash])//…\(text[at...])"
    }
}
