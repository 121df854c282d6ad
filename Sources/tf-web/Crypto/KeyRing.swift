import Foundation

/// The site's keys, in `<data>/keys`: one file a signing key, and the secret of the HMACs.
///
/// The newest signing key signs; all of them verify. Files that others can read are refused.
struct KeyRing: Sendable {
    let active: SigningKey
    /// By id.
    let all: [String: SigningKey]
    /// 32 bytes.
    let secret: [UInt8]

    /// Reads the keys, and makes those that are missing.
    init(directory: String) throws {
        let directory = directory + "/keys"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let names = try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(".pem") }
            .sorted()
        var keys = try names.map { name in try SigningKey(pem: Self.read(directory + "/" + name)) }
        if keys.isEmpty {
            let key = try SigningKey.generate()
            try Self.write(try key.pem(), to: directory + "/signing-1.pem")
            keys = [key]
        }
        active = keys[keys.count - 1]
        all = Dictionary(keys.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let path = directory + "/secret"
        if !FileManager.default.fileExists(atPath: path) { try Self.write(Random.bytes(32), to: path) }
        secret = try Self.read(path)
        guard secret.count == 32 else { throw KeyError.unreadable(path) }
    }

    /// An HMAC for one use, so that no value made for one can serve as another.
    func mac(_ message: String, for use: String) -> String {
        Base64URL.encode(MAC.hmac("\(use)\n\(message)", key: secret))
    }

    private static func read(_ path: String) throws -> [UInt8] {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0o777
        guard mode & 0o077 == 0 else { throw KeyError.readableByOthers(path) }
        guard let data = FileManager.default.contents(atPath: path) else { throw KeyError.unreadable(path) }
        return Array(data)
    }

    private static func write(_ bytes: [UInt8], to path: String) throws {
        let made = FileManager.default.createFile(
            atPath: path, contents: Data(bytes), attributes: [.posixPermissions: 0o600])
        guard made else { throw KeyError.unreadable(path) }
    }
}
