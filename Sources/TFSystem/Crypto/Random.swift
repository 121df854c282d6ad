import COpenSSL

/// Cryptographically random bytes, and the ids and tokens made of them.
package enum Random {
    package static func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard RAND_bytes(&bytes, Int32(count)) == 1 else { preconditionFailure("the system gives no random bytes") }
        return bytes
    }

    /// 128 bits as base64url, for tokens and for ids that go into addresses.
    package static func token() -> String { Base64URL.encode(bytes(16)) }

    /// 128 bits in hexadecimal digits, for file names and for ids that must not begin with a dash.
    package static func name() -> String { bytes(16).hexadecimal }
}
