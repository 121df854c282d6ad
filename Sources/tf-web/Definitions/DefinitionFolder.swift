import Foundation
import NIOPosix
import TFConfiguration
import TFDefinition

/// The tree of definitions as pages and programs write to it: part by part, and never through a symbolic link.
///
/// Each part is opened by the descriptor of the part before it, so that nothing can be exchanged between the look and the
/// writing for a link that leads elsewhere. Only the tree's own directory may be a link: that is the operator's choice.
/// All of it happens on the thread pool, since a disk may be slow.
struct DefinitionFolder: Sendable {
    let root: String

    /// Why nothing is written to a path; nil: it can be.
    func obstacle(at path: String) async throws -> String? {
        try await onThreadPool { try open(path, makingDirectories: false).problem }
    }

    /// Whether there is something at a path.
    func exists(_ path: String) async throws -> Bool {
        try await onThreadPool {
            guard let parent = try open(path, makingDirectories: false).parent else { return false }
            return parent.status(Self.name(of: path)) != nil
        }
    }

    /// Writes a file so that a reader sees the old text or the new, never half of one.
    /// - Throws: `Failure.invalid` where a link or something else stands in the way; `Failure.unavailable` where the disk
    ///   refuses it.
    func write(_ bytes: [UInt8], to path: String) async throws {
        let problem = try await onThreadPool { () -> String? in
            let place = try open(path, makingDirectories: true)
            if let problem = place.problem { return problem }
            guard let parent = place.parent, parent.write(bytes, as: Self.name(of: path)) else {
                throw Failure.unavailable
            }
            return nil
        }
        if let problem { throw Self.refusal(problem) }
    }

    /// Removes a file; one that is gone already is as good.
    /// - Throws: as `write`.
    func remove(_ path: String) async throws {
        let problem = try await onThreadPool { () -> String? in
            let place = try open(path, makingDirectories: false)
            if let problem = place.problem { return problem }
            guard let parent = place.parent else { return nil }
            guard unlinkat(parent.descriptor, Self.name(of: path), 0) == 0 || errno == ENOENT else {
                throw Failure.unavailable
            }
            return nil
        }
        if let problem { throw Self.refusal(problem) }
    }

    static func refusal(_ problem: String) -> Failure { .invalid([FieldError(field: "path", message: problem)]) }

    // MARK: On the way

    /// An open directory; it is closed when nobody needs it any more.
    private final class Directory {
        let descriptor: Int32

        init?(descriptor: Int32) {
            guard descriptor >= 0 else { return nil }
            self.descriptor = descriptor
        }

        deinit { close(descriptor) }

        /// What stands under a name, without following a link; nil: nothing.
        func status(_ name: String) -> stat? {
            var status = stat()
            return fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status : nil
        }

        func write(_ bytes: [UInt8], as name: String) -> Bool {
            let temporary = ".\(Random.token()).tmp"
            let file = openat(descriptor, temporary, O_CREAT | O_WRONLY | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
            guard file >= 0 else { return false }
            let isWritten = RawBytes.write(bytes, to: file) && fsync(file) == 0
            guard close(file) == 0, isWritten, renameat(descriptor, temporary, descriptor, name) == 0 else {
                unlinkat(descriptor, temporary, 0)
                return false
            }
            return fsync(descriptor) == 0
        }
    }

    /// Where a file stands, or would.
    private struct Place {
        /// nil: a directory on the way is missing, or there is a problem.
        var parent: Directory?
        /// What stands in the way.
        var problem: String?
    }

    private func open(_ path: String, makingDirectories: Bool) throws -> Place {
        guard path.hasPrefix(root + "/") else { return Place(problem: "\(path) is not in the tree of definitions") }
        let parts = path.dropFirst(root.count + 1).split(separator: "/").map(String.init)
        guard !parts.isEmpty, !parts.contains(".."), !parts.contains(".") else {
            return Place(problem: "\(path) is not in the tree of definitions")
        }
        if makingDirectories {
            try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        }
        var directory = Directory(descriptor: Glibc.open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        var seen = root
        for part in parts.dropLast() {
            guard let parent = directory else { return Place() }
            seen += "/" + part
            if let status = parent.status(part), status.st_mode & S_IFMT != S_IFDIR {
                return Place(problem: Self.problem(seen, status, wanted: "directory"))
            }
            if makingDirectories { mkdirat(parent.descriptor, part, 0o755) }
            directory = Directory(
                descriptor: openat(parent.descriptor, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))
        }
        if let status = directory?.status(Self.name(of: path)), status.st_mode & S_IFMT != S_IFREG {
            return Place(problem: Self.problem(path, status, wanted: "file"))
        }
        return Place(parent: directory)
    }

    private static func problem(_ path: String, _ status: stat, wanted: String) -> String {
        let isLink = status.st_mode & S_IFMT == S_IFLNK
        return isLink
            ? "\(path) is a symbolic link; pages write through none: put a \(wanted) there, or edit the file itself"
            : "\(path) is no \(wanted); remove it, or choose another path"
    }

    private static func name(of path: String) -> String { (path as NSString).lastPathComponent }

    private func onThreadPool<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await NIOThreadPool.singleton.runIfActive(work)
    }
}
