import Glibc

/// An advisory lock on a file, between processes: held until `release`, or until the process ends.
package struct FileLock: Sendable {
    private let file: OpenFile

    /// Waits until the lock is free. Creates the file if it is missing, and never removes it.
    /// - Throws: `FileFailure.refused`.
    package init(_ path: String) throws(FileFailure) {
        file = try OpenFile(private: path, O_RDWR)
        let code = file.use { descriptor in
            while flock(descriptor, LOCK_EX) != 0 {
                if errno != EINTR { return errno }
            }
            return 0
        }
        if let code, code != 0 { throw .refused(step: "lock", path: path, errno: code) }
    }

    /// Takes the lock only if it is free now.
    /// - Returns: nil if another process holds it.
    /// - Throws: `FileFailure.refused`.
    package init?(free path: String) throws(FileFailure) {
        file = try OpenFile(private: path, O_RDWR)
        let code = file.use { descriptor in flock(descriptor, LOCK_EX | LOCK_NB) == 0 ? 0 : errno } ?? 0
        if code == EWOULDBLOCK { return nil }
        if code != 0 { throw .refused(step: "lock", path: path, errno: code) }
    }

    package func release() { file.close() }
}
