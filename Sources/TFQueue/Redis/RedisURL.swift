/// The parts of an address behind its scheme, before anybody asked what they mean:
/// `[user:password@]host[:port][,host[:port]…][/path][?name=value&…]`.
struct RedisURL {
    /// What is wrong with a text.
    struct Problem: Error {
        let sentence: String

        init(_ sentence: String) { self.sentence = sentence }
    }

    let credentials: RedisAddress.Credentials?
    /// At least one; an IPv6 address has no brackets.
    let hosts: [(host: String, port: Int)]
    /// Without the slash before it.
    let path: String
    /// The values, decoded; none is empty.
    let query: [String: String]

    /// - Parameter port: of a host without one.
    init(_ text: Substring, port: Int) throws(Problem) {
        let whole = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let authority = whole[0].prefix { $0 != "/" }
        path = String(whole[0].dropFirst(authority.count + 1))
        let parts = authority.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw Problem("it has more than one @; write %40 for one in a password") }
        credentials = parts.count == 2 ? try Self.credentials(parts[0]) : nil
        var hosts: [(host: String, port: Int)] = []
        for host in parts[parts.count - 1].split(separator: ",", omittingEmptySubsequences: false) {
            hosts.append(try Self.host(host, port: port))
        }
        self.hosts = hosts
        query = whole.count == 2 ? try Self.query(whole[1]) : [:]
    }

    /// Makes sure that nothing else is asked for, and no database but 0.
    func expect(_ names: [String]) throws(Problem) {
        for name in query.keys.sorted() where !names.contains(name) {
            throw Problem("\"\(name)\" means nothing here; there is \(names.joined(separator: ", "))")
        }
        guard ["0", nil].contains(query["db"]) else { throw Problem("only database 0 is used") }
    }

    private static func credentials(_ text: Substring) throws(Problem) -> RedisAddress.Credentials? {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            guard text.isEmpty else { throw Problem("the user has no password; write user:password@") }
            return nil
        }
        return RedisAddress.Credentials(
            user: parts[0].isEmpty ? nil : decoded(parts[0]), password: decoded(parts[1]))
    }

    private static func host(_ text: Substring, port: Int) throws(Problem) -> (host: String, port: Int) {
        var host = text
        var digits: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw Problem("a [ has no ]") }
            host = text[text.index(after: text.startIndex)..<end]
            let behind = text[text.index(after: end)...]
            guard behind.isEmpty || behind.hasPrefix(":") else { throw Problem("behind ] comes :port") }
            if !behind.isEmpty { digits = behind.dropFirst() }
        } else {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            // Such as `redis://a,redis://b`.
            guard parts.count <= 2 else {
                throw Problem("\"\(text)\" is no host:port; write an IPv6 address in [ ]")
            }
            host = parts[0]
            if parts.count == 2 { digits = parts[1] }
        }
        guard !host.isEmpty else { throw Problem("a host is missing") }
        guard digits != "" else {
            throw Problem("the port of \(host) is missing; several addresses are separated by spaces")
        }
        guard let number = digits.map({ Int($0) }) ?? port, (1...65_535).contains(number) else {
            throw Problem("the port of \(host) is not from 1 to 65535")
        }
        return (String(host), number)
    }

    private static func query(_ text: Substring) throws(Problem) -> [String: String] {
        var values: [String: String] = [:]
        for pair in text.split(separator: "&", omittingEmptySubsequences: false) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
                throw Problem("\"\(parts[0])\" behind the ? has no value")
            }
            values[String(parts[0])] = decoded(parts[1])
        }
        return values
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

    /// A text that may hold passwords, without them: what stands before the last @, and behind the ?.
    static func redacted(_ text: String) -> String {
        let shown = text.firstIndex(of: "?").map { text[..<$0] + "?…" } ?? text[...]
        guard let at = shown.lastIndex(of: "@"), let slash = shown.firstIndex(of: "/"), slash < at else {
            return String(shown)
        }
        return "\(shown[..<slash])//…\(shown[at...])"
    }
}
