import Foundation
import TFSystem

/// The files of a tree of definitions, for a copy of it.
enum DefinitionFiles {
    private static let limitDepth = 16

    /// The regular files below a directory, by their path in it, in order. Hidden names are left out, such as those of a
    /// version control system, and so are links, which nothing is read through.
    static func all(in root: String) -> [String] {
        var files: [String] = []
        list(root, "", depth: 0, into: &files)
        return files.sorted()
    }

    private static func list(_ root: String, _ path: String, depth: Int, into files: inout [String]) {
        guard depth <= limitDepth else { return }
        let directory = path.isEmpty ? root : root + "/" + path
        // A directory that cannot be read holds nothing that was in force.
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        where !name.hasPrefix(".") {
            let inner = path.isEmpty ? name : path + "/" + name
            var status = stat()
            guard lstat(root + "/" + inner, &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: list(root, inner, depth: depth + 1, into: &files)
            case S_IFREG: files.append(inner)
            default: break
            }
        }
    }

    /// Where a file really is: copies do not follow links, and the tree itself may be one.
    static func place(of path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }
}
