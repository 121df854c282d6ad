import Foundation
import NIOPosix
import TFStore
import TFSystem

/// A file that is being written. All of it happens on the thread pool: a disk may be slow.
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

    /// Makes the file survive a power cut: an answer that is acknowledged must have its bytes.
    func finish() async throws {
        let (file, directory) = (file, (path as NSString).deletingLastPathComponent)
        let isSafe = try await NIOThreadPool.singleton.runIfActive {
            // Any failure: nobody knows whether it would survive.
            file.use { fsync($0) == 0 } == true && (try? OpenDirectory(directory)?.sync()) != nil && file.close()
        }
        guard isSafe else { throw Failure.unavailable }
    }

    /// Takes the file away again.
    func abandon() async {
        let (file, path) = (file, path)
        // The pool is only inactive when the process ends; the daemon's sweep finds the file then.
        try? await NIOThreadPool.singleton.runIfActive {
            file.close()
            unlink(path)
        }
    }
}
