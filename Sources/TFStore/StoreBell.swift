import Foundation
import TFSystem

/// Wakes the other processes after a commit: it sets the modification time of a file, which inotify reports as
/// IN_ATTRIB.
///
/// Watching the write-ahead log would wake them too early: it is written before the commit is visible.
struct StoreBell: Sendable {
    private let file: OpenFile

    /// Opens the file, or makes it if it is missing. It stays open as long as the process runs.
    init(path: String) throws {
        file = try OpenFile(private: path, O_WRONLY)
    }

    /// A bell that nobody hears, for a store that is only read.
    init() { file = OpenFile() }

    /// Names the file among those of all machines: whoever watches it hears of a commit by it.
    var name: String {
        let place = file.use { descriptor in
            var status = stat()
            return fstat(descriptor, &status) == 0 ? "\(status.st_dev):\(status.st_ino)" : ""
        }
        return "\(ProcessInfo.processInfo.hostName):\(place ?? "")"
    }

    func ring() { file.use { _ = futimens($0, nil) } }

    func close() { file.close() }
}
