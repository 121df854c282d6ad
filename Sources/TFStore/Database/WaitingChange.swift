/// A change in the queue of a writer, and the caller who waits for its commit.
struct WaitingChange: Sendable {
    /// Runs the change in the open transaction; once more in each transaction that is tried again.
    /// - Returns: answers the caller; called after the commit.
    let run: @Sendable (Connection) throws -> @Sendable () -> Void
    let fail: @Sendable (any Error) -> Void

    init<Value: Sendable>(
        _ continuation: CheckedContinuation<Value, any Error>,
        _ body: @escaping @Sendable (Connection) throws -> Value
    ) {
        run = { connection in
            let value = try body(connection)
            return { continuation.resume(returning: value) }
        }
        fail = { continuation.resume(throwing: $0) }
    }
}
