import Foundation
import TFDefinition
import TFEngine
import TFSystem

/// The files that people uploaded, each named by its random id: no name or path from outside is used on the disk.
package struct AttachmentFiles: Sendable {
    /// Its path, without a slash at its end.
    package let directory: String

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

    /// Removes a file whose row is gone; nothing happens if the file is gone too.
    package func remove(_ id: AttachmentID) {
        CrashPoint.reach(.remove)
        unlink(path(id))
        CrashPoint.reach(.removed)
    }

    /// Removes the content of a file, and keeps the file: a ticket refers to it.
    func empty(_ id: AttachmentID) throws {
        CrashPoint.reach(.remove)
        guard truncate(path(id), 0) == 0 || errno == ENOENT else {
            throw FileFailure.refused(step: "empty", path: path(id), errno: errno)
        }
        CrashPoint.reach(.removed)
    }

    /// The ids of files changed before a moment, in milliseconds since 1970, to find those without a row.
    func ids(changedBefore moment: Int64) -> [AttachmentID] {
        let names = (try? PrivateFile.names(in: directory)) ?? []  // nothing to sweep
        return names.map { AttachmentID($0) }.filter { id in
            var status = stat()
            return lstat(path(id), &status) == 0 && Int64(status.st_mtim.tv_sec) * 1000 < moment
        }
    }
}
