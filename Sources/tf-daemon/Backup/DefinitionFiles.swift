import Foundation
import TFSystem

/// The files of a tree of definitions, for a copy of it.
enum DefinitionFiles {
    private static let limitDepth = 16

    /// The regular files below a directory, by their path in it, in order. Hidden names are left out, such as those of a
    /// version control system; a link is followed if it stays inside the tree.
    static func all(in root: String) -> [String] {
        guard let top = realpath(root, nil) else { return [] }
        defer { free(top) }
        var files: [String] = []
        list(root, "", inside: String(cString: top), depth: 0, into: &files)
        return files.sorted()
    }

    private static func list(
        _ root: String, _ path: String, inside top: String, depth: Int, into files: inout [String]
    ) {
        let directory = path.isEmpty ? root : root + "/" + path
        guard depth <= limitDepth, isInside(directory, top) else { return }
        // A directory that cannot be read holds nothing that was in force.
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        where !name.hasPrefix(".") {
            let inner = path.isEmpty ? name : path + "/" + name
            var status = stat()
            guard stat(root + "/" + inner, &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: list(root, inner, inside: top, depth: depth + 1, into: &files)
            case S_IFREG: if isInside(root + "/" + inner, top) { files.append(inner) }
            default: break
            }
        }
    }

    private static func isInside(_ path: String, _ top: String) -> Bool {
        guard let real = realpath(path, nil) else { return false }
        defer { free(real) }
        let place = String(cString: real)
        return place == top || place.hasPrefix(top + "/")
    }

    /// Where a file really is: copies do not follow links.
    static func place(of path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }
}
