import Foundation

@testable import TFStore

/// A statement that some test had SQLite carry out.
struct LoggedStatement: Hashable {
    let sql: String
    /// For each combination of values that it was given, a letter for each value: `i`, `r`, `t`, `b`, or `n` for NULL.
    var kinds: Set<String>

    /// With a single space wherever one can be, to be compared with the sources.
    var words: String { Self.words(sql) }

    static func words(_ text: String) -> String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }

    /// The directory that this test run's statements are in; nil: they were not logged.
    static let directory = ProcessInfo.processInfo.environment["TF_TEST_STATEMENTS"]

    /// All that the processes of the test run have logged (`StatementLog` has the form), by their text.
    static func all() throws -> [LoggedStatement] {
        guard let directory else { return [] }
        var kinds: [String: Set<String>] = [:]
        for file in try FileManager.default.contentsOfDirectory(atPath: directory) {
            let text = try String(contentsOfFile: directory + "/" + file, encoding: .utf8)
            for entry in text.split(separator: "\0") {
                let lines = entry.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
                kinds[String(lines[1]), default: []].insert(String(lines[0]))
            }
        }
        return kinds.filter { !isTransaction($0.key) }.map { LoggedStatement(sql: $0.key, kinds: $0.value) }
            .sorted { $0.sql < $1.sql }
    }

    /// How a transaction goes is the engines' own matter.
    private static func isTransaction(_ sql: String) -> Bool {
        ["SAVEPOINT ", "RELEASE ", "ROLLBACK "].contains { sql.hasPrefix($0) }
    }
}
