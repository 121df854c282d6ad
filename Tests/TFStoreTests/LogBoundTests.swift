import Foundation
import Subprocess
import Synchronization
import TestSupport
import Testing

@testable import TFStore

/// The write-ahead log after load, and where the disk has little room, or none. That it stays small under load is in
/// `GroupCommitTests`.
@Suite struct LogBoundTests {
    /// A database with one table, in a directory of its own.
    private struct Site {
        let database: SQLite
        let directory: String

        init(in directory: String = TestFolder.path("store")) async throws {
            self.directory = directory
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            database = try SQLite(path: directory + "/store.db")
            try await GroupCommit(database).write { connection in
                try connection.script("CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, text TEXT)")
            }
        }

        func add(_ commits: GroupCommit, bytes: Int) async throws {
            try await commits.write { connection in
                _ = try connection.run("INSERT INTO note (text) VALUES (hex(randomblob(?)))", [bytes / 2])
            }
        }

        func notes() async throws -> Int? {
            try await database.read { try $0.rows("SELECT COUNT(*) FROM note", [], limit: 1).first?[0] }
        }

        var logBytes: Int {
            let attributes = try? FileManager.default.attributesOfItem(atPath: directory + "/store.db-wal")
            return attributes?[.size] as? Int ?? 0  // no log is an empty one
        }
    }

    @Test func `the log's file is written over under load, and shrinks when nobody has written much for a while`()
        async throws
    {
        let site = try await Site()
        let commits = GroupCommit(site.database)
        var sizes: [Int] = []
        for _ in 0..<80 {
            try await site.add(commits, bytes: 1_000_000)
            sizes.append(site.logBytes)
        }
        #expect(sizes == sizes.sorted())
        #expect((16 << 20..<32 << 20).contains(site.logBytes))
        let later = GroupCommit(site.database, log: LogBound(of: site.database, quietTime: .zero))
        try await site.add(later, bytes: 1_000)
        try await later.write { _ in }  // by then the last one has been looked at
        #expect(site.logBytes == 0)
        #expect(try await site.notes() == 81)
    }

    @Test func `what is in the log always fits beside it, however little room there is`() async throws {
        let site = try await Site()
        let room = Mutex<Int64>(1 << 20)
        let log = LogBound(of: site.database) { room.withLock { $0 } }
        let commits = GroupCommit(site.database, log: log)
        for _ in 0..<100 {
            try await site.add(commits, bytes: 100_000)
            try await commits.write { _ in }  // by then the last one has been looked at
            #expect(site.logBytes <= 1 << 19)
        }
        room.withLock { $0 = 0 }
        try await site.add(commits, bytes: 1_000)
        try await commits.write { _ in }
        #expect(site.logBytes == 0)
    }

    @Test func `a store that is closed leaves no log, and one that another still reads leaves it to them`()
        async throws
    {
        let directory = TestFolder.path("store")
        let (store, other) = (
            try Store(directory: directory, baseURL: "http://localhost:1"),
            try Store(directory: directory, baseURL: "http://localhost:1")
        )
        func size() -> Int {
            let attributes = try? FileManager.default.attributesOfItem(atPath: directory + "/store.db-wal")
            return attributes?[.size] as? Int ?? 0  // no log is an empty one
        }
        func add(_ slug: String, to store: Store) async throws {
            _ = try await store.write { try $0.addCompany(slug: slug, name: slug, timezone: "UTC", now: 1) }
        }
        try await add("acme", to: store)
        let gate = Gate()
        async let reading = other.read { session in
            _ = try session.companies()
            gate.hold()
            return try session.companies().count
        }
        _ = try await eventually("the other reads") { gate.isHeld ? true : nil }
        try await add("globex", to: store)
        try store.close()
        #expect(size() > 0)
        gate.open()
        #expect(try await reading == 1)
        #expect(try await other.read { try $0.companies() }.count == 2)
        try other.close()
        #expect(size() == 0)
    }

    @Test(.enabled(if: getuid() == 0, "needs root, to mount a small disk"))
    func `a store on a full disk loses nothing, and goes on as soon as there is room`() async throws {
        let disk = TestFolder.path("disk")
        try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
        let mounted = try await Self.run("mount", ["-t", "tmpfs", "-o", "size=24m,mode=0700", "tmpfs", disk])
        // Containers may forbid it even to root.
        guard mounted else { try Test.cancel("this place forbids mounting a small disk, even to root") }
        do { try await Self.fill(disk) } catch { Issue.record(error) }
        #expect(try await Self.run("umount", ["-l", disk]))
    }

    private static func fill(_ disk: String) async throws {
        let filler = disk + "/filler"
        try Data(count: 6 << 20).write(to: URL(fileURLWithPath: filler))
        let site = try await Site(in: disk + "/data")
        let commits = GroupCommit(site.database)
        var acknowledged = 0
        // Until nothing fits any more. Then some smaller ones, as people would try again.
        for bytes in [200_000, 20_000, 2_000] {
            while (try? await site.add(commits, bytes: bytes)) != nil { acknowledged += 1 }  // refused is the end
        }
        #expect(acknowledged > 10)
        #expect(try await site.notes() == acknowledged)
        // Who could not write can be started again, and writes as soon as there is room.
        try site.database.close()
        try FileManager.default.removeItem(atPath: filler)
        let next = try await Site(in: disk + "/data")
        let others = GroupCommit(next.database)
        for _ in 0..<10 {
            try await next.add(others, bytes: 200_000)
            acknowledged += 1
        }
        #expect(try await next.notes() == acknowledged)
        try await others.write { _ in }
        #expect(next.logBytes < 8 << 20)
        #expect(try await next.database.read { try $0.rows("PRAGMA integrity_check", [], limit: 1).first?[0] } == "ok")
        try next.database.close()
    }

    private static func run(_ program: String, _ arguments: [String]) async throws -> Bool {
        try await Subprocess.run(
            .name(program), arguments: .init(arguments), output: .discarded, error: .discarded
        ).terminationStatus.isSuccess
    }
}
