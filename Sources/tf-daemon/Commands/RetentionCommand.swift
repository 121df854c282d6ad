import ArgumentParser
import Foundation
import TFConfiguration
import TFExpression
import TFStore
import TFSystem

struct RetentionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention", abstract: "Show how long what is old is kept, and what would go now.",
        discussion: """
            A line for each kind: how long it is kept, before which moment it goes, how many there are of it now, how many \
            rows go with them and about how many bytes. It only reads. What it shows is deleted by the daemon, which looks \
            every ten minutes and deletes a few hundred rows at a time; so a preview with another setting tells what that \
            setting would do before it is in force. The file of the store keeps its size, and its room is used again.

            Examples:
              tf-daemon retention
              tf-daemon retention --retention-tickets 730

            Exit status: 0 done, 1 the store cannot be read, 2 wrong usage.
            """)

    @Flag(help: "Only tell, which it does anyway: nothing is ever deleted by this command.") var preview = false

    @Flag(help: "Print one JSON object.") var json = false

    @OptionGroup var options: SettingOptions

    /// A kind with its term and what is older.
    private struct Line: Sendable {
        let kind: RetentionKind
        let term: Int64?
        let end: Int64?
        let amount: ExpiredAmount
    }

    func run() async throws {
        let settings = try Settings.read(options)
        let (terms, now) = (RetentionTerms(settings.retention), WallClock.now())
        try await withStore(settings, onlyReading: true) { store in
            let lines = try await store.read { session in
                try RetentionKind.allCases.map { kind in
                    let end = terms.end(of: kind, now: now)
                    let amount = try end.map { try session.expired(kind, before: $0) } ?? ExpiredAmount()
                    return Line(kind: kind, term: terms.term(of: kind), end: end, amount: amount)
                }
            }
            print(json ? Self.json(lines).text.jsonForTerminals : Self.text(lines))
        }
    }

    private static func text(_ lines: [Line]) -> String {
        let table =
            [["kind", "kept", "goes before", "now", "rows", "about", "what"]]
            + lines.map { line in
                [
                    line.kind.rawValue, line.term.map(term) ?? "for ever",
                    line.end.map { String(Moment.iso8601($0).prefix(16)) } ?? "-", "\(line.amount.count)",
                    "\(line.amount.rows)", ByteCount.text(line.amount.bytes), line.kind.label,
                ]
            }
        let widths = table[0].indices.map { column in table.map { $0[column].count }.max() ?? 0 }
        return table.map { row in
            zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    /// Such as `90 days` or `24 h`.
    private static func term(_ milliseconds: Int64) -> String {
        let hours = milliseconds / 3_600_000
        return hours > 24 ? "\(hours / 24) days" : "\(hours) h"
    }

    private static func json(_ lines: [Line]) -> JSON {
        .object(
            JSONObject(
                lines.map { line in
                    (
                        line.kind.rawValue,
                        [
                            "kept_seconds": line.term.map { .int($0 / 1_000) } ?? .null,
                            "before": .optional(line.end.map(Moment.iso8601)), "count": .int(line.amount.count),
                            "rows": .int(line.amount.rows), "bytes": .int(line.amount.bytes),
                            "oldest": .optional(line.amount.oldestMs.map(Moment.iso8601)),
                        ] as JSON
                    )
                }, uniquingKeysWith: { first, _ in first }))
    }
}
