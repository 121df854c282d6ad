import Foundation
import TFDefinition
import TFEngine
import TestSupport
import Testing

@testable import TFStore

/// What is old goes, and nothing else; and no table is forgotten.
@Suite(.onBothEngines) struct RetentionTests {
    private static let far: Int64 = 4_000_000_000_000
    private let directory = TestFolder.path("store")

    /// A store with rows in every table, in which nothing is under way any more.
    private func endedStore() async throws -> Store {
        let store = try await TestEngine.store(directory)
        let text = try String(contentsOf: ProjectFolder.url("Tests/TFStoreTests/Stores/1.sql"), encoding: .utf8)
        try await store.write { session in
            try session.connection.script(text)
            try session.run("DELETE FROM outbox")
            try session.run("UPDATE ticket SET state = 'closed', closed_at_ms = id")
            try session.run("UPDATE instance SET status = 'completed', ended_at_ms = 7000")
            try session.run("UPDATE task SET state = 'completed', finished_at_ms = 7000")
            try session.run("UPDATE cloud_event SET is_dispatched = 1")
            try session.run("UPDATE api_key SET revoked_at_ms = 7000")
        }
        return store
    }

    private func count(_ table: StoreTable, _ store: Store) async throws -> Int {
        try await store.read { try $0.first(Int.self, "SELECT COUNT(*) FROM \(table.rawValue)") ?? 0 }
    }

    private func removeAll(_ kind: RetentionKind, _ store: Store) async throws -> Int {
        var sum = 0
        while case let count = try await store.removeExpired(kind, before: Self.far, now: 10_000), count > 0 {
            sum += count
        }
        return sum
    }

    @Test(.onlySQLite) func `every table of the schema has an end, or a reason to stay`() async throws {
        let store = try await TestStore().store
        let tables = try await store.read { session in
            try session.all(
                String.self,
                """
                SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'
                    AND name NOT LIKE 'search_index%' AND name <> 'migration'
                """)
        }
        #expect(Set(tables) == Set(StoreTable.allCases.map(\.rawValue)))
        let withTicket = StoreTable.allCases.filter { $0.end == .with(.ticket) }
        let removed = Set(TicketRemoval.parts.map(\.table))
        #expect(removed.isSuperset(of: withTicket))
        // Whatever refers to a ticket goes with it.
        let referring = try await store.read { session in
            try session.all(
                String.self,
                "SELECT m.name FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE f.\"table\" = 'ticket'")
        }
        #expect(removed.isSuperset(of: Set(referring).compactMap(StoreTable.init).filter { $0 != .ticket }))
        let kinds = StoreTable.allCases.compactMap { if case .retention(let kind) = $0.end { kind } else { nil } }
        // Uploads are attachments without a ticket.
        #expect(Set(kinds).union([.uploads]) == Set(RetentionKind.allCases))
    }

    @Test func `a ticket goes with all that is its own, and the preview says how much`() async throws {
        let store = try await endedStore()
        let preview = try await store.read { try $0.expired(.tickets, before: Self.far) }
        let gone = try await removeAll(.tickets, store)
        #expect(preview.count == 2)
        #expect(preview.rows == gone)
        #expect(preview.bytes > 0)
        for table in StoreTable.allCases where table.end == .with(.ticket) && table != .attachment {
            #expect(try await count(table, store) == 0, "\(table)")
        }
        let left = try await store.read { session in
            (
                try session.first(Int.self, "SELECT COUNT(*) FROM ticket") ?? -1,
                try session.first(Int.self, "SELECT COUNT(*) FROM attachment WHERE ticket_id IS NOT NULL") ?? -1,
                try session.first(Int.self, "SELECT COUNT(*) FROM instance WHERE ticket_id IS NOT NULL") ?? -1
            )
        }
        #expect(left == (0, 0, 0))
        #expect(try await store.faults() == [])
        #expect(try await store.read { try $0.expired(.tickets, before: Self.far) } == ExpiredAmount())
    }

    @Test func `every other kind goes by its age alone, and the preview says how much`() async throws {
        let store = try await endedStore()
        _ = try await removeAll(.tickets, store)
        for kind in RetentionKind.allCases where kind != .tickets {
            let preview = try await store.read { try $0.expired(kind, before: Self.far) }
            #expect(try await removeAll(kind, store) >= preview.rows, "\(kind)")
            #expect(try await store.read { try $0.expired(kind, before: 10_000) }.count == 0, "\(kind)")
        }
        for table in StoreTable.allCases {
            guard case .retention(let kind) = table.end, kind != .audit else { continue }
            #expect(try await count(table, store) == 0, "\(table)")
        }
        #expect(try await store.faults() == [])
    }

    @Test func `a long history goes in several short steps`() async throws {
        let store = try await endedStore()
        let rows = try await store.read { try $0.expired(.tickets, before: Self.far) }.rows
        var steps = 0
        var count = 0
        repeat {
            count = try await store.write { session in
                try session.inside(1).removeTickets(before: Self.far, limit: 2).count
            }
            #expect(count <= 3)
            #expect(try await store.faults() == [])
            steps += 1
        } while count > 0
        #expect(steps > rows / 3)
    }

