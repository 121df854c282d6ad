import COpenSSL
import Foundation
import TFEngine
import TFStore
import TFSystem

/// Seals the companies' secrets with a key from a file in the data directory. AES-256-GCM binds company and name to
/// each secret, so that a row that is moved to another name or company does not open.
struct SecretBox: Sendable {
    enum Failure: Error, CustomStringConvertible {
        case notAKey(String)

        var description: String {
            switch self {
            case .notAKey(let path): "the key file \(path) is not 32 bytes long; restore it from a backup"
            }
        }
    }

    private static let keyLength = 32
    private static let nonceLength = 12
    private static let tagLength = 16

    private let key: [UInt8]

    /// Reads the key, or makes it if there is none.
    init(directory: String) throws {
        let folder = directory + "/keys"
        try PrivateFile.makeDirectory(folder)
        let path = folder + "/secrets.key"
        // Two processes that start at once must not make a key each, and seal with the one that is lost.
        let lock = try FileLock(folder + "/lock")
        defer { lock.release() }
        if !FileManager.default.fileExists(atPath: path) {
            try PrivateFile.write(Random.bytes(Self.keyLength), to: path)
        }
        key = try PrivateFile.read(path)
        guard key.count == Self.keyLength else { throw Failure.notAKey(path) }
    }

    /// Reads the key without making one.
    /// - Returns: nil if there is no key.
    init?(reading directory: String) throws {
        let path = directory + "/keys/secrets.key"
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        key = try PrivateFile.read(path)
        guard key.count == Self.keyLength else { throw Failure.notAKey(path) }
    }

    var opener: SecretOpener { { company, name, sealed in open(sealed, company: company, name: name) } }

    /// Base64 of nonce, ciphertext and tag.
    func seal(_ value: String, company: CompanyID, name: String) -> String {
        let nonce = Random.bytes(Self.nonceLength)
        let plain = Array(value.utf8)
        var sealed = [UInt8](repeating: 0, count: plain.count + 1)
        var tag = [UInt8](repeating: 0, count: Self.tagLength)
        // In GCM the final call writes nothing, but it wants a buffer: one that is not the text.
        var rest = [UInt8](repeating: 0, count: Self.tagLength)
        let context = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(context) }
        var length: Int32 = 0
        let bound = Self.bound(company, name)
        let isSealed =
            EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1
            && EVP_EncryptUpdate(context, nil, &length, bound, Int32(bound.count)) == 1
            && EVP_EncryptUpdate(context, &sealed, &length, plain, Int32(plain.count)) == 1
            && EVP_EncryptFinal_ex(context, &rest, &length) == 1
            && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, Int32(Self.tagLength), &tag) == 1
        precondition(isSealed, "AES-GCM takes any text")
        return Data(nonce + sealed[..<plain.count] + tag).base64EncodedString()
    }

    /// - Returns: nil if the secret was sealed with another key, or for another name or company.
    func open(_ text: String, company: CompanyID, name: String) -> String? {
        guard let data = Data(base64Encoded: text), data.count >= Self.nonceLength + Self.tagLength else { return nil }
        let bytes = Array(data)
        let nonce = Array(bytes.prefix(Self.nonceLength))
        let sealed = Array(bytes.dropFirst(Self.nonceLength).dropLast(Self.tagLength))
        var tag = Array(bytes.suffix(Self.tagLength))
        var plain = [UInt8](repeating: 0, count: sealed.count + 1)
        var rest = [UInt8](repeating: 0, count: Self.tagLength)
        let context = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(context) }
        var length: Int32 = 0
        let bound = Self.bound(company, name)
        guard EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
            EVP_DecryptUpdate(context, nil, &length, bound, Int32(bound.count)) == 1,
            EVP_DecryptUpdate(context, &plain, &length, sealed, Int32(sealed.count)) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, Int32(Self.tagLength), &tag) == 1,
            EVP_DecryptFinal_ex(context, &rest, &length) == 1
        else { return nil }
        return String(validating: plain[..<sealed.count], as: UTF8.self)
    }

    private static func bound(_ company: CompanyID, _ name: String) -> [UInt8] { Array("\(company)/\(name)".utf8) }
}
