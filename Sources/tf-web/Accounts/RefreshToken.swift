import TFSystem

/// The secret by which a session goes on: `<session>.<value>`, used once and replaced by its successor.
///
/// The value ends in a tag, an HMAC that only this site can write. So a token that this site never made is told from one
/// that it made and that was used before, with nothing kept of all the earlier ones. That matters: an earlier token that
/// comes again ends the session, and the session's id stands in every access token for others to read.
struct RefreshToken: Sendable, Hashable {
    private static let secretBytes = 32
    private static let tagBytes = 16

    let session: String
    /// As the client sends it.
    let text: String

    /// Reads a token that this site made.
    /// - Returns: nil for any other text.
    init?(_ text: String, keys: KeyRing) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= 200, parts.count == 2, let value = Base64URL.decode(parts[1]),
            value.count == Self.secretBytes + Self.tagBytes
        else { return nil }
        let token = RefreshToken(session: String(parts[0]), secret: Array(value.prefix(Self.secretBytes)), keys: keys)
        guard ConstantTime.areEqual(token.text, text) else { return nil }
        self = token
    }

    /// The first token of a session.
    init(session: String, keys: KeyRing) {
        self.init(session: session, secret: Random.bytes(Self.secretBytes), keys: keys)
    }

    private init(session: String, secret: [UInt8], keys: KeyRing) {
        let tag = keys.rawMAC("\(session).\(Base64URL.encode(secret))", for: "refresh tag").prefix(Self.tagBytes)
        self.session = session
        text = "\(session).\(Base64URL.encode(secret + tag))"
    }

    /// The token that takes this one's place: an HMAC of it, so that nothing is kept in clear and requests in parallel
    /// get the same.
    func successor(keys: KeyRing) -> RefreshToken {
        RefreshToken(session: session, secret: keys.rawMAC(text, for: "refresh"), keys: keys)
    }

    /// What the store keeps of it.
    var hash: String { Base64URL.encode(Digest.sha256(text.utf8)) }
}
