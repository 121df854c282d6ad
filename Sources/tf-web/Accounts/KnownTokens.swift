import Synchronization
import TFSystem

/// Access tokens whose signature was found right, by their digest, so that each is verified once. Whether a token has ended,
/// and whether its session is alive, is looked at each time.
final class KnownTokens: Sendable {
    private struct Known {
        /// Of the keys by which they were verified.
        var generation = 0
        var tokens: [[UInt8]: AccessToken] = [:]
    }

    /// More are forgotten together: who comes back is verified again.
    private static let limit = 10_000

    private let known = Mutex(Known())

    /// - Parameters:
    ///   - generation: of the keys, as it was before `verify` asks for one.
    ///   - verify: what an unknown token is; nil: none of ours.
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
