/// A change in the queue of a writer, and the caller who waits for its commit.
struct WaitingChange: Sendable {
    /// Runs the change in the open transaction; once more in each transaction that is tried again.
    /// - Returns: answers the caller; called after the commit.
    let run: @Sendable (Connection) throws -> @Sendable () -> Void
    let fail: @Sendable (any Error) -> Void
    /// Whether the caller has given up: what the store refuses need not be tried again.
    let isGivenUp: @Sendable () -> Bool

    init<Value: Sendable>(
        _ continuation: CheckedContinuation<Value, any Error>,
        isGivenUp: @escaping @Sendable () -> Bool = { false },
        _ body: @escaping @Sendable (Connection) throws -> Value
    ) {
        run = { connection in
            let value = try body(connection)
            return { continuation.resume(returning: value) }
        }
        fail = { continuation.resume(throwing: $0) }
        self.isGivenUp = isGivenUp
    }
}
