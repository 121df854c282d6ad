import Synchronization
import TFSystem

/// A cache of verified access tokens by their digest, so that each signature is verified once. Expiry and session are
/// still checked for every request.
final class KnownTokens: Sendable {
    private struct Known {
        /// The generation of the keys that verified them.
        var generation = 0
        var tokens: [[UInt8]: AccessToken] = [:]
    }

    /// Maximum number of tokens; above it the whole cache is cleared.
    private static let limit = 10_000

    private let known = Mutex(Known())

    /// - Parameters:
    ///   - generation: the generation of the keys, read before `verify` asks for a key.
    ///   - verify: verifies a token that is not in the cache; returns nil if it is invalid.
    func token(_ text: String, generation: Int, verify: () -> AccessToken?) -> AccessToken? {
        let digest = Digest.sha256(text.utf8)
        let known = self.known.withLock { $0.generation == generation ? $0.tokens[digest] : nil }
        if let known { return known }
        guard let token = verify() else { return nil }
        self.known.withLock { known in
            if known.generation != generation || known.tokens.count >= Self.limit {
                known = Known(generation: generation)
            }
            known.tokens[digest] = token
        }
        return token
    }
}
