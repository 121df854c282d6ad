import Foundation
import TFDefinition

/// A file of the tree, read and checked by itself.
struct DefinitionFile: Sendable {
    /// As diagnostics name it: the tree's path and the path in it.
    let path: String
    let source: String
    let parsed: ParsedDefinition
}

/// What one company's directory holds.
struct CompanyTree: Sendable {
    let company: String
    /// By path, in that order.
    let files: [DefinitionFile]
    /// Entries that were not opened, as notices.
    let notices: [Diagnostic]
    /// The directories in it, itself included: what has to be watched.
    let directories: [String]
}

/// Reads the tree of definitions. Symbolic links, hard links, FIFOs and devices are never opened.
enum DefinitionTree {
    /// Levels of directories below a company's.
    private static let maximumDepth = 16

    /// The company directories of a tree, by name.
    static func companies(_ root: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []  // no tree: no companies
        return names.filter { name in !name.hasPrefix(".") && kind(root + "/" + name) == .directory }.sorted()
    }

    /// Reads one company's directory.
    /// - Parameter known: files read before, so that unchanged bytes are not parsed again.
    static func read(_ root: String, company: String, known: [String: DefinitionFile] = [:]) -> CompanyTree {
        var files: [DefinitionFile] = []
        var notices: [Diagnostic] = []
        var directories: [String] = []
        visit(root + "/" + company, depth: 0, &directories) { path, kind in
            switch kind {
            case .file: if let file = read(path, company: company, known: known[path]) { files.append(file) }
            case .skipped(let why): notices.append(notice(path, "skipped: \(why)"))
            case .directory, .missing: break
            }
        }
        let choosers = files.filter { $0.parsed.definition == nil && $0.parsed.diagnostics.isEmpty }
        notices += choosers.map { notice($0.path, "skipped: a chooser of issue forms is no definition") }
        return CompanyTree(company: company, files: files, notices: notices, directories: directories)
    }

    /// Whether a file's name is that of a definition: no editor's temporary or hidden file.
    static func isDefinition(_ name: String) -> Bool {
        !name.hasPrefix(".") && !name.hasPrefix("#") && (name.hasSuffix(".yaml") || name.hasSuffix(".yml"))
    }

    /// Reads one file; nil when it went away meanwhile.
    static func read(_ path: String, company: String?, known: DefinitionFile? = nil) -> DefinitionFile? {
        // O_NOFOLLOW and O_NONBLOCK: what was a file at the look may be a link or a FIFO now.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: YAMLLimits.bytes + 1)
        var count = 0
        while count < bytes.count {
            let read = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
            }
            guard read > 0 else { break }
            count += read
        }
        bytes.removeSubrange(count...)
        if let known, Array(known.source.utf8) == bytes { return known }
        return DefinitionFile(
            path: path, source: String(decoding: bytes, as: UTF8.self),
            parsed: Definition.parse(bytes, file: path, company: company))
    }

    // MARK: Walking

    private enum Kind: Equatable {
        case file
        case directory
        case skipped(String)
        case missing
    }

    private static func visit(
        _ directory: String, depth: Int, _ directories: inout [String], _ body: (String, Kind) -> Void
    ) {
        directories.append(directory)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []  // it went away meanwhile
        for name in names.sorted() where !name.hasPrefix(".") {
            let path = directory + "/" + name
            let kind = kind(path)
            if kind == .directory {
                if depth < maximumDepth { visit(path, depth: depth + 1, &directories, body) }
            } else if isDefinition(name) {
                body(path, kind)
            }
        }
    }

    private static func kind(_ path: String) -> Kind {
        var status = stat()
        guard lstat(path, &status) == 0 else { return .missing }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return .directory
        case S_IFREG: return status.st_nlink == 1 ? .file : .skipped("a hard link")
        case S_IFLNK: return .skipped("a symbolic link")
        case S_IFIFO: return .skipped("a FIFO")
        default: return .skipped("not a file")
        }
    }

    private static func notice(_ path: String, _ message: String) -> Diagnostic {
        Diagnostic(file: path, position: .start, severity: .notice, message: message)
    }
}
