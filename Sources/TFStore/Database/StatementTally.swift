#if DEBUG
    import Synchronization

    /// Records the statements of a store while a test counts them, for tests that limit the statements of a page; in
    /// debug builds only.
    final class StatementTally: Sendable {
        private let heard = Mutex<[String]?>(nil)

        func note(_ statement: String) { heard.withLock { $0?.append(statement) } }

        func begin() { heard.withLock { $0 = [] } }

        func end() -> [String] {
            heard.withLock { heard in
                defer { heard = nil }
                return heard ?? []
            }
        }
    }

    extension Store {
        /// The statements that this store runs during some work, in order, with `BEGIN` before each snapshot and each
        /// transaction. Statements of other tasks meanwhile are included.
        package func statements(of work: () async throws -> Void) async rethrows -> [String] {
            tally.begin()
            do { try await work() } catch {
                _ = tally.end()
                throw error
            }
            return tally.end()
        }
    }
#endif
