import Foundation
import Synchronization
import TFDefinition
import TFEngine
import TestSupport
import Testing

@testable import TFStore

/// Writes of one process that wait for each other.
@Suite struct GroupCommitTests {
    /// A store with a table of the test's own, and a change that keeps the writer until it is told to end.
    private struct Site {
        let store: Store
        let directory: String
        private let gate = Gate()

        init() async throws {
            directory = TestFolder.path("store")
            store = try Store(directory: directory, baseURL: "http://localhost:1")
            try await store.write { session in try session.run("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT)")
            }
        }

        /// Has these changes wait at the same time, and then lets them in.
        /// - Returns: for each, whether it was acknowledged.
        func atOnce(_ changes: [@Sendable (WriteSession) throws -> Void]) async throws -> [Bool] {
            let gate = gate
            return try await withThrowingTaskGroup(of: (Int, Bool).self) { group in
                group.addTask {
                    try await store.write { _ in gate.hold() }
                    return (-1, true)
                }
                _ = try await eventually("the writer is busy") { gate.isHeld ? true : nil }
                for (index, change) in changes.enumerated() {
                    group.addTask {
                        do { try await store.write { session in try change(session) } } catch { return (index, false) }
                        return (index, true)
                    }
                    _ = try await eventually("it waits") { store.waitingWrites == index + 1 ? true : nil }
                }
                gate.open()
                var answers = [Bool](repeating: false, count: changes.count)
                for try await (index, isDone) in group where index >= 0 { answers[index] = isDone }
                return answers
            }
        }

        func notes() async throws -> [String] {
            try await store.read { session in try session.all(String.self, "SELECT text FROM note ORDER BY id") }
        }

        /// Commits in the write-ahead log: frames whose header names the size of the file (https://sqlite.org/fileformat2.html).
        func commits() throws -> Int {
            let log = try Data(contentsOf: URL(fileURLWithPath: directory + "/store.db-wal"))
            func number(_ place: Int) -> Int { log[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
            let page = number(8)
            return stride(from: 32, to: log.count - 23, by: 24 + page).filter { number($0 + 4) > 0 }.count
        }

        static func note(_ text: String) -> @Sendable (WriteSession) throws -> Void {
            { session in try session.run("INSERT INTO note (text) VALUES (?)", [text]) }
        }
    }

    private struct Refused: Error {}

    @Test func `changes that wait are committed together`() async throws {
        let site = try await Site()
        let before = try site.commits()
        let answers = try await site.atOnce((0..<20).map { Site.note("\($0)") })
        #expect(answers.allSatisfy { $0 })
        #expect(try await site.notes().count == 20)
        #expect(try site.commits() == before + 1)
    }

    @Test func `changes that come while another process writes are committed together`() async throws {
        let site = try await Site()
        let other = try Store(directory: site.directory, baseURL: "http://localhost:1")
        let (before, gate) = (try site.commits(), Gate())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await other.write { _ in gate.hold() } }
            _ = try await eventually("the other one writes") { gate.isHeld ? true : nil }
            for index in 1...3 {
                group.addTask { try await site.store.write { session in try Site.note("\(index)")(session) } }
                // Also the first one, which waits for the file.
                _ = try await eventually("it waits") { site.store.waitingWrites == index ? true : nil }
            }
            gate.open()
            try await group.waitForAll()
        }
        #expect(try await site.notes() == ["1", "2", "3"])
        #expect(try site.commits() == before + 1)
    }

    @Test func `a change that fails is undone alone`() async throws {
        let site = try await Site()
        let answers = try await site.atOnce([
            Site.note("first"),
            { session in
                try Site.note("undone")(session)
                throw Refused()
            },
            { session in try session.run("INSERT INTO note (text) VALUES (no_such_column)") }, Site.note("last"),
        ])
        #expect(answers == [true, false, false, true])
        #expect(try await site.notes() == ["first", "last"])
    }

    @Test func `a commit that fails fails every change in it, and the next one goes on`() async throws {
        let site = try await Site()
        let answers = try await site.atOnce([
            Site.note("lost"),
            { session in
                // A reference that is looked at only by the commit.
                try session.run("PRAGMA defer_foreign_keys = 1")
                try session.run("INSERT INTO account_role (account_id, role) VALUES (99, 'user')")
            }, Site.note("lost too"),
        ])
        #expect(answers == [false, false, false])
        try await site.store.write { session in try Site.note("next")(session) }
        #expect(try await site.notes() == ["next"])
    }

    @Test func `a revision that is undone with its commit is forgotten, though another change has read it`()
        async throws
    {
        let site = try await Site()
        let company = try await site.store.write {
            try $0.addCompany(slug: "acme", name: "Acme", timezone: "UTC", now: 1)
        }
        let newest = "SELECT MAX(id) FROM revision WHERE company_id = ?"
        let undone = try Publication("task: look\noutcomes: [undone]\n", file: "look.task.yaml", company: "acme")
        let answers = try await site.atOnce([
            { session in try session.inside(company.id).writeRevision(undone, model: nil, now: 2) },
            { session in
                let inside = session.inside(company.id)
                let id = try #require(try inside.first(RevisionID.self, newest, [company.id]))
                #expect(try session.revisions.task(id, inside).outcomes.map(\.value) == ["undone"])
            },
            { session in
                try session.run("PRAGMA defer_foreign_keys = 1")
                try session.run("INSERT INTO account_role (account_id, role) VALUES (99, 'user')")
            },
        ])
        #expect(answers == [false, false, false])
        try await site.store.publish(
            ["look.task.yaml": "task: look\noutcomes: [kept]\n"], for: company, now: 3)
        let outcomes = try await site.store.read(in: company.id) { session in
            // The database gives it the number of the one that was undone.
            let id = try #require(try session.first(RevisionID.self, newest, [company.id]))
            return try session.revisions.task(id, session).outcomes.map(\.value)
        }
        #expect(outcomes == ["kept"])
    }

