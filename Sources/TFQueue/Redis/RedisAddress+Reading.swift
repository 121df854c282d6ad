/// How addresses are written.
extension RedisAddress {
    /// Reads an address:
    ///
    ///     redis://[user:password@]host[:6379]           rediss://…[?ca=FILE] over TLS
    ///     redis+unix:///path/to/socket
    ///     redis+sentinel://[user:password@]host[:26379][,host[:26379]…]/NAME[?sentinel_user=…&sentinel_password=…]
    ///     rediss+sentinel://…[?ca=FILE] over TLS, to the sentinels and to the servers
    ///
    /// `ca` trusts the certificates of that file alone, for a server whose certificate no public authority signed. User
    /// and password are those of the servers; sentinels have their own. All of them may be percent-encoded. `/0` and
    /// `db=0` may be written: the queues are always in database 0, where programs look for them.
    /// - Throws: `QueueError.badAddress`.
    public init(_ text: String) throws(QueueError) {
        do throws(RedisURL.Problem) {
            self = try Self.read(text)
        } catch {
            throw .badAddress(RedisURL.redacted(text), reason: error.sentence)
        }
    }

    /// Reads the addresses of several servers, separated by white space: commas separate the sentinels of one.
    /// - Returns: at least one; no two have the same name.
    /// - Throws: `QueueError.badAddress`.
    public static func list(_ text: String) throws(QueueError) -> [RedisAddress] {
        var addresses: [RedisAddress] = []
        let texts = text.split(whereSeparator: \.isWhitespace).map(String.init)
        guard !texts.isEmpty else { throw .badAddress(text, reason: "it is empty") }
        for text in texts {
            let address = try RedisAddress(text)
            guard !addresses.contains(where: { $0.name == address.name }) else {
                throw .badAddress(
                    RedisURL.redacted(text), reason: "another server of the list is called \(address.name) too")
            }
            addresses.append(address)
        }
        return addresses
    }

    private static func read(_ text: String) throws(RedisURL.Problem) -> RedisAddress {
        let path = "redis+unix://"
        if text.hasPrefix(path) {
            guard text.hasPrefix(path + "/"), text.count > path.count + 1 else { throw .init("the path is missing") }
            let socket = String(text.dropFirst(path.count))
            guard socket.utf8.count <= longestSocketPath else {
                throw .init("the path of a socket has \(longestSocketPath) bytes at most")
            }
            return .unix(path: socket)
        }
        for (scheme, isSecure) in [("redis://", false), ("rediss://", true)] where text.hasPrefix(scheme) {
            return .tcp(try server(try RedisURL(text.dropFirst(scheme.count), port: 6_379), isSecure: isSecure))
        }
        for (scheme, isSecure) in [("redis+sentinel://", false), ("rediss+sentinel://", true)]
        where text.hasPrefix(scheme) {
            let url = try RedisURL(text.dropFirst(scheme.count), port: 26_379)
            return .sentinel(try sentinels(url, isSecure: isSecure))
        }
        throw .init(
            "it begins with none of redis://, rediss://, redis+unix:///, redis+sentinel:// or rediss+sentinel://")
    }

    private static func server(_ url: RedisURL, isSecure: Bool) throws(RedisURL.Problem) -> Server {
        guard url.hosts.count == 1 else {
            throw .init("it names \(url.hosts.count) servers; separate addresses with spaces")
        }
        guard ["", "0"].contains(url.path) else { throw .init("only database 0 is used") }
        try url.expect(["db"] + (isSecure ? ["ca"] : []))
        return Server(
            host: url.hosts[0].host, port: url.hosts[0].port, credentials: url.credentials,
            tls: isSecure ? TLS(authorities: url.query["ca"]) : nil)
    }

    private static func sentinels(_ url: RedisURL, isSecure: Bool) throws(RedisURL.Problem) -> Sentinels {
        // Sentinel's own rule for names.
        let isName = url.path.utf8.allSatisfy { byte in
            byte < 0x80 && (Character(Unicode.Scalar(byte)).isLetter || Character(Unicode.Scalar(byte)).isNumber)
                || ".-_".utf8.contains(byte)
        }
        guard !url.path.isEmpty, isName else {
            throw .init("the name of the primary has to follow the sentinels: …/NAME, of letters, digits and .-_")
        }
        try url.expect(["db", "sentinel_user", "sentinel_password"] + (isSecure ? ["ca"] : []))
        let password = url.query["sentinel_password"]
        guard password != nil || url.query["sentinel_user"] == nil else {
            throw .init("sentinel_user has no sentinel_password")
        }
        let credentials = password.map { Credentials(user: url.query["sentinel_user"], password: $0) }
        let tls = isSecure ? TLS(authorities: url.query["ca"]) : nil
        return Sentinels(
            name: url.path,
            sentinels: url.hosts.map { Server(host: $0.host, port: $0.port, credentials: credentials, tls: tls) },
            credentials: url.credentials, tls: tls)
    }
}
