import Foundation
import NIOPosix
import TFDefinition

/// A file of the tree, read and checked by itself.
struct DefinitionFile: Sendable {
    /// As diagnostics name it: the tree's path and the path in it.
    let path: String
    let source: String
    let parsed: ParsedDefinition
    /// What the file looked like when it was read; nil where it was so fresh that a later change might look the same.
    let stamp: FileStamp?
}

/// What tells a changed file from an unchanged one without reading it.
struct FileStamp: Sendable, Equatable {
    let device: UInt64
    let inode: UInt64
    let size: Int64
    let modified: Int64
    let changed: Int64

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        changed = Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
    }

    /// Whether the file has been as it is for longer than any clock of a file system is coarse.
    var isSettled: Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let nanoseconds = Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
        return nanoseconds - max(modified, changed) > 2_000_000_000
    }
}

/// What one company's directory holds.
struct CompanyTree: Sendable {
    let company: String
    /// By path, in that order.
    let files: [DefinitionFile]
    /// Entries that were not opened, as notices; directories and files that could not be read, as errors.
    let notices: [Diagnostic]
    /// Files and directories that are there and were not read: what they published stays.
    let unread: [String]
}

/// Reads the tree of definitions. Symbolic links, hard links, FIFOs and devices are never opened.
enum DefinitionTree {
    /// Levels of directories below a company's.
    private static let maximumDepth = 16
    /// Files that one piece of work on the thread pool reads.
    private static let chunk = 64

    /// The company directories of a tree, by name.
    /// - Throws: `DirectoryError` where the tree cannot be listed.
    static func companies(_ root: String) throws -> [String] {
        try names(root).filter { name in !name.hasPrefix(".") && kind(root + "/" + name).isDirectory }
    }

    /// Reads one company's directory; a directory that is not there holds nothing.
    /// - Parameters:
    ///   - known: files read before, by path, so that unchanged ones are neither read nor parsed again.
    ///   - inFlight: files that somebody is writing at present; they are left as they were.
    ///   - entering: called with each directory before it is listed, the place to start watching it.
    ///   - progress: called with the number of files done and of all.
    static func read(
        _ root: String, company: String, known: [String: DefinitionFile] = [:], inFlight: Set<String> = [],
        entering: (String) -> Void = { _ in }, progress: (Int, Int) -> Void = { _, _ in }
    ) async throws -> CompanyTree {
        var walk = Walk(inFlight: inFlight)
        walk.visit(root + "/" + company, depth: 0, entering)
        var files: [DefinitionFile] = []
        var fresh: [(path: String, known: DefinitionFile?)] = []
        for (path, stamp) in walk.found {
            if let before = known[path], before.stamp == stamp || inFlight.contains(path) {
                files.append(before)
            } else if inFlight.contains(path) {
                walk.unread.append(path)
            } else {
                fresh.append((path, known[path]))
            }
        }
        progress(files.count, walk.found.count)
        let chunks = stride(from: 0, to: fresh.count, by: chunk).map { fresh[$0..<min($0 + chunk, fresh.count)] }
        try await withThrowingTaskGroup(of: [Reading].self) { group in
            for chunk in chunks {
                group.addTask {
                    try await NIOThreadPool.singleton.runIfActive {
                        chunk.map { read($0.path, company: company, known: $0.known) }
                    }
                }
            }
            for try await readings in group {
                for reading in readings {
                    switch reading {
                    case .file(let file): files.append(file)
                    case .gone: break
                    case .failed(let path, let code):
                        walk.unread.append(path)
                        walk.notices.append(problem(path, "cannot be read: \(String(cString: strerror(code)))"))
                    }
                }
                progress(files.count, walk.found.count)
            }
        }
        files.sort { $0.path < $1.path }
        let choosers = files.filter { $0.parsed.definition == nil && $0.parsed.diagnostics.isEmpty }
        walk.notices += choosers.map { notice($0.path, "skipped: a chooser of issue forms is no definition") }
        return CompanyTree(company: company, files: files, notices: walk.notices, unread: walk.unread)
    }

    /// Whether a file's name is that of a definition: no editor's temporary or hidden file.
    static func isDefinition(_ name: String) -> Bool {
        !name.hasPrefix(".") && !name.hasPrefix("#") && (name.hasSuffix(".yaml") || name.hasSuffix(".yml"))
    }

    // MARK: Reading

    enum Reading: Sendable {
        case file(DefinitionFile)
        /// It went away meanwhile.
        case gone
        case failed(path: String, errno: Int32)
    }

