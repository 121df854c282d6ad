import Synchronization
import TFEngine

/// Access tokens of other servers that have not expired, in memory only.
final class TokenCache: Sendable {
    private static let limit = 200
    /// A token with fewer seconds left is not used: it might expire while the request is under way.
    private static let margin: Int64 = 30

    private let tokens = Mutex<[Credentials.ClientCredentials: (token: String, until: Int64)]>([:])

    /// - Parameter now: seconds since 1970.
    func token(for client: Credentials.ClientCredentials, now: Int64) -> String? {
        tokens.withLock { tokens in
            guard let known = tokens[client], known.until - Self.margin > now else { return nil }
            return known.token
        }
    }

    func keep(_ token: String, for client: Credentials.ClientCredentials, until: Int64) {
        tokens.withLock { tokens in
            if tokens.count >= Self.limit { tokens.removeAll() }
            tokens[client] = (token, until)
        }
    }
}
