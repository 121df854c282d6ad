import Synchronization
import TFEngine

/// The companies in which this process has committed something that somebody waits for, for telling the processes on other
/// machines.
///
/// Filled where the record is on a server; with SQLite all processes share the data directory and hear its bell.
package final class ChangedCompanies: Sendable {
    private struct State {
        var companies: [CompanyID: Set<CommitListener>] = [:]
        var signal: AsyncStream<Void>.Continuation?
    }

    private let state = Mutex(State())

    /// A signal now, and whenever there are some to be taken; one is enough for any number of commits. Whoever calls this
    /// takes the place of an earlier caller.
    package func signals() -> AsyncStream<Void> {
        let (signals, signal) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.signal = signal }
        signal.yield()
        return signals
    }

    func note(_ changed: Set<CompanyID>, for listeners: Set<CommitListener>) {
        guard !changed.isEmpty, !listeners.isEmpty else { return }
        let signal = state.withLock { state in
            for company in changed { state.companies[company, default: []].formUnion(listeners) }
            return state.signal
        }
        signal?.yield()
    }

    /// Those that were noted since this was last called, with whom it is for.
    package func taken() -> [CompanyID: Set<CommitListener>] {
        state.withLock { state in
            defer { state.companies = [:] }
            return state.companies
        }
    }
}
