import Foundation
import TFExpression
import TFSystem

/// The list of what a backup holds, with the SHA-256 of every file. It is written last: a directory without one is no
/// backup.
struct BackupManifest: Sendable, Hashable {
    struct File: Sendable, Hashable {
        /// Below the backup's directory, such as `attachments/0f…`.
        let path: String
        let digest: FileDigest
    }

    static let name = "manifest.json"
    static let store = "store.db"
    static let token = "metrics.token"
    /// The directories of a backup.
    enum Folder: String, CaseIterable {
        case keys
        case attachments
        case definitions
    }

    private static let format = 1

    let madeAtMs: Int64
    /// The number of the store's last migration.
    let schema: Int
    var files: [File]

    /// The files of a folder.
    func files(in folder: Folder) -> [File] { files.filter { $0.path.hasPrefix(folder.rawValue + "/") } }

    /// In bytes.
    var length: Int64 { files.reduce(0) { $0 + $1.digest.length } }

    // MARK: Written and read

    var bytes: [UInt8] {
        let json: JSON = [
            "ticketflower_backup": .int(Self.format), "made_at": .string(Moment.iso8601(madeAtMs)),
            "made_at_ms": .int(madeAtMs), "schema": .int(schema),
            "files": .array(
                files.map { file in
                    [
                        "path": .string(file.path), "bytes": .int(file.digest.length),
                        "sha256": .string(file.digest.sha256),
                    ]
                }),
        ]
        return Array((json.prettyText + "\n").utf8)
    }

    /// Reads the manifest of a backup's directory.
    /// - Throws: `BackupError.none` or `.unreadable`.
    init(in directory: String) throws(BackupError) {
        let path = directory + "/" + Self.name
        let isThere: Bool
        do throws(FileFailure) { isThere = try PrivateFile.isThere(path) } catch {
            throw .unreadable(path, because: "\(error)")
        }
        guard isThere else { throw .none(directory) }
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw .unreadable(path, because: "its bytes cannot be read by this account")
        }
        let json: JSON
        do { json = try JSON(parsing: Array(bytes)) } catch { throw .unreadable(path, because: "\(error)") }
        guard json["ticketflower_backup"].intValue == Self.format else {
            throw .unreadable(path, because: "it is no manifest, or one of a newer version")
        }
        guard let at = json["made_at_ms"].intValue, let schema = json["schema"].intValue,
            let entries = json["files"].arrayValue
        else { throw .unreadable(path, because: "it is not complete") }
        var files: [File] = []
        for entry in entries {
            guard let file = File(entry) else {
                throw .unreadable(path, because: "it names a file that cannot belong to a backup")
            }
            files.append(file)
        }
        guard Set(files.map(\.path)).count == files.count, files.contains(where: { $0.path == Self.store }) else {
            throw .unreadable(path, because: "it has no store, or names a file twice")
        }
        (madeAtMs, self.schema, self.files) = (Int64(at), schema, files)
    }

    init(madeAtMs: Int64, schema: Int, files: [File]) {
        self.madeAtMs = madeAtMs
        self.schema = schema
        self.files = files
    }

    /// Whether a path stays inside the backup and is one that a backup has. A manifest may come from anywhere.
    static func isUsable(_ path: String) -> Bool {
        let names = path.split(separator: "/", omittingEmptySubsequences: false)
        guard names.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." && !$0.utf8.contains(0) }) else { return false }
        guard names.count > 1 else { return path == store || path == token }
        guard let folder = Folder(rawValue: String(names[0])) else { return false }
        return folder == .definitions || names.count == 2
    }
}

extension BackupManifest.File {
    fileprivate init?(_ json: JSON) {
        guard let path = json["path"].stringValue, BackupManifest.isUsable(path), let length = json["bytes"].intValue,
            length >= 0, let sha256 = json["sha256"].stringValue, sha256.utf8.count == 64
        else { return nil }
        self.path = path
        digest = FileDigest(length: Int64(length), sha256: sha256)
    }
}
