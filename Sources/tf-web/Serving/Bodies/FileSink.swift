import Foundation
import NIOPosix
import TFDefinition
import TFEngine
import TFStore
import TFSystem

/// An uploaded file while it is written to where files are kept (`AttachmentHome`).
struct FileSink {
    let id = AttachmentFiles.newID()
    private(set) var size = 0
    private var target: Target

    private enum Target {
        case file(FileOnDisk)
        case rows(RowsOfFile)
    }

    /// - Parameter company: the store of the company that the file is for.
    init(in company: CompanyStore, now: Int64) async throws {
        target =
            switch company.site.attachments {
            case .files(let files): .file(try await FileOnDisk(path: files.path(id)))
            case .rows: .rows(RowsOfFile(id: id, company: company, now: now))
            }
    }

    mutating func write(_ bytes: [UInt8]) async throws {
        switch target {
        case .file(let file): try await file.write(bytes)
        case .rows(var rows):
            try await rows.write(bytes)
            target = .rows(rows)
        }
        size += bytes.count
    }

    /// Makes the content safe: an acknowledged upload must survive a power cut.
    /// - Throws: `FileFailure`, or what the store says, if that fails.
    mutating func finish() async throws {
        switch target {
        case .file(let file): try await file.finish()
        case .rows(var rows):
            try await rows.finish()
            target = .rows(rows)
        }
    }

    /// Removes what was written.
    func abandon() async {
        switch target {
        case .file(let file): await file.abandon()
        case .rows(let rows): await rows.abandon()
        }
    }
}

/// A file of the data directory while it is written. All calls run on the thread pool, since a disk may be slow. Those that
/// fail throw `FileFailure`, so that the log says what the disk refuses.
private struct FileOnDisk {
    private let path: String
    private let file: OpenFile

    init(path: String) async throws {
        self.path = path
        file = try await NIOThreadPool.singleton.runIfActive { try OpenFile(private: path, O_EXCL | O_WRONLY) }
    }

    func write(_ bytes: [UInt8]) async throws {
        let (file, path) = (file, path)
        try await NIOThreadPool.singleton.runIfActive {
            guard file.use({ RawBytes.write(bytes, to: $0) }) == true else {
                throw FileFailure.refused(step: "write", path: path, errno: errno)
            }
        }
    }

    /// Syncs the file and its directory to disk.
    func finish() async throws {
        let (file, path, parent) = (file, path, path.parentPath)
        try await NIOThreadPool.singleton.runIfActive {
            CrashPoint.reach(.upload)
            // After any failure it is unknown whether the file would survive.
            guard file.use({ fsync($0) == 0 }) == true, file.close() else {
                throw FileFailure.refused(step: "sync", path: path, errno: errno)
            }
            guard let directory = try OpenDirectory(parent) else {
                throw FileFailure.refused(step: "open", path: parent, errno: ENOENT)
            }
            try directory.sync()
        }
        CrashPoint.reach(.uploaded)
    }

    func abandon() async {
        let (file, path) = (file, path)
        // The pool is inactive only when the process ends; the daemon's sweep then finds the file.
        try? await NIOThreadPool.singleton.runIfActive {
            file.close()
            unlink(path)
        }
    }
}

/// A file in rows of the store while it is written: bytes are collected until they fill a chunk.
private struct RowsOfFile {
    let id: AttachmentID
    let company: CompanyStore
    let now: Int64
    private var waiting: [UInt8] = []
    private var place = 0

    init(id: AttachmentID, company: CompanyStore, now: Int64) { (self.id, self.company, self.now) = (id, company, now) }

    mutating func write(_ bytes: [UInt8]) async throws {
        waiting += bytes
        while waiting.count >= CompanyStore.chunkBytes {
            try await add(Array(waiting.prefix(CompanyStore.chunkBytes)))
            waiting.removeFirst(CompanyStore.chunkBytes)
        }
    }

    mutating func finish() async throws {
        if !waiting.isEmpty { try await add(waiting) }
        waiting = []
    }

    private mutating func add(_ chunk: [UInt8]) async throws {
        try await company.addChunk(chunk, place, of: id, now: now)
        place += 1
    }

    func abandon() async {
        // The daemon's sweep finds what is left where the store does not answer.
        try? await company.removeChunks(of: id)
    }
}
