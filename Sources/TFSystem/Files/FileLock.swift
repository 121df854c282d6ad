import Glibc

/// An advisory lock on a file, between processes: held until `release`, or until the process ends.
package struct FileLock: Sendable {
    private let descriptor: Int32

    /// Waits until nobody else has it. The file is made where it is missing, and stays.
    /// - Throws: `FileFailure.refused`.
    package init(_ path: String) throws(FileFailure) {
        descriptor = try PrivateFile.open(path, O_RDWR)
        while flock(descriptor, LOCK_EX) != 0 {
            if errno == EINTR { continue }
            let code = errno
            close(descriptor)
            throw .refused(step: "lock", path: path, errno: code)
        }
    }

    package func release() { close(descriptor) }
}
