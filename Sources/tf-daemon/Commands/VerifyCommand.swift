import ArgumentParser
import Foundation
import TFConfiguration
import TFExpression
import TFSystem

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check that a backup is whole.",
        discussion: """
            Reads every file, and holds its length and SHA-256 against the manifest; then checks the store in it: its pages \
            and indexes, the references between its rows, and that each ticket's files are there. Files that somebody has \
            put beside them are named. Nothing is changed, and no data directory is needed. An archive is unpacked beside itself meanwhile.

            PATH is a backup, an archive, or a directory of backups, of which the newest is checked; with --all, each, and each \
            archive in it.

            Examples:
              tf-daemon verify /var/backups/ticketflower --all
              tf-daemon verify /media/disk/ticketflower.tar.gz

            Exit status: 0 whole, 1 damaged, or there is no backup, 2 wrong usage.
            """)

    @Argument(help: "A backup, a directory of backups, or an archive.") var path: String

    @Flag(help: "Check every backup of the directory.") var all = false

    func run() async throws {
        PrivateFile.keepPrivate()
        if let archive = BackupArchive(path) { return try await Self.check(archive) }
        let generations = BackupGenerations(directory: path)
        let isOne = try PrivateFile.isThere(path + "/" + BackupManifest.name)
        let paths = try all && !isOne ? generations.paths() : [BackupGenerations.newest(at: path)]
        let unfit = try all && !isOne ? generations.withoutManifest() : []
        let archives = all && !isOne ? Self.archives(in: path) : []
        guard !paths.isEmpty || !unfit.isEmpty || !archives.isEmpty else { throw BackupError.none(path) }
        for path in unfit {
            StandardError.write("\(path.onOneLine) has no manifest, and so is no backup; remove it\n")
        }
        var isWhole = unfit.isEmpty
        for path in paths {
            do { try Self.check(path, as: path) } catch {
                StandardError.write("\(error)\n")
                isWhole = false
            }
        }
        for archive in archives {
            do { try await Self.check(archive) } catch {
                StandardError.write("\(archive.path.onOneLine): \(error)\n")
                isWhole = false
            }
        }
        if !isWhole { throw ExitCode(1) }
    }

    /// Those that are whole: one that is being made has a hidden name.
    private static func archives(in directory: String) -> [BackupArchive] {
        // Whether it can be read was told by who looked for backups.
        let names = (try? PrivateFile.names(in: directory)) ?? []
        return names.filter { !$0.hasPrefix(".") }.sorted().compactMap { BackupArchive("\(directory)/\($0)") }
    }

    private static func check(_ archive: BackupArchive) async throws {
        try await archive.withDirectory { directory in
            try await archive.unpack(into: directory)
            try check(directory, as: archive.path)
        }
    }

    private static func check(_ directory: String, as name: String) throws {
        let check = try BackupCheck(directory)
        try check.run(ProgressLine())
        let manifest = check.manifest
        for path in check.foreign() {
            StandardError.write("\(name.onOneLine): \(path.onOneLine) is not in the manifest, and so not restored\n")
        }
        print(
            "\(name.onOneLine) is whole: \(manifest.files.count) files, \(ByteCount.text(manifest.length)), made at "
                + Moment.iso8601(manifest.madeAtMs))
    }
}
