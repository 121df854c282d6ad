import Logging
import NIOPosix
import ServiceLifecycle
import TFConfiguration

/// Takes over keys that the command line has rotated or revoked, while the process runs.
struct KeyWatch: Service {
    /// How long a revoked key may go on here.
    private static let interval = Duration.seconds(2)

    let keys: KeyRing
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while true {
                do {
                    try await Task.sleep(for: Self.interval)
                    try await NIOThreadPool.singleton.runIfActive { try keys.reload(now: WallClock.now()) }
                } catch is CancellationError {
                    return
                } catch {
                    logger.error("the keys were not read again", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
