import Logging
import TFConfiguration
import TFEngine
import TFStore
import TFWatch

/// Applies waiting events to their instances whenever something was committed, and timers when they are due.
struct EngineWorker {
    private static let batch = 256

    let store: Store
    let wake: Wake
    let opener: SecretOpener
    let shares: FairShares
    let logger: Logger

    /// Counts the instances and requests that the last daemon was handling when it died. Called before anything handles
    /// and marks new ones.
    func noteDeath(_ leader: Leadership) async throws {
        for death in try await store.noteDeath(leader: leader, now: WallClock.now()) { report(death) }
    }

    func run(_ term: LeaderTerm) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            var alarm: Int64 = 0
            for await _ in wake.rings {
                try await store.refreshSchedules(leader: term.leadership, now: WallClock.now())
                let next = try await work(term)
                try Task.checkCancellation()
                // The watch wakes the worker each second; what is due sooner gets a wake of its own.
                guard let next, next != alarm, next - WallClock.now() < 1_000 else { continue }
                alarm = next
                group.addTask {
                    try await Task.sleep(for: .milliseconds(max(1, next - WallClock.now())))
                    wake.ring()
                }
            }
        }
    }

    /// Handles all that is due, but for companies that rest.
    /// - Returns: when the next timer is due or a company has rested, in milliseconds since 1970.
    private func work(_ term: LeaderTerm) async throws -> Int64? {
        while true {
            let resting = shares.resting()
            let advance = try await advance(term.leadership, except: resting.companies)
            guard advance.isIdle else { continue }
            let rested = resting.end.map {
                WallClock.now() + 1 + Int64(ContinuousClock.now.duration(to: $0) / .milliseconds(1))
            }
            return [advance.next, rested].compactMap { $0 }.min()
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

    /// What an error says, of its place too, may quote data, which the log must not hold.
    private func report(_ failure: UnticketedFailure) {
        logger.warning(
            "a workflow without a ticket has failed",
            metadata: [
                "company": "\(failure.company)", "workflow": "\(failure.workflow)", "instance": "\(failure.instance)",
                "step": "\(failure.step)", "error": "\(failure.error.kind?.rawValue ?? "its own")",
                "status": "\(failure.error.status)",
            ])
    }

    private func advance(_ leader: Leadership, except resting: Set<CompanyID>) async throws -> Advance {
        let advance = try await store.advanceInstances(
            limit: Self.batch, except: resting, leader: leader, now: WallClock.now(), opener: opener)
        for reason in advance.setAside {
            logger.error("an event could not be applied; its workflow is set aside", metadata: ["error": "\(reason)"])
        }
        for failure in advance.failed { report(failure) }
        shares.note(advance.costs)
        if advance.applied > 0 { logger.debug("instances advanced", metadata: ["events": "\(advance.applied)"]) }
        return advance
    }
}
