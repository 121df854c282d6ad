import Foundation
import TFSystem

/// The files that people sent, each under its random id; no name or path from outside ever touches the disk.
package struct AttachmentFiles: Sendable {
    package let directory: String

    init(directory: String) throws {
        self.directory = directory
        try PrivateFile.makeDirectory(directory)
    }

    /// Where a file's bytes are. Ids are made by `newID`, never taken from a request without its row.
    package func path(_ id: String) -> String { directory + "/" + id }

    /// 128 random bits in hexadecimal digits.
    package static func newID() -> String { Random.name() }

    /// Removes a file that no row names any more; one that is gone already is as good.
    package func remove(_ id: String) { unlink(path(id)) }

    /// The ids of files older than a moment, for the sweep that finds those without a row.
    func ids(changedBefore moment: Int64) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []  // nothing to sweep
        return names.filter { name in
            var status = stat()
            return lstat(path(name), &status) == 0 && Int64(status.st_mtim.tv_sec) * 1000 < moment
        }
    }
}
