import Foundation
import Synchronization
import Testing

@testable import TFStore

/// The two engines of the store, for the tests that hold on both.
package enum TestEngine: String, Sendable, CaseIterable {
    case sqlite = "SQLite"
    case postgres = "PostgreSQL"

    /// The engine of the stores that the running test makes.
    @TaskLocal package static var current = TestEngine.sqlite

    /// A store in a data directory, on the running test's engine. The same directory gives the same record again.
    package static func store(_ directory: String, baseURL: String = "http://localhost:1") async throws -> Store {
        try Store(directory: directory, at: StoreLocation(try await url(directory)), baseURL: baseURL)
    }

    /// The address of a data directory's record; nil: it is in the directory itself.
    package static func url(_ directory: String) async throws -> String? {
        switch current {
        case .sqlite: nil
        case .postgres: try await TestDatabases.shared.url(of: directory)
        }
    }
}

extension Trait where Self == Engines {
    /// The tests run twice, with stores on SQLite and on PostgreSQL.
    package static var onBothEngines: Engines { Engines(engines: TestEngine.allCases) }

    /// The tests run with stores on PostgreSQL alone.
    package static var onPostgres: Engines { Engines(engines: [.postgres]) }
}

extension Trait where Self == OnlySQLite {
    /// The test is about SQLite's file itself, in a suite that runs on both engines.
    package static var onlySQLite: OnlySQLite { OnlySQLite() }
}

/// Keeps a test to one engine.
package struct OnlySQLite: TestTrait {}

/// Runs each case of a test once for each of some engines.
package struct Engines: TestTrait, SuiteTrait, TestScoping {
    let engines: [TestEngine]
    package let isRecursive = true

    package func scopeProvider(for test: Test, testCase: Test.Case?) -> Engines? { testCase == nil ? nil : self }

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        for engine in test.traits.contains(where: { $0 is OnlySQLite }) ? [.sqlite] : engines {
            let directories = Mutex<[String]>([])
            let naming = IssueHandlingTrait.compactMapIssues { issue in
                var issue = issue
                issue.comments.append("on \(engine.rawValue)")
                return issue
            }
            try await naming.provideScope(for: test, testCase: testCase) {
                try await TestEngine.$current.withValue(engine) {
                    try await TestDatabases.$taken.withValue({ directory in
                        directories.withLock { $0.append(directory) }
                    }) {
                        try await function()
                    }
                }
            }
            for directory in directories.withLock({ $0 }) { try await TestDatabases.shared.giveBack(directory) }
        }
    }
}

/// The databases of a test process, in one cluster that is started when the first test needs it.
///
/// To make a database takes a second or two, most of it for its files; to empty one takes a hundredth. So each goes from
/// test to test, unless a test has changed its schema.
package actor TestDatabases {
    package static let shared = TestDatabases()

    /// Hears of each directory that a test has a database for, so that it is given back with the test's end.
    @TaskLocal static var taken: @Sendable (String) -> Void = { _ in }

    private nonisolated let executor = BlockingExecutor()
    private var server: Task<TestPostgres, any Error>?
    private var connection: PostgresConnection?
    /// By data directory.
    private var names: [String: String] = [:]
    private var empty: [String] = []
    private var count = 0

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// The address of a data directory's database, with the schema and nothing else in it if it is new.
    package func url(of directory: String) async throws -> String {
        let server = try await started()
        if let known = names[directory] { return server.url(of: known) }
        let name = try empty.popLast() ?? made()
        names[directory] = name
        Self.taken(directory)
        return server.url(of: name)
    }

    private func made() throws -> String {
        count += 1
        try connection?.command("CREATE DATABASE t\(count) TEMPLATE template_of_tests STRATEGY file_copy")
        return "t\(count)"
    }

    /// The address of a new database without any table, which is there until the end of the process.
    /// - Parameter options: of `CREATE DATABASE`.
    package func bare(_ options: String = "") async throws -> String {
        let server = try await started()
        count += 1
        try connection?.command("CREATE DATABASE t\(count) STRATEGY file_copy \(options)")
        return server.url(of: "t\(count)")
    }

    /// Empties a directory's database for another test.
    func giveBack(_ directory: String) async throws {
        guard let name = names.removeValue(forKey: directory), let connection else { return }
        _ = try connection.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ?", [.text(name)])
        let own = try PostgresConnection(try await started().url(of: name))
        if try own.run("SELECT 1 WHERE seed.reset()", []).rows.isEmpty {
            try connection.command("DROP DATABASE \(name) WITH (FORCE)")
        } else {
            empty.append(name)
        }
    }

    private func started() async throws -> TestPostgres {
        let task =
            server
            ?? Task {
                let server = try await TestPostgres.started()
                let connection = try PostgresConnection(server.url(of: "postgres"))
                try connection.command("CREATE DATABASE template_of_tests")
                let template = server.url(of: "template_of_tests")
                try Postgres(url: template).migrate()
                try PostgresConnection(template).command(Self.resetting)
                self.connection = connection
                return server
            }
        server = task
        return try await task.value
    }

    /// Keeps what the schema begins with, and makes a function that brings it back: false if there are other tables.
    private static let resetting = """
        CREATE SCHEMA seed;
        CREATE TABLE seed.sequence AS SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public';
        CREATE TABLE seed.relation AS SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace;
        CREATE TABLE seed.seeded (name TEXT);
        DO $$
        DECLARE t TEXT; has BOOLEAN;
        BEGIN
            FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
                EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%I)', t) INTO has;
                IF has THEN
                    EXECUTE format('CREATE TABLE seed.%I AS SELECT * FROM public.%I', 'of_' || t, t);
                    INSERT INTO seed.seeded VALUES (t);
                END IF;
            END LOOP;
        END $$;
        CREATE FUNCTION seed.reset() RETURNS BOOLEAN LANGUAGE plpgsql AS $$
        DECLARE t TEXT;
        BEGIN
            IF (SELECT COUNT(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace)
                <> (SELECT COUNT(*) FROM seed.relation) THEN RETURN FALSE; END IF;
            PERFORM set_config('session_replication_role', 'replica', TRUE);
            FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
                EXECUTE format('DELETE FROM public.%I', t);
                IF EXISTS (SELECT 1 FROM seed.seeded WHERE name = t) THEN
                    EXECUTE format('INSERT INTO public.%I SELECT * FROM seed.%I', t, 'of_' || t);
                END IF;
            END LOOP;
            PERFORM setval(format('public.%I', sequencename), COALESCE(last_value, 1), last_value IS NOT NULL)
                FROM seed.sequence;
            RETURN TRUE;
        END $$;
        """
}
