import TFExpression
import TFSystem

/// A signed token in its compact form (RFC 7515), read strictly.
struct JWS: Sendable {
    /// The longest token that is read; ours are shorter.
    static let longest = 8_192

    /// The members that a header may have; `alg` and `kid` are required.
    let header: JSONObject
    let payload: JSON

    /// Reads a token whose signature is valid.
    ///
    /// Its three parts are canonical base64url; its header has `alg`, `kid` and at most `typ` beside them, each once;
    /// the algorithm is the key's own, whatever the header says; the payload is one JSON object without repeated
    /// members.
    /// - Returns: nil if any of this does not hold.
    init?(_ token: String, key: (_ id: String) -> VerifyingKey?) {
        guard token.utf8.count <= Self.longest else { return nil }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let headerBytes = Base64URL.decode(parts[0]),
            let payloadBytes = Base64URL.decode(parts[1]), let signature = Base64URL.decode(parts[2]),
            let header = (try? JSON(parsing: headerBytes))?.objectValue,  // any failure: no token
            Set(header.keys).subtracting(["typ"]) == ["alg", "kid"], header["alg"] == "ES256",
            let key = header["kid"]?.stringValue.flatMap(key),
            key.isValid(signature, for: "\(parts[0]).\(parts[1])"),
            let payload = try? JSON(parsing: payloadBytes), payload.objectValue != nil  // any failure: no token
        else { return nil }
        self.header = header
        self.payload = payload
    }

    static func sign(_ payload: JSON, type: String, with key: SigningKey) throws -> String {
        let header: JSON = ["alg": "ES256", "kid": .string(key.id), "typ": .string(type)]
        let input = Base64URL.encode(header.bytes) + "." + Base64URL.encode(payload.bytes)
        return input + "." + Base64URL.encode(try key.sign(input))
    }
}
