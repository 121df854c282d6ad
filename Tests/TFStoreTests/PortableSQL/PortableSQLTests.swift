import Foundation
import TestSupport
import Testing

@testable import TFStore

/// One text for both engines: what a whole test run had SQLite carry out is prepared on PostgreSQL.
///
/// `make test` runs this suite last, on what all suites before have logged; docs/contributing.md tells the rules.
@Suite(.enabled(if: LoggedStatement.directory != nil, "it needs the statements that a whole run of `make test` logs"))
struct PortableSQLTests {
    /// `Database` is SQLite itself.
    private static let sources = Result { try SQLLiteral.all(in: "Sources/TFStore", except: "Database/") }

    /// What was logged of the sources, and not of the tests that look into their store.
    static func statements() throws -> [LoggedStatement] {
        let sources = try sources.get()
        let tests = try SQLLiteral.all(in: "Tests")
        return try LoggedStatement.all().filter { statement in
            let words = statement.words
            if sources.contains(where: { $0.isBeginning(of: words) }) { return true }
            // Of neither: then our look at the sources is wrong, and what it says of them is worth nothing.
            #expect(tests.contains { $0.isBeginning(of: words) }, "where does it come from? \(words)")
            return false
        }
    }

    @Test func `every statement of the sources was carried out by some test`() throws {
        let statements = try Self.statements().map(\.words)
        let literals = try Self.sources.get()
        #expect(literals.count > 300, "the store has many statements")
        for literal in literals where !statements.contains(where: literal.isPart) {
            Issue.record("\(literal.place): no test carries out \(literal.pieces.joined(separator: " … "))")
        }
    }

    @Test func `every statement prepares on PostgreSQL, with values of the same kinds`() async throws {
        let statements = try Self.statements()
        let prepared = try await TestPostgres.with { server in
            #expect(try await server.makeSchema() == "")
            return try await server.prepare(statements)
        }
        for one in prepared where !one.problems.isEmpty {
            let words = one.statement.words
            let places = try Self.sources.get().filter { $0.isBeginning(of: words) }
            Issue.record(
                """
                \(places.map(\.place).joined(separator: ", "))
                \(one.problems.joined(separator: "\n"))
                \(one.statement.sql)
                """)
        }
    }

    @Test func `no statement leaves the case of letters to the database`() throws {
        let unwanted: Set<Substring> = ["LIKE", "ILIKE", "LOWER", "UPPER", "GLOB", "NOCASE", "CITEXT"]
        for statement in try Self.statements() {
            let words = statement.sql.uppercased().split { !$0.isLetter && $0 != "_" }
            #expect(unwanted.isDisjoint(with: words), "\(statement.sql)")
        }
    }
}

extension PreparedStatement {
    /// What is wrong with it.
    fileprivate var problems: [String] {
        if let error { return [error] }
        var problems: [String] = []
        if parameters.count != PostgresStatement(statement.sql).parameters {
            problems.append("it has \(parameters.count) parameters on PostgreSQL")
        }
        for kinds in statement.kinds.sorted() {
            for (place, (kind, type)) in zip(kinds, parameters).enumerated() where !Self.takes(type, kind) {
                problems.append("$\(place + 1) is \(type) on PostgreSQL; the values were of the kinds \(kinds)")
            }
        }
        // A row holds numbers, texts and bytes; a comparison that is a value has to say which number it is.
        for column in columns where !["bigint", "integer", "text", "bytea"].contains(column.type) {
            problems.append("the column \(column.name) is \(column.type) on PostgreSQL")
        }
        return problems
    }

    private static func takes(_ type: String, _ kind: Character) -> Bool {
        switch kind {
        case "i": type == "bigint" || type == "integer"
        case "r": type == "double precision"
        case "t": type == "text"
        case "b": type == "bytea"
        default: type != "boolean"  // NULL
        }
    }
}
