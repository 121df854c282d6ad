import Foundation
import TFEngine
import TFStore
import TFSystem

/// Seals the companies' secrets with a key from a file in the data directory. Company and name are bound to each secret,
/// so that a row that is moved to another name or company does not open.
struct SecretBox: Sendable {
    enum Failure: Error, CustomStringConvertible {
        case notAKey(String)

        var description: String {
            switch self {
            case .notAKey(let path): "the key file \(path) is not 32 bytes long; restore it from a backup"
            }
        }
    }

    private let key: SealingKey

    /// Reads the key, or makes it if there is none.
    init(directory: String) throws {
        let folder = directory + "/keys"
        try PrivateFile.makeDirectory(folder)
        let path = folder + "/secrets.key"
        // Two processes that start at once must not make a key each, and seal with the one that is lost.
        let lock = try FileLock(folder + "/lock")
        defer { lock.release() }
        if !FileManager.default.fileExists(atPath: path) {
            try PrivateFile.write(Random.bytes(SealingKey.length), to: path)
        }
        try self.init(file: path)
    }

    /// Reads the key without making one.
    /// - Returns: nil if there is no key.
    init?(reading directory: String) throws {
        let path = directory + "/keys/secrets.key"
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        try self.init(file: path)
    }

    private init(file path: String) throws {
        guard let key = SealingKey(try PrivateFile.read(path)) else { throw Failure.notAKey(path) }
        self.key = key
    }

    var opener: SecretOpener { { company, name, sealed in open(sealed, company: company, name: name) } }

    /// Base64 of nonce, ciphertext and tag.
    func seal(_ value: String, company: CompanyID, name: String) -> String {
        key.seal(Array(value.utf8), for: Self.bound(company, name))
    }

    /// - Returns: nil if the secret was sealed with another key, or for another name or company.
    func open(_ text: String, company: CompanyID, name: String) -> String? {
        key.open(text, for: Self.bound(company, name)).flatMap { String(validating: $0, as: UTF8.self) }
    }

    private static func bound(_ company: CompanyID, _ name: String) -> String { "\(company)/\(name)" }
}
