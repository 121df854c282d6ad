import Glibc
import TFSystem

/// The files of a tree of definitions, for a copy of it. No link in it is followed, also one that somebody puts there
/// meanwhile; the tree itself may be one.
struct DefinitionFiles {
    private static let limitDepth = 16

    private let tree: Enclosure

    /// - Returns: nil for a tree that cannot be read, which holds nothing that was in force.
    init?(in root: String) {
        guard let tree = try? Enclosure(root) else { return nil }
        self.tree = tree
    }

    /// The regular files, by their path in the tree, in order. Hidden names are left out, such as those of a version
    /// control system, and so are links.
    var paths: [String] {
        var files: [String] = []
        Self.list(tree.directory, "", depth: 0, into: &files)
        return files.sorted()
    }

    private static func list(_ directory: Enclosure.Directory, _ path: String, depth: Int, into files: inout [String]) {
        guard depth <= limitDepth else { return }
        // A directory that cannot be read holds nothing that was in force.
        for name in (try? directory.names().usable) ?? [] where !name.hasPrefix(".") {
            let inner = path.isEmpty ? name : path + "/" + name
            guard let status = try? directory.status(name) else { continue }  // gone meanwhile
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                guard let below = try? directory.directory(name) else { continue }  // gone, or a link now
                list(below, inner, depth: depth + 1, into: &files)
            case S_IFREG: files.append(inner)
            default: break
            }
        }
    }

    /// Copies a file of the tree into a new one.
    /// - Returns: nil if it is gone, or no file any more: people save and remove files meanwhile, and editors leave some
    ///   for a moment.
    func copy(_ path: String, to target: String) throws(FileFailure) -> FileDigest? {
        guard let (parent, name) = try? tree.place(of: path) else { return nil }
        defer { withExtendedLifetime(parent) {} }
        do throws(FileFailure) {
            return try FileDigest.copying("\(tree.path)/\(path)", at: (parent.descriptor, name), to: target)
        } catch {
            let status = try? parent.status(name)  // nil: it is gone
            guard status.map({ $0.st_mode & S_IFMT != S_IFREG }) ?? true else { throw error }
            unlink(target)
            return nil
        }
    }
}
