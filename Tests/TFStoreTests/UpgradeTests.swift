import Foundation
import TestSupport
import Testing

@testable import TFStore

/// A store is copied before its schema changes, and the change happens as a whole or not at all.
@Suite struct UpgradeTests {
    private let directory = TestFolder.path("store")
    private static let next = SQLite.Step(
        number: Migration.newest + 1, sql: "ALTER TABLE company ADD COLUMN motto TEXT NOT NULL DEFAULT '';")
    private static let broken = SQLite.Step(
        number: Migration.newest + 2, sql: "CREATE TABLE extra (id BIGINT); INSERT INTO nowhere VALUES (1);")

    private func makeStore() async throws -> SQLite {
        let store = try Store(directory: directory, baseURL: "http://localhost:1")
        _ = try await store.write { try $0.addCompany(slug: "acme", name: "Acme", timezone: "UTC", now: 1) }
        try store.close()
        return try SQLite(path: directory + "/store.db")
    }

    private func names(of database: SQLite) async throws -> [String] {
        try await database.read { connection in
            try connection.rows("SELECT name FROM company", [], limit: nil).map { $0["name"] }
        }
    }

    @Test func `a migration that fails leaves the schema as the one before it made it`() async throws {
        let database = try await makeStore()
        let steps = SQLite.Step.all(.sqlite) + [Self.next, Self.broken]
        #expect(throws: DatabaseFailure.self) { try database.migrate(steps) }
        #expect(try database.schema(steps) == Self.next.number)
        let tables = try await database.read { connection in
            try connection.rows("SELECT name FROM sqlite_master WHERE name = 'extra'", [], limit: nil).count
        }
        #expect(tables == 0)
        #expect(try await names(of: database) == ["Acme"])
        try database.close()
        // This version refuses what the newer one made.
        let error = #expect(throws: StoreOpenError.self) {
            try Store(directory: directory, baseURL: "http://localhost:1")
        }
        #expect(error?.description.contains("made by a newer version (schema \(Self.next.number))") == true)
    }

    @Test func `the copy from before is a store that goes on, and old copies go`() async throws {
        let database = try await makeStore()
        let folder = directory + "/upgrades"
        try UpgradeBackup(directory: directory, count: 0).make(of: database, schema: 1)
        #expect(!FileManager.default.fileExists(atPath: folder))
        try UpgradeBackup(directory: directory, count: 2).make(of: database, schema: 1)
        let first = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
        #expect(first.contains(/^schema-1-[0-9]{8}T[0-9]{6}\.[0-9]{3}Z\.db$/))
        for old in 2...4 {
            let path = "\(folder)/schema-\(old)-20200101T000000Z.db"
            try Data().write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: Double(old))], ofItemAtPath: path)
        }
        try UpgradeBackup(directory: directory, count: 3).make(of: database, schema: 5)
        let kept = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(kept.count == 3)
        #expect(kept.contains(first))
        #expect(kept.contains { $0.hasPrefix("schema-4-") })
        #expect(kept.contains { $0.hasPrefix("schema-5-") })
        try database.migrate(SQLite.Step.all(.sqlite) + [Self.next])
        try database.close()
        // An older version goes on with it.
        for suffix in ["", "-wal", "-shm"] { unlink("\(directory)/store.db\(suffix)") }
        try FileManager.default.moveItem(atPath: "\(folder)/\(first)", toPath: directory + "/store.db")
        let store = try Store(directory: directory, baseURL: "http://localhost:1")
        #expect(try await store.read { try $0.company("acme") }?.name == "Acme")
        #expect(try await store.faults() == [])
    }
}
