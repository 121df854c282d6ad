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
        let literals = try SQLLiteral.all(in: "Sources/TFStore", except: "Database/")
        for (table, beginnings) in CommitListener.statements {
            #expect(StoreTable(rawValue: table) != nil)
            var found = 0
            for literal in literals {
                for (place, piece) in literal.pieces.enumerated() where beginnings.contains(where: piece.contains) {
                    found += 1
                    let isSeen = place == 0 && beginnings.contains { piece.hasPrefix($0) }
                    #expect(isSeen, "\(literal.file):\(literal.line)")
                }
            }
            #expect(found > 0, "\(table) is written to")
        }
    }
}
