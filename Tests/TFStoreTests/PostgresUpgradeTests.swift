import TFSystem
import TestSupport
import Testing

@testable import TFStore

/// A newer version changes the schema on a server where other programs write.
@Suite(.onPostgres, .timeLimit(.minutes(5))) struct PostgresUpgradeTests {
    /// How many wait for the table in which every change leaves its mark first.
    private static func waiting(_ mode: String, _ server: Postgres) async throws -> Int {
        try await column(
            "SELECT mode FROM pg_locks WHERE relation = 'commit_mark'::regclass AND NOT granted", server
        )
        .filter { $0 == mode }.count
    }

    /// The tables that are locked by those who wait to leave their mark.
    private static func heldByWaiting(_ server: Postgres) async throws -> [String] {
        try await column(
            """
            SELECT CAST(CAST(l.relation AS regclass) AS TEXT) AS name
            FROM pg_locks w JOIN pg_locks l ON l.pid = w.pid
            WHERE w.relation = 'commit_mark'::regclass AND w.mode = 'RowExclusiveLock' AND NOT w.granted
                AND l.locktype = 'relation' AND l.granted
            """, server)
    }

    /// The texts of a column.
    private static func column(_ sql: String, _ server: Postgres) async throws -> [String] {
        try await server.read { connection in try connection.rows(sql, [], limit: nil).map { $0[0] as String } }
    }

    /// Whether somebody waits for a lock of a table.
    private static func isWaiting(_ mode: String, _ server: Postgres) async throws -> Bool {
        try await column(
            """
            SELECT mode FROM pg_locks WHERE locktype = 'relation' AND NOT granted
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """, server
        ).contains(mode)
    }

    @Test func `a migration waits for changes that have begun, and those that wait for it are refused`() async throws {
        let record = try await EmptyRecord()
        guard case .postgres(let server) = record.engine else { return }
        let store = try record.store()
        _ = try await store.write { try $0.addCompany(slug: "acme", name: "Acme", timezone: "UTC", now: 1) }
        let next = MigrationStep(
            number: Migration.newest + 1, sql: "ALTER TABLE company ADD COLUMN motto TEXT NOT NULL DEFAULT '';")
        let (gate, thread) = (Gate(), BlockingThreads("migration", count: 1))
        let refused = try await withThrowingTaskGroup(of: DatabaseFailure?.self) { group in
            // Whatever fails, nobody is kept waiting.
            defer { gate.open() }
            group.addTask {
                try await store.write { session in
                    _ = try session.addCompany(slug: "globex", name: "Globex", timezone: "UTC", now: 2)
                    gate.hold()
                }
                return nil
            }
            _ = try await eventually("one writes") { gate.isHeld ? true : nil }
            // The connection that waits later has its statements prepared, as those of a program that runs.
            try await store.write(inCompanyNamed: "acme") { _ in }
            group.addTask {
                try await thread.value { try server.migrate(MigrationStep.all(.postgres) + [next]) }
                return nil
            }
            _ = try await eventually("the migration waits") {
                try await Self.waiting("ShareLock", server) == 1 ? true : nil
            }
            group.addTask {
                do {
                    try await store.write(inCompanyNamed: "acme") { try $0.run("UPDATE company SET name = 'late'") }
                } catch let failure as DatabaseFailure { return failure }
                return nil
            }
            _ = try await eventually("a change waits for it") {
                try await Self.waiting("RowExclusiveLock", server) == 1 ? true : nil
            }
            #expect(try await Self.heldByWaiting(server) == [], "else it and the migration wait for each other")
            gate.open()
            var refused: [DatabaseFailure] = []
            for try await case let failure? in group { refused.append(failure) }
            return refused
        }
        #expect(refused.map(\.refusal) == [.upgraded])
        let names = try await Self.column(
            "SELECT name FROM company ORDER BY name", server)
        #expect(names == ["Acme", "Globex"])
        try await record.close()
    }

    @Test func `whoever reads while the schema changes waits, and reads nothing by the columns that they know`()
        async throws
    {
        let record = try await EmptyRecord()
        guard case .postgres(let server) = record.engine else { return }
        let store = try record.store()
        _ = try await store.write { try $0.addCompany(slug: "acme", name: "Acme", timezone: "UTC", now: 1) }
        // The connection that waits later has its statement prepared, as those of a program that runs.
        let names = "SELECT name FROM company"
        #expect(try await store.read { try $0.all(String.self, names) } == ["Acme"])
        let next = MigrationStep(
            number: Migration.newest + 1,
            sql: """
                ALTER TABLE company RENAME COLUMN name TO title;
                ALTER TABLE company RENAME COLUMN timezone TO name;
                ALTER TABLE account ADD COLUMN mood TEXT NOT NULL DEFAULT '';
                """)
        let (gate, thread) = (Gate(), BlockingThreads("migration", count: 1))
        let refused = try await withThrowingTaskGroup(of: DatabaseFailure?.self) { group in
            // Whatever fails, nobody is kept waiting.
            defer { gate.open() }
            group.addTask {
                try await server.read { connection in
                    _ = try connection.rows("SELECT id FROM account", [], limit: 1)
                    gate.hold()
                }
                return nil
            }
            _ = try await eventually("one holds a table") { gate.isHeld ? true : nil }
            group.addTask {
                try await thread.value { try server.migrate(MigrationStep.all(.postgres) + [next]) }
                return nil
            }
            _ = try await eventually("the migration waits") {
                try await Self.isWaiting("AccessExclusiveLock", server) ? true : nil
            }
            group.addTask {
                do {
                    _ = try await store.read { try $0.all(String.self, names) }
                } catch let failure as DatabaseFailure { return failure }
                return nil
            }
            _ = try await eventually("one who reads waits for it") {
                try await Self.isWaiting("AccessShareLock", server) ? true : nil
            }
            gate.open()
            var refused: [DatabaseFailure] = []
            for try await case let failure? in group { refused.append(failure) }
            return refused
        }
        #expect(refused.map(\.refusal) == [.upgraded])
        try await record.close()
    }

    /// Somebody who reads may hold one table and wait for another, in the other order than the migration.
    @Test func `a migration that is ended because others waited for it begins anew`() async throws {
        let record = try await EmptyRecord()
        guard case .postgres(let server) = record.engine else { return }
        try record.migrate()
        // A sequence goes on, whatever is rolled back.
        let next = MigrationStep(
            number: Migration.newest + 1,
            sql: """
                ALTER TABLE company ADD COLUMN motto TEXT NOT NULL DEFAULT '';
                DO $$ BEGIN
                    IF nextval('tries') < 3 THEN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'; END IF;
                END $$;
                """)
        try await OwnThread.run {
            try PostgresConnection(server.url).command("CREATE SEQUENCE tries")
            try server.migrate(MigrationStep.all(.postgres) + [next])
        }
        let last = try await Self.column(
            "SELECT CAST(MAX(number) AS TEXT) FROM migration", server)
        #expect(last == ["\(next.number)"])
        try await record.close()
    }
}
