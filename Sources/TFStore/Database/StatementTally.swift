#if DEBUG
    import Synchronization

    /// What a store is asked while somebody listens, for tests that hold a page to a number of statements; in debug builds
    /// only.
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
        /// The statements that some work has this store carry out, in their order, with `BEGIN` before each snapshot and
        /// each transaction; those of others meanwhile are among them.
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
