import Foundation
import TFSystem

/// Tells every process that something was committed: the time of a file is set after each write, which inotify reports
/// as IN_ATTRIB.
///
/// The write-ahead log itself would ring too early: it is written before the commit can be seen.
struct StoreBell: Sendable {
    private let file: OpenFile

    /// Opens the file, and makes it where it is missing. It stays open as long as the process runs.
    init(path: String) throws {
        file = try OpenFile(private: path, O_WRONLY)
    }

    func ring() { file.use { _ = futimens($0, nil) } }

    func close() { file.close() }
}
