import Foundation
import TestSupport

@testable import TFStore

/// What PostgreSQL makes of a statement, without carrying it out.
struct PreparedStatement {
    let statement: LoggedStatement
    /// Why it cannot be prepared, in PostgreSQL's words.
    var error: String?
    /// The types of its parameters.
    var parameters: [String] = []
    /// The names and types of the columns that it gives.
    var columns: [(name: String, type: String)] = []
}

extension TestPostgres {
    /// Prepares each statement and asks what it takes and gives.
    func prepare(_ statements: [LoggedStatement]) async throws -> [PreparedStatement] {
        let script = statements.enumerated().map { number, statement in
            let sql = PostgresStatement(TextIndex.translated(statement.sql)).sql
            // On both ways out a line says whose the lines behind it are. A comment may end the statement.
            return """
                \\echo \(Self.mark)\(number)
                \\warn \(Self.mark)\(number)
                PREPARE s\(number) AS \(sql)
                ;
                SELECT unnest(parameter_types) FROM pg_prepared_statements WHERE name = 's\(number)';
                \\echo \(Self.mark)
                \(sql)
                \\gdesc
                """
        }
        let (rows, errors) = try await run(script: script.joined(separator: "\n") + "\n")
        var prepared = statements.map { PreparedStatement(statement: $0) }
        for (number, text) in Self.sections(errors) where !text.isEmpty { prepared[number].error = text }
        for (number, text) in Self.sections(rows) {
            let halves = text.components(separatedBy: Self.mark)
            prepared[number].parameters = halves[0].split(separator: "\n").map(String.init)
            prepared[number].columns =
                halves.last?.split(separator: "\n").compactMap { line in
                    let columns = line.split(separator: "|")
                    return columns.count == 2 ? (String(columns[0]), String(columns[1])) : nil
                } ?? []
        }
        return prepared
    }

    private static let mark = "statement@"

    /// The lines behind each mark with a number.
    private static func sections(_ text: String) -> [(number: Int, text: String)] {
        var sections: [(number: Int, text: String)] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix(mark), let number = Int(line.dropFirst(mark.count)) {
                sections.append((number, ""))
            } else if !sections.isEmpty {
                sections[sections.count - 1].text += line + "\n"
            }
        }
        return sections
    }
}

extension TextIndex {
    /// A statement with this engine's way to find words replaced by PostgreSQL's; any other is left alone.
    static func translated(_ sql: String) -> String {
        sql.replacing(sqlite.source, with: postgres.source).replacing(sqlite.matches, with: postgres.matches)
            .replacing(sqlite.latestFirst, with: postgres.latestFirst)
    }
}
