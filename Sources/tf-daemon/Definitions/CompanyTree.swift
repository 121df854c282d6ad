import TFDefinition
import TFStore

/// What one company's directory holds.
struct CompanyTree: Sendable {
    /// Something that is there and was not read.
    struct Unread: Sendable, Hashable {
        let path: String
        let obstacle: Obstacle
    }

    let company: String
    /// The company's directory.
    let path: String
    /// By path, in that order.
    var files: [DefinitionFile] = []
    var unread: [Unread] = []
    /// What else is to be told of the directory.
    var notices: [Diagnostic] = []
    /// Links on the way to what was read, and those that led nowhere: a change of one changes what the tree holds.
    var links: Set<String> = []
    /// On which device each directory lies that held something when it was seen last.
    var devices: [String: UInt64] = [:]

    /// Which published definitions stay in force although nothing is published from their files now: those whose file
    /// has errors or was not read.
    func kept(_ published: [PublishedFile]) -> [PublishedFile] {
        let silent = Set(
            (unread.map(\.path) + files.filter { $0.parsed.definition == nil }.map(\.path)).map(relative))
        return published.filter { row in places(of: row).contains { !silent.isDisjoint(with: Self.upwards($0)) } }
    }

    /// What is told of the entries that were not read.
    /// - Parameter published: the definitions in force; one whose file is not read any more is an error.
    func problems(_ published: [PublishedFile]) -> [Diagnostic] {
        let inForce = Set(published.flatMap { row in places(of: row).flatMap(Self.upwards) })
        return notices
            + unread.compactMap { unread in
                if inForce.contains(relative(unread.path)) {
                    return Diagnostic(
                        file: unread.path, position: .start, severity: .error,
                        message:
                            "cannot be read any more; what it published before stays in force: \(unread.obstacle.reason)"
                    )
                }
                guard unread.obstacle.isTold else { return nil }
                if case .failed = unread.obstacle {
                    return Diagnostic(
                        file: unread.path, position: .start, severity: .error,
                        message: "cannot be read: \(unread.obstacle.noun)")
                }
                return Diagnostic(
                    file: unread.path, position: .start, severity: .notice, message: "skipped: \(unread.obstacle.noun)")
            }
    }

    /// From the company's directory; empty for that itself.
    private func relative(_ file: String) -> String { file == path ? "" : String(file.dropFirst(path.count + 1)) }

    /// Where a published definition's file may lie in the company's directory: the daemon that published it may have
    /// written the tree's path in another way.
    private func places(of row: PublishedFile) -> [String] {
        if row.file.hasPrefix(path + "/") { return [relative(row.file)] }
        let parts = row.file.split(separator: "/")
        return parts.indices.filter { parts[$0] == company }.map { parts[($0 + 1)...].joined(separator: "/") }
    }

    /// A path and all directories above it.
    private static func upwards(_ path: String) -> [String] {
        let parts = path.split(separator: "/")
        return (0...parts.count).map { parts.prefix($0).joined(separator: "/") }
    }
}
