import Synchronization
import TFConfiguration
import TFEngine
import TFStore
import TFWatch

/// The time for which this daemon leads the site or some companies, as far as it knows itself.
///
/// Writes to the store are refused by their transaction once another daemon leads. What is touched outside of the store
/// is asked for here first: a process that was stopped for longer than its lease finds the lease over when it wakes up.
final class LeaderTerm: Sendable {
    private static let length = Duration.milliseconds(Store.daemonLeaseLength)

    private struct State {
        var leadership: Leadership
        var end: ContinuousClock.Instant
        var changes = 0
    }

    private let state: Mutex<State>
    /// Rung when it has got further companies, whose work nobody else tells of. For one listener.
    let gained = Wake()

    /// - Parameter start: before the lease was taken.
    init(_ leadership: Leadership, since start: ContinuousClock.Instant) {
        state = Mutex(State(leadership: leadership, end: start + Self.length))
    }

    /// What it leads now. Work that takes some time asks again before each part of it.
    var leadership: Leadership { state.withLock { $0.leadership } }

    /// How often it has changed which companies it leads.
    var changes: Int { state.withLock { $0.changes } }

    func leads(_ company: CompanyID) -> Bool { leadership.leads(company) }

    /// The epochs of the companies that it leads, where daemons share them.
    var companies: [CompanyID: Int64] {
        if case .companies(let epochs) = leadership.reach { epochs } else { [:] }
    }

    /// Changes which companies it leads.
    func lead(_ companies: [CompanyID: Int64]) {
        let isMore = state.withLock { state in
            defer {
                state.leadership = Leadership(holder: state.leadership.holder, reach: .companies(companies))
                state.changes += 1
            }
            return companies.contains { !state.leadership.leads($0.key) }
        }
        if isMore { gained.ring() }
    }

    /// - Parameter start: before the lease was renewed: a standby counts from later.
    func renewed(at start: ContinuousClock.Instant) { state.withLock { $0.end = start + Self.length } }

    /// Makes sure that nobody else leads. If the lease may be over, because this process was stopped or could not renew
    /// it in time, the store is asked by renewing it now.
    /// - Throws: `StoreError.notLeader` if another daemon leads.
    func prove(in store: Store) async throws {
        guard (try? check(at: .now)) == nil else { return }  // it throws only that the time is over
        try await renew(in: store)
    }

    /// - Throws: `StoreError.notLeader` if another daemon may lead by now.
    func check(at now: ContinuousClock.Instant = .now) throws {
        guard state.withLock({ now < $0.end }) else { throw StoreError.notLeader }
    }

    private func renew(in store: Store) async throws {
        let start = ContinuousClock.now
        try await store.write(leading: leadership) { [leadership] in try $0.renew(leadership, now: WallClock.now()) }
        renewed(at: start)
    }

    /// Runs a part of the work. If one of its writes was refused since another daemon leads the company by now, the part
    /// begins anew with the companies that are left.
    /// - Throws: `StoreError.notLeader` if this daemon leads nothing any more.
    func whileLeading(in store: Store, _ run: () async throws -> Void) async throws {
        while true {
            do { return try await run() } catch StoreError.notLeader {
                guard case .companies = leadership.reach else { throw StoreError.notLeader }
                try await renew(in: store)
                // Which companies are left is looked up each second.
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }
}
