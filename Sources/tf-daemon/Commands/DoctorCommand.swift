import ArgumentParser
import TFConfiguration
import TFExpression

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Look at everything that the site needs, and tell what to do.",
        discussion: """
            One line for each thing, with its remedy: the programs and libraries with their versions (redis-server, dot, \
            tar, SQLite, OpenSSL, libpq where PostgreSQL keeps the record, sendmail), the data directory with its owner and \
            mode, the disk, the definitions' directory, the key files, the end of tls.cert, the last backup; the store with \
            its schema, integrity and references, its log, its clock, events that are set aside; with PostgreSQL the \
            server's version, collation, synchronous_commit and standbys, its clock, the account's rights and a pooler \
            before it; Redis with its maxmemory-policy (the one that a daemon runs itself only while it runs), the outbox \
            and definitions in error; and, while a daemon runs, lists that differ from the store and workflows that are set \
            aside.

            It only reads, whether the programs run or not. The whole store is read, which takes some seconds a gigabyte. \
            Run it as the account that runs the programs, with their settings.

            A line begins with ok, with note for what is worth knowing, or with FAULT. --json prints one object: faults, \
            the number of them, and checks, each with subject, verdict (ok, note, fault), text, remedy.

            Example:
              tf-daemon doctor --config /etc/ticketflower/ticketflower.json

            Exit status: 0 no fault, 1 a fault or more, 2 wrong usage.
            """)

    @Flag(help: "Print one JSON object.") var json = false

    @OptionGroup var options: SettingOptions

    func run() async throws {
        let findings = try await Doctor(settings: Settings.read(options), now: WallClock.now()).findings()
        let faults = findings.count { $0.verdict == .fault }
        if json {
            let object: JSON = ["faults": .int(faults), "checks": .array(findings.map(\.json))]
            print(object.text.jsonForTerminals)
        } else {
            let width = findings.map(\.subject.count).max() ?? 0
            for finding in findings { print(finding.line(width: width)) }
        }
        if faults > 0 { throw ExitCode(1) }
    }
}
