import Foundation
import TFSystem
import TestSupport
import Testing

@testable import TFStore

/// A store is copied before its schema changes, and the change happens as a whole or not at all.
@Suite(.onBothEngines) struct UpgradeTests {
    private static let next = MigrationStep(
        number: Migration.newest + 1, sql: "ALTER TABLE company ADD COLUMN motto TEXT NOT NULL DEFAULT '';")
    private static let broken = MigrationStep(
        number: Migration.newest + 2, sql: "CREATE TABLE extra (id BIGINT); INSERT INTO nowhere VALUES (1);")

    /// A store with a company, as its database.
    private static func makeStore() async throws -> EmptyRecord {
        let record = try await EmptyRecord()
        let store = try record.store()
        _ = try await store.write { try $0.addCompany(slug: "acme", name: "Acme", timezone: "UTC", now: 1) }
        try store.close()
        return record
    }

    @Test func `a migration that fails leaves the schema as the one before it made it`() async throws {
        let record = try await Self.makeStore()
        let steps = [Self.next, Self.broken]
        #expect(throws: DatabaseFailure.self) { try record.migrate(adding: steps) }
        #expect(try record.schema(knowing: steps) == Self.next.number)
        #expect(try await !record.tables().contains("extra"))
        #expect(try await record.column("SELECT name FROM company") == ["Acme"])
        // This version refuses what the newer one made.
        let error = #expect(throws: StoreOpenError.self) { try record.store() }
        #expect(error?.description.contains("made by a newer version (schema \(Self.next.number))") == true)
        try await record.close()
    }

    @Test func `a program that runs while a newer version changes the schema writes nothing more, whatever it locks`()
        async throws
    {
        let record = try await EmptyRecord()
        let store = try record.store()
        let acme = try await store.write { try $0.addCompany(slug: "acme", name: "Acme", timezone: "UTC", now: 1) }
        try await store.demandKnownSchema()
        try record.migrate(adding: [Self.next])
        for lock in [WriteLock.site, .company(acme.id), .companies, .slug("acme"), .slug("globex")] {
            let refused = await #expect(throws: DatabaseFailure.self, "\(lock)") {
                try await store.write(locking: lock) { try $0.run("UPDATE company SET name = 'late'") }
            }
            #expect(refused?.refusal == .upgraded)
            // Whoever asks again finds the newer version.
            #expect(refused.map { StoreError.isTemporary($0) && !StoreError.needsOperator($0) } == true)
        }
        let told = await #expect(throws: DatabaseFailure.self) { try await store.demandKnownSchema() }
        #expect(
            told?.description
                == "the store was brought up to date by a newer version while this program ran; start the newer one "
                + "(schema \(Self.next.number))")
        #expect(try await record.column("SELECT name FROM company") == ["Acme"])
        try store.close()
        try await record.close()
    }

    @Test(.onlySQLite) func `it leaves the log of the newer version's store as it is`() async throws {
        let record = try await Self.makeStore()
        let store = try record.store()
        try record.migrate(adding: [Self.next])
        let log = record.directory + "/store.db-wal"
        let before = DiskSpace.length(of: log)
        #expect(before > 0)
        // The writer looks at the log behind its answer; with the second answer, it has done so once.
        for _ in 0..<2 {
            await #expect(throws: DatabaseFailure.self) {
                try await store.write { try $0.run("UPDATE company SET name = 'late'") }
            }
        }
        #expect(DiskSpace.length(of: log) == before)
        try store.close()
        try await record.close()
    }

    /// Whoever has the record open keeps it from being moved, unless they are cut off from its server just then.
    @Test func `a program whose record is moved away while it runs is told where to`() async throws {
        let record = try await Self.makeStore()
        let store = try record.store()
        let mark = "\(MigrationStep.movedMark)sqlite:/srv/new place"
        try await record.script("INSERT INTO migration VALUES (\(Migration.newest + 1), '\(mark)')")
        let told = await #expect(throws: DatabaseFailure.self) { try await store.demandKnownSchema() }
        let refused = await #expect(throws: DatabaseFailure.self) {
            try await store.write { try $0.run("UPDATE company SET name = 'late'") }
        }
        for failure in [told, refused] {
            #expect(failure?.refusal == .moved)
            #expect(
                failure?.description
                    == "the store was moved away by `tf-daemon move` while this program ran; see store.url (\(mark))")
        }
        #expect(told?.refusal?.endsProgram == true)
        #expect(try await record.column("SELECT name FROM company") == ["Acme"])
        try store.close()
        try await record.close()
    }

    /// A kept statement is prepared anew, and its columns may be others then.
    @Test func `it reads nothing more by the columns that it knows, either`() async throws {
        let record = try await Self.makeStore()
        let (store, reader) = (try record.store(), try record.reader())
        for one in [store, reader] {
            #expect(try await one.read { try $0.all(String.self, "SELECT name FROM company") } == ["Acme"])
        }
        let swap = MigrationStep(
            number: Self.next.number,
            sql: """
                ALTER TABLE company RENAME COLUMN name TO title;
                ALTER TABLE company RENAME COLUMN timezone TO name;
                """)
        try record.migrate(adding: [swap])
        for one in [store, reader] {
            // One that is gone is refused for the same reason.
            for statement in ["SELECT name FROM company", "SELECT timezone FROM company"] {
                let refused = await #expect(throws: DatabaseFailure.self) {
                    _ = try await one.read { try $0.all(String.self, statement) }
                }
                #expect(refused?.refusal == .upgraded)
            }
            try one.close()
        }
        try await record.close()
    }

    @Test(.onlySQLite) func `the copy from before is a store that goes on, and old copies go`() async throws {
        let record = try await Self.makeStore()
        let directory = record.directory
        guard case .sqlite(let database, _) = record.engine else { return }
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
        try record.migrate(adding: [Self.next])
        try await record.close()
        // An older version goes on with it.
        for suffix in ["", "-wal", "-shm"] { unlink("\(directory)/store.db\(suffix)") }
        try FileManager.default.moveItem(atPath: "\(folder)/\(first)", toPath: directory + "/store.db")
        let store = try record.store()
        #expect(try await store.read { try $0.company("acme") }?.name == "Acme")
        #expect(try await store.faults() == [])
    }

    @Test(.onlySQLite) func `where there is no room for the copy and the change nothing is begun`() async throws {
        let record = try await Self.makeStore()
        guard case .sqlite(let database, _) = record.engine else { return }
        let directory = TestFolder.path("store")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        // As long as the whole room that is left, without taking any of it.
        let store = directory + "/store.db"
        try Data().write(to: URL(fileURLWithPath: store))
        let room = try #require(DiskSpace(at: directory)).free
        #expect(truncate(store, Int(room)) == 0)
        let error = #expect(throws: StoreOpenError.self) {
            try UpgradeBackup(directory: directory, count: 2).make(of: database, schema: 1)
        }
        #expect(error?.description.contains("there is no room in \(directory)/upgrades for a copy from before") == true)
        #expect(error?.description.contains("set upgrade.backups to 0") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory + "/upgrades").isEmpty)
        unlink(store)
        try await record.close()
    }
}
