import ArgumentParser
import Foundation
import TFConfiguration
import TFExpression
import TFSystem

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy the whole site while it runs: store, attachments, keys, definitions.",
        discussion: """
            The copy is the site as it was at one moment: every ticket that was acknowledged before is in it. The programs \
            go on meanwhile, and none of them has to run. The store is checked, every file is listed in manifest.json with \
            its SHA-256, and only the owner can read any of it.

            TARGET is a directory, which may be there or not. Each backup gets a directory of its own in it, named by its \
            moment in UTC. Attachments that the backup before has with the same bytes are linked to and take no room \
            again. With --keep, all but the newest are removed afterwards, unless this one lacks a file that an older one \
            may still have.

            Or TARGET is a file that ends in .tar, .tar.gz, .tgz or .tar.zst: an archive by the system's tar, with all of \
            it, which takes the place of an older one when it is whole.

            Files: TARGET/<moment>/{manifest.json,store.db,metrics.token,keys/,attachments/,definitions/}. With the keys, \
            everything in the backup can be read, secrets too: keep it as you keep the site, or leave them out with \
            --without-keys and keep a copy of <data>/keys elsewhere. Hidden files among the definitions are left out, and \
            Redis, which is filled from the store.

            <data>/backup.json notes the last backup, for `tf-daemon doctor` and the alert BackupOld.

            Examples:
              tf-daemon backup /var/backups/ticketflower --keep 14
              tf-daemon backup /media/disk/ticketflower.tar.gz

            Exit status: 0 done, 1 no backup was made, 2 wrong usage, 3 made, but a file of a ticket is not in the data \
            directory any more.
            """)

    @Argument(help: "A directory for backups, or an archive's name.") var target: String

    @Option(help: ArgumentHelp("Keep this many of the directory's backups, 1 or more.", valueName: "number"))
    var keep: Int?

    @Flag(help: "Leave out <data>/keys and metrics.token.") var withoutKeys = false

    @OptionGroup var options: SettingOptions

    func validate() throws {
        guard !target.isEmpty else { throw ValidationError("the name of the target is empty") }
        if let keep, keep < 1 { throw ValidationError("--keep is 1 or more") }
        guard keep == nil || BackupArchive(target) == nil else {
            throw ValidationError("--keep goes with a directory; \(target) is an archive")
        }
        guard !BackupArchive.isOtherArchive(target) else {
            throw ValidationError(
                "\(target.onOneLine) would become a directory; the name of an archive ends in "
                    + BackupArchive.endings.joined(separator: ", "))
        }
    }

    func run() async throws {
        PrivateFile.keepPrivate()
        let settings = try Settings.read(options)
        guard settings.storeURL == nil else {
            throw ValidationError(
                "the record is in PostgreSQL: back it up with pg_dump or pg_basebackup, and keep a copy of the master key's "
                    + "file \(settings.masterKeyFile) elsewhere"
            )
        }
        let path = URL(fileURLWithPath: target).standardizedFileURL.path
        func isInside(_ directory: String) -> Bool {
            (path + "/").hasPrefix(URL(fileURLWithPath: directory).standardizedFileURL.path + "/")
        }
        guard !isInside(settings.data) else {
            throw ValidationError("a backup in the data directory would be lost with it; name another place")
        }
        guard !isInside(settings.definitions) else {
            throw ValidationError(
                "a backup among the definitions would be a part of the next one; name another place than \(path.onOneLine)"
            )
        }
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: settings.definitions, isDirectory: &isDirectory),
            isDirectory.boolValue
        else { throw BackupError.noDefinitions(settings.definitions) }
        let maker = BackupMaker(
            data: settings.data, definitions: settings.definitions, includesKeys: !withoutKeys,
            progress: ProgressLine())
        let (made, result) = try await make(maker, path)
        print(Self.summary(made, result))
        for unread in result.unread {
            let place = "\(settings.definitions)/\(unread.path)".onOneLine
            StandardError.write("\(place) cannot be read, and is not in the backup: \(unread.obstacle.noun)\n")
        }
        guard result.missing.isEmpty else {
            for id in result.missing {
                StandardError.write("attachments/\(id) belongs to a ticket and is not in the data directory\n")
            }
            StandardError.write("it is not noted as the last backup, and no older one is removed\n")
            throw ExitCode(3)
        }
        try LastBackup(atMs: result.manifest.madeAtMs, path: made, length: result.manifest.length)
            .note(in: settings.data)
        if let keep, case let removed = try BackupGenerations(directory: path).keep(keep, besides: made), removed > 0 {
            print("removed \(removed) older \(removed == 1 ? "one" : "ones")")
        }
    }

    private func make(_ maker: BackupMaker, _ path: String) async throws -> (path: String, BackupMaker.Result) {
        let now = WallClock.now()
        guard let archive = BackupArchive(path) else {
            return try BackupGenerations(directory: path).add(at: now) { directory, newest in
                try maker.fill(directory, .copied(like: newest), at: now)
            }
        }
        let result = try await archive.withDirectory { directory in
            let result = try maker.fill(directory, .listed, at: now)
            try await archive.pack(directory, result.manifest, attachmentsOf: maker.data)
            return result
        }
        return (path, result)
    }

    private static func summary(_ path: String, _ result: BackupMaker.Result) -> String {
        let manifest = result.manifest
        let store = manifest.files.first { $0.path == BackupManifest.store }?.digest.length ?? 0
        let files = manifest.files(in: .attachments).count
        let linked = result.linked > 0 ? ", \(result.linked) of them linked" : ""
        return """
            \(path.onOneLine)
              store of \(ByteCount.text(store)), \(files) attachments\(linked), \
            \(manifest.files(in: .definitions).count) definitions, \(manifest.files(in: .keys).count) keys; \
            \(ByteCount.text(manifest.length)) in all
            """
    }
}
