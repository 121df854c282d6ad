import Foundation
import TFSystem

/// Tells every process that something was committed: the time of a file is set after each write, which inotify reports
/// as IN_ATTRIB.
///
/// The write-ahead log itself would ring too early: it is written before the commit can be seen.
struct StoreBell: Sendable {
    private let descriptor: Int32

    /// Opens the file, and makes it where it is missing. It stays open as long as the process runs.
    init(path: String) throws {
        descriptor = try PrivateFile.open(path, O_WRONLY)
    }

    func ring() { _ = futimens(descriptor, nil) }

    func close() { Glibc.close(descriptor) }
}
