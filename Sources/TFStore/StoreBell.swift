import Foundation
import TFSystem

/// Wakes the loops of all processes of this machine that a commit is for: each has a file, whose modification time is set,
/// which inotify reports as IN_ATTRIB.
///
/// Watching the write-ahead log would wake them too early: it is written before the commit is visible.
struct StoreBell: Sendable {
    private let files: [CommitListener: OpenFile]

    /// Opens the files, or makes those that are missing. They stay open as long as the process runs.
    /// - Parameter directory: made if it is missing.
    init(directory: String) throws {
        try PrivateFile.makeDirectory(directory)
        files = try CommitListener.allCases.reduce(into: [:]) { files, listener in
            files[listener] = try OpenFile(private: "\(directory)/\(listener.rawValue)", O_WRONLY)
        }
    }

    /// A bell that nobody hears, for a store that is only read.
    init() { files = [:] }

    /// Names the files among those of all machines: whoever watches them hears of a commit by them.
    var name: String {
        let place = files[.engine]?.use { descriptor in
            var status = stat()
            return fstat(descriptor, &status) == 0 ? "\(status.st_dev):\(status.st_ino)" : ""
        }
        return "\(ProcessInfo.processInfo.hostName):\(place ?? "")"
    }

    func ring(_ listeners: Set<CommitListener>) {
        for listener in listeners { files[listener]?.use { _ = futimens($0, nil) } }
    }

    func close() { for file in files.values { file.close() } }
}
