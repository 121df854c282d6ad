import Foundation
import Subprocess
import TFConfiguration
import TFSystem

/// A backup in one file, packed and unpacked by the system's `tar`.
struct BackupArchive {
    /// The options of `tar` by the file's ending.
    private static let kinds: [(ending: String, options: [String])] = [
        (".tar", []), (".tar.gz", ["--gzip"]), (".tgz", ["--gzip"]), (".tar.zst", ["--zstd"]),
    ]

    /// The endings of names that are packed into one file.
    static var endings: [String] { kinds.map(\.ending) }

    /// Endings of archives that this does not make.
    private static let otherEndings = [
        ".zip", ".7z", ".rar", ".gz", ".bz2", ".xz", ".zst", ".lz4", ".tbz", ".tbz2", ".txz", ".tzst", ".cpio",
    ]

    /// Whether a name is that of an archive of another kind, and not of a directory that is there.
    static func isOtherArchive(_ path: String) -> Bool {
        guard BackupArchive(path) == nil, otherEndings.contains(where: { path.lowercased().hasSuffix($0) }) else {
            return false
        }
        var status = stat()
        return stat(path, &status) != 0 || status.st_mode & S_IFMT != S_IFDIR
    }

    let path: String
    private let options: [String]

    /// nil: the name has none of the endings.
    init?(_ path: String) {
        guard let kind = Self.kinds.first(where: { path.hasSuffix($0.ending) }) else { return nil }
        self.path = path
        options = kind.options
    }

    private var parent: String { path.parentPath }

    private var name: String { path.lastPathName }

    /// Runs a body with a new directory beside the file, which goes afterwards.
    func withDirectory<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        let directory = "\(parent)/.\(name).\(Random.name())"
        try PrivateFile.makeDirectory(directory)
        defer { try? PrivateFile.removeAll(directory) }  // what is left can be removed by hand
        return try await body(directory)
    }

    /// Packs a backup. The file appears when it is whole, and takes the place of an older one then.
    /// - Parameters:
    ///   - directory: the backup without the attachments that tickets use.
    ///   - data: the directory in which the attachments are.
    func pack(_ directory: String, _ manifest: BackupManifest, attachmentsOf data: String) async throws {
        let list = directory + "/.attachments"
        let names = manifest.files(in: .attachments).map(\.path).filter {
            !FileManager.default.fileExists(atPath: "\(directory)/\($0)")
        }.map { $0 + "\0" }.joined()
        try PrivateFile.write(Array(names.utf8), to: list)
        let draft = "\(parent)/.\(name).\(Random.name())"
        do {
            let content = try PrivateFile.names(in: directory).filter { !$0.hasPrefix(".") }
            try await tar(
                ["--create", "--file", draft] + options
                    + ["--format=pax", "--owner=0", "--group=0", "--numeric-owner", "--directory", directory]
                    + content.sorted().map { "./" + $0 }
                    + ["--directory", data, "--null", "--verbatim-files-from", "--files-from", list])
            try PrivateFile.publish(draft, as: path)
        } catch {
            unlink(draft)
            throw error
        }
    }

    /// Unpacks it into an empty directory.
    func unpack(into directory: String) async throws {
        guard FileManager.default.isReadableFile(atPath: path) else { throw BackupError.none(path) }
        if let free = DiskSpace(at: directory)?.free, free < DiskSpace.length(of: path) {
            throw BackupError.noRoom(directory, needed: DiskSpace.length(of: path), free: free)
        }
        try await tar(
            ["--extract", "--file", path] + options
                + ["--no-same-owner", "--no-same-permissions", "--directory", directory])
    }

    private func tar(_ arguments: [String]) async throws {
        let result = try await Descriptors.startingProcess {
            try await Subprocess.run(
                .name("tar"), arguments: .init(arguments), output: .discarded, error: .string(limit: 4_096))
        }
        guard result.terminationStatus.isSuccess else {
            let words = result.standardError.split(separator: "\n").prefix(3).joined(separator: "; ")
            throw BackupError.archiver("tar could not go on with \(path): \(words)")
        }
    }
}
