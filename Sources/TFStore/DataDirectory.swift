import Foundation

/// The directory that holds the store, keys and attachments: its owner's alone, whoever made it.
enum DataDirectory {
    /// Makes it, or takes it over from before, and the store's files in it.
    /// - Throws: `StoreOpenError.foreignDirectory` for one of another owner: what this process wrote there, its owner
    ///   could not read, and what the owner keeps there is none of this process's business.
    static func prepare(_ directory: String) throws {
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        var status = stat()
        guard stat(directory, &status) == 0 else { throw StoreOpenError.locked(directory, errno: errno) }
        guard status.st_uid == geteuid() else {
            throw StoreOpenError.foreignDirectory(directory, owner: name(of: status.st_uid))
        }
        if status.st_mode & 0o077 != 0 { chmod(directory, 0o700) }
        // SQLite gives its log and its shared memory the mode of the store's file. One that is there is not opened here:
        // closing it would end SQLite's own locks on it.
        let descriptor = open(directory + "/store.db", O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        if descriptor >= 0 { close(descriptor) }
        // Redis gives its own what the umask of an earlier start left.
        for name in ["store.db", "store.db-wal", "store.db-shm", "redis.log", "redis.pid"] {
            chmod("\(directory)/\(name)", 0o600)
        }
    }

    private static func name(of user: uid_t) -> String {
        getpwuid(user).map { String(cString: $0.pointee.pw_name) } ?? "the user \(user)"
    }
}
