import Logging
import TFConfiguration
import TFStore
import TFWatch

/// What the clock does to tasks and workers: leases and holds end, failed tries come again, planned absences begin and
/// end, programs that were not heard of become unavailable.
struct TaskClock {
    let store: Store
    let wake: Wake
    let logger: Logger

    func run(_ term: LeaderTerm) async throws {
        for await _ in wake.rings {
            try Task.checkCancellation()
            // Some hundred at a time, so that other writers get their turn.
            while case let done = try await store.advanceTaskClock(leader: term.leadership, now: WallClock.now()),
                done > 0
            {
                logger.debug("the clock moved tasks", metadata: ["count": "\(done)"])
            }
            try await Wake.rest()
        }
    }
}