    /// Undoes the whole transaction, as SQLite may do of itself where the disk is full.
    private static let undo = "INSERT OR ROLLBACK INTO note (id, text) VALUES (1, 'a'), (1, 'b')"

    @Test func `a change whose failure undoes the transaction is temporary, and fails what was committed with it`()
        async throws
    {
        let site = try await Site()
        let answers = try await site.atOnce([
            Site.note("lost"),
            { session in
                do {
                    try session.savepoint { _ = try session.run(Self.undo) }
                } catch {
                    #expect(StoreError.isTemporary(error), "\(error)")
                    throw error
                }
            }, Site.note("last"),
        ])
        #expect(answers == [false, false, true])
        #expect(try await site.notes() == ["last"])
    }

    @Test func `a change that goes on after the transaction is gone writes nothing`() async throws {
        let site = try await Site()
        let answers = try await site.atOnce([
            Site.note("lost"),
            { session in
                _ = try? session.run(Self.undo)  // a caller that does not look at what failed
                _ = try? Site.note("half")(session)  // nor here
                _ = try? session.all(Int.self, "INSERT INTO note (text) VALUES ('half') RETURNING id")  // nor here
                _ = try? session.connection.script("INSERT INTO note (text) VALUES ('half')")  // nor here
            }, Site.note("last"),
        ])
        #expect(answers == [false, false, true])
        #expect(try await site.notes() == ["last"])
    }

    @Test func `a change that cannot be undone alone is not committed with the others`() async throws {
        let site = try await Site()
        let answers = try await site.atOnce([
            Site.note("lost"),
            { session in
                try Site.note("half")(session)
                // From here on there is nothing to go back to.
                try session.run("RELEASE part")
                throw Refused()
            }, Site.note("last"),
        ])
        #expect(answers == [false, false, true])
        #expect(try await site.notes() == ["last"])
    }

    @Test func `a full disk is nobody's acknowledgement, and the next change that fits is made`() async throws {
        let site = try await Site()
        let pages = try #require(
            try await site.store.write { session in try session.first(Int.self, "PRAGMA page_count") })
        try await site.store.write { session in _ = try session.all(Row.self, "PRAGMA max_page_count = \(pages + 8)") }
        let answers = try await site.atOnce([
            { session in try session.run("INSERT INTO note (text) VALUES (hex(zeroblob(1000000)))") },
            Site.note("after"),
        ])
        #expect(answers[0] == false)
        #expect(try await site.notes() == (answers[1] ? ["after"] : []))
        try await site.store.write { session in try Site.note("next")(session) }
        #expect(try await site.notes().last == "next")
    }

    @Test func `the write-ahead log stays small under load`() async throws {
        let site = try await Site()
        let log = site.directory + "/store.db-wal"
        func size() throws -> Int {
            let attributes = try FileManager.default.attributesOfItem(atPath: log)
            return try #require(attributes[.size] as? Int)
        }
        var largest = 0
        for _ in 0..<100 {
            try await site.store.write { session in
                try session.run("INSERT INTO note (text) VALUES (hex(randomblob(500000)))")
            }
            largest = max(largest, try size())
        }
        #expect(largest < 32 << 20)
    }

    @Test func `the write-ahead log stays below 64 MiB though somebody reads at every moment`() async throws {
        let site = try await Site()
        let other = try Store(directory: site.directory, baseURL: "http://localhost:1")
        let log = site.directory + "/store.db-wal"
        let writing = Writing()
        let largest = try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                defer { writing.end() }
                var largest = 0
                for _ in 0..<150 {
                    try await site.store.write { session in
                        try session.run("INSERT INTO note (text) VALUES (hex(randomblob(500000)))")
                    }
                    let attributes = try FileManager.default.attributesOfItem(atPath: log)
                    largest = max(largest, try #require(attributes[.size] as? Int))
                }
                return largest
            }
            group.addTask {
                try await Self.readWithoutGap([site.store, other], until: writing)
                return 0
            }
            return try await group.reduce(0, max)
        }
        #expect(largest > 16 << 20)
        #expect(largest < 64 << 20)
    }

    /// Whether a test still writes.
    private final class Writing: Sendable {
        private let over = Mutex(false)

        var isOver: Bool { over.withLock { $0 } }

        func end() { over.withLock { $0 = true } }
    }

    /// Takes a new snapshot, of each store in turn, before the one before is given back.
    private static func readWithoutGap(_ stores: [Store], until writing: Writing) async throws {
        var gates: [Gate] = []
        try await withThrowingTaskGroup(of: Void.self) { group in
            while !writing.isOver {
                let (store, gate) = (stores[gates.count % stores.count], Gate())
                group.addTask {
                    try await store.read { session in
                        _ = try session.first(Int.self, "SELECT COUNT(*) FROM note")
                        gate.hold()
                    }
                }
                _ = try await eventually("a reader has its snapshot") { gate.isHeld ? true : nil }
                gates.last?.open()
                gates.append(gate)
            }
            gates.last?.open()
            try await group.waitForAll()
        }
    }
}
