import Foundation
import TFDefinition
import TFEngine
import TFSystem

/// The files that people uploaded, each named by its random id: no name or path from outside is used on the disk.
package struct AttachmentFiles: Sendable {
    /// Its path, without a slash at its end.
    package let directory: String
    /// A sync waits for the disk.
    private let threads = BlockingThreads("attachments", count: 1)

    /// - Parameter isReadOnly: whether the directory is used as it is, also if it is missing.
    init(directory: String, isReadOnly: Bool = false) throws {
        self.directory = directory
        if !isReadOnly { try PrivateFile.makeDirectory(directory) }
    }

    /// The path of a file. Ids are made by `newID`; one from a request is used only if it has a row.
    package func path(_ id: AttachmentID) -> String { path(id.rawValue) }

    /// The same for a row that was read without its types.
    func path(_ id: String) -> String { directory + "/" + id }

    /// A new id: 128 random bits in hexadecimal digits.
    package static func newID() -> AttachmentID { AttachmentID(Random.name()) }

    /// Removes a file whose row is gone, also across a power cut; nothing happens if the file is gone too.
    /// - Throws: `FileFailure.refused`.
    func remove(_ id: AttachmentID) async throws {
        try await threads.value { _ = try OpenDirectory(directory)?.remove(id.rawValue) }
    }

    /// Removes the content of a file, also across a power cut, and keeps the file: a ticket refers to it.
    /// - Throws: `FileFailure.refused`.
    func empty(_ id: AttachmentID) async throws {
        try await threads.value { _ = try OpenDirectory(directory)?.empty(id.rawValue) }
    }

    /// The ids of files changed before a moment, in milliseconds since 1970, to find those without a row.
    /// - Throws: `FileFailure.refused` if the directory cannot be read.
    func ids(changedBefore moment: Int64) throws(FileFailure) -> [AttachmentID] {
        try PrivateFile.names(in: directory).map { AttachmentID($0) }.filter { id in
            var status = stat()
            return lstat(path(id), &status) == 0 && Int64(status.st_mtim.tv_sec) * 1000 < moment
        }
    }
}
