import Logging
import TFStore

/// Moves the write-ahead log into the database at intervals, besides what every process does when the log has grown.
struct Checkpoints {
    let store: Store
    let logger: Logger

    func run() async throws {
        while true {
            try await Task.sleep(for: .seconds(30))
            do { try await store.checkpoint() } catch is CancellationError {
                throw CancellationError()
            } catch {
                logger.warning("checkpoint failed; it is tried again", metadata: ["error": "\(error)"])
            }
        }
    }
}
