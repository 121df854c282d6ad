import Logging
import TFConfiguration
import TFStore

/// Applies waiting events to their instances whenever something was committed, and what the clock brings on time.
struct EngineWorker {
    private static let batch = 256
    private static let long = Duration.milliseconds(15)

    let store: Store
    let wake: Wake
    let opener: SecretOpener
    let logger: Logger

    func run(_ leader: Leadership) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            var alarm: Int64 = 0
            for await _ in wake.rings {
                try await store.refreshSchedules(leader: leader, now: WallClock.now())
                var turn = try await store.nextTurn(now: WallClock.now())
                while turn.isDue {
                    try await advance(leader)
                    turn = try await store.nextTurn(now: WallClock.now())
                }
                try Task.checkCancellation()
                // The watch rings each second; a moment that comes sooner has a bell of its own.
                guard let next = turn.next, next != alarm, next - WallClock.now() < 1_000 else { continue }
                alarm = next
                group.addTask {
                    try await Task.sleep(for: .milliseconds(max(1, next - WallClock.now())))
                    wake.ring()
                }
            }
        }
    }

    private func advance(_ leader: Leadership) async throws {
        let start = ContinuousClock.now
        let advance = try await store.advanceInstances(
            limit: Self.batch, leader: leader, now: WallClock.now(), opener: opener)
        for reason in advance.setAside {
            logger.error("an event could not be applied and was set aside", metadata: ["error": "\(reason)"])
        }
        // SQLite lets writers in as they come: while the engine has much to do, a gap lets the pages' writers in, and a
        // wider one where few events took long, as those of a workflow do that computes for ever.
        let taken = ContinuousClock.now - start
        let isCostly = taken > .milliseconds(4 * advance.applied)
        if taken > Self.long { try await Task.sleep(for: isCostly ? taken : taken / 4) }
        if advance.applied > 0 { logger.debug("instances advanced", metadata: ["events": "\(advance.applied)"]) }
    }
}
