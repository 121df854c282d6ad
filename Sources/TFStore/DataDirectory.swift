import Foundation
import TFSystem

/// The directory of the store, the keys and the attachments. Only its owner has access, whoever created it.
package enum DataDirectory {
    private static let limitFaults = 5

    /// Files that the programs write in it. SQLite gives its log and its shared memory the mode of the store's file;
    /// the mode of Redis's files may come from the umask of an earlier start.
    private static let files = [
        "store.db", "store.db-journal", "store.db-wal", "store.db-shm", "store.db-turn", "store.lock", "engine.mark",
        "redis.log", "redis.pid",
    ]
    private static let directories = ["keys", "attachments", Store.bellName, UpgradeBackup.folder]

    /// Makes the directory if it is missing, and the store's file if the store is one, and makes sure that only the owner
    /// has access.
    ///
    /// Existing files are not opened here: closing the store's file would end SQLite's own locks on it. Once only the
    /// owner can write to the directory, nobody else can replace a file between its check and its use.
    /// - Throws: `StoreOpenError.foreignDirectory` if the directory has another owner, who could not read what this
    ///   process writes there. `StoreOpenError.unsafe` if something in it belongs to another account or can be reached
    ///   by another name. `StoreOpenError.unprotected` if a mode cannot be read or set.
    static func prepare(_ directory: String, isFile: Bool = true) throws {
        try make(directory)
        let mode = try ownMode(directory)
        try refuseUnfinished(directory)
        if mode & 0o077 != 0 { try tighten(directory, PrivateFile.directoryMode) }
        for name in files { try protect("\(directory)/\(name)", S_IFREG, mode: PrivateFile.mode) }
        for name in directories { try protect("\(directory)/\(name)", S_IFDIR, mode: PrivateFile.directoryMode) }
        try checkKeys(directory + "/keys")
        guard isFile else { return }
        try refuseLostStore(directory)
        // Created here, because SQLite would create it with another mode. If it exists, this fails, as it should.
        if let made = try? PrivateFile.open(directory + "/store.db", O_EXCL | O_RDWR) { close(made) }
    }

    private static func refuseUnfinished(_ directory: String) throws {
        guard access(directory + "/" + Store.unfinishedName, F_OK) != 0 else {
            throw StoreOpenError.unsafe(
                directory, problem: "was not filled to the end by `tf-daemon restore`",
                remedy: "empty it and restore again")
        }
    }

    /// Whether the store's file is there. An empty one holds no store: it is made before the store is, and a mishap leaves
    /// one as well.
    static func hasStore(_ directory: String) throws(FileFailure) -> Bool {
        let path = directory + "/store.db"
        guard try PrivateFile.isThere(path) else { return false }
        return DiskSpace.length(of: path) > 0
    }

    /// A new store beside what belongs to another one would hide that that one is lost.
    private static func refuseLostStore(_ directory: String) throws {
        guard try !hasStore(directory) else { return }
        func holdsFiles(_ name: String) throws -> Bool {
            let path = "\(directory)/\(name)"
            guard try PrivateFile.isThere(path) else { return false }
            return try PrivateFile.names(in: path).contains { KeyHome.isKey($0) || name != "keys" }
        }
        var left = try ["keys", "attachments"].filter(holdsFiles)
        if try PrivateFile.isThere(directory + "/engine.mark") { left.append("engine.mark") }
        guard !left.isEmpty, try !hasStore(directory) else { return }
        let state = try PrivateFile.isThere(directory + "/store.db") ? "empty" : "not there"
        throw StoreOpenError.unsafe(
            directory, problem: "holds \(left.joined(separator: ", ")) of a site, and its store.db is \(state)",
            remedy: "put it back, restore a backup into an empty directory with `tf-daemon restore`, name a PostgreSQL "
                + "that keeps the record in store.url, or remove the rest to begin with an empty store")
    }

    /// Checks a directory that is only to be read, and changes nothing.
    /// - Throws: `StoreOpenError`, also if there is no store in it; `FileFailure` if this account cannot look there.
    static func check(_ directory: String, isFile: Bool = true) throws {
        var status = stat()
        guard stat(directory, &status) == 0 || errno != ENOENT else { throw StoreOpenError.missing(directory) }
        _ = try ownMode(directory)
        try checkAccess(directory, R_OK | W_OK | X_OK)
        try refuseUnfinished(directory)
        guard isFile else { return }
        guard try hasStore(directory) else {
            try refuseLostStore(directory)
            throw StoreOpenError.missing(directory)
        }
        // Only who writes asks whose turn it is.
        for name in files where name.hasPrefix("store.db") && !name.hasSuffix("-turn") {
            try checkUse("\(directory)/\(name)", S_IFREG)
        }
    }

    /// What in the directory this account cannot use, such as files that somebody has made or copied as root. Nothing is
    /// changed.
    /// - Returns: what a start or a later request would be refused with, at most 5 of them.
    package static func faults(in directory: String) -> [StoreOpenError] {
        var faults: [StoreOpenError] = []
        func look(_ check: () throws -> Void) {
            guard faults.count < limitFaults else { return }
            do { try check() } catch let error as StoreOpenError { faults.append(error) } catch {
                faults.append(
                    .unsafe(directory, problem: "cannot be looked at: \(error)", remedy: "see its owner and mode"))
            }
        }
        for name in files { look { try checkUse("\(directory)/\(name)", S_IFREG) } }
        for name in directories {
            let (path, before) = ("\(directory)/\(name)", faults.count)
            look { try checkUse(path, S_IFDIR) }
            guard faults.count == before else { continue }
            // As a start does it.
            if name == "keys" {
                look { try checkKeys(path) }
                continue
            }
            for inner in (try? PrivateFile.names(in: path)) ?? [] {  // none was made yet
                look { try checkAccess("\(path)/\(inner)", R_OK) }
            }
        }
        return faults
    }

    /// Checks an entry as a start does, and that this account can read and write it.
    private static func checkUse(_ path: String, _ kind: mode_t) throws {
        try protect(path, kind, mode: nil)
        try checkAccess(path, kind == S_IFDIR ? R_OK | W_OK | X_OK : R_OK | W_OK)
    }

    private static func checkAccess(_ path: String, _ wanted: Int32) throws {
        var status = stat()
        guard lstat(path, &status) == 0, access(path, wanted) != 0, errno == EACCES else { return }
        let use = wanted & W_OK == 0 ? "read" : "read and written"
        let (owner, own) = (name(of: status.st_uid), name(of: geteuid()))
        guard owner == own else {
            throw StoreOpenError.unsafe(
                path, problem: "belongs to \(owner), and cannot be \(use) here", remedy: "give it to \(own) with chown")
        }
        throw StoreOpenError.unsafe(path, problem: "cannot be \(use)", remedy: "run: chmod u+rwX \(path)")
    }

    /// The mode of the directory, which has to belong to this account.
    private static func ownMode(_ directory: String) throws -> mode_t {
        var status = stat()
        guard stat(directory, &status) == 0 else { throw unreachable(directory, errno) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw StoreOpenError.unsafe(
                directory, problem: "is no directory", remedy: "remove it, or name another data directory")
        }
        guard status.st_uid == geteuid() else {
            throw StoreOpenError.foreignDirectory(directory, owner: name(of: status.st_uid))
        }
        return status.st_mode
    }

    /// Makes the directory and its missing parents.
    private static func make(_ directory: String) throws {
        guard mkdir(directory, PrivateFile.directoryMode) != 0, errno != EEXIST else { return }
        let code = errno
        let parent = directory.parentPath
        guard code == ENOENT, parent != directory else {
            throw unmade(directory, code)
        }
        try make(parent)
        guard mkdir(directory, PrivateFile.directoryMode) == 0 || errno == EEXIST else {
            throw unmade(directory, errno)
        }
    }

    private static func unmade(_ directory: String, _ code: Int32) -> StoreOpenError {
        .unsafe(
            directory, problem: "cannot be made: \(String(cString: strerror(code)))",
            remedy: "make it yourself, or name another data directory")
    }

    /// The error for a data directory whose status cannot be read.
    private static func unreachable(_ directory: String, _ code: Int32) -> StoreOpenError {
        var status = stat()
        guard code == ENOENT, lstat(directory, &status) == 0 else {
            return .unprotected(directory, errno: code)
        }
        return .unsafe(
            directory, problem: "is a symbolic link to a place that is not there",
            remedy: "make the directory that it names, or remove the link")
    }

    /// Checks that an entry of the directory, if it exists, is of the expected kind, belongs to this account and has no
    /// other name.
    /// - Parameter mode: the mode it gets; nil: its mode stays.
    private static func protect(_ path: String, _ kind: mode_t, mode: mode_t?) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            guard errno == ENOENT else { throw StoreOpenError.unprotected(path, errno: errno) }
            return
        }
        let noun = kind == S_IFDIR ? "directory" : "file"
        guard status.st_mode & S_IFMT != S_IFLNK else {
            throw StoreOpenError.unsafe(
                path, problem: "is a symbolic link",
                remedy: "replace it by the \(noun) itself, or make the whole data directory the link")
        }
        guard status.st_mode & S_IFMT == kind else {
            throw StoreOpenError.unsafe(
                path, problem: "is no \(noun)", remedy: "remove it, or name another data directory")
        }
        guard status.st_uid == geteuid() else {
            let (owner, own) = (name(of: status.st_uid), name(of: geteuid()))
            throw StoreOpenError.unsafe(
                path, problem: "belongs to \(owner)", remedy: "give it to \(own) with chown, or run this as \(owner)")
        }
        guard kind == S_IFDIR || status.st_nlink == 1 else {
            throw StoreOpenError.unsafe(
                path, problem: "has \(status.st_nlink) hard links, so it can be reached by another name",
                remedy: "remove the other name, or replace this file by a copy")
        }
        if let mode, status.st_mode & 0o777 != mode { try tighten(path, mode) }
    }

    /// Checks the files of keys. Their modes stay as they are: a key that others could read is refused when it is read,
    /// because they may know it by now.
    private static func checkKeys(_ directory: String) throws {
        guard try PrivateFile.isThere(directory) else { return }
        for name in try PrivateFile.names(in: directory) {
            var status = stat()
            // Directories of others, such as the `lost+found` of a disk of its own, are ignored.
            if lstat("\(directory)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFDIR { continue }
            try protect("\(directory)/\(name)", S_IFREG, mode: nil)
        }
    }

    private static func tighten(_ path: String, _ mode: mode_t) throws {
        // A file that another process has deleted meanwhile, as SQLite does with its log, needs no mode.
        guard chmod(path, mode) == 0 || errno == ENOENT else { throw StoreOpenError.unprotected(path, errno: errno) }
    }

    private static func name(of user: uid_t) -> String {
        getpwuid(user).map { String(cString: $0.pointee.pw_name) } ?? "the user \(user)"
    }
}
