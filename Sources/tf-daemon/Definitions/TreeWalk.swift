import Glibc
import TFDefinition

/// A walk over a company's directory: which files can be read, and why the others cannot.
struct TreeWalk {
    /// A file that may be read.
    struct Entry: Sendable {
        let path: String
        /// The path from the company's directory.
        let relativePath: String
        let stamp: FileStamp
    }

    private(set) var tree: CompanyTree
    private(set) var entries: [Entry] = []
    /// The company's directory; nil: it cannot be opened.
    private(set) var enclosure: Enclosure?
    private let look: DefinitionTree.Look

    static func over(_ root: String, company: String, _ look: DefinitionTree.Look) -> TreeWalk {
        var walk = TreeWalk(
            tree: CompanyTree(company: company, path: root + "/" + company, devices: look.before?.devices ?? [:]),
            look: look)
        walk.begin(root, company)
        return walk
    }

    private init(tree: CompanyTree, look: DefinitionTree.Look) {
        self.tree = tree
        self.look = look
    }

    private mutating func begin(_ root: String, _ company: String) {
        do {
            let enclosure = try Enclosure(root).inner(company)
            self.enclosure = enclosure
            try visit(enclosure.directory, path: tree.path, relativePath: "", depth: 0)
        } catch Obstacle.failed(ENOENT) {
            skip(tree.path, .missing)
        } catch {
            skip(tree.path, .of(error))
        }
    }

    private mutating func skip(_ path: String, _ obstacle: Obstacle) {
        tree.unread.append(.init(path: path, obstacle: obstacle))
    }

    private mutating func visit(
        _ directory: Enclosure.Directory, path: String, relativePath: String, depth: Int
    ) throws {
        look.entering(path)
        let (names, unusable) = try directory.names()
        if unusable > 0 {
            tree.notices.append(
                Diagnostic(
                    file: path, position: .start, severity: .notice,
                    message:
                        "\(unusable) names in it are skipped: they are not UTF-8, or differ from another in its normalization only"
                ))
        }
        let device = UInt64(directory.status.st_dev)
        guard !names.isEmpty else {
            // Another device means that a file system was mounted or unmounted here, not that the files were removed.
            // At the first scan of the company's own directory nobody knows, so it counts as unmounted.
            if tree.devices[path].map({ $0 != device }) ?? (depth == 0) { skip(path, .emptied) }
            return
        }
        tree.devices[path] = device
        for name in names where !name.hasPrefix(".") {
            let entry = Place(
                name: name, path: path + "/" + name,
                relativePath: relativePath.isEmpty ? name : relativePath + "/" + name, depth: depth)
            do { try look(at: entry, in: directory) } catch Obstacle.failed(ENOENT) {
                // The entry went away meanwhile.
            } catch {
                skip(entry.path, .of(error))
            }
        }
    }

    private struct Place {
        let name: String
        let path: String
        let relativePath: String
        let depth: Int
    }

    private mutating func look(at place: Place, in directory: Enclosure.Directory) throws {
        var status = try directory.status(place.name)
        if status.st_mode & S_IFMT == S_IFREG, status.st_nlink > 1, DefinitionTree.isDefinition(place.name) {
            // Watched first, then checked again: the other name may be removed in between.
            look.meeting(place.path)
            status = try directory.status(place.name)
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            if DefinitionTree.isDefinition(place.name) { skip(place.path, .directory) }
            guard place.depth < DefinitionTree.limitDepth else { return skip(place.path, .tooDeep) }
            try visit(
                try directory.directory(place.name), path: place.path, relativePath: place.relativePath,
                depth: place.depth + 1)
        case S_IFLNK:
            guard DefinitionTree.isDefinition(place.name) || Self.leadsToDirectory(place.path) else { return }
            skip(place.path, .link)
        default:
            guard DefinitionTree.isDefinition(place.name) else { return noteMiswritten(place) }
            if let obstacle = Obstacle(kindOf: status) { return skip(place.path, obstacle) }
            entries.append(Entry(path: place.path, relativePath: place.relativePath, stamp: FileStamp(status)))
        }
    }

    /// Tells of a file that nobody reads because its name ends in large letters.
    private mutating func noteMiswritten(_ place: Place) {
        guard DefinitionTree.isMiswritten(place.name) else { return }
        tree.notices.append(
            Diagnostic(
                file: place.path, position: .start, severity: .notice,
                message: "skipped: the name of a definition ends in .yaml or .yml, in small letters"))
    }

    /// Whether a link leads to a directory, whose files somebody may expect to be read.
    private static func leadsToDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
