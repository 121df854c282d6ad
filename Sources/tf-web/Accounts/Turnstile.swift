import Synchronization

/// Limits concurrency: some calls run at once, some wait in order, and further ones are refused.
final class Turnstile: Sendable {
    private struct State {
        var free: Int
        var queue: [CheckedContinuation<Void, Never>] = []
    }

    private let limitWaiting: Int
    private let state: Mutex<State>

    init(places: Int, waiting: Int) {
        limitWaiting = waiting
        state = Mutex(State(free: places))
    }

    /// How many calls wait for a place.
    var waiting: Int { state.withLock { $0.queue.count } }

    /// Runs `work` when a place is free.
    /// - Throws: `Failure.busy` at once if too many already wait.
    func turn<Result: Sendable>(_ work: () async throws -> Result) async throws -> Result {
        try await enter()
        defer { leave() }
        return try await work()
    }

    private func enter() async throws {
        let isIn = try state.withLock { state in
            if state.free > 0 {
                state.free -= 1
                return true
            }
            guard state.queue.count < limitWaiting else { throw Failure.busy }
            return false
        }
        guard !isIn else { return }
        await withCheckedContinuation { continuation in
            let isIn = state.withLock { state in
                if state.free > 0 {
                    state.free -= 1
                    return true
                }
                state.queue.append(continuation)
                return false
            }
            if isIn { continuation.resume() }
        }
    }

    private func leave() {
        let next: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard state.queue.isEmpty else { return state.queue.removeFirst() }
            state.free += 1
            return nil
        }
        next?.resume()
    }
}
