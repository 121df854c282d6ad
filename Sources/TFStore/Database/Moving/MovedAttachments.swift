import Foundation
import GRDB
import Glibc
import TFSystem

/// The content of uploaded files while a record is moved. Beside SQLite's file it lies in files, on PostgreSQL in rows; here
/// the files are read and written as those rows, so that the proof of a move holds for them too.
final class MovedAttachments {
    static let table = StoreTable.attachmentChunk.rawValue
    /// The directory while it is filled; it gets its name when it is whole.
    static let unfinished = "attachments.moving"

    private let files: AttachmentFiles
    /// The file that is being written, with its name and the time that it will have, in milliseconds since 1970.
    private var open: (file: OpenFile, id: String, changedAt: Int64)?

    init(_ directory: String, isReadOnly: Bool) throws {
        files = try AttachmentFiles(directory: directory, isReadOnly: isReadOnly)
    }

    // MARK: From files

    /// Gives the rows of all attachments, in the order of their key.
    func rows(_ db: Database, _ row: ([SQLValue]) throws -> Void) throws {
        let attachments = try SQLite.translated {
            try GRDB.Row.fetchAll(db, sql: "SELECT company_id, id FROM attachment ORDER BY company_id, id")
                .map { (company: $0[0] as Int64, id: $0[1] as String) }
        }
        // One whose content was erased has an empty file or none.
        for attachment in attachments where try PrivateFile.isThere(files.path(attachment.id)) {
            guard let file = FileHandle(forReadingAtPath: files.path(attachment.id)) else {
                throw refusal("read", attachment.id)
            }
            defer { try? file.close() }
            var status = stat()
            guard fstat(file.fileDescriptor, &status) == 0 else { throw refusal("read", attachment.id) }
            let changed = Int64(status.st_mtim.tv_sec) * 1_000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
            var place: Int64 = 0
            while let bytes = try file.read(upToCount: CompanyStore.chunkBytes), !bytes.isEmpty {
                try row([
                    .integer(attachment.company), .text(attachment.id), .integer(place), .blob(Array(bytes)),
                    .integer(changed),
                ])
                place += 1
            }
        }
    }

    func count(_ db: Database) throws -> Int {
        var count = 0
        try rows(db) { _ in count += 1 }
        return count
    }

    // MARK: Into files

    /// Writes rows, which come in the order of their key.
    func add(_ give: ((([SQLValue]) throws -> Void)) throws -> Void) throws {
        try give { row in
            guard case .text(let id) = row[1], case .integer(let place) = row[2], case .blob(let bytes) = row[3],
                case .integer(let changedAt) = row[4], !id.contains("/")
            else { throw UnfitValue(reason: "it is no part of a file") }
            if open?.id != id || place == 0 {
                try finish()
                open = (try OpenFile(private: files.path(id), O_WRONLY | O_EXCL), id, changedAt)
            }
            guard open?.file.use({ RawBytes.write(bytes, to: $0) }) == true else { throw refusal("write", id) }
        }
        try finish()
        try OpenDirectory(files.directory)?.sync()
    }

    /// Syncs the open file and gives it its time.
    private func finish() throws {
        guard let (file, id, changedAt) = open else { return }
        open = nil
        let time = timespec(tv_sec: Int(changedAt / 1_000), tv_nsec: Int(changedAt % 1_000) * 1_000_000)
        CrashPoint.reach(.upload)
        let isSafe = file.use { descriptor in
            [time, time].withUnsafeBufferPointer { futimens(descriptor, $0.baseAddress) == 0 } && fsync(descriptor) == 0
        }
        guard isSafe == true, file.close() else { throw refusal("write", id) }
        CrashPoint.reach(.uploaded)
    }

    private func refusal(_ step: String, _ id: String) -> FileFailure {
        .refused(step: step, path: files.path(id), errno: errno)
    }
}
