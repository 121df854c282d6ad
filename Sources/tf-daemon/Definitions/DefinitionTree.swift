import Foundation
import NIOPosix
import TFConfiguration
import TFDefinition
import TFSystem

/// Reads the tree of definitions.
///
/// Links of either kind, FIFOs and devices are never opened. Only the tree itself may be a link, since the operator
/// chooses it: so the volume of Kubernetes that holds it can be swapped as a whole.
enum DefinitionTree {
    /// How many levels of directories there may be below a company's.
    static let limitDepth = 16
    /// How many files one piece of work on the thread pool reads.
    private static let chunk = 64

    /// The options of a scan.
    struct Look: Sendable {
        /// The contents at the last scan: unchanged files are neither read nor parsed again.
        var before: CompanyTree?
        /// Files that somebody is writing at present; their last contents stay.
        var inFlight: Set<String> = []
        /// Files that have just appeared; an empty one is about to be written.
        var appeared: Set<String> = []
        var aside = FilesSetAside()
        /// Called with each directory before it is listed, so that it is watched from then on.
        var entering: @Sendable (String) -> Void = { _ in }
        /// Called with each file that is read and each hard link: only a watch on the file itself tells when it gets a
        /// second name or loses it.
        var meeting: @Sendable (String) -> Void = { _ in }
        /// Called with the number of files done and the number of all.
        var progress: @Sendable (Int, Int) -> Void = { _, _ in }
    }

    /// The companies' directories in a tree, by name.
    /// - Throws: `Obstacle` if the tree cannot be listed.
    static func companies(_ root: String) throws -> [String] {
        let tree = try Enclosure(root)
        return try tree.directory.names().usable.filter { name in
            // An entry that cannot be looked at is skipped, and so is what a file system of its own has for itself.
            !name.hasPrefix(".") && name != "lost+found"
                && (try? tree.directory.status(name).st_mode).map { $0 & S_IFMT == S_IFDIR } ?? false
        }
    }

