import Foundation
import TFConfiguration
import TFExpression
import TFSystem

/// The backups in a directory, each in a directory of its own that is named by the moment at which it was made. The
/// newest is the one to restore.
struct BackupGenerations {
    /// What an unfinished one is called until it is whole.
    private static let unfinished = ".unfinished-"
    private static let lockName = ".lock"

    let directory: String

    /// Names that `tf-daemon backup` gives: `20261127T043012.123Z`.
    static func name(at moment: Int64) -> String { Moment.stamp(moment) }

    private static func isName(_ name: String) -> Bool {
        name.wholeMatch(of: /[0-9]{8}T[0-9]{6}\.[0-9]{3}Z/) != nil
    }

    /// The paths of the backups, the oldest first by the moments in their manifests: a name may be somebody else's, and
    /// says less. One whose manifest cannot be read comes before all others.
    func paths() throws(FileFailure) -> [String] {
        try named(withManifest: true).map { path in
            // What is wrong with it is told by whoever reads it.
            (path: path, moment: (try? BackupManifest(in: path))?.madeAtMs ?? .min)
        }.sorted { ($0.moment, $0.path) < ($1.moment, $1.path) }.map(\.path)
    }

    /// The paths of directories that have the name of a backup, and no manifest.
    func withoutManifest() throws(FileFailure) -> [String] { try named(withManifest: false) }

    private func named(withManifest: Bool) throws(FileFailure) -> [String] {
        var status = stat()
        guard try PrivateFile.isThere(directory), stat(directory, &status) != 0 || status.st_mode & S_IFMT == S_IFDIR
        else { return [] }
        var paths: [String] = []
        for name in try PrivateFile.names(in: directory).sorted() where Self.isName(name) {
            let path = directory + "/" + name
            let isWhole: Bool
            do throws(FileFailure) { isWhole = try PrivateFile.isThere(path + "/" + BackupManifest.name) } catch {
                // One that another account has made must not keep this one from making its own.
                StandardError.write("\(error), and so it is passed over\n")
                continue
            }
            if isWhole == withManifest { paths.append(path) }
        }
        return paths
    }

    /// The directory of the backup that a path names: its own, or the newest in it.
    /// - Throws: `BackupError.none`, or `FileFailure` if this account cannot look there.
    static func newest(at path: String) throws -> String {
        if try PrivateFile.isThere(path + "/" + BackupManifest.name) { return path }
        guard let newest = try BackupGenerations(directory: path).paths().last else { throw BackupError.none(path) }
        return newest
    }

    /// Adds a backup. It gets its name when it is whole, so that one that was interrupted is never taken for one.
    /// - Parameters:
    ///   - moment: when it is made, in milliseconds since 1970.
    ///   - fill: writes it into an empty directory; it is given the newest of those that are there.
    /// - Returns: its path, and what `fill` returns.
    func add<Value>(
        at moment: Int64, fill: (_ directory: String, _ newest: String?) throws -> Value
    ) throws -> (path: String, value: Value) {
        let isNew = !FileManager.default.fileExists(atPath: directory)
        try PrivateFile.makeDirectory(directory)
        guard let lock = try FileLock(free: directory + "/" + Self.lockName) else {
            throw BackupError.underWay(directory)
        }
        defer { lock.release() }
        try removeUnfinished()
        let name = Self.name(at: moment)
        let draft = "\(directory)/\(Self.unfinished)\(name)"
        try PrivateFile.makeDirectory(draft)
        let value: Value
        do { value = try fill(draft, paths().last) } catch {
            try? PrivateFile.removeAll(draft)  // the next one tries it again
            if isNew {
                // A directory that was made for nothing is taken for one with backups.
                unlink(directory + "/" + Self.lockName)
                rmdir(directory)
            }
            throw error
        }
        let path = directory + "/" + name
        try PrivateFile.publish(draft, as: path)
        return (path, value)
    }

    /// Removes all but the newest.
    /// - Parameter made: the one that was just made and is whole. It stays, whatever the clock says of its age.
    /// - Returns: how many were removed.
    func keep(_ count: Int, besides made: String? = nil) throws(FileFailure) -> Int {
        let others = try paths().filter { $0 != made }
        let old = others.dropLast(made == nil ? count : count - 1)
        for path in old {
            // Without its manifest it is no backup any more, also if the rest cannot be removed.
            try PrivateFile.removeAll(path + "/" + BackupManifest.name)
            try PrivateFile.removeAll(path)
        }
        return old.count
    }

    /// What a process that was ended has left; the caller holds the lock.
    private func removeUnfinished() throws(FileFailure) {
        for name in try PrivateFile.names(in: directory) where name.hasPrefix(Self.unfinished) {
            try PrivateFile.removeAll(directory + "/" + name)
        }
    }
}
