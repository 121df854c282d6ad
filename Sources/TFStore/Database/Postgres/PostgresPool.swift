import Synchronization

/// Connections that read, each handed out to one task at a time and made when it is first needed.
final class PostgresPool: Sendable {
    private struct State {
        var idle: [PostgresThread]
        var waiting: [CheckedContinuation<PostgresThread, Never>] = []
    }

    private let threads: [PostgresThread]
    private let state: Mutex<State>

    /// - Parameter isFenced: whether they refuse a schema that this program does not know.
    init(_ url: String, size: Int, isFenced: Bool) {
        threads = (0..<size).map { _ in PostgresThread(url, isReadOnly: true, isFenced: isFenced) }
        state = Mutex(State(idle: threads))
    }

    func with<Value: Sendable>(
        _ body: @Sendable (PostgresThread) async throws -> Value
    ) async throws -> Value {
        try Task.checkCancellation()
        let thread = await taken()
        defer { giveBack(thread) }
        return try await body(thread)
    }

    func close() async { for thread in threads { await thread.close() } }

    private func taken() async -> PostgresThread {
        await withCheckedContinuation { continuation in
            let thread = state.withLock { state -> PostgresThread? in
                if state.idle.isEmpty { state.waiting.append(continuation) }
                // The one that was used last: the others may stay without a connection.
                return state.idle.popLast()
            }
            if let thread { continuation.resume(returning: thread) }
        }
    }

    private func giveBack(_ thread: PostgresThread) {
        let next = state.withLock { state -> CheckedContinuation<PostgresThread, Never>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.idle.append(thread)
            return nil
        }
        next?.resume(returning: thread)
    }
}
