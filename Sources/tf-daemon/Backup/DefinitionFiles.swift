import Glibc
import TFSystem

/// The files of a tree of definitions, for a copy of it. No link in it is followed, also one that somebody puts there
/// meanwhile; the tree itself may be one.
struct DefinitionFiles {
    /// A company's directory is one level below the tree.
    private static let limitDepth = DefinitionTree.limitDepth + 1

    private let tree: Enclosure

    /// What a look at the tree finds, by its path in it, in order.
    struct Listing: Sendable, Hashable {
        /// The regular files. Hidden names are left out, such as those of a version control system, and so are links.
        fileprivate(set) var paths: [String] = []
        /// What cannot be read, and so is left out with all that is in it: what was published from there stays in force.
        fileprivate(set) var unread: [CompanyTree.Unread] = []
    }

    /// - Returns: nil if there is no tree.
    /// - Throws: `FileFailure.refused` if it cannot be read.
    init?(in root: String) throws {
        do { tree = try Enclosure(root) } catch Obstacle.failed(let code) {
            guard code != ENOENT else { return nil }
            throw FileFailure.refused(step: "read the directory", path: root, errno: code)
        }
    }

    var listing: Listing {
        var listing = Listing()
        Self.list(tree.directory, "", depth: 0, into: &listing)
        listing.paths.sort()
        listing.unread.sort { $0.path < $1.path }
        return listing
    }

    private static func list(_ directory: Enclosure.Directory, _ path: String, depth: Int, into listing: inout Listing)
    {
        guard depth <= limitDepth else { return listing.unread.append(.init(path: path, obstacle: .tooDeep)) }
        let names: [String]
        do { names = try directory.names().usable } catch {
            return listing.unread.append(.init(path: path, obstacle: .of(error)))
        }
        for name in names where !name.hasPrefix(".") {
            let inner = path.isEmpty ? name : path + "/" + name
            do {
                switch try directory.status(name).st_mode & S_IFMT {
                case S_IFDIR: list(try directory.directory(name), inner, depth: depth + 1, into: &listing)
                case S_IFREG: listing.paths.append(inner)
                default: break
                }
            } catch Obstacle.failed(ENOENT), Obstacle.failed(ENOTDIR), Obstacle.failed(ELOOP) {
                // It has gone meanwhile, or is a link now.
            } catch {
                listing.unread.append(.init(path: inner, obstacle: .of(error)))
            }
        }
    }

    /// Copies a file of the tree into a new one.
    /// - Returns: nil if it is gone, or no file any more: people save and remove files meanwhile, and editors leave some
    ///   for a moment.
    /// - Throws: `Obstacle` if this account may not read it, else `FileFailure`.
    func copy(_ path: String, to target: String) throws -> FileDigest? {
        guard let (parent, name) = try? tree.place(of: path) else { return nil }
        defer { withExtendedLifetime(parent) {} }
        let source = "\(tree.path)/\(path)"
        do throws(FileFailure) {
            return try FileDigest.copying(source, at: (parent.descriptor, name), to: target)
        } catch {
            let status = try? parent.status(name)  // nil: it is gone
            guard status.map({ $0.st_mode & S_IFMT != S_IFREG }) ?? true else {
                guard case .refused(_, source, EACCES) = error else { throw error }
                unlink(target)
                throw Obstacle.failed(errno: EACCES)
            }
            unlink(target)
            return nil
        }
    }
}
