import Foundation
import TFDefinition
import TFEngine
import TFSystem

/// Where the content of uploaded files is: beside SQLite's file in the data directory, on PostgreSQL in rows of the
/// store, so that every host reaches it.
package enum AttachmentHome: Sendable {
    case files(AttachmentFiles)
    case rows

    /// - Parameter isReadOnly: whether the directory is used as it is, also if it is missing.
    init(directory: String, at location: StoreLocation, isReadOnly: Bool = false) throws {
        self =
            switch location {
            case .file: .files(try AttachmentFiles(directory: directory + "/attachments", isReadOnly: isReadOnly))
            case .server: .rows
            }
    }
}

/// Names the content of an uploaded file.
package struct AttachmentKey: Sendable, Hashable {
    package let company: CompanyID
    package let id: AttachmentID

    package init(company: CompanyID, id: AttachmentID) { (self.company, self.id) = (company, id) }
}

extension AttachmentKey: RowReadable {
    package init(row: Row) { self.init(company: row["company_id"], id: row["id"]) }
}

extension Store {
    /// Removes the content of a file whose row is gone; nothing happens if it is gone too.
    func removeContent(of file: AttachmentKey) async throws {
        switch attachments {
        case .files(let files): try await files.remove(file.id)
        case .rows: try await inside(file.company).removeChunks(of: file.id)
        }
    }

    /// Removes the content of a file that a ticket still refers to.
    func emptyContent(of file: AttachmentKey) async throws {
        switch attachments {
        case .files(let files): try await files.empty(file.id)
        case .rows: try await inside(file.company).removeChunks(of: file.id)
        }
    }

    /// Copies the content of a file into a new file that only its owner can read, and syncs it.
    /// - Parameters:
    ///   - size: the file's, in bytes.
    ///   - target: the new file's path; nothing may be there.
    /// - Returns: false if the content is gone, or was never there.
    package func copyContent(of file: AttachmentKey, size: Int, to target: String) async throws -> Bool {
        switch attachments {
        case .files(let files):
            guard try PrivateFile.isThere(files.path(file.id)) else { return false }
            _ = try FileDigest.copying(files.path(file.id), to: target)
            return true
        case .rows:
            let company = inside(file.company)
            var next = try await company.chunk(0, of: file.id)
            guard next != nil || size == 0 else { return false }
            let copy = try OpenFile(private: target, O_WRONLY | O_EXCL)
            var (place, length) = (0, 0)
            while let chunk = next {
                guard copy.use({ RawBytes.write(chunk, to: $0) }) == true else {
                    throw FileFailure.refused(step: "write", path: target, errno: errno)
                }
                (place, length) = (place + 1, length + chunk.count)
                next = try await company.chunk(place, of: file.id)
            }
            guard copy.use({ descriptor in fsync(descriptor) == 0 }) == true, copy.close() else {
                throw FileFailure.refused(step: "write", path: target, errno: errno)
            }
            return length == size
        }
    }
}
