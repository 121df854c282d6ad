import Synchronization
import TFStore
import TestSupport
import Testing

/// Which of several daemons leads. `TestStore` has one already, since time 1.
@Suite(.onBothEngines) struct LeaderElectionTests {
    private static let days30: Int64 = 30 * 86_400_000

    private func lead(
        _ test: TestStore, as holder: String, replacing ended: LeaderLease? = nil, now: Int64 = 2
    ) async throws -> Leadership? {
        try await test.store.write { try $0.lead(as: holder, replacing: ended, now: now) }
    }

    private func lease(_ test: TestStore) async throws -> LeaderLease {
        try #require(try await test.store.read { try $0.leaderLease() })
    }

    @Test func `no time of day makes a daemon the leader while another one is`() async throws {
        let test = try await TestStore()
        for now in [-Self.days30, 2, Store.daemonLeaseLength + 2, Self.days30] {
            #expect(try await lead(test, as: "other", now: now) == nil)
            #expect(try await lead(test, as: "test", now: now) == test.leader)
        }
    }

    @Test func `a lease that was seen to be over is followed in the next epoch, and one renewed since is not`()
        async throws
    {
        let test = try await TestStore()
        let seen = try await lease(test)
        try await test.store.write { try $0.renew(test.leader, now: 3) }
        #expect(try await lead(test, as: "other", replacing: seen) == nil)
        let newest = try await lease(test)
        let other = try #require(try await lead(test, as: "other", replacing: newest))
        #expect(other.reach == .site(epoch: newest.epoch + 1))
        #expect(try await lead(test, as: "test") == nil)
        #expect(try await lead(test, as: "test", replacing: newest) == nil)
    }

    @Test func `of many that find it over at once one leads`() async throws {
        let test = try await TestStore()
        let seen = try await lease(test)
        let leaders = try await withThrowingTaskGroup(of: Leadership?.self) { group in
            for number in 0..<20 {
                group.addTask { try await lead(test, as: "daemon \(number)", replacing: seen) }
            }
            return try await group.reduce(into: []) { leaders, leader in leaders += leader.map { [$0] } ?? [] }
        }
        #expect(leaders.count == 1)
    }

    @Test func `a leader that resigns is followed at once, and one that was replaced resigns for nobody`() async throws
    {
        let test = try await TestStore()
        try await test.store.write { try $0.resign(test.leader) }
        #expect(try await test.store.read { try $0.leaderLease()?.isGivenUp } == true)
        let other = try #require(try await lead(test, as: "other"))
        try await test.store.write { try $0.resign(test.leader) }
        #expect(try await lead(test, as: "third") == nil)
        #expect(try await lead(test, as: "other") == other)
    }

    @Test func `a leader that was replaced writes and touches nothing`() async throws {
        let test = try await TestStore()
        try await test.publish(TestStore.files)
        _ = try await test.submit("a desk")
        let touched = Mutex(0)
        try await test.store.write { session in
            try session.asLeader(test.leader) { touched.withLock { $0 += 1 } }
        }
        let seen = try await lease(test)
        _ = try #require(try await lead(test, as: "other", replacing: seen))
        await #expect(throws: StoreError.self) {
            try await test.store.advanceInstances(limit: 1, leader: test.leader, now: 10_001)
        }
        await #expect(throws: StoreError.self) { try await test.store.write { try $0.renew(test.leader, now: 3) } }
        await #expect(throws: StoreError.self) {
            try await test.store.write { session in
                try session.asLeader(test.leader) { touched.withLock { $0 += 1 } }
            }
        }
        #expect(touched.withLock { $0 } == 1)
    }

    @Test func `whether somebody leads is told of a renewal of just now, and not of one in the future`() async throws {
        let test = try await TestStore()
        try await test.store.write { try $0.renew(test.leader, now: Self.days30) }
        for (now, isLed) in [
            (Self.days30 + 5_999, true), (Self.days30 - 5_999, true), (Self.days30 + 6_000, false), (1, false),
        ] {
            #expect(try await test.store.read { try $0.leaderLease()?.isFresh(now: now) } == isLed)
        }
    }

    @Test(.onlySQLite) func `a daemon that was killed is known to be gone, whatever the clock says`() throws {
        let directory = TestFolder.path("data")
        let store = try Store(directory: directory, baseURL: "http://localhost:1")
        let (killed, standby) = (try DaemonPresence(directory: directory), try DaemonPresence(directory: directory))
        #expect(!standby.isGone(killed.name))
        #expect(!standby.isGone(standby.name))
        #expect(!standby.isGone("a name of another kind"))
        #expect(LeaderState(nil, directory: directory, now: 1) == .waits, "they run, and none leads")
        killed.leave()
        #expect(standby.isGone(killed.name))
        standby.leave()
        #expect(LeaderState(nil, directory: directory, now: 1) == .absent)
        try store.close()
    }

    @Test func `which parts fail is told until they work or another leads`() async throws {
        let test = try await TestStore()
        let failing = [
            FailingPart(.metrics, error: "taken", sinceMs: 5), FailingPart(.sweep, error: "full", sinceMs: 6),
        ]
        try await test.store.write { try $0.noteFailing(failing, of: test.leader.holder) }
        #expect(try await test.store.read { try $0.failingParts() } == failing)
        try await test.store.write { try $0.noteFailing([failing[1]], of: test.leader.holder) }
        #expect(try await test.store.read { try $0.failingParts() } == [failing[1]])
        let seen = try await lease(test)
        _ = try #require(try await lead(test, as: "other", replacing: seen))
        #expect(try await test.store.read { try $0.failingParts() }.isEmpty)
        let other = try #require(try await lead(test, as: "third", replacing: try await lease(test)))
        try await test.store.write { try $0.noteFailing(failing, of: "third") }
        try await test.store.write { try $0.resign(other) }
        #expect(try await test.store.read { try $0.failingParts() }.isEmpty, "who left fails no more")
    }
}
