import Synchronization
import TFSystem
import TestSupport
import Testing

@testable import TFStore

/// Two processes that write to one SQLite file, which has no queue of its own.
@Suite struct WriterTurnTests {
    /// Two stores on one directory, as the two programs have them.
    private struct Site {
        let directory = TestFolder.path("store")
        let busy: Store
        let other: Store

        init() throws {
            busy = try Store(directory: directory, baseURL: "http://localhost:1")
            other = try Store(directory: directory, baseURL: "http://localhost:1")
        }
    }

    private final class Progress: Sendable {
        let written = Atomic(0)
        let isOver = Atomic(false)
    }

    @Test func `who writes without a pause keeps nobody out`() async throws {
        let site = try Site()
        let progress = Progress()
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Of two changes one always waits while the other is made.
            for number in 0..<2 {
                group.addTask {
                    while !progress.isOver.load(ordering: .relaxed) {
                        let slug = "a\(number)-\(progress.written.load(ordering: .relaxed))"
                        try await site.busy.write { session in
                            try session.addCompany(slug: slug, name: "A", timezone: "UTC", now: 1)
                        }
                        progress.written.add(1, ordering: .relaxed)
                    }
                }
            }
            _ = try await eventually("the first one writes") {
                progress.written.load(ordering: .relaxed) > 10 ? true : nil
            }
            for number in 0..<20 {
                let before = progress.written.load(ordering: .relaxed)
                let meanwhile = try await site.other.write { session in
                    _ = try session.addCompany(slug: "b\(number)", name: "B", timezone: "UTC", now: 1)
                    return progress.written.load(ordering: .relaxed) - before
                }
                // What was being written, and what came while this one's thread was woken.
                #expect(meanwhile < 20)
            }
            progress.isOver.store(true, ordering: .relaxed)
            try await group.waitForAll()
        }
    }

    @Test func `a process that was stopped while it waited for its turn stops nobody`() async throws {
        let site = try Site()
        let turn = try FileLock(site.directory + "/store.db-turn")
        let company = try await site.other.write { session in
            try session.addCompany(slug: "acme", name: "Acme", timezone: "UTC", now: 1)
        }
        turn.release()
        #expect(try await site.busy.read { session in try session.company(company.id).slug } == "acme")
    }
}
