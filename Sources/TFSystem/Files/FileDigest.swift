import Glibc

/// The length and the SHA-256 of a file. It is read block by block, so that a file of any size takes little memory.
package struct FileDigest: Sendable, Hashable {
    private static let block = 1 << 20

    /// In bytes.
    package let length: Int64
    /// 64 lower-case hexadecimal digits.
    package let sha256: String

    package init(length: Int64, sha256: String) {
        self.length = length
        self.sha256 = sha256
    }

    /// Reads a regular file; a symbolic link is not followed.
    /// - Parameter progress: called with the length of each block that was read.
    /// - Throws: `FileFailure.refused`.
    package init(of path: String, progress: (Int) -> Void = { _ in }) throws(FileFailure) {
        self = try Self.reading(path, at: nil, into: nil, progress)
    }

    /// Copies a regular file into a new one that only its owner can read, and syncs it.
    /// - Parameters:
    ///   - path: the file's, as errors tell it.
    ///   - place: the directory in which it is opened and its name there; nil: it is opened by its path.
    ///   - target: the new file's path; nothing may be there.
    ///   - progress: called with the length of each block that was copied.
    /// - Returns: of the bytes that were copied.
    /// - Throws: `FileFailure.refused`; an unfinished copy may be left.
    package static func copying(
        _ path: String, at place: (directory: Int32, name: String)? = nil, to target: String,
        progress: (Int) -> Void = { _ in }
    ) throws(FileFailure) -> FileDigest {
        let copy = try PrivateFile.open(target, O_WRONLY | O_EXCL)
        let digest: FileDigest
        do throws(FileFailure) { digest = try reading(path, at: place, into: (copy, target), progress) } catch {
            close(copy)
            throw error
        }
        let isSynced = fsync(copy) == 0
        let code = errno
        guard close(copy) == 0, isSynced else { throw .refused(step: "write", path: target, errno: code) }
        return digest
    }

    private static func reading(
        _ path: String, at place: (directory: Int32, name: String)?, into copy: (descriptor: Int32, path: String)?,
        _ progress: (Int) -> Void
    ) throws(FileFailure) -> FileDigest {
        let (directory, name) = place ?? (AT_FDCWD, path)
        let descriptor = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw .refused(step: "open", path: path, errno: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .refused(step: "read the special file", path: path, errno: EINVAL)
        }
        let digest = RunningDigest()
        var length: Int64 = 0
        while true {
            guard let bytes = RawBytes.read(descriptor, limit: block) else {
                throw .refused(step: "read", path: path, errno: errno)
            }
            if bytes.isEmpty { break }
            digest.add(bytes)
            if let copy, !RawBytes.write(bytes, to: copy.descriptor) {
                throw .refused(step: "write", path: copy.path, errno: errno)
            }
            length += Int64(bytes.count)
            progress(bytes.count)
        }
        return FileDigest(length: length, sha256: digest.end())
    }
}
