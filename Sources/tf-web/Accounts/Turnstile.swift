import Synchronization

/// Lets few in at once and has some wait in order; whoever comes when all places to wait are taken is sent away.
final class Turnstile: Sendable {
    private struct State {
        var free: Int
        var queue: [CheckedContinuation<Void, Never>] = []
    }

    private let mostWaiting: Int
    private let state: Mutex<State>

    init(places: Int, waiting: Int) {
        mostWaiting = waiting
        state = Mutex(State(free: places))
    }

    /// Runs `work` when there is a place for it.
    /// - Throws: `Failure.busy` at once where too many wait already.
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
            guard state.queue.count < mostWaiting else { throw Failure.busy }
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
