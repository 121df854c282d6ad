import COpenSSL

/// Bytes that nobody can guess.
enum Random {
    static func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard RAND_bytes(&bytes, Int32(count)) == 1 else { preconditionFailure("the system gives no random bytes") }
        return bytes
    }

    /// A token of 128 bits as base64url.
    static func token() -> String { Base64URL.encode(bytes(16)) }
}

/// HMAC-SHA-256 and a comparison whose time tells nothing.
enum MAC {
    static func hmac(_ message: String, key: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 32
        _ = HMAC(EVP_sha256(), key, Int32(key.count), Array(message.utf8), message.utf8.count, &digest, &length)
        return digest
    }

    static func areEqual(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        return left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }
}
