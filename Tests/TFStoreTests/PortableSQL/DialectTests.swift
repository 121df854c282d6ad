import Foundation
import TestSupport
import Testing

@testable import TFStore

/// What the two engines are told, and in which words.
@Suite struct DialectTests {
    @Test(arguments: [
        ("SELECT 1", "SELECT 1", 0),
        ("SELECT a FROM t WHERE b = ? AND c IN (?, ?)", "SELECT a FROM t WHERE b = $1 AND c IN ($2, $3)", 3),
        ("SELECT '?', ?, 'it''s ?', ?", "SELECT '?', $1, 'it''s ?', $2", 2),
        (#"SELECT "a?" FROM t WHERE "b""?" = ?"#, #"SELECT "a?" FROM t WHERE "b""?" = $1"#, 1),
        ("SELECT ? -- why?\n, ?", "SELECT $1 -- why?\n, $2", 2),
        ("SELECT ? /* why? - 'so */ , ?", "SELECT $1 /* why? - 'so */ , $2", 2),
        ("SELECT ? - ? / ?", "SELECT $1 - $2 / $3", 3),
        ("SELECT '--', ?, '/*', ?", "SELECT '--', $1, '/*', $2", 2),
        ("SELECT 'grün?', ?", "SELECT 'grün?', $1", 1),
        ("SELECT ? --", "SELECT $1 --", 1),
        ("SELECT ? '?", "SELECT $1 '?", 1),
        ("?", "$1", 1),
        ("", "", 0),
    ])
    func `a statement's parameters are numbered, and quotes and comments left alone`(
        _ sql: String, _ expected: String, _ parameters: Int
    ) {
        let statement = PostgresStatement(sql)
        #expect(statement.sql == expected)
        #expect(statement.parameters == parameters)
    }

    @Test func `PostgreSQL takes the schema, and keeps the audit log from being changed`() async throws {
        let (schema, errors) = try await TestPostgres.with { server in
            let schema = try await server.makeSchema()
            let changes = [
                "INSERT INTO audit (at_ms, actor, action, subject, address) VALUES (1, 'uma', 'user-added', 'it', '');",
                "UPDATE audit SET actor = 'eve';", "DELETE FROM audit;", "TRUNCATE audit;",
            ]
            return (schema, try await server.run(script: changes.joined(separator: "\n")).errors)
        }
        #expect(schema == "")
        #expect(errors.matches(of: /ERROR:  the audit log is only ever appended to/).count == 3)
        #expect(errors.matches(of: /ERROR/).count == 3)
    }

    /// Outside of `Database`, which are the engines themselves.
    @Test func `at most ten statements are said to one engine alone`() throws {
        let own = Dialect.allCases.flatMap { dialect in
            String(decoding: dialect.ownStatements, as: UTF8.self).matches(of: /(?m)^[A-Z]/)
        }
        // Whoever has another statement for each engine asks which one it is.
        let root = ProjectFolder.url("Sources/TFStore")
        let files = try #require(FileManager.default.enumerator(atPath: root.path)).compactMap { $0 as? String }
        let asking = try files.filter { $0.hasSuffix(".swift") && !$0.hasPrefix("Database/") }.flatMap { file in
            try String(contentsOf: root.appendingPathComponent(file), encoding: .utf8)
                .matches(of: /connection\.dialect\b/).map { _ in file }
        }
        #expect(asking == ["Search/TicketSearch.swift"])
        #expect((1...10).contains(own.count + asking.count), "\(own.count) of the schema, and \(asking)")
    }

    @Test func `a whole run of the tests logs every statement, and ends with the suite that prepares them`() throws {
        let steps = try String(contentsOf: ProjectFolder.url("Makefile"), encoding: .utf8).split(separator: "\n")
            .filter { $0.hasPrefix("\tTF_TEST_STATEMENTS=$(STATEMENTS) $(SWIFT_TEST) ") }
        // A filter that fits nothing would pass as well.
        #expect(steps.filter { $0.hasSuffix(" --filter \(PortableSQLTests.self)") }.count == 2)
    }

    @Test func `only the type of a row's number differs in the common schema`() {
        for migration in Migration.all {
            let texts = migration.texts.map { String(decoding: $0, as: UTF8.self) }
            let words = Set(texts.flatMap { $0.matches(of: /\{[a-z_]+\}/).map { String($0.output) } })
            #expect(words.subtracting(["{id}", "{blob}"]).isEmpty)
        }
    }
}

extension TestPostgres {
    /// Makes the record's schema.
    /// - Returns: what PostgreSQL has against it.
    func makeSchema() async throws -> String {
        try await run(script: Migration.all.map { $0.sql(.postgres) }.joined(separator: "\n")).errors
    }
}
