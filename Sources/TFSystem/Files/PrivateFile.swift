import Foundation

/// Files that only their owner can read or write: the store, keys, uploads.
package enum PrivateFile {
    package static let mode: mode_t = 0o600
    /// The mode of a directory with such files.
    package static let directoryMode: mode_t = 0o700

    /// Makes a directory for such files, and its parents; an existing one is left unchanged.
    package static func makeDirectory(_ path: String) throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true,
            attributes: [.posixPermissions: NSNumber(value: directoryMode)])
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

    /// Writes a file atomically: a reader finds the old bytes or the new, also after a power cut.
    /// - Throws: `FileFailure.refused`; the old file is then unchanged, unless only the last sync failed.
    package static func write(_ bytes: [UInt8], to path: String) throws(FileFailure) {
        let (parent, name) = ((path as NSString).deletingLastPathComponent, (path as NSString).lastPathComponent)
        guard let directory = try OpenDirectory(parent.isEmpty ? "." : parent) else {
            throw .refused(step: "open", path: parent, errno: ENOENT)
        }
        try directory.write(bytes, as: name, mode: mode)
    }

    /// Whether only the owner can read a file; a symbolic link is followed.
    /// - Throws: `FileFailure.refused` if the file system refuses the check.
    package static func isPrivate(_ path: String) throws(FileFailure) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .refused(step: "look at", path: path, errno: errno) }
        return isPrivate(status)
    }

    private static func isPrivate(_ status: stat) -> Bool { status.st_mode & 0o077 == 0 }
}
