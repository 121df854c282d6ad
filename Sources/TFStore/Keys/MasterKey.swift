import Foundation
import TFSystem

/// What is wrong with the master key, and what to do.
package enum MasterKeyError: Error, CustomStringConvertible {
    case notAKey(String)
    case missing(String)
    case another(String)

    package static let remedy = "give this host the file of the others (master.key.file, TF_MASTER_KEY_FILE)"

    package var problem: String {
        switch self {
        case .notAKey(let path): "the master key's file \(path) holds neither 32 bytes nor their base64"
        case .missing(let path):
            "the master key's file \(path) is not there, and the keys in the store are sealed with it"
        case .another(let path): "the keys in the store are sealed with another master key than that of \(path)"
        }
    }

    package var description: String { "\(problem); \(Self.remedy)" }
}

/// The key that seals the site's keys in the store, where hosts share no data directory. Every host is given its file.
package struct MasterKey: Sendable {
    private let key: SealingKey
    private let path: String

    /// Reads the file; makes it if it is missing and there is nothing that it would have to open.
    /// - Parameter sealed: what it has to open, by name.
    /// - Throws: `MasterKeyError`, or `FileFailure` for a file that others can read.
    package init(file path: String, for sealed: [String: String]) throws {
        if try !PrivateFile.isThere(path) {
            guard sealed.isEmpty else { throw MasterKeyError.missing(path) }
            try Self.make(path)
        }
        guard let key = Self.key(try PrivateFile.read(path)) else { throw MasterKeyError.notAKey(path) }
        (self.key, self.path) = (key, path)
        _ = try open(sealed)
    }

    package func seal(_ bytes: [UInt8], as name: String) -> String { key.seal(bytes, for: name) }

    /// Opens what was sealed, by name.
    /// - Throws: `MasterKeyError.another`.
    package func open(_ sealed: [String: String]) throws -> KeyHome.Keys {
        try sealed.reduce(into: [:]) { keys, entry in
            guard let bytes = key.open(entry.value, for: entry.key) else { throw MasterKeyError.another(path) }
            keys[entry.key] = bytes
        }
    }

    private static func make(_ path: String) throws {
        let directory = path.parentPath
        try PrivateFile.makeDirectory(directory)
        // Two programs of a host that start at once must not make one each.
        let lock = try FileLock(directory + "/lock")
        defer { lock.release() }
        if try !PrivateFile.isThere(path) { try PrivateFile.write(Random.bytes(SealingKey.length), to: path) }
    }

    private static func key(_ bytes: [UInt8]) -> SealingKey? {
        SealingKey(bytes)
            ?? Data(
                base64Encoded: String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            )
            .flatMap { SealingKey(Array($0)) }
    }
}