    /// Reads one file.
    static func read(_ path: String, company: String?, known: DefinitionFile? = nil) -> Reading {
        // O_NOFOLLOW and O_NONBLOCK: what was a file at the look may be a link or a FIFO now.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            return errno == ENOENT || errno == ELOOP ? .gone : .failed(path: path, errno: errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return .failed(path: path, errno: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { return .gone }
        let stamp = FileStamp(status)
        // One byte more than is read at most tells a file that is too long.
        var bytes = [UInt8](repeating: 0, count: min(YAMLLimits.bytes, max(0, Int(stamp.size))) + 1)
        var count = 0
        while count < bytes.count {
            let read = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
            }
            if read < 0, errno == EINTR { continue }
            if read < 0 { return .failed(path: path, errno: errno) }
            if read == 0 { break }
            count += read
        }
        bytes.removeSubrange(count...)
        let kept = stamp.isSettled ? stamp : nil
        if let known, known.source.utf8.elementsEqual(bytes) {
            return .file(DefinitionFile(path: path, source: known.source, parsed: known.parsed, stamp: kept))
        }
        return .file(
            DefinitionFile(
                path: path, source: String(decoding: bytes, as: UTF8.self),
                parsed: Definition.parse(bytes, file: path, company: company), stamp: kept))
    }

    // MARK: Walking

    private enum Kind {
        case file(FileStamp)
        case directory
        case skipped(String)
        case missing

        var isDirectory: Bool { if case .directory = self { true } else { false } }
    }

    /// What a walk over a company's directory has come across.
    private struct Walk {
        let inFlight: Set<String>
        var found: [(path: String, stamp: FileStamp)] = []
        var notices: [Diagnostic] = []
        var unread: [String] = []

        init(inFlight: Set<String>) { self.inFlight = inFlight }

        mutating func visit(_ directory: String, depth: Int, _ entering: (String) -> Void) {
            // A link in a directory's place is not followed; what it published stays, as nobody said that it goes.
            if case .skipped(let why) = kind(directory) {
                unread.append(directory)
                notices.append(notice(directory, "skipped: \(why)"))
                return
            }
            entering(directory)
            let names: [String]
            do {
                names = try DefinitionTree.names(directory)
            } catch let error as DirectoryError where error.errno == ENOENT {
                return
            } catch {
                unread.append(directory)
                notices.append(problem(directory, "\(error)"))
                return
            }
            for name in names where !name.hasPrefix(".") {
                let path = directory + "/" + name
                let kind = kind(path)
                if kind.isDirectory {
                    if depth < maximumDepth {
                        visit(path, depth: depth + 1, entering)
                    } else {
                        notices.append(notice(path, "skipped: deeper than \(maximumDepth) directories"))
                    }
                } else if isDefinition(name) || leadsToDirectory(path) {
                    switch kind {
                    case .file(let stamp): found.append((path, stamp))
                    case .skipped(let why): notices.append(notice(path, "skipped: \(why)"))
                    case .directory, .missing: break
                    }
                }
            }
        }
    }

    private static func kind(_ path: String) -> Kind {
        var status = stat()
        guard lstat(path, &status) == 0 else { return .missing }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return .directory
        case S_IFREG: return status.st_nlink == 1 ? .file(FileStamp(status)) : .skipped("a hard link")
        case S_IFLNK: return .skipped("a symbolic link")
        case S_IFIFO: return .skipped("a FIFO")
        default: return .skipped("not a file")
        }
    }

    /// Whether a link leads to a directory: somebody may expect its files to be read.
    private static func leadsToDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in a directory, sorted. Foundation's own call does not tell why it fails, and an error must never
    /// look like an empty directory.
    static func names(_ directory: String) throws -> [String] {
        guard let stream = opendir(directory) else { throw DirectoryError(path: directory, errno: errno) }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
            }
            if let name, name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw DirectoryError(path: directory, errno: errno) }
        return names.sorted()
    }

    private static func notice(_ path: String, _ message: String) -> Diagnostic {
        Diagnostic(file: path, position: .start, severity: .notice, message: message)
    }

    private static func problem(_ path: String, _ message: String) -> Diagnostic {
        Diagnostic(file: path, position: .start, severity: .error, message: message)
    }
}

/// A directory that cannot be listed.
struct DirectoryError: Error, CustomStringConvertible {
    let path: String
    let errno: Int32

    var description: String { "cannot list the directory: \(String(cString: strerror(errno)))" }
}
