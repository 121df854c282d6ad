import COpenSSL
import Foundation

/// A key that seals bytes with AES-256-GCM. What is sealed opens only under the name that it was sealed for, so that a
/// row that is moved to another name does not open.
package struct SealingKey: Sendable {
    /// In bytes.
    package static let length = 32
    private static let nonceLength = 12
    private static let tagLength = 16

    private let bytes: [UInt8]

    /// - Returns: nil for bytes of another length.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.length else { return nil }
        self.bytes = bytes
    }

    /// - Parameter name: what is bound into it, and is not secret.
    /// - Returns: base64 of nonce, ciphertext and tag.
    package func seal(_ plain: [UInt8], for name: String) -> String {
        let nonce = Random.bytes(Self.nonceLength)
        var sealed = [UInt8](repeating: 0, count: plain.count + 1)
        var tag = [UInt8](repeating: 0, count: Self.tagLength)
        // In GCM the final call writes nothing, but it wants a buffer: one that is not the text.
        var rest = [UInt8](repeating: 0, count: Self.tagLength)
        let context = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(context) }
        var length: Int32 = 0
        let bound = Array(name.utf8)
        let isSealed =
            EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, bytes, nonce) == 1
            && EVP_EncryptUpdate(context, nil, &length, bound, Int32(bound.count)) == 1
            && EVP_EncryptUpdate(context, &sealed, &length, plain, Int32(plain.count)) == 1
            && EVP_EncryptFinal_ex(context, &rest, &length) == 1
            && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, Int32(Self.tagLength), &tag) == 1
        precondition(isSealed, "AES-GCM takes any bytes")
        return Data(nonce + sealed[..<plain.count] + tag).base64EncodedString()
    }

    /// A name's UUID of version 8 (RFC 9562): always the same, another with each key, and it tells nothing of either.
    package func uuid(of name: String) -> String {
        var uuid = Array(Digest.hmac(name, key: bytes).prefix(16))
        uuid[6] = uuid[6] & 0x0F | 0x80
        uuid[8] = uuid[8] & 0x3F | 0x80
        return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { uuid[$0].hexadecimal }.joined(separator: "-")
    }

    /// - Returns: nil if it was sealed with another key or for another name, or is damaged.
    package func open(_ text: String, for name: String) -> [UInt8]? {
        guard let data = Data(base64Encoded: text), data.count >= Self.nonceLength + Self.tagLength else { return nil }
        let nonce = Array(data.prefix(Self.nonceLength))
        let sealed = Array(data.dropFirst(Self.nonceLength).dropLast(Self.tagLength))
        var tag = Array(data.suffix(Self.tagLength))
        var plain = [UInt8](repeating: 0, count: sealed.count + 1)
        var rest = [UInt8](repeating: 0, count: Self.tagLength)
        let context = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(context) }
        var length: Int32 = 0
        let bound = Array(name.utf8)
        guard EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, bytes, nonce) == 1,
            EVP_DecryptUpdate(context, nil, &length, bound, Int32(bound.count)) == 1,
            EVP_DecryptUpdate(context, &plain, &length, sealed, Int32(sealed.count)) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, Int32(Self.tagLength), &tag) == 1,
            EVP_DecryptFinal_ex(context, &rest, &length) == 1
        else { return nil }
        return Array(plain[..<sealed.count])
    }
}
