import Glibc

/// A directory that no path can leave: paths in it are opened component by component, and no link is followed.
///
/// Each component is opened by the descriptor of the one before it, so that nobody can replace one by a link that leads
/// elsewhere between the check and the opening. Source: openat2(2) with RESOLVE_NO_SYMLINKS, which not every container
/// allows.
final class Enclosure {
    let path: String
    let directory: Directory

    /// An open directory; its descriptor is closed with the last reference.
    final class Directory {
        let descriptor: Int32
        let status: stat

        fileprivate init(descriptor: Int32) throws {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else {
                let code = errno
                close(descriptor)
                throw Obstacle.failed(errno: code)
            }
            self.descriptor = descriptor
            self.status = status
        }

        deinit { close(descriptor) }

        /// Opens a directory in this one; a link to a directory is refused.
        func directory(_ name: String) throws -> Directory {
            let opened = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard opened >= 0 else { throw Obstacle.failed(errno: errno) }
            return try Directory(descriptor: opened)
        }

        /// The status of an entry, without following a link.
        func status(_ name: String) throws -> stat {
            var status = stat()
            guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                throw Obstacle.failed(errno: errno)
            }
            return status
        }

        /// The names in the directory, sorted by their scalars, and how many cannot be used: those that are not UTF-8,
        /// and those that differ from another one only in Unicode normalization.
        func names() throws -> (usable: [String], unusable: Int) {
            let listed = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard listed >= 0 else { throw Obstacle.failed(errno: errno) }
            guard let stream = fdopendir(listed) else {
                let code = errno
                close(listed)
                throw Obstacle.failed(errno: code)
            }
            defer { closedir(stream) }
            var names: Set<String> = []
            var unusable = 0
            errno = 0
            while let entry = readdir(stream) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
                }
                if let name, name == "." || name == ".." {
                } else if let name, names.insert(name).inserted {
                } else {
                    unusable += 1
                }
                errno = 0
            }
            guard errno == 0 else { throw Obstacle.failed(errno: errno) }
            let sorted = names.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
            return (sorted, unusable)
        }
    }

    /// - Throws: `Obstacle.failed` if there is no such directory.
    init(_ path: String) throws {
        let opened = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { throw Obstacle.failed(errno: errno) }
        self.path = path
        directory = try Directory(descriptor: opened)
    }

    private init(path: String, directory: Directory) {
        self.path = path
        self.directory = directory
    }

    /// Opens a directory in this one as an enclosure of its own.
    /// - Throws: `Obstacle`, also for a link to a directory.
    func inner(_ name: String) throws -> Enclosure {
        let status = try directory.status(name)
        guard status.st_mode & S_IFMT == S_IFDIR else { throw Obstacle(kindOf: status) ?? .failed(errno: ENOTDIR) }
        return Enclosure(path: path + "/" + name, directory: try directory.directory(name))
    }

    /// The directory that holds what a path names, and its name there.
    /// - Parameter relativePath: as a walk over the enclosure found it.
    /// - Throws: `Obstacle`, also if a directory on the way is a link now.
    func place(of relativePath: String) throws -> (parent: Directory, name: String) {
        let parts = relativePath.split(separator: "/").map(String.init)
        var parent = directory
        for name in parts.dropLast() {
            let status = try parent.status(name)
            if let obstacle = Obstacle(kindOf: status), obstacle != .directory { throw obstacle }
            parent = try parent.directory(name)
        }
        return (parent, parts.last ?? ".")
    }
}
