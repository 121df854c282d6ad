import Glibc

/// An open directory, whose descriptor is closed with the last reference.
///
/// Its entries are opened by name relative to the descriptor, and symbolic links are not followed, so no attacker can
/// replace an entry by a link between check and write. Every change survives a power cut.
package final class OpenDirectory: Sendable {
    package let path: String
    private let descriptor: Int32

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Opens the directory at a path, also through symbolic links; nil if there is none.
    /// - Throws: `FileFailure.refused` if the file system refuses the check.
    package convenience init?(_ path: String) throws(FileFailure) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno == ENOENT || errno == ENOTDIR else { throw .refused(step: "open", path: path, errno: errno) }
            return nil
        }
        self.init(path: path, descriptor: descriptor)
    }

    /// Opens a subdirectory; nil if there is none.
    /// - Throws: `FileFailure.refused`, also if the entry is not a directory.
    package func directory(_ name: String) throws(FileFailure) -> OpenDirectory? {
        let inner = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        if inner >= 0 { return OpenDirectory(path: path(name), descriptor: inner) }
        guard errno == ENOENT else { throw refusal("open", name) }
        return nil
    }

    /// Makes a subdirectory; succeeds if it already exists.
    /// - Throws: `FileFailure.refused`.
    package func makeDirectory(_ name: String) throws(FileFailure) {
        guard mkdirat(descriptor, name, 0o755) == 0 else {
            guard errno == EEXIST else { throw refusal("make the directory", name) }
            return
        }
        try sync()
    }

    /// The status of an entry, without following a link; nil if there is none.
    /// - Throws: `FileFailure.refused` if the file system refuses the check.
    package func status(_ name: String) throws(FileFailure) -> stat? {
        var status = stat()
        if fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 { return status }
        guard errno == ENOENT else { throw refusal("look at", name) }
        return nil
    }

    /// The first bytes of a regular file; nil if there is none.
    /// - Parameter limit: how many are read at most.
    /// - Throws: `FileFailure.refused`, also if the entry is a link or no file.
    package func read(_ name: String, limit: Int) throws(FileFailure) -> [UInt8]? {
        let file = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else {
            guard errno == ENOENT else { throw refusal("open", name) }
            return nil
        }
        defer { close(file) }
        guard let bytes = RawBytes.read(file, limit: limit) else { throw refusal("read", name) }
        return bytes
    }

    /// Writes a file atomically: a reader finds the old bytes or the new.
    /// - Throws: `FileFailure.refused`; the old file is then unchanged, unless only the last sync failed.
    package func write(_ bytes: [UInt8], as name: String, mode: mode_t) throws(FileFailure) {
        let temporary = ".\(Random.token()).tmp"
        let file = openat(descriptor, temporary, O_CREAT | O_WRONLY | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        guard file >= 0 else { throw refusal("make a file beside", name) }
        let isWritten = RawBytes.write(bytes, to: file) && fsync(file) == 0
        let code = errno
        CrashPoint.reach(.rename)
        guard close(file) == 0, isWritten, renameat(descriptor, temporary, descriptor, name) == 0 else {
            let failure = FileFailure.refused(step: "write", path: path(name), errno: isWritten ? errno : code)
            unlinkat(descriptor, temporary, 0)
            throw failure
        }
        CrashPoint.reach(.renamed)
        try sync()
    }

    /// Removes a file; succeeds if it is already gone.
    /// - Throws: `FileFailure.refused`.
    package func remove(_ name: String) throws(FileFailure) {
        CrashPoint.reach(.remove)
        guard unlinkat(descriptor, name, 0) == 0 || errno == ENOENT else { throw refusal("remove", name) }
        CrashPoint.reach(.removed)
        // Also if the file was gone: an earlier removal may have been interrupted before this sync.
        try sync()
    }

    /// Removes the content of a file, and keeps the file; succeeds if there is none.
    /// - Throws: `FileFailure.refused`, also if the entry is a link or no file.
    package func empty(_ name: String) throws(FileFailure) {
        CrashPoint.reach(.remove)
        let file = openat(descriptor, name, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else {
            guard errno == ENOENT else { throw refusal("empty", name) }
            return
        }
        defer { close(file) }
        CrashPoint.reach(.removed)
        // Also if it was empty: an earlier call may have been interrupted before this sync.
        guard fsync(file) == 0 else { throw refusal("sync", name) }
    }

    /// Syncs the directory, so that its entries survive a power cut.
    /// - Throws: `FileFailure.refused`.
    package func sync() throws(FileFailure) {
        guard fsync(descriptor) == 0 else { throw .refused(step: "sync", path: path, errno: errno) }
    }

    private func path(_ name: String) -> String { path + "/" + name }

    private func refusal(_ step: String, _ name: String) -> FileFailure {
        .refused(step: step, path: path(name), errno: errno)
    }
}
