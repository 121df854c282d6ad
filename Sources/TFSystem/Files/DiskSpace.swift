import Glibc

/// The room on the disk that a path lies on.
package struct DiskSpace: Sendable, Hashable {
    /// What this account may still write, in bytes.
    package let free: Int64
    /// The size of the file system, in bytes.
    package let total: Int64

    /// nil: the file system does not tell, or there is no such path.
    package init?(at path: String) {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        free = Int64(clamping: UInt64(status.f_bavail) &* UInt64(status.f_frsize))
        total = Int64(clamping: UInt64(status.f_blocks) &* UInt64(status.f_frsize))
    }

    /// The length of a file in bytes; 0 if there is none, as after SQLite has removed its log.
    package static func length(of path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }
}
