import Logging
import TFConfiguration
import TFStore

/// Removes files that were sent and that no form has used for 24 hours.
struct UploadSweep {
    private static let interval = Duration.seconds(600)
    private static let keptMilliseconds: Int64 = 86_400_000

    let store: Store
    let logger: Logger

    func run() async throws {
        while true {
            do {
                let removed = try await store.removeUnusedUploads(before: WallClock.now() - Self.keptMilliseconds)
                if removed > 0 { logger.info("unused uploads removed", metadata: ["count": "\(removed)"]) }
            } catch {
                logger.warning("unused uploads were not removed", metadata: ["error": "\(error)"])
            }
            try await Task.sleep(for: Self.interval)
        }
    }
}
