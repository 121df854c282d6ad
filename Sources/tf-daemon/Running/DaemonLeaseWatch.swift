import TFStore

/// Finds out whether another daemon's lease is over, without asking what time of day it is.
///
/// A lease that was not renewed between two looks of which the second comes a lease's length later is over. Both looks
/// are timed by this process's clock, which only runs forward.
/// Source: client-go, tools/leaderelection, which does the same for the same reason.
struct DaemonLeaseWatch<Lease: Equatable> {
    private var seen: (lease: Lease, since: ContinuousClock.Instant)?

    /// - Parameter lease: as it was just read.
    mutating func isOver(_ lease: Lease, at now: ContinuousClock.Instant) -> Bool {
        guard let seen, seen.lease == lease else {
            seen = (lease, now)
            return false
        }
        return seen.since.duration(to: now) >= .milliseconds(Store.daemonLeaseLength)
    }
}
