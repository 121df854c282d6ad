import TFEngine
import TFExpression
import TFSystem

/// An API key as a program sends it: `tfk_<id>_<secret>`, in hexadecimal digits.
struct APIKeyText: Sendable {
    let id: APIKeyID
    /// The hash of the whole key; the key itself is not stored.
    let hash: String

    /// nil if the text does not have the form of a key.
    init?(_ text: String) {
        // Most texts are tokens of sessions, which are longer: they are not split for nothing.
        guard text.utf8.count == 73 else { return nil }
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "tfk", parts[1].utf8.count == 20 else { return nil }
        id = APIKeyID(String(parts[1]))
        hash = Base64URL.encode(Digest.sha256(text.utf8))
    }

    /// A new key, to be shown once.
    static func make() -> String { "tfk_\(Random.bytes(10).hexadecimal)_\(Random.bytes(24).hexadecimal)" }
}
