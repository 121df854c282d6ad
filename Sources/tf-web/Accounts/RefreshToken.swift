import TFEngine
import TFSystem

/// The secret that continues a session: `<session>.<value>`, used once and replaced by its successor.
///
/// The value ends in an HMAC that only this site can make. So a forged token can be told from one that was used before
/// without storing the earlier ones. This matters because a used token that comes again ends the session, and the
/// session's id can be read in every access token.
struct RefreshToken: Sendable, Hashable {
    private static let secretBytes = 32
    private static let tagBytes = 16

    let session: SessionID
    /// The token as the client sends it.
    let text: String

    /// Reads a token that this site made.
    /// - Returns: nil for any other text.
    init?(_ text: String, keys: KeyRing) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= 200, parts.count == 2, let value = Base64URL.decode(parts[1]),
            value.count == Self.secretBytes + Self.tagBytes
        else { return nil }
        let token = RefreshToken(
            session: SessionID(String(parts[0])), secret: Array(value.prefix(Self.secretBytes)), keys: keys)
        guard ConstantTime.areEqual(token.text, text) else { return nil }
        self = token
    }

    /// The first token of a session.
    init(session: SessionID, keys: KeyRing) {
        self.init(session: session, secret: Random.bytes(Self.secretBytes), keys: keys)
    }

    private init(session: SessionID, secret: [UInt8], keys: KeyRing) {
        let tag = keys.rawMAC("\(session).\(Base64URL.encode(secret))", for: "refresh tag").prefix(Self.tagBytes)
        self.session = session
        text = "\(session).\(Base64URL.encode(secret + tag))"
    }

    /// The token that replaces this one: an HMAC of it, so that nothing is stored in clear text and parallel requests
    /// get the same successor.
    func successor(keys: KeyRing) -> RefreshToken {
        RefreshToken(session: session, secret: keys.rawMAC(text, for: "refresh"), keys: keys)
    }

    /// The hash that the store keeps.
    var hash: String { Base64URL.encode(Digest.sha256(text.utf8)) }
}
