import Foundation

/// The project's own directory, for tests that hold its files against each other.
package enum ProjectFolder {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The directory itself.
    package static var path: String { root.path }

    /// A file or directory in it, such as `docs/tasks.md`.
    package static func url(_ path: String) -> URL { root.appendingPathComponent(path) }
}
