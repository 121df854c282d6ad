import Logging
import TFConfiguration
import TFStore

/// Tells of tasks that are due soon, and removes what nothing can need any more: files that were sent and that no form has used for 24 hours, events that are
/// too old for any listener, and what sign-ins and repeated requests have left.
struct Sweep {
    private static let interval = Duration.seconds(600)
    private static let keptMilliseconds: Int64 = 86_400_000

    let store: Store
    let logger: Logger

    func run() async throws {
        while true {
            do {
                let removed = try await store.removeUnusedUploads(before: WallClock.now() - Self.keptMilliseconds)
                let forgotten = try await store.write { try $0.forgetEvents(now: WallClock.now()) }
                try await store.writeAside { try $0.sweepAccounts(now: WallClock.now()) }
                try await store.writeAside { try $0.tellDueSoon(now: WallClock.now()) }
                if forgotten > 0 { logger.info("old events removed", metadata: ["count": "\(forgotten)"]) }
                if removed > 0 { logger.info("unused uploads removed", metadata: ["count": "\(removed)"]) }
            } catch {
                logger.warning("what is not needed any more was not removed", metadata: ["error": "\(error)"])
            }
            try await Task.sleep(for: Self.interval)
        }
    }
}
