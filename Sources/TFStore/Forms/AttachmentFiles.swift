import Foundation

/// The files that people sent, each under its random id; no name or path from outside ever touches the disk.
package struct AttachmentFiles: Sendable {
    package let directory: String

    init(directory: String) throws {
        self.directory = directory
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    /// Where a file's bytes are. Ids are made by `newID`, never taken from a request without its row.
    package func path(_ id: String) -> String { directory + "/" + id }

    /// 128 random bits in hexadecimal.
    package static func newID() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(generator.next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

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