    @Test(.onlySQLite) func `a file that cannot be removed keeps no other, and the rows are counted`() async throws {
        let test = try await TestStore()
        let uma = try #require(test.people["uma"])
        let ids = ["0", "1", "2"].map { String(repeating: $0, count: 32) }
        let paths = ids.map { "\(test.directory)/attachments/\($0)" }
        for (id, path) in zip(ids, paths) {
            try await test.store.write(in: test.company.id) {
                let upload = FormUpload(id: AttachmentID(id), name: "a.txt", mediaType: "text/plain", size: 5)
                try $0.addUpload(upload, by: uma.id, now: 1)
            }
            // No file, and so none that is removed.
            let isStaying = id == ids[1]
            try FileManager.default.createDirectory(
                atPath: isStaying ? path : "\(test.directory)/attachments", withIntermediateDirectories: true)
            if !isStaying { try "hello".write(toFile: path, atomically: false, encoding: .utf8) }
        }
        do {
            _ = try await test.store.removeExpired(.uploads, before: Self.far, now: 40)
            Issue.record("what stays is not told")
        } catch let error as StayingFiles {
            #expect(error.rows == 3)
            #expect(error.description.contains(ids[1]))
        }
        #expect(paths.map { FileManager.default.fileExists(atPath: $0) } == [false, true, false])
    }

    @Test func `what is under way, or waits for Redis, stays`() async throws {
        let test = try await TestStore()
        try await test.publish(TestStore.files)
        let number = try await test.submit("x")
        try await test.advance()
        for kind in [RetentionKind.tickets, .workflows] {
            #expect(try await test.store.removeExpired(kind, before: Self.far, leader: test.leader, now: 40) == 0)
        }
        // Closed by hand, and its task has yet to reach Redis.
        try await test.store.write { session in
            try session.run("UPDATE ticket SET state = 'closed', closed_at_ms = 5")
            try session.run("UPDATE instance SET status = 'completed'")
        }
        #expect(try await test.store.removeExpired(.tickets, before: Self.far, now: 40) == 0)
        #expect(try await test.tasks(number).count == 1)
        let other = Leadership(holder: "other", reach: .site(epoch: 9))
        await #expect(throws: StoreError.self) {
            try await test.store.removeExpired(.tickets, before: Self.far, leader: other, now: 40)
        }
    }

    @Test func `the audit log loses what is old, notes that, and nothing else is lost or changed`() async throws {
        let store = try await TestStore().store
        try await store.write { session in
            for moment in [5, 6, 7] { try session.note(.refused, .request("GET /\(moment)"), now: Int64(moment)) }
        }
        let before = try await count(.audit, store)
        for sql in ["DELETE FROM audit", "UPDATE audit SET actor = 'x'"] {
            await #expect(throws: DatabaseFailure.self) { try await store.write { try $0.run(sql) } }
        }
        let gone = try await store.removeExpired(.audit, before: 6, now: 9)
        #expect(try await count(.audit, store) == before - gone + 1)
        let entries = try await store.read { try $0.auditLog(AuditFilter()).entries }
        #expect(entries.allSatisfy { $0.atMs >= 6 })
        #expect(entries.first?.action == .entriesRemoved)
        #expect(entries.first?.new?["before"] == "1970-01-01T00:00:00Z")
        // Nothing older is left: nothing is noted again.
        #expect(try await store.removeExpired(.audit, before: 6, now: 9) == 0)
        #expect(try await count(.audit, store) == before - gone + 1)
        await #expect(throws: DatabaseFailure.self) { try await store.write { try $0.run("DELETE FROM audit") } }
    }

    @Test func `who was told that a task is due is not told again while it is open`() async throws {
        let test = try await TestStore()
        let task = try await test.assignedTask(to: "bob")
        try await test.store.write { session in
            try session.run("UPDATE task SET due_at_ms = 50")
            try session.inside(task.companyID).tellDueSoon(now: 60)
        }
        _ = try await test.store.removeExpired(.notifications, before: Self.far, now: 70)
        func told() async throws -> Int {
            try await test.store.read { session in
                try session.first(Int.self, "SELECT COUNT(*) FROM notification WHERE kind = 'due_soon'") ?? 0
            }
        }
        #expect(try await told() == 1)
        try await test.complete(task, by: "bob", "yes")
        _ = try await test.store.removeExpired(.notifications, before: Self.far, now: 70)
        #expect(try await told() == 0)
    }

    @Test(.onlySQLite, arguments: RetentionKind.allCases.filter { $0 != .tickets && $0 != .workflows })
    func `an index finds the old rows of a kind, in their order`(_ kind: RetentionKind) async throws {
        let rows = try #require(ExpiringRows(kind))
        let plan = try await TestStore().store.read { session in
            try session.all(
                Row.self,
                """
                EXPLAIN QUERY PLAN SELECT \(rows.key) FROM \(rows.table)
                WHERE \(rows.moment) < ? AND \(rows.condition) ORDER BY \(rows.moment) LIMIT 5
                """, [5]
            ).map { $0["detail"] as String }
        }
        #expect(plan.first?.hasPrefix("SEARCH \(rows.table) USING") == true, "\(plan)")
        #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
    }

    @Test func `terms of days end at midnight, and off is for ever`() {
        var terms = RetentionTerms()
        #expect(terms.end(of: .tickets, now: Self.far) == nil)
        terms.tickets = 30
        let day: Int64 = 86_400_000
        #expect(terms.end(of: .tickets, now: 100 * day + 5) == 70 * day)
        #expect(terms.end(of: .idempotencyKeys, now: 100 * day + 5) == 99 * day + 5)
        terms.audit = nil
        #expect(terms.end(of: .audit, now: Self.far) == nil)
    }
}
