import Foundation
import TFExpression
import TFSystem

/// When the last backup of a site was made, and where: a file in the data directory, for `doctor`, `status` and the
/// figures.
struct LastBackup: Sendable, Hashable {
    private static let name = "backup.json"

    /// In milliseconds since 1970.
    let atMs: Int64
    let path: String
    /// In bytes.
    let length: Int64

    /// nil: none was made since the data directory was made.
    init?(of data: String) {
        guard let bytes = FileManager.default.contents(atPath: "\(data)/\(Self.name)"),
            let json = try? JSON(parsing: Array(bytes)),  // a file that was cut off says nothing
            let at = json["at_ms"].intValue
        else { return nil }
        (atMs, path, length) = (Int64(at), json["path"].displayText, Int64(json["bytes"].intValue ?? 0))
    }

    init(atMs: Int64, path: String, length: Int64) {
        self.atMs = atMs
        self.path = path
        self.length = length
    }

    func note(in data: String) throws {
        let json: JSON = [
            "at": .string(Moment.iso8601(atMs)), "at_ms": .int(atMs), "path": .string(path), "bytes": .int(length),
        ]
        try PrivateFile.write(Array((json.prettyText + "\n").utf8), to: "\(data)/\(Self.name)")
    }
}
