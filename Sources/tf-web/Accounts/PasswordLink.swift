import TFStore
import TFSystem

/// A link by which somebody chooses a password. The text is shown or mailed, and kept nowhere.
struct PasswordLink: Sendable {
    let kind: PasswordLinkKind
    /// The whole link.
    let text: String
    /// What the store keeps of its token.
    let hash: String

    /// A link that nobody has yet.
    init(_ kind: PasswordLinkKind, baseURL: String) {
        let token = Base64URL.encode(Random.bytes(32))
        self.kind = kind
        text = "\(baseURL)/\(kind.rawValue)/\(token)"
        hash = Self.hash(token)
    }

    static func hash(_ token: String) -> String { Base64URL.encode(Digest.sha256(token.utf8)) }
}

extension WriteSession {
    /// Makes a link the account's only one.
    func add(_ link: PasswordLink, for account: Account, now: Int64) throws {
        try addPasswordLink(link.kind, hash: link.hash, for: account, now: now)
    }
}
