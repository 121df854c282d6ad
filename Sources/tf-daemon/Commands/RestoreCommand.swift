import ArgumentParser
import Foundation
import TFConfiguration
import TFExpression
import TFSystem

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Put a backup into an empty data directory.",
        discussion: """
            The data and the definitions go where the settings say. Both directories must be missing or empty: a restore \
            mixes with nothing, and there is no option to change that. Every file is held against the manifest while it is \
            copied, and the store is checked; if anything is wrong, what was copied is removed again. Until it is done, the \
            programs refuse to start on the directory.

            Afterwards, start the programs: the daemon fills Redis from the store, and what was under way goes on. Run it \
            as the account that runs them, or give the files to it with chown. What happened after the backup is not \
            there: people send it again. Keys that were revoked since are in force again.

            PATH is a backup, an archive, or a directory of backups, of which the newest is taken. An archive is unpacked \
            beside itself meanwhile.

            Examples:
              tf-daemon restore /var/backups/ticketflower --data /var/lib/ticketflower --definitions /srv/ticketflower/workflows
              tf-daemon restore ticketflower.tar.gz --without-definitions

            Exit status: 0 done, 1 nothing was restored, 2 wrong usage.
            """)

    @Argument(help: "A backup, a directory of backups, or an archive.") var path: String

    @Flag(help: "Leave the backup's definitions out; those in force are in the store.") var withoutDefinitions = false

    @OptionGroup var options: SettingOptions

    func run() async throws {
        PrivateFile.keepPrivate()
        let settings = try Settings.read(options)
        let restore = BackupRestore(
            data: settings.data, definitions: withoutDefinitions ? nil : settings.definitions)
        try restore.check()
        guard let archive = BackupArchive(path) else {
            return try run(restore, BackupGenerations.newest(at: path))
        }
        try await archive.withDirectory { directory in
            try await archive.unpack(into: directory)
            try run(restore, directory)
        }
    }

    private func run(_ restore: BackupRestore, _ directory: String) throws {
        let check = try BackupCheck(directory)
        try restore.run(check, ProgressLine())
        let manifest = check.manifest
        print(
            """
            \(restore.data.onOneLine) holds the site as it was at \(Moment.iso8601(manifest.madeAtMs)): \
            \(manifest.files.count) files, \(ByteCount.text(manifest.length)).
            """)
        if manifest.files(in: .keys).isEmpty {
            print(
                """
                The backup has no keys: put them into \(restore.data.onOneLine)/keys before you start the programs. Only if \
                they are lost for good: `tf-web keys renew --help` tells how to do without them, and secrets of workflows \
                are removed and set anew by `tf-daemon secret`.
                """)
        } else {
            print("Start tf-daemon and tf-web; the daemon fills the queues again.")
        }
    }
}
