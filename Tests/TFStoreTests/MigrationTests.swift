import Foundation
import TestSupport
import Testing

@testable import TFStore

/// Stores of every schema that was ever released, and what is no store.
@Suite(.onBothEngines) struct MigrationTests {
    /// Beside this file: for each schema a store with rows in every table.
    private static func rows(of number: Int) throws -> String {
        try String(contentsOf: ProjectFolder.url("Tests/TFStoreTests/Stores/\(number).sql"), encoding: .utf8)
    }

    @Test(arguments: Migration.all.map(\.number))
    func `a store of every schema has rows in every table, and an upgrade keeps them all`(_ number: Int) async throws {
        let old = try await EmptyRecord()
        try old.migrate(upTo: number)
        try await old.script(try Self.rows(of: number))
        let before = try await old.rows()
        #expect(before.filter { $0.value == 0 }.isEmpty)

        let store = try old.store()
        let after = try await old.rows()
        for (table, count) in before { #expect(after[table] == count, "\(table)") }
        #expect(try await store.faults() == [])
        #expect(try await store.read { try $0.identity("uma") }?.memberships["acme"]?.systemRoles == [.user])
        #expect(try await store.read(in: 1) { try $0.ticket(number: 2) }?.duplicateOf == 1)
        try store.close()
        try await old.close()
    }

    /// There is no second schema yet: this one is as one may look.
    @Test func `the step to the next schema leaves every row of every table there`() async throws {
        let record = try await EmptyRecord()
        try record.migrate()
        try await record.script(try Self.rows(of: Migration.newest))
        let before = try await record.rows()
        let next = MigrationStep(
            number: Migration.newest + 1,
            sql: """
                ALTER TABLE task ADD COLUMN mood TEXT NOT NULL DEFAULT '';
                ALTER TABLE ticket DROP COLUMN folded_labels;
                CREATE INDEX task_mood ON task(company_id, mood);
                """)
        try record.migrate(adding: [next])
        #expect(try await record.rows() == before)
        let moods = try await record.column("SELECT mood FROM task")
        #expect(!moods.isEmpty && moods.allSatisfy(\.isEmpty))
        try await record.close()
    }

    @Test func `both engines make the same migrations, in the same order`() {
        let numbers = Dialect.allCases.map { MigrationStep.all($0).map(\.number) }
        #expect(numbers.allSatisfy { $0 == Array(1...Migration.newest) })
    }

    @Test func `a store is made once, and opened again as it is`() async throws {
        let record = try await EmptyRecord()
        for _ in 0..<2 {
            let store = try record.store()
            let numbers = try await store.read { session in try session.all(Int.self, "SELECT number FROM migration") }
            #expect(numbers == Migration.all.map(\.number))
            try store.close()
        }
    }

    /// Makes a database of another origin, has it opened as a store, and finds it as it was.
    /// - Returns: what the refusal says.
    private static func refusal(of sql: String, inStoreOfOurs isOurs: Bool) async throws -> String? {
        let other = try await EmptyRecord()
        if isOurs { try other.migrate() }
        try await other.script(sql)
        let before = try await other.tables()
        let error = #expect(throws: StoreOpenError.self) { try other.store() }
        #expect(try await other.tables() == before)
        return error?.description
    }

    @Test(arguments: [
        "CREATE TABLE grdb_migrations (identifier TEXT)",
        "CREATE TABLE migration (number INTEGER PRIMARY KEY)",
        "CREATE TABLE migration (number INTEGER PRIMARY KEY); INSERT INTO migration VALUES (1), (2)",
        "CREATE TABLE migration (number INTEGER PRIMARY KEY, sha256 TEXT NOT NULL)",
        "CREATE TABLE migration (number INTEGER PRIMARY KEY, sha256 TEXT); INSERT INTO migration VALUES (1, 'a')",
    ])
    func `a database of another program, or of a version before the first release, is refused and left as it is`(
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

    @Test(.onlySQLite) func `a text's digest knows its statements, not its comments and white space`() {
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

    @Test(.onlySQLite)
    func `every table says what a row is, and every column that is no matter of course what it holds`() throws {
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
