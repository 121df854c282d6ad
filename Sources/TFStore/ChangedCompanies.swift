import Synchronization
import TFEngine

/// The companies in which this process has committed something, for telling the processes on other machines.
///
/// Filled where the record is on a server; with SQLite all processes share the data directory and hear its bell.
package final class ChangedCompanies: Sendable {
    private struct State {
        var companies: Set<CompanyID> = []
        var listener: AsyncStream<Void>.Continuation?
    }

    private let state = Mutex(State())

    /// A signal now, and whenever there are some to be taken; one is enough for any number of commits. Whoever calls this
    /// takes the place of an earlier caller.
    package func signals() -> AsyncStream<Void> {
        let (signals, listener) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.listener = listener }
        listener.yield()
        return signals
    }

    func note(_ changed: Set<CompanyID>) {
        guard !changed.isEmpty else { return }
        let listener = state.withLock { state in
            state.companies.formUnion(changed)
            return state.listener
        }
        listener?.yield()
    }

    /// Those that were noted since this was last called.
    package func taken() -> Set<CompanyID> {
        state.withLock { state in
            defer { state.companies = [] }
            return state.companies
        }
    }
}
