import Synchronization
import TFConfiguration
import TFStore

/// Finds out whether another daemon's lease is over, without asking what time of day it is.
///
/// A lease that was not renewed between two looks of which the second comes a lease's length later is over. Both looks
/// are timed by this process's clock, which only runs forward.
/// Source: client-go, tools/leaderelection, which does the same for the same reason.
struct LeaseWatch {
    private static let length = Duration.milliseconds(Store.leaseLength)

    private var seen: (lease: LeaderLease, since: ContinuousClock.Instant)?

    /// - Parameter lease: as it was just read.
    mutating func isOver(_ lease: LeaderLease, at now: ContinuousClock.Instant) -> Bool {
        guard let seen, seen.lease == lease else {
            seen = (lease, now)
            return false
        }
        return seen.since.duration(to: now) >= Self.length
    }
}

/// The time for which this daemon leads, as far as it knows itself.
///
/// Writes to the store are refused by their transaction once another daemon leads. What is touched outside of the store
/// is asked for here first: a process that was stopped for longer than its lease finds the lease over when it wakes up.
final class LeaderTerm: Sendable {
    private static let length = Duration.milliseconds(Store.leaseLength)

    let leadership: Leadership
    private let end: Mutex<ContinuousClock.Instant>

    /// - Parameter start: before the lease was taken.
    init(_ leadership: Leadership, since start: ContinuousClock.Instant) {
        self.leadership = leadership
        end = Mutex(start + Self.length)
    }

    /// - Parameter start: before the lease was renewed: a standby counts from later.
    func renewed(at start: ContinuousClock.Instant) { end.withLock { $0 = start + Self.length } }

    /// Makes sure that nobody else leads. If the lease may be over, because this process was stopped or could not renew
    /// it in time, the store is asked by renewing it now.
    /// - Throws: `StoreError.notLeader` if another daemon leads.
    func prove(in store: Store) async throws {
        let start = ContinuousClock.now
        guard (try? check(at: start)) == nil else { return }  // it throws only that the time is over
        try await store.write { [leadership] in try $0.renew(leadership, now: WallClock.now()) }
        renewed(at: start)
    }

    /// - Throws: `StoreError.notLeader` if another daemon may lead by now.
    func check(at now: ContinuousClock.Instant = .now) throws {
        guard end.withLock({ now < $0 }) else { throw StoreError.notLeader }
    }
}
