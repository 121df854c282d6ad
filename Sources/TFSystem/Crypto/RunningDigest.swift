import COpenSSL

/// A SHA-256 of bytes that come piece by piece.
package final class RunningDigest {
    private let context = EVP_MD_CTX_new()

    package init() { EVP_DigestInit_ex(context, EVP_sha256(), nil) }

    deinit { EVP_MD_CTX_free(context) }

    package func add(_ bytes: [UInt8]) { EVP_DigestUpdate(context, bytes, bytes.count) }

    /// Of all bytes so far, which end with this call.
    /// - Returns: 64 lower-case hexadecimal digits.
    package func end() -> String {
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        EVP_DigestFinal_ex(context, &digest, nil)
        return digest.hexadecimal
    }
}
