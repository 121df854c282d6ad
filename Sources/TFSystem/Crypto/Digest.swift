import COpenSSL

/// Digests of bytes.
package enum Digest {
    /// 32 bytes.
    package static func sha256(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        let input = Array(bytes)
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        _ = SHA256(input, input.count, &digest)
        return digest
    }

    /// HMAC-SHA-256 (RFC 2104), 32 bytes.
    package static func hmac(_ message: String, key: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        var length = UInt32(digest.count)
        _ = HMAC(EVP_sha256(), key, Int32(key.count), Array(message.utf8), message.utf8.count, &digest, &length)
        return digest
    }
}

extension Sequence<UInt8> {
    /// Two lower-case hexadecimal digits per byte.
    package var hexadecimal: String {
        map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
