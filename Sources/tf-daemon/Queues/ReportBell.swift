import Synchronization

/// Remembers that a program has left a report in Redis, until it is looked at.
final class ReportBell: Sendable {
    private let isRung = Atomic(true)

    func ring() { isRung.store(true, ordering: .releasing) }

    /// Whether it was rung since it was last asked.
    func wasRung() -> Bool { isRung.exchange(false, ordering: .acquiringAndReleasing) }
}
