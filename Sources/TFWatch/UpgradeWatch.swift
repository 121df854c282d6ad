import ServiceLifecycle
import TFStore

/// Ends the program once a newer version has brought the store up to date, or the record was moved away: nothing that this
/// one does reaches the store any more, and whoever starts it again starts the newer one, or reads where the record is.
package struct UpgradeWatch: Service {
    private let store: Store

    package init(_ store: Store) { self.store = store }

    /// Looks once a second, until the program stops.
    /// - Throws: `DatabaseFailure`, whose text says what to do.
    package func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { [store] in
                while true {
                    try await Task.sleep(for: StoreWatch.interval)
                    do { try await store.demandKnownSchema() } catch {
                        // A store that cannot be read is told by those who work with it.
                        guard (error as? DatabaseFailure)?.refusal?.endsProgram == true else { continue }
                        throw error
                    }
                }
            }
        } catch is CancellationError {
            // The program stops.
        }
    }
}
