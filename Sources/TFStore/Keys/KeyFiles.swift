import Foundation
import TFSystem

/// The site's keys as files that only their owner can read: in `<data>/keys`, and the metrics' token beside it.
struct KeyFiles: Sendable {
    private static let lock = "lock"

    private let data: String

    /// - Parameter data: the data directory.
    init(_ data: String) { self.data = data }

    var directory: String { data + "/keys" }

    func path(of name: String) -> String {
        name == KeyHome.metricsToken ? "\(data)/\(name)" : "\(directory)/\(name)"
    }

    /// The metrics' token, also if others can read it, which `tf-daemon doctor` tells.
    var metricsToken: [UInt8]? {
        FileManager.default.contents(atPath: path(of: KeyHome.metricsToken)).map { Array($0) }
    }

    /// - Returns: nil if there is none of that name.
    /// - Throws: `FileFailure`, also for a file that others can read.
    func key(_ name: String) throws(FileFailure) -> [UInt8]? {
        let path = path(of: name)
        return try PrivateFile.isThere(path) ? try PrivateFile.read(path) : nil
    }

    /// All keys but the metrics' token, which nothing else depends on.
    func read() throws(FileFailure) -> KeyHome.Keys {
        guard try PrivateFile.isThere(directory) else { return [:] }
        var keys: KeyHome.Keys = [:]
        // What else somebody keeps there is not ours.
        for name in try PrivateFile.names(in: directory) where KeyHome.isKey(name) { keys[name] = try key(name) }
        return keys
    }

    /// Keeps other processes from changing keys meanwhile.
    func locked<Value>(_ body: () throws -> Value) throws -> Value {
        try PrivateFile.makeDirectory(directory)
        let lock = try FileLock("\(directory)/\(Self.lock)")
        defer { lock.release() }
        return try body()
    }

    /// Writes what is another than before, and removes what is gone.
    func write(_ keys: KeyHome.Keys, before: KeyHome.Keys) throws(FileFailure) {
        // What names other keys is written after them, and they go after it. The secret comes first (`KeyHome.isBegun`).
        let (first, last) = (KeyHome.secret, KeyHome.states)
        let names = [first] + keys.keys.filter { $0 != first && $0 != last } + [last]
        for name in names where keys[name] != before[name] {
            if let bytes = keys[name] { try PrivateFile.write(bytes, to: path(of: name)) }
        }
        for name in before.keys where keys[name] == nil { try remove(name) }
    }

    func remove(_ name: String) throws(FileFailure) { try PrivateFile.remove(path(of: name)) }
}
