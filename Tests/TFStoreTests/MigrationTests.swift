import Foundation
import TestSupport
import Testing

@testable import TFStore

/// Stores of every schema that was ever released, and what is no store.
@Suite struct MigrationTests {
    /// Beside this file: for each schema a store with rows in every table.
    private static let stores = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
        "Stores")

    private static func directory() throws -> String {
        let directory = TestFolder.path("store")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        return directory
    }

    private static func tables(_ connection: Connection) throws -> [String] {
        try connection.rows(
            """
            SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> 'migration'
            ORDER BY name
            """, [], limit: nil
        ).map { $0["name"] }
    }

    private static func rows(_ connection: Connection) throws -> [String: Int] {
        try tables(connection).reduce(into: [:]) { rows, table in
            rows[table] = try connection.rows("SELECT COUNT(*) FROM \(table)", [], limit: 1).first?[0]
        }
    }

    @Test(arguments: Migration.all.map(\.number))
    func `a store of every schema has rows in every table, and an upgrade keeps them all`(_ number: Int) async throws {
        let directory = try Self.directory()
        let text = try String(contentsOf: Self.stores.appendingPathComponent("\(number).sql"), encoding: .utf8)
        let old = try SQLite(path: directory + "/store.db")
        try old.migrate(upTo: number)
        try await GroupCommit(old).write { connection in try connection.script(text) }
        let before = try await old.read { connection in try Self.rows(.sqlite(connection)) }
        try old.close()
        #expect(before.filter { $0.value == 0 }.isEmpty)

        let store = try Store(directory: directory, baseURL: "http://localhost:1")
        let after = try await store.read { session in try Self.rows(session.connection) }
        for (table, count) in before { #expect(after[table] == count, "\(table)") }
        try await store.read { session in
            let integrity = try session.first(String.self, "PRAGMA integrity_check")
            #expect(integrity == "ok")
            let strays = try session.all(Row.self, "PRAGMA foreign_key_check")
            #expect(strays.isEmpty)
        }
        #expect(try await store.read { try $0.identity("uma") }?.memberships["acme"]?.systemRoles == [.user])
        #expect(try await store.read(in: 1) { try $0.ticket(number: 2) }?.duplicateOf == 1)
    }

    /// There is no second schema yet: this one is as one may look.
    @Test func `the step to the next schema leaves every row of every table there`() async throws {
        let text = try String(
            contentsOf: Self.stores.appendingPathComponent("\(Migration.newest).sql"), encoding: .utf8)
        let database = try SQLite(path: try Self.directory() + "/store.db")
        try database.migrate()
        try await GroupCommit(database).write { connection in try connection.script(text) }
        let before = try await database.read { connection in try Self.rows(.sqlite(connection)) }
        let next = SQLite.Step(
            number: Migration.newest + 1,
            sql: """
                ALTER TABLE task ADD COLUMN mood TEXT NOT NULL DEFAULT '';
                ALTER TABLE ticket DROP COLUMN folded_labels;
                CREATE INDEX task_mood ON task(company_id, mood);
                """)
        try database.migrate(SQLite.Step.all(.sqlite) + [next])
        #expect(try await database.read { connection in try Self.rows(.sqlite(connection)) } == before)
        let moods = try await database.read { connection in
            try connection.rows("SELECT mood FROM task", [], limit: nil).map { $0["mood"] as String }
        }
        #expect(!moods.isEmpty && moods.allSatisfy(\.isEmpty))
        try database.close()
    }

    @Test func `a store is made once, and opened again as it is`() async throws {
        let directory = try Self.directory()
        for _ in 0..<2 {
            let store = try Store(directory: directory, baseURL: "http://localhost:1")
            let numbers = try await store.read { session in try session.all(Int.self, "SELECT number FROM migration") }
            #expect(numbers == Migration.all.map(\.number))
            try store.close()
        }
    }

    /// Makes a file of another origin, has it opened as a store, and finds it as it was.
    /// - Returns: what the refusal says.
    private static func refusal(of sql: String, inStoreOfOurs isOurs: Bool) async throws -> String? {
        let directory = try Self.directory()
        let other = try SQLite(path: directory + "/store.db")
        if isOurs { try other.migrate() }
        try await GroupCommit(other).write { connection in try connection.script(sql) }
        let before = try await other.read { connection in try tables(.sqlite(connection)) }
        let error = #expect(throws: StoreOpenError.self) {
            try Store(directory: directory, baseURL: "http://localhost:1")
        }
        #expect(try await other.read { connection in try tables(.sqlite(connection)) } == before)
        return error?.description
    }

    @Test(arguments: [
        "CREATE TABLE grdb_migrations (identifier TEXT)",
        "CREATE TABLE migration (number INTEGER PRIMARY KEY)",
        "CREATE TABLE migration (number INTEGER PRIMARY KEY); INSERT INTO migration VALUES (1), (2)",
        "CREATE TABLE migration (number INTEGER PRIMARY KEY, sha256 TEXT NOT NULL)",
        "CREATE TABLE migration (number INTEGER PRIMARY KEY, sha256 TEXT); INSERT INTO migration VALUES (1, 'a')",
    ])
    func `a file of another program, or of a version before the first release, is refused and left as it is`(
        _ sql: String
    ) async throws {
        let reason = try await Self.refusal(of: sql, inStoreOfOurs: false)
        #expect(reason?.contains("before the first release") == true)
    }

    @Test(arguments: [
        "UPDATE migration SET sha256 = 'a' WHERE number = 1",
        "INSERT INTO migration VALUES (\(Migration.all.count + 2), 'a')",
        "UPDATE migration SET number = 0 WHERE number = 1",
    ])
    func `a store whose schema was made by another text, or has a gap, is refused and left as it is`(
        _ sql: String
    ) async throws {
        let reason = try await Self.refusal(of: sql, inStoreOfOurs: true)
        #expect(reason?.contains("before the first release") == true)
    }

    @Test func `a store of a newer version is refused and left as it is`() async throws {
        let newer = Migration.all.count + 1
        let reason = try await Self.refusal(of: "INSERT INTO migration VALUES (\(newer), 'a')", inStoreOfOurs: true)
        #expect(reason?.contains("by a newer version (schema \(newer))") == true)
    }

    @Test func `a text's digest knows its statements, not its comments and white space`() {
        let digest = Migration.digest(of: "CREATE TABLE a (b TEXT);\n")
        #expect(Migration.digest(of: "-- What a row is.\nCREATE  TABLE a (\n    b TEXT -- it\n);") == digest)
        #expect(Migration.digest(of: "CREATE TABLE a (b BIGINT);") != digest)
    }

    /// Columns whose name says all.
    private static let plainColumns: Set<String> = [
        "id", "company_id", "account_id", "ticket_id", "task_id", "instance_id", "definition_id", "revision_id",
        "attachment_id", "requester_id", "assignee_id", "event_id", "name", "title", "description", "text", "content",
        "login", "email", "role", "kind", "type", "state", "status", "action", "purpose", "priority", "strategy",
        "version",
        "file", "line_number", "column_number", "severity", "message", "suggestion", "source", "media_type", "failures",
        "created_at_ms", "updated_at_ms", "changed_at_ms", "published_at_ms", "drawn_at_ms", "due_at_ms",
        "closed_at_ms",
        "read_at_ms", "used_at_ms", "rotated_at_ms", "ended_at_ms", "revoked_at_ms", "renewed_at_ms", "expires_at_ms",
        "blocked_until_ms", "since_ms", "at_ms", "next_ticket_number", "is_internal", "is_mailed", "has_schedule",
        "ended_because", "address", "attempt", "visit",
    ]

    @Test func `every table says what a row is, and every column that is no matter of course what it holds`() throws {
        for migration in Migration.all {
            let lines = migration.sql(.sqlite).split(separator: "\n", omittingEmptySubsequences: false)
            // How many columns a comment is above; it may tell of three at once.
            var columns = Int.max
            for (number, line) in lines.enumerated() {
                if line.hasPrefix("CREATE TABLE") {
                    #expect(number > 0 && lines[number - 1].hasPrefix("--"), "\(line)")
                    columns = 3
                } else if line.hasPrefix("    --") {
                    columns = 0
                } else if let column = line.prefixMatch(of: /[ ]{4}([a-z_]+) (TEXT|BIGINT|INTEGER|BLOB)/)?.1 {
                    columns += 1
                    #expect(columns <= 3 || Self.plainColumns.contains(String(column)), "\(number + 1): \(line)")
                }
            }
        }
    }
}
