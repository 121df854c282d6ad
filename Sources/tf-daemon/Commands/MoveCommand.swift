import ArgumentParser
import Foundation
import TFConfiguration
import TFStore
import TFSystem

struct MoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move", abstract: "Move the record from SQLite to PostgreSQL, or back, with proof.",
        discussion: """
            Copies every table of the record, from where the settings say that it is (the data directory, or store.url) to \
            another place, reads all of it there again, and compares the number of rows and a SHA-256 of all values of \
            each table. Only if all are equal does it say that it is done, and closes the record that was moved: it stays \
            as it is, and no program opens it any more.

            --to names an empty database of PostgreSQL, as store.url does, without a password (libpq takes it from \
            PGPASSFILE, PGPASSWORD or a service file); or, for the way back, sqlite: and a data directory that has no \
            store.db.

            Stop tf-daemon and tf-web on every machine first: while anybody has the record open nothing is moved, and \
            whoever opens it meanwhile waits. Numbers and ids stay the same and are continued, the search index is made \
            anew, and Redis is filled by the daemon when it starts. A move that was interrupted or has failed leaves the \
            record where it was and nothing in the other place: begin again.

            The files that people attached move too, and the site's keys with the metrics' token: they are files in the data \
            directory beside SQLite's file, and rows of the database on PostgreSQL, where the master key (master.key.file) \
            seals the keys. It is made if it is missing; every machine needs the file.

            Examples:
              tf-daemon move --to postgresql://ticketflower@db1/ticketflower --dry-run
              tf-daemon move --to postgresql://ticketflower@db1/ticketflower
              TF_STORE_URL=postgresql://ticketflower@db1/ticketflower tf-daemon move --to sqlite:/var/lib/ticketflower

            Exit status: 0 done, 1 nothing was moved, 2 wrong usage.
            """)

    @Option(help: ArgumentHelp("Where to: postgresql://…, or sqlite: and a data directory.", valueName: "place"))
    var to: String?

    @Flag(help: "Only check whether it could be done, and count the rows.") var dryRun = false

    @Flag(help: "Open the record again that was moved away: what was done in its new place since is not in it.")
    var reopen = false

    @OptionGroup var options: SettingOptions

    func validate() throws {
        guard reopen == (to == nil) else { throw ValidationError("name the place with --to, or --reopen the record") }
        guard !(reopen && dryRun) else { throw ValidationError("--dry-run goes with --to") }
        _ = try to.map(Self.place)
    }

    private static func place(_ text: String) throws -> MovePlace {
        if ["postgresql://", "postgres://"].contains(where: text.hasPrefix) {
            guard DatabaseAddress.withoutPassword(text) == text else {
                throw ValidationError(
                    "a password in an option can be seen by everybody on this machine; name it in PGPASSFILE or PGPASSWORD"
                )
            }
            return .server(url: text)
        }
        let scheme = "sqlite:"
        guard text.hasPrefix(scheme), text.count > scheme.count else {
            throw ValidationError(
                "--to cannot be \"\(text.onOneLine)\"; it begins with postgresql://, or is sqlite: and a data directory"
            )
        }
        return .directory(String(text.dropFirst(scheme.count)))
    }

    func run() async throws {
        PrivateFile.keepPrivate()
        let settings = try Settings.read(options)
        let source = MovePlace(StoreLocation(settings.storeURL), data: settings.data)
        guard let target = try to.map(Self.place) else { return try Self.open(source) }
        if dryRun { return try Self.look(from: source, to: target, settings) }
        print("From \(source.description.onOneLine) to \(target.description.onOneLine)")
        let report = MoveReport()
        do { try StoreMove.run(from: source, to: target, masterKey: settings.masterKeyFile) { report.show($0) } } catch
        {
            report.clear()
            throw error
        }
        print(
            """
            \(report.rows) rows of \(report.tables) tables are equal in both places. The record in \
            \(source.description.onOneLine) is kept as it is, and no program opens it any more.
            \(Self.next(target, settings))
            """)
    }

    /// What is to be done now.
    private static func next(_ target: MovePlace, _ settings: Settings) -> String {
        switch target {
        case .server:
            """
            Set store.url (TF_STORE_URL) to \(target.description.onOneLine) for tf-daemon, tf-web and every command, and start \
            them: Redis is filled again by itself. The site's keys are sealed with the master key in \
            \(settings.masterKeyFile.onOneLine): give that file to every machine, keep a copy of it, and remove \
            keys and metrics.token from \(settings.data.onOneLine) when you are sure that you do not go back.
            """
        case .directory(let directory):
            """
            Take store.url (TF_STORE_URL) out of the settings, set data (TF_DATA) to \(directory.onOneLine), and start \
            tf-daemon and tf-web: Redis is filled again by itself. The keys and metrics.token are there, too.
            """
        }
    }

    private static func look(from source: MovePlace, to target: MovePlace, _ settings: Settings) throws {
        let counts = try StoreMove.look(from: source, to: target, masterKey: settings.masterKeyFile)
        for count in counts where count.rows > 0 { print(MoveReport.line(count.table, count.rows)) }
        print(
            "\(counts.map(\.rows).reduce(0, +)) rows of \(counts.count) tables could be moved from "
                + "\(source.description.onOneLine) to \(target.description.onOneLine)")
    }

    private static func open(_ source: MovePlace) throws {
        guard let place = try StoreMove.reopen(source) else {
            try fail("the record in \(source.description.onOneLine) was not moved away")
        }
        print(
            """
            The record in \(source.description.onOneLine) can be opened again, as it was when it was moved to \
            \(place.onOneLine). Nobody may work there any more.
            """)
    }
}

/// Tells how far a move is: a line on the terminal meanwhile, and one for each table that is equal on both sides.
private final class MoveReport {
    private let progress = ProgressLine()
    private var begun = ContinuousClock.now
    private var what = ""
    private(set) var rows = 0
    private(set) var tables = 0

    func show(_ step: StoreMove.Step) {
        let what = "\(step.isComparing ? "compare" : "copy") \(step.table)"
        if what != self.what { (self.what, begun) = (what, .now) }
        guard let proof = step.proof else {
            let seconds = (ContinuousClock.now - begun) / .seconds(1)
            return progress.show(
                what, rows: step.rows, rate: seconds > 0 ? Int(Double(step.rows) / seconds) : step.rows)
        }
        progress.clear()
        rows += proof.rows
        tables += 1
        print("\(Self.line(proof.table, proof.rows))  \(proof.sha256.prefix(32))  equal")
    }

    func clear() { progress.clear() }

    static func line(_ table: String, _ rows: Int) -> String {
        let number = String(rows)
        return table.padding(toLength: 18, withPad: " ", startingAt: 0)
            + String(repeating: " ", count: max(1, 12 - number.count)) + "\(number) rows"
    }
}
