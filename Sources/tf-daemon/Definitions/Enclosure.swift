import Glibc

/// A directory that no path can leave: paths in it are opened component by component, and links are followed only while
/// they stay inside.
///
/// Each component is opened by the descriptor of the one before it, so that nobody can replace one by a link that leads
/// elsewhere between the check and the opening. Source: openat2(2) with RESOLVE_BENEATH, which not every container
/// allows.
final class Enclosure {
    /// How many links are followed in one path; the kernel's own limit.
    private static let limitLinks = 40

    /// The path, without links below the directory in which the tree itself lies.
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

        /// A link's target, as it is written.
        func target(_ name: String) throws -> String {
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
            let count = readlinkat(descriptor, name, &buffer, buffer.count)
            guard count >= 0 else { throw Obstacle.failed(errno: errno) }
            let bytes = buffer.prefix(count).map { UInt8(bitPattern: $0) }
            guard count < buffer.count, let text = String(validating: bytes, as: UTF8.self) else {
                throw Obstacle.failed(errno: ENAMETOOLONG)
            }
            return text
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

    /// What a path leads to when all links are followed.
    struct Place {
        /// The directory that holds it, and its name there; nil if the path leads to the enclosure itself.
        let parent: (directory: Directory, name: String)?
        let status: stat
        /// The path from the enclosure, without links; empty for the enclosure itself.
        let relativePath: String
        /// The links on the way, as paths from the enclosure.
        let links: [String]
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

    /// Opens a directory in this one as an enclosure of its own; a link to a directory in here is followed.
    /// - Returns: the enclosure, and the paths of the links on the way.
    func inner(_ name: String) throws -> (enclosure: Enclosure, links: [String]) {
        let place = try place(of: name)
        guard place.status.st_mode & S_IFMT == S_IFDIR, let parent = place.parent else {
            throw Obstacle(kindOf: place.status) ?? .failed(errno: ENOTDIR)
        }
        let inner = Enclosure(
            path: path + "/" + place.relativePath, directory: try parent.directory.directory(parent.name))
        return (inner, place.links.map { path + "/" + $0 })
    }

    /// Follows a path from the enclosure, links included.
    /// - Parameter passed: called with each link on the way, also if the path leads nowhere.
    func place(of relativePath: String, passed: (String) -> Void = { _ in }) throws -> Place {
        var directories: [Directory] = []
        var names: [String] = []
        var links: [String] = []
        var parts = Self.parts(relativePath)
        var last: (name: String, status: stat)?
        while let part = parts.popLast() {
            if part == "." { continue }
            if part == ".." {
                guard directories.popLast() != nil, names.popLast() != nil else { throw Obstacle.link(.outside) }
                continue
            }
            let name = String(part)
            let parent = directories.last ?? directory
            let status = try parent.status(name)
            if status.st_mode & S_IFMT == S_IFLNK {
                let link = (names + [name]).joined(separator: "/")
                links.append(link)
                passed(link)
                guard links.count <= Self.limitLinks else { throw Obstacle.link(.loop) }
                let target = try parent.target(name)
                guard !target.hasPrefix("/") else { throw Obstacle.link(.outside) }
                parts += Self.parts(target)
            } else if status.st_mode & S_IFMT == S_IFDIR {
                directories.append(try parent.directory(name))
                names.append(name)
            } else {
                guard parts.isEmpty else { throw Obstacle.failed(errno: ENOTDIR) }
                last = (name, status)
            }
        }
        if let last {
            return Place(
                parent: (directories.last ?? directory, last.name), status: last.status,
                relativePath: (names + [last.name]).joined(separator: "/"), links: links)
        }
        guard let lastDirectory = directories.last, let name = names.last else {
            return Place(parent: nil, status: directory.status, relativePath: "", links: links)
        }
        return Place(
            parent: (directories.dropLast().last ?? directory, name), status: lastDirectory.status,
            relativePath: names.joined(separator: "/"), links: links)
    }

    /// The components of a path in reverse order.
    private static func parts(_ path: String) -> [Substring] { path.split(separator: "/").reversed() }
}
