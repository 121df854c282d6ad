import Synchronization
import TFSystem
import TestSupport
import Testing

@testable import TFStore

/// Two processes that write to one SQLite file, which has no queue of its own.
@Suite struct WriterTurnTests {
    /// In which order changes were made.
    private final class Order: Sendable {
        private let all = Mutex<[String]>([])

        var noted: [String] { all.withLock { $0 } }

        func note(_ name: String) { all.withLock { $0.append(name) } }
    }

    /// Two stores on one directory, as the two programs have them.
    private struct Site {
        let directory = TestFolder.path("store")
        let busy: Store
        let other: Store

        init() throws {
            busy = try Store(directory: directory, baseURL: "http://localhost:1")
            other = try Store(directory: directory, baseURL: "http://localhost:1")
        }

        /// Has the other store wait while the first one writes, and has that one write again at once.
        /// - Returns: whether the other one came between.
        func isInTurn() async throws -> Bool {
            let gate = Gate()
            let order = Order()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await busy.write { _ in
                        gate.hold()
                        order.note("first")
                    }
                }
                _ = try await eventually("the first one writes") { gate.isHeld ? true : nil }
                group.addTask { try await other.write { _ in order.note("other") } }
                _ = try await eventually("the other one waits for its turn") {
                    let free = try FileLock(free: directory + "/store.db-turn")
                    free?.release()
                    return free == nil ? true : nil
                }
                group.addTask { try await busy.write { _ in order.note("again") } }
                _ = try await eventually("the first one wants to write again") { busy.waitingWrites > 0 ? true : nil }
                gate.open()
                try await group.waitForAll()
            }
            return order.noted == ["first", "other", "again"]
        }
    }

    @Test func `who waits comes before who writes again`() async throws {
        let site = try Site()
        var inTurn = 0
        for _ in 0..<10 where try await site.isInTurn() { inTurn += 1 }
        // A process that is not run for a while after its turn has come may miss it.
        #expect(inTurn > 5)
    }

    @Test func `a process that was stopped while it waited for its turn stops nobody`() async throws {
        let site = try Site()
        let turn = try FileLock(site.directory + "/store.db-turn")
        let company = try await site.other.write { session in
            try session.addCompany(slug: "acme", name: "Acme", timezone: "UTC", now: 1)
        }
        // Nor does it cost those who write next the time that this one waited.
        guard case .sqlite(let database, _) = site.other.engine else { return }
        #expect(database.turn.goesOn)
        turn.release()
        #expect(try await site.busy.read { session in try session.company(company.id).slug } == "acme")
    }
}
