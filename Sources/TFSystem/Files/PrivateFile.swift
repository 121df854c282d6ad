import Foundation

/// Files that only their owner can read or write: the store's, keys, what people sent.
package enum PrivateFile {
    package static let mode: mode_t = 0o600
    /// Of a directory with such files.
    package static let directoryMode: mode_t = 0o700

    /// Makes a directory for such files, and those above it; one that is there is left as it is.
    package static func makeDirectory(_ path: String) throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true,
            attributes: [.posixPermissions: NSNumber(value: directoryMode)])
    }

    /// Opens a file, and makes it where it is missing; a symbolic link is not followed.
    /// - Parameter flags: how it is opened, such as `O_WRONLY | O_EXCL`.
    /// - Returns: a descriptor, which the caller closes.
    /// - Throws: `FileFailure.refused`.
    package static func open(_ path: String, _ flags: Int32) throws(FileFailure) -> Int32 {
        let descriptor = Glibc.open(path, flags | O_CREAT | O_NOFOLLOW | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .refused(step: "open", path: path, errno: errno) }
        return descriptor
    }

    /// The bytes of a file that is there.
    /// - Throws: `FileFailure`, also where others can read it or it is no file.
    package static func read(_ path: String) throws(FileFailure) -> [UInt8] {
        // The mode is that of the open file: nobody can exchange it between the look and the reading.
        let descriptor = Glibc.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw .refused(step: "open", path: path, errno: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .refused(step: "look at", path: path, errno: errno) }
        guard isPrivate(status) else { throw .readableByOthers(path) }
        guard let bytes = RawBytes.read(descriptor) else { throw .refused(step: "read", path: path, errno: errno) }
        return bytes
    }

    /// Writes a file: a reader finds the old bytes or the new, never half of them, and a power cut loses neither.
    /// - Throws: `FileFailure.refused`; the old bytes are still there then.
    package static func write(_ bytes: [UInt8], to path: String) throws(FileFailure) {
        let (parent, name) = ((path as NSString).deletingLastPathComponent, (path as NSString).lastPathComponent)
        guard let directory = try OpenDirectory(parent.isEmpty ? "." : parent) else {
            throw .refused(step: "open", path: parent, errno: ENOENT)
        }
        try directory.write(bytes, as: name, mode: mode)
    }

    /// Whether nobody but the owner can read a file; a symbolic link is followed.
    /// - Throws: `FileFailure.refused` where nobody can tell.
    package static func isPrivate(_ path: String) throws(FileFailure) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .refused(step: "look at", path: path, errno: errno) }
        return isPrivate(status)
    }

    private static func isPrivate(_ status: stat) -> Bool { status.st_mode & 0o077 == 0 }
}
