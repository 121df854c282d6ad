import Foundation
import TFStore
import TFSystem

/// Puts a backup into an empty data directory and an empty tree of definitions.
struct BackupRestore {
    let data: String
    /// nil: the definitions of the backup are left out.
    let definitions: String?

    /// Refuses to mix with what is there, and the data with the definitions.
    /// - Throws: `BackupError.notEmpty` or `.nested`.
    func check() throws {
        if let definitions, Self.isInside(definitions, data) || Self.isInside(data, definitions) {
            throw BackupError.nested(data: data, definitions: definitions)
        }
        guard isEmpty(data) else {
            throw BackupError.notEmpty(data, remedy: "move it away, or name another directory with --data")
        }
        guard let definitions, !isEmpty(definitions) else { return }
        throw BackupError.notEmpty(
            definitions,
            remedy: "move it away, name another directory with --definitions, or leave the backup's "
                + "definitions out with --without-definitions")
    }

    private static func isInside(_ path: String, _ directory: String) -> Bool {
        func plain(_ path: String) -> String {
            URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path + "/"
        }
        return plain(path).hasPrefix(plain(directory))
    }

    /// Copies every file, and holds it against the manifest on the way. The store comes last: until it is there, no
    /// program starts on the directory.
    /// - Throws: what `check` does, since unpacking took its time; `BackupError.insideBackup`, `.noRoom`, `.damaged` or
    ///   `FileFailure`. What was copied is removed again, with the directories that were made, and nothing else.
    func run(_ check: BackupCheck, _ progress: ProgressLine) throws {
        try self.check()
        for place in [data, definitions].compactMap({ $0 }) where Self.isInside(place, check.directory) {
            throw BackupError.insideBackup(place)
        }
        try checkRoom(check.manifest)
        let made = [data, definitions].compactMap { $0 }.flatMap(Self.missing)
        let mark = "\(data)/\(Store.unfinishedName)"
        var copies = Copies()
        do {
            try PrivateFile.makeDirectory(data)
            guard chmod(data, PrivateFile.directoryMode) == 0 else {
                throw FileFailure.refused(step: "restrict", path: data, errno: errno)
            }
            try PrivateFile.write([], to: mark)
            try copy(check, progress, noting: &copies)
            unlink(mark)
            try OpenDirectory(data)?.sync()
        } catch {
            progress.clear()
            copies.remove()
            unlink(mark)
            // The innermost ones first; one with files of others stays.
            for directory in made.sorted(by: { $0.utf8.count > $1.utf8.count }) { rmdir(directory) }
            throw error
        }
    }

    /// The directories of a path that are not there, the innermost first.
    private static func missing(_ path: String) -> [String] {
        var (missing, path): ([String], String) = ([], path.plainPath)
        while !FileManager.default.fileExists(atPath: path), path != path.parentPath {
            missing.append(path)
            path = path.parentPath
        }
        return missing
    }

    /// - Throws: `BackupError.noRoom` if what goes to one of the two places does not fit there.
    private func checkRoom(_ manifest: BackupManifest) throws(BackupError) {
        let shared = manifest.files(in: .definitions).reduce(0) { $0 + $1.digest.length }
        let places: [(String?, Int64)] = [(data, manifest.length - shared), (definitions, shared)]
        for (place, needed) in places {
            guard let place else { continue }
            // Its disk is that of the directory in which it will be made.
            let above = Self.missing(place).last?.parentPath ?? place
            guard let free = DiskSpace(at: above)?.free, free < needed else { continue }
            throw .noRoom(place, needed: needed, free: free)
        }
    }

    /// What was made on the way.
    private struct Copies {
        var files: [String] = []
        /// The innermost ones alone.
        var directories: Set<String> = []
        /// Those that were there before, or go by themselves.
        var roots: Set<String> = []

        func remove() {
            for file in files { unlink(file) }
            var left = directories
            while let directory = left.max(by: { $0.utf8.count < $1.utf8.count }) {
                left.remove(directory)
                // One with files of others stays, and so do those around it.
                guard !roots.contains(directory.plainPath), rmdir(directory) == 0 else { continue }
                left.insert(directory.parentPath)
            }
        }
    }

    private func copy(_ check: BackupCheck, _ progress: ProgressLine, noting copies: inout Copies) throws {
        var done: Int64 = 0
        let length = check.manifest.length
        let store = check.manifest.files.filter { $0.path == BackupManifest.store }
        copies.roots = Set([data, definitions].compactMap { $0?.plainPath })
        for file in check.manifest.files.filter({ $0.path != BackupManifest.store }) + store {
            guard let target = target(of: file.path) else { continue }
            let parent = target.parentPath
            if copies.directories.insert(parent).inserted { try makeDirectory(parent, for: file.path) }
            guard access(target, F_OK) != 0 else {
                throw BackupError.notEmpty(parent, remedy: "somebody has just put \(target) there; try again")
            }
            copies.files.append(target)
            let source = "\(check.directory)/\(file.path)"
            let digest: FileDigest
            do throws(FileFailure) {
                digest = try FileDigest.copying(source, to: target) { bytes in
                    done += Int64(bytes)
                    progress.show("restore", bytes: done, of: length)
                }
            } catch {
                // Of what the manifest names, nothing may be missing.
                if case .refused(_, source, ENOENT) = error {
                    throw BackupError.damaged(check.directory, faults: ["\(error)"])
                }
                throw error
            }
            guard digest == file.digest else {
                throw BackupError.damaged(
                    check.directory, faults: ["\(file.path) has other bytes than when it was made"])
            }
            // People and other programs read and write definitions.
            if file.path.hasPrefix("definitions/") { chmod(target, 0o644) }
        }
        progress.clear()
        for directory in copies.directories { try OpenDirectory(directory)?.sync() }
        // What SQLite makes beside a store that it opens.
        copies.files += ["-wal", "-shm"].map { "\(data)/\(BackupManifest.store)\($0)" }
        let faults = try StoreCopy(at: "\(data)/\(BackupManifest.store)").faults()
        guard faults.isEmpty else { throw BackupError.damaged(check.directory, faults: faults) }
    }

    /// Where a file of the backup goes; nil: it is left out.
    private func target(of path: String) -> String? {
        let prefix = "definitions/"
        guard path.hasPrefix(prefix) else { return "\(data)/\(path)" }
        return definitions.map { "\($0)/\(path.dropFirst(prefix.count))" }
    }

    private func makeDirectory(_ path: String, for file: String) throws {
        guard file.hasPrefix("definitions/") else { return try PrivateFile.makeDirectory(path) }
        // The command's files are private by its umask, and people and other programs read and write definitions.
        try PrivateFile.makeDirectory(path, mode: 0o755)
        chmod(path, 0o755)
    }

    /// Whether nothing is there; `lost+found` of a disk of its own does not count, nor the lock of a move that has failed.
    private func isEmpty(_ directory: String) -> Bool {
        guard FileManager.default.fileExists(atPath: directory) else { return true }
        let names = (try? PrivateFile.names(in: directory)) ?? ["?"]  // it cannot be read
        return names.allSatisfy { ["lost+found", "store.lock"].contains($0) }
    }
}
