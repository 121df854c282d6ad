import Foundation
import TFSystem

/// The site's keys while a record is moved. Beside SQLite's file they are files, on PostgreSQL rows that the master key seals;
/// both sides give and take them open here, in base64, so that the proof of a move holds for what they are.
struct MovedKeys {
    static let table = StoreTable.siteKey.rawValue
    /// The directory while it is filled; its files get their names when the record is whole.
    private static let unfinished = "keys.moving"

    private let data: String
    private let files: KeyFiles

    /// - Parameter isUnfinished: whether they are those that wait for their names.
    init(_ data: String, isUnfinished: Bool) {
        self.data = data
        files = KeyFiles(isUnfinished ? "\(data)/\(Self.unfinished)" : data)
    }

    static func rows(_ keys: KeyHome.Keys, _ row: ([SQLValue]) throws -> Void) throws {
        for (name, bytes) in keys.sorted(by: { $0.key < $1.key }) {
            try row([.text(name), .text(Data(bytes).base64EncodedString())])
        }
    }

    static func key(_ row: [SQLValue]) throws -> (name: String, bytes: [UInt8]) {
        guard case .text(let name) = row[0], case .text(let text) = row[1], let bytes = Data(base64Encoded: text),
            KeyHome.isKey(name) || name == KeyHome.metricsToken, !name.contains("/")
        else { throw UnfitValue(reason: "it is no key") }
        return (name, Array(bytes))
    }

    func read() throws -> KeyHome.Keys {
        var keys = try files.read()
        keys[KeyHome.metricsToken] = try files.key(KeyHome.metricsToken)
        return keys
    }

    func add(_ give: ((([SQLValue]) throws -> Void)) throws -> Void) throws {
        try PrivateFile.makeDirectory(files.directory)
        try give { row in
            let (name, bytes) = try Self.key(row)
            try PrivateFile.write(bytes, to: files.path(of: name))
        }
    }

    /// Removes what waits for its name.
    static func clean(_ data: String) throws(FileFailure) { try PrivateFile.removeAll("\(data)/\(unfinished)") }

    /// Gives the keys that wait their names.
    func finish() throws(FileFailure) {
        guard try PrivateFile.isThere(files.directory) else { return }
        let target = KeyFiles(data)
        try PrivateFile.makeDirectory(target.directory)
        for name in try PrivateFile.names(in: files.directory) + [KeyHome.metricsToken] {
            CrashPoint.reach(.rename)
            guard rename(files.path(of: name), target.path(of: name)) == 0 || errno == ENOENT else {
                throw .refused(step: "save", path: target.path(of: name), errno: errno)
            }
            CrashPoint.reach(.renamed)
        }
        try OpenDirectory(target.directory)?.sync()
        try Self.clean(data)
    }

    /// - Throws: `MoveError.notEmpty` if one of these keys would take the place of another.
    static func check(_ data: String, mayTake keys: KeyHome.Keys) throws {
        let target = MovedKeys(data, isUnfinished: false)
        for (name, bytes) in try target.read().sorted(by: { $0.key < $1.key })
        where keys[name] != nil && keys[name] != bytes {
            throw MoveError.notEmpty(
                target.files.path(of: name),
                remedy:
                    "it is another key than the one to be moved; move the old keys away, but for the master key's file")
        }
    }
}
