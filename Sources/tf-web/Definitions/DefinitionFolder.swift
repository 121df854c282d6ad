import Foundation
import Logging
import NIOPosix
import TFConfiguration
import TFDefinition
import TFSystem

/// The directory tree of definitions, which pages and programs may write to, never through a symbolic link.
///
/// Each directory of a path is opened by the descriptor of the one above, so that no attacker can replace one by a link
/// between check and write. Only the tree's own directory may be a link, since the operator chooses it. If the disk or
/// the permissions refuse a check, nothing is done; only a missing file counts as missing. All calls run on the thread
/// pool, since a disk may be slow.
struct DefinitionFolder: Sendable {
    let root: String
    /// Receives the errors of the file system.
    let logger: Logger

    /// Why a path cannot be written, as people who may write there are told; nil if it can be.
    /// - Throws: `Failure.unavailable` if the file system refuses the check.
    func obstacle(at path: String) async throws -> String? {
        try await onThreadPool { try open(path, makingDirectories: false).problem }
    }

    /// Whether a file or directory exists at a path.
    /// - Throws: as `obstacle`.
    func exists(_ path: String) async throws -> Bool {
        try await onThreadPool {
            guard let parent = try open(path, makingDirectories: false).parent else { return false }
            return try parent.status(Self.name(of: path)) != nil
        }
    }

    /// The text of a file, as far as a definition may be long; nil if there is none, or an obstacle is in the way.
    /// - Throws: as `obstacle`.
    func text(of path: String) async throws -> [UInt8]? {
        try await onThreadPool {
            try open(path, makingDirectories: false).parent.flatMap { try Self.text(of: path, in: $0) }
        }
    }

    /// What the file of a path has to be for the file to be written or removed: somebody else may write it meanwhile.
    struct Expected: Sendable, Hashable {
        /// The SHA-256 of its text; nil: there is no file.
        let sha256: String?

        init(_ text: [UInt8]?) { sha256 = text.map { Definition.revision(of: $0) } }
    }

    /// Writes a file atomically: a reader sees the old text or the new.
    /// - Returns: false if the file is neither as expected nor has the text already: it is left as it is.
    /// - Throws: `Failure.invalid` if a link or another obstacle is in the way; `Failure.unavailable` if the file
    ///   system refuses.
    func write(_ bytes: [UInt8], to path: String, over expected: Expected) async throws -> Bool {
        try await change(path, makingDirectories: true) { parent in
            let present = Expected(try Self.text(of: path, in: parent))
            guard present == expected || present == Expected(bytes) else { return false }
            try parent.write(bytes, as: Self.name(of: path), mode: 0o644)
            return true
        }
    }

    /// Removes a file, also across a power cut; succeeds if the file is already gone.
    /// - Returns: false if the file is there and not as expected: it is left as it is.
    /// - Throws: as `write`.
    func remove(_ path: String, expecting expected: Expected) async throws -> Bool {
        try await change(path, makingDirectories: false) { parent in
            let text = try Self.text(of: path, in: parent)
            guard text == nil || Expected(text) == expected else { return false }
            try parent.remove(Self.name(of: path))
            return true
        }
    }

    /// Changes a file; where its directory is missing and none is made, there is nothing to change.
    private func change(
        _ path: String, makingDirectories: Bool, _ work: @escaping @Sendable (OpenDirectory) throws -> Bool
    ) async throws -> Bool {
        let (problem, isDone) = try await onThreadPool { () -> (String?, Bool) in
            let opened = try open(path, makingDirectories: makingDirectories)
            if let problem = opened.problem { return (problem, false) }
            guard let parent = opened.parent else {
                if makingDirectories { throw FileFailure.refused(step: "open", path: path, errno: ENOENT) }
                return (nil, true)
            }
            return (nil, try work(parent))
        }
        if let problem { throw Self.refusal(problem) }
        return isDone
    }

    private static func text(of path: String, in parent: OpenDirectory) throws -> [UInt8]? {
        try parent.read(name(of: path), limit: 4 * YAMLLimits.bytes)
    }

    static func refusal(_ problem: String) -> Failure { .invalid([FieldError(field: "path", message: problem)]) }

    // MARK: Opening the directories

    /// The directory of a path, or why it cannot be used.
    private struct Opened {
        /// nil if a directory of the path is missing, or there is a problem.
        var parent: OpenDirectory?
        /// The obstacle, as a message; nil if there is none.
        var problem: String?
    }

    private func open(_ path: String, makingDirectories: Bool) throws -> Opened {
        guard path.hasPrefix(root + "/") else {
            return Opened(problem: "\(path.fileName) is not in the directory of definitions")
        }
        let parts = path.dropFirst(root.count + 1).split(separator: "/").map(String.init)
        guard !parts.isEmpty, !parts.contains(".."), !parts.contains(".") else {
            return Opened(problem: "\(path.fileName) is not in the directory of definitions")
        }
        if makingDirectories {
            try PrivateFile.makeDirectory(root, mode: PrivateFile.sharedDirectoryMode)
        }
        var directory = try OpenDirectory(root)
        for name in parts.dropLast() {
            guard let parent = directory else { return Opened() }
            if let status = try parent.status(name), status.st_mode & S_IFMT != S_IFDIR {
                return Opened(problem: problem(parent.path + "/" + name, status, wanted: "directory"))
            }
            if makingDirectories { try parent.makeDirectory(name) }
            directory = try parent.directory(name)
        }
        if let status = try directory?.status(Self.name(of: path)), status.st_mode & S_IFMT != S_IFREG {
            return Opened(problem: problem(path, status, wanted: "file"))
        }
        return Opened(parent: directory)
    }

    /// - Parameter path: one in the tree, which is told from there on.
    private func problem(_ path: String, _ status: stat, wanted: String) -> String {
        let path = path.dropFirst(root.count + 1)
        let isLink = status.st_mode & S_IFMT == S_IFLNK
        return isLink
            ? "\(path) is a symbolic link; pages write through none: put a \(wanted) there, or edit the file itself"
            : "\(path) is no \(wanted); remove it, or choose another path"
    }

    private static func name(of path: String) -> String { path.lastPathName }

    /// - Throws: `Failure.unavailable` if the file system refuses; the log has the details.
    private func onThreadPool<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        do {
            return try await NIOThreadPool.singleton.runIfActive(work)
        } catch let failure as FileFailure {
            logger.error("the tree of definitions cannot be used", metadata: ["error": "\(failure)"])
            throw Failure.unavailable
        } catch let error as CocoaError {
            logger.error("the tree of definitions cannot be made", metadata: ["path": "\(root)", "error": "\(error)"])
            throw Failure.unavailable
        }
    }
}