    /// Reads one company's directory.
    static func read(_ root: String, company: String, _ look: Look = Look()) async throws -> CompanyTree {
        let walk = TreeWalk.over(root, company: company, look)
        var tree = walk.tree
        let known = Dictionary(
            (look.before?.files ?? []).map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        var fresh: [(entry: TreeWalk.Entry, known: DefinitionFile?)] = []
        for entry in walk.entries {
            let isInFlight =
                look.inFlight.contains(entry.path)
                || (look.appeared.contains(entry.path) && entry.stamp.size == 0)
            if let before = known[entry.path], before.stamp == entry.stamp || isInFlight {
                tree.files.append(before)
            } else if isInFlight {
                tree.unread.append(.init(path: entry.path, obstacle: .beingWritten))
            } else {
                look.meeting(entry.path)
                fresh.append((entry, known[entry.path]))
            }
        }
        look.progress(tree.files.count, walk.entries.count)
        if let enclosure = walk.enclosure, !fresh.isEmpty {
            try await read(fresh, in: enclosure.path, company, look, all: walk.entries.count, into: &tree)
        }
        tree.files.sort { $0.path < $1.path }
        let choosers = tree.files.filter { $0.parsed.definition == nil && $0.parsed.diagnostics.isEmpty }
        tree.notices += choosers.map { file in
            Diagnostic(
                file: file.path, position: .start, severity: .notice,
                message: "skipped: a chooser of issue forms is no definition")
        }
        return tree
    }

    /// The texts of a company's files, not parsed.
    static func texts(_ root: String, company: String) -> [DefinitionTrial.Text] {
        let walk = TreeWalk.over(root, company: company, Look())
        return walk.entries.compactMap { entry in
            // A text that cannot be read cannot have ended the program.
            guard let content = try? walk.enclosure?.bytes(of: entry.relativePath, limit: YAMLLimits.bytes + 1) else {
                return nil
            }
            return DefinitionTrial.Text(file: entry.path, bytes: content.bytes)
        }
    }

    /// Whether a file's name is that of a definition, not of an editor's temporary or hidden file.
    static func isDefinition(_ name: String) -> Bool {
        !name.hasPrefix(".") && !name.hasPrefix("#") && (name.hasSuffix(".yaml") || name.hasSuffix(".yml"))
    }

    /// Whether a file's name would be that of a definition in small letters: `x.ticket.YAML`.
    static func isMiswritten(_ name: String) -> Bool { !isDefinition(name) && isDefinition(name.lowercased()) }

    /// The files that lie in no company's directory, so that nobody reads them.
    /// - Throws: `Obstacle` if the tree cannot be listed.
    static func strays(_ root: String) throws -> [Diagnostic] {
        let tree = try Enclosure(root)
        return try tree.directory.names().usable.filter { name in
            // An entry that cannot be looked at is skipped.
            (isDefinition(name) || isMiswritten(name))
                && (try? tree.directory.status(name).st_mode).map { $0 & S_IFMT == S_IFREG } ?? false
        }.sorted().map { name in
            Diagnostic(
                file: "\(root)/\(name)", position: .start, severity: .warning,
                message: "not read: a definition lies in the directory of its company")
        }
    }

    // MARK: Reading

    private enum Reading: Sendable {
        case file(DefinitionFile)
        /// The file went away meanwhile.
        case gone
        case unread(CompanyTree.Unread)
    }

    private static func read(
        _ fresh: [(entry: TreeWalk.Entry, known: DefinitionFile?)], in directory: String, _ company: String,
        _ look: Look, all: Int, into tree: inout CompanyTree
    ) async throws {
        let chunks = stride(from: 0, to: fresh.count, by: chunk).map { fresh[$0..<min($0 + chunk, fresh.count)] }
        try await withThrowingTaskGroup(of: [Reading].self) { group in
            for chunk in chunks {
                group.addTask {
                    try await NIOThreadPool.singleton.runIfActive {
                        do {
                            let enclosure = try Enclosure(directory)
                            return chunk.map { read($0.entry, known: $0.known, in: enclosure, company, look.aside) }
                        } catch let obstacle as Obstacle {
                            return chunk.map { .unread(.init(path: $0.entry.path, obstacle: obstacle)) }
                        }
                    }
                }
            }
            for try await readings in group {
                for reading in readings {
                    switch reading {
                    case .file(let file): tree.files.append(file)
                    case .gone: break
                    case .unread(let unread): tree.unread.append(unread)
                    }
                }
                look.progress(tree.files.count, all)
            }
        }
    }

    private static func read(
        _ entry: TreeWalk.Entry, known: DefinitionFile?, in enclosure: Enclosure, _ company: String,
        _ aside: FilesSetAside
    ) -> Reading {
        do {
            let (bytes, stamp) = try enclosure.bytes(of: entry.relativePath, limit: YAMLLimits.bytes + 1)
            let kept = stamp.isSettled ? stamp : nil
            if let known, known.bytes == bytes { return .file(known.seenAgain(kept)) }
            return .file(
                DefinitionFile(path: entry.path, bytes: bytes, company: company, stamp: kept, aside: aside))
        } catch Obstacle.failed(ENOENT) {
            return .gone
        } catch {
            return .unread(.init(path: entry.path, obstacle: .of(error)))
        }
    }
}

extension Enclosure {
    /// The bytes of a file in it.
    /// - Parameter limit: one byte more than a file may have, so that a longer one is noticed.
    /// - Throws: `Obstacle`, also if the file has become a link or a FIFO since the walk saw it.
    func bytes(of relativePath: String, limit: Int) throws -> (bytes: [UInt8], stamp: FileStamp) {
        let (parent, name) = try place(of: relativePath)
        if let obstacle = Obstacle(kindOf: try parent.status(name)) { throw obstacle }
        // The file may have been replaced since: no link is followed, and no FIFO waited for.
        let descriptor = openat(parent.descriptor, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw Obstacle.failed(errno: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Obstacle.failed(errno: errno) }
        if let obstacle = Obstacle(kindOf: status) { throw obstacle }
        guard let bytes = RawBytes.read(descriptor, limit: limit) else { throw Obstacle.failed(errno: errno) }
        return (bytes, FileStamp(status))
    }
}
