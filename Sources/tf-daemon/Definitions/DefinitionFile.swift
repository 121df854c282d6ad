import Foundation
import TFConfiguration
import TFDefinition

/// A file of the tree, parsed and checked by itself.
struct DefinitionFile: Sendable {
    /// The path that diagnostics show: the tree's path and the path in it.
    let path: String
    let bytes: [UInt8]
    let parsed: ParsedDefinition
    /// The file's stamp when it was read; nil if the file was so new that a later change might have the same stamp.
    let stamp: FileStamp?

    var source: String { String(decoding: bytes, as: UTF8.self) }

    /// Parses the bytes, unless the text is set aside because it has ended the daemon.
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

/// Facts by which a changed file is known without reading it.
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

    /// Whether the last change is older than the resolution of any file system's clock.
    var isSettled: Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        // Anybody can set a file's times to anything. A difference that overflows is large.
        let (age, overflow) = Self.nanoseconds(now).subtractingReportingOverflow(max(modified, changed))
        return !overflow && age > 2_000_000_000
    }

    /// A time as nanoseconds. A time beyond the range wraps around, which does no harm to comparing it with itself.
    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000).partialValue
            &+ Int64(time.tv_nsec)
    }
}

/// Lets tests write a file that ends the program that reads it; not compiled into a release build.
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
