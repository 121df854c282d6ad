import Foundation
import TFQueue

/// The checks of addresses.
extension Settings {
    /// The servers of `redis.url`.
    static func redis(_ text: String) throws -> [RedisAddress] {
        do {
            let addresses = try RedisAddress.list(text)
            if let open = addresses.first(where: \.isOpenToTheNetwork) {
                throw QueueError.openToTheNetwork(address: open.description)
            }
            return addresses
        } catch {
            throw refusal(.redisURL, "cannot be used: \(error)")
        }
    }

    static func address(_ text: String, _ key: SettingKey) throws -> (host: String, port: Int) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65_535).contains(port), colon > text.startIndex
        else { throw refusal(key, "cannot be \"\(text)\"; write host:port, such as 127.0.0.1:8080") }
        return (text[..<colon].filter { $0 != "[" && $0 != "]" }, port)
    }

    /// Refuses two settings of one address: the second could not listen on it.
    static func refuseSame(_ addresses: [(key: SettingKey, place: (host: String, port: Int)?)]) throws {
        for (number, first) in addresses.enumerated() {
            for second in addresses[(number + 1)...] where isSame(first.place, second.place) {
                throw refusal(
                    second.key, "is the address of \(first.key.rawValue) too; choose another port, or leave it off")
            }
        }
    }

    private static func isSame(_ first: (host: String, port: Int)?, _ second: (host: String, port: Int)?) -> Bool {
        guard let first, let second, first.port == second.port else { return false }
        let everywhere = ["0.0.0.0", "::"]
        let here = ["localhost", "127.0.0.1"]
        return first.host == second.host || everywhere.contains(first.host) || everywhere.contains(second.host)
            || here.contains(first.host) && here.contains(second.host)
    }

    static func baseURL(_ text: String, allowsInsecureHTTP: Bool) throws -> String {
        let trimmed = text.hasSuffix("/") ? String(text.dropLast()) : text
        guard let components = URLComponents(string: trimmed), let host = components.host, !host.isEmpty,
            components.path.isEmpty, components.query == nil,
            components.scheme == "https" || components.scheme == "http"
        else { throw refusal(.baseURL, "cannot be \"\(text)\"; write https://name without a path") }
        let isLoopback = ["localhost", "127.0.0.1", "[::1]", "::1"].contains(host)
        guard components.scheme == "https" || isLoopback || allowsInsecureHTTP else {
            throw refusal(
                .baseURL,
                "is plain http on \(host): passwords would cross the network readable; use https, or "
                    + "--insecure-http if the whole network is trusted")
        }
        return trimmed
    }
}
