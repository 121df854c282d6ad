import Foundation
import TestSupport
import Testing

@testable import TFStore
@testable import tf_daemon

/// When a lease is over, and when the clock was set: by a clock that only runs forward, told by the test.
@Suite struct DaemonLeaseWatchTests {
    private let start = ContinuousClock.now

    /// A lease as the store tells it after some renewals.
    private static func lease(renewals: Int) async throws -> LeaderLease {
        let store = try Store(directory: TestFolder.path("store"), baseURL: "http://localhost:1")
        let leader = try #require(try await store.write { try $0.lead(as: "leader", now: 1) })
        // What time it says does not count.
        for number in 0..<renewals { try await store.write { try $0.renew(leader, now: Int64(number) << 40) } }
        return try #require(try await store.read { try $0.leaderLease() })
    }

    @Test func `a lease that is not renewed for its length is over, and one that is renewed is not`() async throws {
        let (first, second) = (try await Self.lease(renewals: 0), try await Self.lease(renewals: 1))
        var watch = DaemonLeaseWatch<LeaderLease>()
        let looks = [(first, 0), (first, 5_999), (second, 3_600_000), (second, 3_605_999), (second, 3_606_000)]
        var isOver: [Bool] = []
        for (lease, milliseconds) in looks {
            isOver.append(watch.isOver(lease, at: start + .milliseconds(milliseconds)))
        }
        #expect(isOver == [false, false, false, false, true])
    }

    @Test func `a leader knows that its lease is over before anybody follows`() {
        let term = LeaderTerm(Leadership(holder: "leader", reach: .site(epoch: 1)), since: start)
        #expect(throws: Never.self) { try term.check(at: start + .milliseconds(5_999)) }
        term.renewed(at: start + .seconds(4))
        #expect(throws: Never.self) { try term.check(at: start + .milliseconds(9_999)) }
        #expect(throws: StoreError.self) { try term.check(at: start + .seconds(10)) }
    }

    @Test func `a clock that is set is noticed once, with how far; one that is corrected or slept is not`() {
        var watch = ClockWatch(wall: 1_000_000, steady: start)
        let month: Int64 = 30 * 86_400_000
        let looks: [(wall: Int64, seconds: Int)] = [
            (1_002_000, 2), (1_007_000, 4), (4_607_000, 3_604), (4_609_000 - month, 3_606), (4_611_000 - month, 3_608),
            (4_613_000, 3_610),
        ]
        var jumps: [Int64?] = []
        for look in looks { jumps.append(watch.jump(wall: look.wall, steady: start + .seconds(look.seconds))) }
        #expect(jumps == [nil, nil, nil, -month, nil, month])
    }
}
