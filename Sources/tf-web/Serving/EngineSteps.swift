import Logging
import ServiceLifecycle
import Synchronization
import TFEngine
import TFStore
import TFWatch

/// Holds back answers to people for a moment, until the daemon has taken the step that their change is for: the page that
/// follows shows what is now. Where the daemon is away or has much to do, they go on without it.
///
/// Commits of any process ring a bell; after each, one snapshot says of all who wait what is done.
final class EngineSteps: Service {
    /// No answer waits longer.
    static let longest = Duration.milliseconds(300)

    private struct Waiting {
        let ticket: TicketID
        let end: CheckedContinuation<Void, Never>
    }

    private let store: Store
    private let directory: String
    private let logger: Logger
    private let wake = Wake()
    private let state = Mutex(State())

    private struct State {
        /// Whether commits are heard: otherwise nobody waits.
        var isWatching = false
        var next = 0
        var waiting: [Int: Waiting] = [:]
    }

    /// - Parameter directory: the data directory.
    init(store: Store, directory: String, logger: Logger) {
        self.store = store
        self.directory = directory
        self.logger = logger
    }

    func run() async throws {
        state.withLock { $0.isWatching = true }
        do {
            try await cancelWhenGracefulShutdown {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        try await StoreWatch(directory: self.directory, wakes: [self.wake]).run()
                    }
                    group.addTask {
                        for await _ in self.wake.rings { await self.look() }
                    }
                    try await group.next()
                    group.cancelAll()
                }
            }
            endAll()
            // Whatever ended the watch, the pages go on without it.
            try await gracefulShutdown()
        } catch is CancellationError {
            // Cancellation is the normal end.
        } catch {
            // Every answer is right without it, and comes a little late.
            logger.warning("commits cannot be watched", metadata: ["error": "\(error)"])
            endAll()
            try? await gracefulShutdown()  // cancelled: the process ends at once
        }
        endAll()
    }

    /// Whether commits are heard; nobody waits otherwise.
    var isWatching: Bool { state.withLock { $0.isWatching } }

    /// Waits until the engine has nothing left to do for a ticket, or for `longest`.
    func wait(for ticket: TicketID) async {
        let number = state.withLock { state -> Int? in
            guard state.isWatching else { return nil }
            state.next += 1
            return state.next
        }
        guard let number else { return }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { $0.waiting[number] = Waiting(ticket: ticket, end: continuation) }
                if Task.isCancelled { end(number) }
                // Begun behind the note above: a limit that came before it would end nothing.
                Task {
                    try? await Task.sleep(for: Self.longest)  // nobody cancels it
                    end(number)
                }
                // The step may have been taken already.
                wake.ring()
            }
        } onCancel: {
            end(number)
        }
    }

    /// Lets those go on whose step was taken.
    private func look() async {
        let waiting = state.withLock { $0.waiting }
        guard !waiting.isEmpty else { return }
        do {
            let tickets = Set(waiting.values.map(\.ticket))
            let busy = try await store.read { try $0.ticketsToMove(among: tickets) }
            for (number, one) in waiting where !busy.contains(one.ticket) { end(number) }
        } catch {
            logger.warning("it cannot be seen whether a step was taken", metadata: ["error": "\(error)"])
        }
    }

    private func end(_ number: Int) {
        state.withLock { $0.waiting.removeValue(forKey: number) }?.end.resume()
    }

    private func endAll() {
        let waiting = state.withLock { state in
            state.isWatching = false
            defer { state.waiting = [:] }
            return state.waiting
        }
        for one in waiting.values { one.end.resume() }
    }
}
