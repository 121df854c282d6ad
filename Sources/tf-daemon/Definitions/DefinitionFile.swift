import Foundation
import TFConfiguration
import TFDefinition

/// A file of the tree, read and checked by itself.
struct DefinitionFile: Sendable {
    /// As diagnostics name it: the tree's path and the path in it.
    let path: String
    let bytes: [UInt8]
    let parsed: ParsedDefinition
    /// What the file looked like when it was read; nil where it was so fresh that a later change might look the same.
    let stamp: FileStamp?

    var source: String { String(decoding: bytes, as: UTF8.self) }

    /// Parses bytes, but for those that have ended the daemon before.
    init(path: String, bytes: [UInt8], company: String?, stamp: FileStamp?, aside: FilesSetAside) {
        self.path = path
        self.bytes = bytes
        self.stamp = stamp
        let revision = aside.isEmpty ? "" : Definition.revision(of: bytes)
        if let problem = aside.problem(of: revision, file: path) {
            parsed = ParsedDefinition(setAside: problem, revision: revision)
        } else {
            DebugTrap.spring(bytes)
            parsed = Definition.parse(bytes, file: path, company: company)
        }
    }

    private init(_ file: DefinitionFile, stamp: FileStamp?) {
        path = file.path
        bytes = file.bytes
        parsed = file.parsed
        self.stamp = stamp
    }

    func seenAgain(_ stamp: FileStamp?) -> DefinitionFile { DefinitionFile(self, stamp: stamp) }
}

/// What tells a changed file from an unchanged one without reading it.
struct FileStamp: Sendable, Equatable {
    let device: UInt64
    let inode: UInt64
    let size: Int64
    let modified: Int64
    let changed: Int64

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modified = Self.nanoseconds(status.st_mtim)
        changed = Self.nanoseconds(status.st_ctim)
    }

    /// Whether the file has been as it is for longer than any clock of a file system is coarse.
    var isSettled: Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        // The times of a file are whatever somebody set: a difference that overflows is no small one.
        let (age, overflow) = Self.nanoseconds(now).subtractingReportingOverflow(max(modified, changed))
        return !overflow && age > 2_000_000_000
    }

    /// A file's time may be any number of seconds; beyond the range it is one more time that never changes.
    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000).partialValue
            &+ Int64(time.tv_nsec)
    }
}

/// A way for tests to have a file end the program that reads it; not there in a release build.
enum DebugTrap {
    #if DEBUG
        private static let text = ProcessInfo.processInfo.environment["TICKETFLOWER_TRAP_ON"]
    #endif

    static func spring(_ bytes: [UInt8]) {
        #if DEBUG
            if let text, String(decoding: bytes, as: UTF8.self).contains(text) { raise(SIGILL) }
        #endif
    }
}
