import Glibc
import TFDefinition

/// A walk over a company's directory: which files can be read, and why the others cannot.
struct TreeWalk {
    /// A file that may be read.
    struct Entry: Sendable {
        /// The path that diagnostics show.
        let path: String
        /// The path from the company's directory, links included.
        let relativePath: String
        /// The path with all links followed, as inotify names it.
        let realPath: String
        let isLink: Bool
        let stamp: FileStamp
    }

    /// A link, to be followed when all files that need no link are known.
    private struct Link {
        let path: String
        let relativePath: String
        let name: String
        let depth: Int
    }

    private struct Identity: Hashable {
        let device: UInt64
        let inode: UInt64

        init(_ status: stat) {
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
        }
    }

    private(set) var tree: CompanyTree
    private(set) var entries: [Entry] = []
    /// The company's directory; nil: it cannot be opened.
    private(set) var enclosure: Enclosure?
    private let look: DefinitionTree.Look
    private var links: [Link] = []
    private var seen: Set<Identity> = []

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
            let (enclosure, passed) = try Enclosure(root).inner(company)
            self.enclosure = enclosure
            tree.links.formUnion(passed)
            try visit(enclosure.directory, path: tree.path, relativePath: "", realPath: enclosure.path, depth: 0)
            while let link = links.popLast() { follow(link, in: enclosure) }
        } catch Obstacle.failed(ENOENT) {
            skip(tree.path, .missing)
        } catch {
            skip(tree.path, error as? Obstacle ?? .failed(errno: EIO))
        }
    }

    private mutating func skip(_ path: String, _ obstacle: Obstacle) {
        tree.unread.append(.init(path: path, obstacle: obstacle))
    }

    private mutating func visit(
        _ directory: Enclosure.Directory, path: String, relativePath: String, realPath: String, depth: Int
    ) throws {
        seen.insert(Identity(directory.status))
        look.entering(realPath)
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
                relativePath: relativePath.isEmpty ? name : relativePath + "/" + name,
                realPath: realPath + "/" + name, depth: depth)
            do { try look(at: entry, in: directory) } catch Obstacle.failed(ENOENT) {
                // The entry went away meanwhile.
            } catch {
                skip(entry.path, error as? Obstacle ?? .failed(errno: EIO))
            }
        }
    }

    private struct Place {
        let name: String
        let path: String
        let relativePath: String
        let realPath: String
        let depth: Int
    }

    private mutating func look(at place: Place, in directory: Enclosure.Directory) throws {
        var status = try directory.status(place.name)
        if status.st_mode & S_IFMT == S_IFREG, status.st_nlink > 1, DefinitionTree.isDefinition(place.name) {
            // Watched first, then checked again: the other name may be removed in between.
            look.meeting(place.realPath)
            status = try directory.status(place.name)
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            if DefinitionTree.isDefinition(place.name) { skip(place.path, .directory) }
            guard place.depth < DefinitionTree.limitDepth else { return skip(place.path, .tooDeep) }
            try visit(
                try directory.directory(place.name), path: place.path, relativePath: place.relativePath,
                realPath: place.realPath, depth: place.depth + 1)
        case S_IFLNK:
            links.append(
                Link(path: place.path, relativePath: place.relativePath, name: place.name, depth: place.depth))
        default:
            guard DefinitionTree.isDefinition(place.name) else { return }
            add(place.path, place.relativePath, place.realPath, status, isLink: false)
        }
    }

    private mutating func add(
        _ path: String, _ relativePath: String, _ realPath: String, _ status: stat, isLink: Bool
    ) {
        if let obstacle = Obstacle(kindOf: status) { return skip(path, obstacle) }
        seen.insert(Identity(status))
        entries.append(
            Entry(
                path: path, relativePath: relativePath, realPath: realPath, isLink: isLink, stamp: FileStamp(status)))
    }

    // MARK: Links

    private mutating func follow(_ link: Link, in enclosure: Enclosure) {
        var passed: [String] = []
        do {
            let place = try enclosure.place(of: link.relativePath) { passed.append($0) }
            let isDirectory = place.status.st_mode & S_IFMT == S_IFDIR
            guard isDirectory || DefinitionTree.isDefinition(link.name) else { return }
            note(passed, in: enclosure)
            guard seen.insert(Identity(place.status)).inserted else { return skip(link.path, .link(.double)) }
            let realPath = enclosure.path + "/" + place.relativePath
            if isDirectory, let parent = place.parent {
                guard link.depth < DefinitionTree.limitDepth else { return skip(link.path, .tooDeep) }
                try visit(
                    try parent.directory.directory(parent.name), path: link.path, relativePath: link.relativePath,
                    realPath: realPath, depth: link.depth + 1)
            } else {
                // The link's target may be written to in a directory that is not watched otherwise.
                look.entering(Self.directory(of: realPath))
                add(link.path, link.relativePath, realPath, place.status, isLink: true)
            }
        } catch {
            let obstacle = error as? Obstacle ?? .failed(errno: EIO)
            guard DefinitionTree.isDefinition(link.name) || Self.leadsToDirectory(link.path) else { return }
            note(passed, in: enclosure)
            skip(link.path, obstacle == .failed(errno: ENOENT) ? .link(.nowhere) : obstacle)
        }
    }

    private mutating func note(_ passed: [String], in enclosure: Enclosure) {
        for link in passed {
            let path = enclosure.path + "/" + link
            if tree.links.insert(path).inserted { look.entering(Self.directory(of: path)) }
        }
    }

    /// Whether a link that is not followed leads to a directory, whose files somebody may expect to be read.
    private static func leadsToDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func directory(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? path
    }
}
