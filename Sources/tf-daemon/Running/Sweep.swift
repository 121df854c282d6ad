import Logging
import TFConfiguration
import TFStore

/// Notifies people of tasks that are due soon, and deletes what is not needed any more: uploads that no form has used
/// for 24 hours, events that are too old for any listener, and rows of old sign-ins and idempotency keys.
struct Sweep {
    private static let interval = Duration.seconds(600)
    private static let keptMilliseconds: Int64 = 86_400_000

    let store: Store
    let logger: Logger

    func run() async throws {
        while true {
            do {
                let removed = try await store.removeUnusedUploads(before: WallClock.now() - Self.keptMilliseconds)
                let forgotten = try await store.write { try $0.forgetCloudEvents(now: WallClock.now()) }
                try await store.writeAside { try $0.sweepAccounts(now: WallClock.now()) }
                try await store.writeAside { try $0.tellDueSoon(now: WallClock.now()) }
                if forgotten > 0 { logger.info("old events removed", metadata: ["count": "\(forgotten)"]) }
                if removed > 0 { logger.info("unused uploads removed", metadata: ["count": "\(removed)"]) }
            } catch {
                logger.warning("old rows and files were not removed", metadata: ["error": "\(error)"])
            }
            try await Task.sleep(for: Self.interval)
        }
    }
}
