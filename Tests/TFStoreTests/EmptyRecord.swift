import Foundation
import TestSupport

@testable import TFStore

/// A database of the running test's engine that is no store yet, for what migrations do to it.
struct EmptyRecord {
    let directory = TestFolder.path("store")
    private let location: StoreLocation
    let engine: DatabaseEngine

    init() async throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        switch TestEngine.current {
        case .sqlite:
            let file = try SQLite(path: directory + "/store.db")
            (location, engine) = (.file, .sqlite(file, GroupCommit(file)))
        case .postgres:
            let url = try await TestDatabases.shared.bare()
            (location, engine) = (.server(url: url), .postgres(Postgres(url: url, isFenced: false)))
        }
    }

    var dialect: Dialect {
        switch engine {
        case .sqlite: .sqlite
        case .postgres: .postgres
        }
    }

    /// - Parameters:
    ///   - more: migrations behind those of this version.
    ///   - number: the last one to make.
    func migrate(adding more: [MigrationStep] = [], upTo number: Int = .max) throws {
        let steps = (MigrationStep.all(dialect) + more).filter { $0.number <= number }
        switch engine {
        case .sqlite(let file, _): try file.migrate(steps)
        case .postgres(let server): try server.migrate(steps)
        }
    }

    /// The number of the last migration that was made.
    func schema(knowing more: [MigrationStep]) throws -> Int {
        let steps = MigrationStep.all(dialect) + more
        return switch engine {
        case .sqlite(let file, _): try file.schema(steps)
        case .postgres(let server): try server.opened { try server.schema($0, steps) }
        }
    }

    func script(_ sql: String) async throws {
        switch engine {
        case .sqlite(_, let commits): try await commits.write { connection in try connection.script(sql) }
        case .postgres(let server): try PostgresConnection(server.url).command(sql)
        }
    }

    /// Has it opened as a store, which brings the schema up to date.
    func store() throws -> Store { try Store(directory: directory, at: location, baseURL: "http://localhost:1") }

    /// Has it opened as a store that is only read.
    func reader() throws -> Store { try Store(reading: directory, at: location, baseURL: "http://localhost:1") }

    func column(_ sql: String) async throws -> [String] {
        try await engine.read { connection in try connection.rows(sql, [], limit: nil).map { $0[0] as String } }
    }

    /// The tables that hold the record, by name.
    func tables() async throws -> [String] {
        switch dialect {
        case .sqlite:
            try await column(
                """
                SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> 'migration'
                ORDER BY name
                """)
        case .postgres:
            try await column(
                """
                SELECT tablename FROM pg_tables WHERE schemaname = current_schema()
                    AND tablename NOT IN ('migration', 'commit_mark') ORDER BY tablename
                """)
        }
    }

    /// How many rows each table has.
    func rows() async throws -> [String: Int] {
        let tables = try await tables()
        return try await engine.read { connection in
            try tables.reduce(into: [:]) { rows, table in
                rows[table] = try connection.rows("SELECT COUNT(*) FROM \(table)", [], limit: 1).first?[0]
            }
        }
    }

    func close() async throws {
        try engine.close()
        if case .postgres(let server) = engine { await server.close() }
    }
}
