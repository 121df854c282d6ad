import TFDefinition
import TFStore

/// The contents of one company's directory.
struct CompanyTree: Sendable {
    /// An entry that was not read, and why.
    struct Unread: Sendable, Hashable {
        let path: String
        let obstacle: Obstacle
    }

    let company: String
    /// The company's directory.
    let path: String
    /// Sorted by path.
    var files: [DefinitionFile] = []
    var unread: [Unread] = []
    /// Notices about the directory itself.
    var notices: [Diagnostic] = []
    /// The device of each directory that was not empty when it was seen last.
    var devices: [String: UInt64] = [:]

    /// The same where some files count as unread, because the store has newer texts of them.
    func without(_ stale: Set<String>) -> CompanyTree {
        guard !stale.isEmpty else { return self }
        var tree = self
        tree.files.removeAll { stale.contains($0.path) }
        tree.unread.removeAll { stale.contains($0.path) }
        tree.unread += stale.sorted().map { Unread(path: $0, obstacle: .older) }
        return tree
    }

    /// The published definitions that stay in force although their files have errors or were not read.
    func kept(_ published: [PublishedFile]) -> [PublishedFile] {
        let silent = Set(
            (unread.map(\.path) + files.filter { $0.parsed.definition == nil }.map(\.path)).map(relative))
        return published.filter { row in places(of: row).contains { !silent.isDisjoint(with: Self.upwards($0)) } }
    }

    /// The problems of the entries that were not read.
    /// - Parameter published: the definitions in force; an unread file of one of these is an error.
    func problems(_ published: [PublishedFile]) -> [Diagnostic] {
        let inForce = Set(published.flatMap { row in places(of: row).flatMap(Self.upwards) })
        return notices
            + unread.compactMap { unread in
                if unread.obstacle == .older {
                    return Diagnostic(
                        file: unread.path, position: .start, severity: .error,
                        message:
                            "is older than the store, and cannot be changed here; what the store has stays in force")
                }
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

    /// The path relative to the company's directory; empty for that directory itself.
    private func relative(_ file: String) -> String { file == path ? "" : String(file.dropFirst(path.count + 1)) }

    /// The paths that a published definition's file may have in the company's directory: the daemon that published it
    /// may have written the tree's path in another way.
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
