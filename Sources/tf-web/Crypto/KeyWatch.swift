import Logging
import ServiceLifecycle

/// Reloads the keys while the process runs, if a command has rotated or revoked one.
struct KeyWatch: Service {
    /// How often the keys are checked: a revoked key is refused at the latest after this time.
    private static let interval = Duration.seconds(2)

    let keys: KeyRing
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while true {
                do {
                    try await Task.sleep(for: Self.interval)
                    try await keys.reload()
                } catch is CancellationError {
                    return
                } catch {
                    logger.error("the keys were not read again", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
