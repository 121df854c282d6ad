import Logging
import TFConfiguration
import TFStore

/// Applies waiting events to their instances whenever something was committed.
struct EngineWorker {
    private static let batch = 64

    let store: Store
    let wake: Wake
    let logger: Logger

    func run(_ leader: Leadership) async throws {
        for await _ in wake.rings {
            while try await store.hasEvents() {
                let advance = try await store.advanceInstances(limit: Self.batch, leader: leader, now: WallClock.now())
                for reason in advance.setAside {
                    logger.error("an event could not be applied and was set aside", metadata: ["error": "\(reason)"])
                }
                if advance.applied > 0 {
                    logger.debug("instances advanced", metadata: ["events": "\(advance.applied)"])
                }
            }
            try Task.checkCancellation()
        }
    }
}
