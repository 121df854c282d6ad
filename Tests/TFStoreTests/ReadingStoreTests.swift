import Foundation
import TFSystem
import TestSupport
import Testing

@testable import TFStore

/// Stores that are only read, and stores that do not open.
@Suite struct ReadingStoreTests {
    private let directory = TestFolder.path("store")

    private func open() throws -> Store { try Store(reading: directory, baseURL: "http://localhost:1") }

    @Test func `a store that is read only is left as it is`() async throws {
        #expect(throws: StoreOpenError.self) { try open() }
        #expect(!FileManager.default.fileExists(atPath: directory))
        let writer = try Store(directory: directory, baseURL: "http://localhost:1")
        _ = try await writer.write { try $0.addCompany(slug: "acme", name: "Acme", timezone: "UTC", now: 1) }
        let reader = try open()
        #expect(try await reader.read { try $0.companies() }.map(\.slug) == ["acme"])
        _ = try await writer.write { try $0.addCompany(slug: "globex", name: "Globex", timezone: "UTC", now: 2) }
        #expect(try await reader.read { try $0.companies() }.count == 2)
        await #expect(throws: DatabaseFailure.self) {
            try await reader.write { try $0.addCompany(slug: "initech", name: "Initech", timezone: "UTC", now: 3) }
        }
        #expect(try await reader.faults() == [])
        let figures = try await reader.read { try $0.siteFigures() }
        #expect(figures.newestAtMs == 2)
        #expect(figures.calls == [])
        // What the writer has in its log stays there.
        try reader.close()
        #expect(DiskSpace.length(of: directory + "/store.db-wal") > 0)
        try writer.close()
        #expect(rmdir(directory + "/attachments") == 0)
        try open().close()
        #expect(!FileManager.default.fileExists(atPath: directory + "/attachments"))
    }

    @Test func `one that is newer, or older, is refused and not brought up to date`() async throws {
        let store = try SQLite(path: makeDirectory() + "/store.db")
        try await GroupCommit(store).write {
            try $0.script("CREATE TABLE migration (number INTEGER PRIMARY KEY, sha256 TEXT NOT NULL)")
        }
        // A table of migrations without any is another program's.
        #expect(throws: StoreOpenError.self) { try open() }
        try await GroupCommit(store).write { try $0.script("DROP TABLE migration") }
        let older = #expect(throws: StoreOpenError.self) { try open() }
        #expect(older?.description.contains("brings it up to date") == true)
        #expect(try await store.read { try $0.rows("SELECT name FROM sqlite_master", [], limit: nil) }.isEmpty)
        try store.migrate()
        let next = Migration.newest + 1
        try await GroupCommit(store).write { try $0.script("INSERT INTO migration VALUES (\(next), 'a')") }
        let newer = #expect(throws: StoreOpenError.self) { try open() }
        #expect(newer?.description.contains("by a newer version (schema \(next))") == true)
    }

    private func makeDirectory() throws -> String {
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return directory
    }

    @Test func `a full disk is told with what to do`() throws {
        let error = #expect(throws: StoreOpenError.self) {
            try StoreOpenError.explained("/data") {
                let store = try SQLite(path: makeDirectory() + "/store.db")
                // As little room as a full disk has.
                try SQLite.translated {
                    try store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 3") }
                }
                try store.migrate()
            }
        }
        #expect(error?.description == "the disk of /data is full; make room there, and start again")
    }

    @Test(arguments: [
        (DatabaseFailure.Refusal.locked, "fuser /data/store.db"), (.full, "make room"), (.readOnly, "read-only"),
        (.damaged, "tf-daemon restore"),
    ])
    func `each refusal has its remedy`(_ refusal: DatabaseFailure.Refusal, _ remedy: String) {
        let error = #expect(throws: StoreOpenError.self) {
            try StoreOpenError.explained("/data") {
                throw DatabaseFailure(kind: .unavailable, refusal: refusal, description: "refused")
            }
        }
        #expect(error?.description.contains(remedy) == true)
    }

    @Test func `a refusal says what to do before the engine's own words`() {
        let failure = DatabaseFailure(kind: .unavailable, refusal: .full, description: "SQLite error 13")
        #expect(failure.description == "the store's disk is full; make room there (SQLite error 13)")
    }
}
