import Foundation
import NIOPosix
import TFStore
import TFSystem

/// An uploaded file while it is written. All calls run on the thread pool, since a disk may be slow.
struct FileSink {
    let id = AttachmentFiles.newID()
    private(set) var size = 0
    private let path: String
    private let file: OpenFile

    init(files: AttachmentFiles) async throws {
        let path = files.path(id)
        self.path = path
        let opened = try await NIOThreadPool.singleton.runIfActive {
            try? OpenFile(private: path, O_EXCL | O_WRONLY)
        }
        guard let opened else { throw Failure.unavailable }
        file = opened
    }

    mutating func write(_ bytes: [UInt8]) async throws {
        let file = file
        let isWritten = try await NIOThreadPool.singleton.runIfActive {
            file.use { RawBytes.write(bytes, to: $0) }
        }
        guard isWritten == true else { throw Failure.unavailable }
        size += bytes.count
    }

    /// Syncs the file and its directory to disk: an acknowledged upload must survive a power cut.
    /// - Throws: `Failure.unavailable` if that fails.
    func finish() async throws {
        let (file, directory) = (file, (path as NSString).deletingLastPathComponent)
        let isSafe = try await NIOThreadPool.singleton.runIfActive {
            CrashPoint.reach(.upload)
            // After any failure it is unknown whether the file would survive.
            return file.use { fsync($0) == 0 } == true && (try? OpenDirectory(directory)?.sync()) != nil && file.close()
        }
        guard isSafe else { throw Failure.unavailable }
        CrashPoint.reach(.uploaded)
    }

    /// Closes and deletes the file.
    func abandon() async {
        let (file, path) = (file, path)
        // The pool is inactive only when the process ends; the daemon's sweep then finds the file.
        try? await NIOThreadPool.singleton.runIfActive {
            file.close()
            unlink(path)
        }
    }
}
