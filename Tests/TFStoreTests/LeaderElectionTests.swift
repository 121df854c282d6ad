import TFStore
import Testing

/// Which of several daemons leads. `TestStore` has one already, since time 1.
@Suite struct LeaderElectionTests {
    private static let lease = Store.leaseLength

    private func lead(_ test: TestStore, as holder: String, now: Int64) async throws -> Leadership? {
        try await test.store.write { try $0.lead(as: holder, now: now) }
    }

    @Test func `a leader that renews stays, whoever asks meanwhile`() async throws {
        let test = try await TestStore()
        var now: Int64 = 1
        for _ in 0..<5 {
            now += Self.lease - 1
            #expect(try await lead(test, as: "other", now: now) == nil)
            #expect(try await lead(test, as: "test", now: now) == test.leader)
        }
        #expect(try await test.store.read { try $0.leaderExpiry() } == now + Self.lease)
    }

    @Test func `when its time is over another leads, in the next epoch`() async throws {
        let test = try await TestStore()
        #expect(try await lead(test, as: "other", now: Self.lease) == nil)
        let other = try #require(try await lead(test, as: "other", now: 1 + Self.lease))
        #expect(other.epoch == test.leader.epoch + 1)
        #expect(try await lead(test, as: "test", now: 2 + Self.lease) == nil)
    }

    @Test func `of many that ask at once one leads`() async throws {
        let test = try await TestStore()
        let now = 1 + Self.lease
        let leaders = try await withThrowingTaskGroup(of: Leadership?.self) { group in
            for number in 0..<20 {
                group.addTask { try await test.store.write { try $0.lead(as: "daemon \(number)", now: now) } }
            }
            return try await group.reduce(into: []) { leaders, leader in leaders += leader.map { [$0] } ?? [] }
        }
        #expect(leaders.count == 1)
    }

    @Test func `a leader that resigns is followed at once, and one that was replaced resigns for nobody`() async throws
    {
        let test = try await TestStore()
        try await test.store.write { try $0.resign(test.leader) }
        let other = try #require(try await lead(test, as: "other", now: 2))
        try await test.store.write { try $0.resign(test.leader) }
        #expect(try await lead(test, as: "third", now: 3) == nil)
        #expect(try await lead(test, as: "other", now: 3) == other)
    }

    @Test func `a leader that was replaced writes nothing`() async throws {
        let test = try await TestStore()
        #expect(try await test.store.write { try $0.lead(as: "other", now: 2_000) } == nil)
        let other = try #require(try await test.store.write { try $0.lead(as: "other", now: 10_000) })
        #expect(other.epoch == test.leader.epoch + 1)
        await #expect(throws: StoreError.self) {
            try await test.store.advanceInstances(limit: 1, leader: test.leader, now: 10_001)
        }
    }
}
