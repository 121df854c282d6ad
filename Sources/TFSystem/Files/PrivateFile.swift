import Foundation

/// Files that only their owner can read or write: the store, keys, uploads.
package enum PrivateFile {
    package static let mode: mode_t = 0o600
    /// The mode of a directory with such files.
    package static let directoryMode: mode_t = 0o700
    /// The mode of a directory for people and other programs as well, as far as the umask lets it.
    package static let sharedDirectoryMode: mode_t = 0o777

    /// Makes a directory for such files, and its parents; an existing one is left unchanged.
    /// - Throws: `FileFailure.refused`, also if something else is there.
    package static func makeDirectory(_ path: String) throws(FileFailure) {
        try makeDirectory(path, mode: directoryMode)
    }

    /// Makes a directory and its parents; an existing one is left unchanged.
    package static func makeDirectory(_ path: String, mode: mode_t) throws(FileFailure) {
        guard mkdir(path, mode) != 0 else { return }
        var code = errno
        var status = stat()
        if code == EEXIST, stat(path, &status) == 0 {
            if status.st_mode & S_IFMT == S_IFDIR { return }
            code = ENOTDIR
        }
        let parent = path.parentPath
        guard code == ENOENT, parent != path else {
            throw .refused(step: "make the directory", path: path, errno: code)
        }
        try makeDirectory(parent, mode: mode)
        guard mkdir(path, mode) == 0 || errno == EEXIST else {
            throw .refused(step: "make the directory", path: path, errno: errno)
        }
    }

    /// The names in a directory, in no order.
    /// - Throws: `FileFailure.refused`.
    package static func names(in directory: String) throws(FileFailure) -> [String] {
        guard let stream = opendir(directory) else {
            throw .refused(step: "read the directory", path: directory, errno: errno)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Removes a file, or a directory with everything in it.
    /// - Throws: `FileFailure.refused`; what was removed before is gone.
    package static func removeAll(_ path: String) throws(FileFailure) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw .refused(step: "remove", path: path, errno: errno)
        }
        let isDirectory = status.st_mode & S_IFMT == S_IFDIR
        if isDirectory {
            for name in try names(in: path) { try removeAll(path + "/" + name) }
        }
        guard (isDirectory ? rmdir(path) : unlink(path)) == 0 || errno == ENOENT else {
            throw .refused(step: "remove", path: path, errno: errno)
        }
    }

    /// Opens a file, and creates it if it is missing; a symbolic link is not followed.
    /// - Parameter flags: flags of open(2), such as `O_WRONLY | O_EXCL`.
    /// - Returns: a descriptor, which the caller closes.
    /// - Throws: `FileFailure.refused`.
    package static func open(_ path: String, _ flags: Int32) throws(FileFailure) -> Int32 {
        let descriptor = Glibc.open(path, flags | O_CREAT | O_NOFOLLOW | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .refused(step: "open", path: path, errno: errno) }
        return descriptor
    }

    /// Reads an existing file.
    /// - Throws: `FileFailure`, also if others can read it or it is not a regular file.
    package static func read(_ path: String) throws(FileFailure) -> [UInt8] {
        // The mode is read from the open file, so nobody can replace the file between check and read.
        let descriptor = Glibc.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw .refused(step: "open", path: path, errno: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .refused(step: "look at", path: path, errno: errno) }
        guard isPrivate(status) else { throw .readableByOthers(path) }
        guard let bytes = RawBytes.read(descriptor) else { throw .refused(step: "read", path: path, errno: errno) }
        return bytes
    }

    /// Whether something is at a path; a symbolic link is not followed.
    /// - Throws: `FileFailure.refused` if that cannot be found out, such as in a directory that this account cannot look
    ///   into: what is there must not be taken for missing, and made anew.
    package static func isThere(_ path: String) throws(FileFailure) -> Bool {
        var status = stat()
        if lstat(path, &status) == 0 { return true }
        guard errno == ENOENT || errno == ENOTDIR else { throw .refused(step: "look at", path: path, errno: errno) }
        return false
    }

    /// Writes a file atomically: a reader finds the old bytes or the new, also after a power cut.
    /// - Throws: `FileFailure.refused`; the old file is then unchanged, unless only the last sync failed.
    package static func write(_ bytes: [UInt8], to path: String) throws(FileFailure) {
        let (parent, name) = (path.parentPath, path.lastPathName)
        guard let directory = try OpenDirectory(parent) else {
            throw .refused(step: "open", path: parent, errno: ENOENT)
        }
        try directory.write(bytes, as: name, mode: mode)
    }

    /// Removes a file, also across a power cut; succeeds if it is already gone.
    /// - Throws: `FileFailure.refused`.
    package static func remove(_ path: String) throws(FileFailure) {
        try OpenDirectory(path.parentPath)?.remove(path.lastPathName)
    }

    /// Gives what was written under another name its own, in the same directory: who looks there finds all of it or
    /// nothing, also after a power cut.
    /// - Parameter draft: a file, or a directory whose files are synced already.
    /// - Throws: `FileFailure.refused`.
    package static func publish(_ draft: String, as path: String) throws(FileFailure) {
        let descriptor = Glibc.open(draft, O_RDONLY | O_CLOEXEC)
        defer { if descriptor >= 0 { close(descriptor) } }
        guard descriptor >= 0, fsync(descriptor) == 0, rename(draft, path) == 0 else {
            throw .refused(step: "write", path: path, errno: errno)
        }
        try OpenDirectory(path.parentPath)?.sync()
    }

    /// Lets what this process makes from now on, in whatever way, be read by its owner alone.
    package static func keepPrivate() { umask(0o077) }

    /// Whether only the owner can read a file; a symbolic link is followed.
    /// - Throws: `FileFailure.refused` if the file system refuses the check.
    package static func isPrivate(_ path: String) throws(FileFailure) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .refused(step: "look at", path: path, errno: errno) }
        return isPrivate(status)
    }

    private static func isPrivate(_ status: stat) -> Bool { status.st_mode & 0o077 == 0 }
}
