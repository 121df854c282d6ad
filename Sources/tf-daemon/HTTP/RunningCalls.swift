import Synchronization
import TFEngine
import TFStore

/// The requests that are under way: how many of each company, and a way to stop one.
final class RunningCalls: Sendable {
    private struct State {
        var share: CallShare
        var calls: [Int: (id: HTTPCallID, stop: AsyncStream<Never>.Continuation)] = [:]
        var begun = 0
    }

    /// A request under way.
    struct Run: Sendable {
        fileprivate let number: Int
        /// A stream that ends when the request is to be stopped.
        let stop: AsyncStream<Never>
    }

    private let state: Mutex<State>

    init(commonPlaces: Int) { state = Mutex(State(share: CallShare(commonPlaces: commonPlaces))) }

    var share: CallShare { state.withLock { $0.share } }

    var ids: [HTTPCallID] { state.withLock { $0.calls.values.map(\.id) } }

    /// Notes that a request begins, and counts it in its company's share.
    func begin(_ job: HTTPCallJob) -> Run {
        let (stream, stop) = AsyncStream<Never>.makeStream()
        return state.withLock { state in
            _ = state.share.take(job.company)
            state.begun += 1
            state.calls[state.begun] = (job.attempt.call, stop)
            return Run(number: state.begun, stop: stream)
        }
    }

    func end(_ job: HTTPCallJob, _ ticket: Run) {
        state.withLock { state in
            state.share.give(job.company)
            state.calls[ticket.number] = nil
        }
    }

    /// Stops the requests of these rows.
    func stop(_ ids: [HTTPCallID]) {
        let stops = state.withLock { state in state.calls.values.filter { ids.contains($0.id) }.map(\.stop) }
        for stop in stops { stop.finish() }
    }
}
