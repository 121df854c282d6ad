import Hummingbird
import Logging
import ServiceLifecycle
import Synchronization
import TFEngine
import TFStore
import TFWatch

/// Delays answers for a moment, until the engine has taken the step that their change causes, so that what is read next
/// shows the new state. If a daemon is down or busy, the answers are sent without it: one that has waited in vain saves
/// those behind it the time, those for other daemons too.
///
/// Every step that is taken wakes this service, those of other machines by way of Redis; one snapshot then tells for all
/// waiting answers whether they are due.
final class EngineSteps: Service {
    /// If so many answers wait, the daemon is behind, and further ones are sent at once: a burst of requests must not be
    /// slowed by waiting.
    private static let limitWaiting = 8

    /// What the daemon does because of a change.
    enum Step: Sendable, Hashable {
        /// The next step of a ticket's workflow.
        case workflow(TicketID)
        /// The diagram of a workflow that was published.
        case drawing(workflow: String, CompanyID)
    }

    private struct Waiting {
        let step: Step
        let end: CheckedContinuation<Void, Never>
    }

    private let store: Store
    private let directory: String
    /// The longest time that an answer waits.
    private let longest: Duration
    /// How long no answer waits after one that waited in vain.
    private let pause: Duration
    private let tick: Duration
    private let logger: Logger
    private let wake = Wake()
    private let state = Mutex(State())

    private struct State {
        /// Whether commits can be watched; otherwise no answer waits.
        var isWatching = false
        /// Until then no answer waits.
        var noneUntil = ContinuousClock.now
        var next = 0
        var waiting: [Int: Waiting] = [:]
    }

    /// - Parameters:
    ///   - directory: the data directory.
    ///   - longest: the longest time that an answer waits.
    ///   - pause: how long no answer waits after one that waited in vain.
    ///   - tick: how often it is looked without a signal.
    init(
        store: Store, directory: String, longest: Duration = .milliseconds(300), pause: Duration = .seconds(3),
        tick: Duration = StoreWatch.interval, logger: Logger
    ) {
        self.longest = longest
        self.pause = pause
        self.tick = tick
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
                        try await StoreWatch(
                            directory: self.directory, wakes: [.steps: [self.wake]], interval: self.tick
                        ).run()
                    }
                    group.addTask {
                        for await _ in self.wake.rings { await self.look() }
                    }
                    try await group.next()
                    group.cancelAll()
                }
            }
            endAll()
            // However the watch ended, pages are answered without waiting.
            try await gracefulShutdown()
        } catch is CancellationError {
            // Cancellation is the normal end.
        } catch {
            // Answers stay correct without the watch; they only may show the state before the engine's step.
            logger.warning("commits cannot be watched", metadata: ["error": "\(error)"])
            endAll()
            try? await gracefulShutdown()  // cancelled: the process ends at once
        }
        endAll()
    }

    /// Called when a step was taken on another machine.
    func stepHappened() { wake.ring() }

    /// Whether commits can be watched; otherwise no answer waits.
    var isWatching: Bool { state.withLock { $0.isWatching } }

    var waitingAnswers: Int { state.withLock { $0.waiting.count } }

    /// Waits until the daemon has taken a step, or for `longest`.
    /// - Returns: whether it has waited at all.
    @discardableResult
    func wait(for step: Step) async -> Bool {
        let number = state.withLock { state -> Int? in
            guard state.isWatching, state.waiting.count < Self.limitWaiting, state.noneUntil <= .now else {
                return nil
            }
            state.next += 1
            return state.next
        }
        guard let number else { return false }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { $0.waiting[number] = Waiting(step: step, end: continuation) }
                if Task.isCancelled { end(number) }
                // Started after the entry was added: a timeout that ran before would end nothing.
                Task {
                    try? await Task.sleep(for: longest)  // nobody cancels it
                    end(number, inVain: true)
                }
                // The step may have been taken already.
                wake.ring()
            }
        } onCancel: {
            end(number)
        }
        return true
    }

    /// Releases the answers whose step has been taken.
    private func look() async {
        let waiting = state.withLock { $0.waiting }
        guard !waiting.isEmpty else { return }
        do {
            let steps = Set(waiting.values.map(\.step))
            let due = try await store.read { session in try steps.filter { try session.isDue($0) } }
            for (number, one) in waiting where !due.contains(one.step) { end(number) }
        } catch {
            logger.warning("it cannot be seen whether a step was taken", metadata: ["error": "\(error)"])
        }
    }

    /// - Parameter isInVain: whether the time is over.
    private func end(_ number: Int, inVain isInVain: Bool = false) {
        let waiting = state.withLock { state in
            let waiting = state.waiting.removeValue(forKey: number)
            if isInVain, waiting != nil { state.noneUntil = .now + pause }
            return waiting
        }
        waiting?.end.resume()
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

extension ReadSession {
    /// Whether the daemon has not taken a step yet.
    fileprivate func isDue(_ step: EngineSteps.Step) throws -> Bool {
        switch step {
        case .workflow(let ticket): try isToMove(ticket)
        case .drawing(let workflow, let company): try inside(company).isUndrawn(workflow: workflow)
        }
    }
}

extension Site {
    /// The response, after the ticket's next step has been taken or the time limit is over.
    func afterStep(_ reply: Reply) async throws -> Response {
        if let ticket = reply.moved { await steps.wait(for: .workflow(ticket)) }
        return reply.response
    }
}
