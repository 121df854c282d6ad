import TFEngine
import TestSupport
import Testing

@testable import TFStore

/// Which loops a commit wakes.
struct CommitListenerTests {
    @Test(.onPostgres)
    func `each change of a ticket's way wakes the loop that goes on with it, and no other`() async throws {
        let site = try await TestStore()
        func woken(by change: () async throws -> Void) async throws -> Set<CommitListener> {
            _ = site.store.changes.taken()
            try await change()
            return site.store.changes.taken()[site.company.id] ?? []
        }
        let published = try await woken { try await site.publish(TestStore.files) }
        #expect(published == [.definitions, .diagrams, .engine, .steps])
        #expect(try await woken { _ = try await site.submit("a desk") } == [.engine])
        // The answer to the submission waits until its event is gone.
        #expect(try await woken { try await site.advance() } == [.queues, .steps])
        #expect(try await woken { try await site.settle(choosing: "bob") } == [])
    }

    @Test func `whom a statement concerns is seen at its beginning`() throws {
        let tables = try #require(CommitListener.tables.isEmpty ? nil : CommitListener.tables)
        #expect(tables.allSatisfy { StoreTable(rawValue: $0) != nil })
        let changes = tables.flatMap { table in
            ["INSERT INTO ", "UPDATE ", "DELETE FROM "].map { "\($0)\(table) " }
        }
        var found: Set<String> = []
        for literal in try SQLLiteral.all(in: "Sources/TFStore", except: "Database/") {
            for (place, piece) in literal.pieces.enumerated() {
                for change in changes where piece.contains(change) {
                    found.insert(change)
                    #expect(place == 0 && piece.hasPrefix(change), "\(literal.file):\(literal.line)")
                }
            }
        }
        #expect(tables.allSatisfy { found.contains("INSERT INTO \($0) ") }, "each table is written to")
    }
}
