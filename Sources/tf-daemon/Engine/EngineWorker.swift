import Logging
import TFConfiguration
import TFStore
import TFWatch

/// Applies waiting events to their instances whenever something was committed, and timers when they are due.
struct EngineWorker {
    private static let batch = 256
    private static let long = Duration.milliseconds(15)

    let store: Store
    let wake: Wake
    let opener: SecretOpener
    let logger: Logger

    /// Counts the instances and requests that the last daemon was handling when it died. Called before anything handles
    /// and marks new ones.
    func noteDeath(_ leader: Leadership) async throws {
        if let death = try await store.noteDeath(leader: leader, now: WallClock.now()) { report(death) }
    }

    func run(_ leader: Leadership) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            var alarm: Int64 = 0
            for await _ in wake.rings {
                try await store.refreshSchedules(leader: leader, now: WallClock.now())
                var turn = try await store.read { try $0.nextTurn(now: WallClock.now()) }
                while turn.isDue {
                    try await advance(leader)
                    turn = try await store.read { try $0.nextTurn(now: WallClock.now()) }
                }
                try Task.checkCancellation()
                // The watch wakes the worker each second; a timer that is due sooner gets a wake of its own.
                guard let next = turn.next, next != alarm, next - WallClock.now() < 1_000 else { continue }
                alarm = next
                group.addTask {
                    try await Task.sleep(for: .milliseconds(max(1, next - WallClock.now())))
                    wake.ring()
                }
            }
        }
    }

    private func report(_ death: DeathReport) {
        let metadata: Logger.Metadata = ["subject": "\(death.subject)", "deaths": "\(death.deaths)"]
        if death.isSetAside {
            logger.error("the daemon died at this again; it is set aside for a ticket admin", metadata: metadata)
        } else {
            logger.warning("the daemon died while it handled this; it is handled alone now", metadata: metadata)
        }
    }

    private func advance(_ leader: Leadership) async throws {
        let start = ContinuousClock.now
        let advance = try await store.advanceInstances(
            limit: Self.batch, leader: leader, now: WallClock.now(), opener: opener)
        for reason in advance.setAside {
            logger.error("an event could not be applied; its workflow is set aside", metadata: ["error": "\(reason)"])
        }
        // SQLite queues no writers. While the engine has much to do, a pause lets the pages' writers in; it is longer
        // if few events took long, such as those of a workflow that computes for ever.
        let taken = ContinuousClock.now - start
        let isCostly = taken > .milliseconds(4 * advance.applied)
        if taken > Self.long { try await Task.sleep(for: isCostly ? taken : taken / 4) }
        if advance.applied > 0 { logger.debug("instances advanced", metadata: ["events": "\(advance.applied)"]) }
    }
}
