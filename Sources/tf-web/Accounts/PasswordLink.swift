import TFStore
import TFSystem

/// A link for choosing a password. Its text is shown or mailed, but not stored.
struct PasswordLink: Sendable {
    let kind: PasswordLinkKind
    /// The whole link.
    let text: String
    /// The hash of its token, which the store keeps.
    let hash: String

    /// Makes a new link with a random token.
    init(_ kind: PasswordLinkKind, baseURL: String) {
        let token = Base64URL.encode(Random.bytes(32))
        self.kind = kind
        text = "\(baseURL)/\(kind.rawValue)/\(token)"
        hash = Self.hash(token)
    }

    static func hash(_ token: String) -> String { Base64URL.encode(Digest.sha256(token.utf8)) }
}

extension WriteSession {
    /// Stores a link for the account, and ends its earlier ones.
    func add(_ link: PasswordLink, for account: Account, now: Int64) throws {
        try addPasswordLink(link.kind, hash: link.hash, for: account, now: now)
    }
}
