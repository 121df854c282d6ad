import Logging
import TFConfiguration
import TFEngine
import TFStore

/// Shares the companies between the daemons of a site whose record is on a server, so that each works for some.
///
/// Every daemon has a row that it renews every 2 s, and computes from the names of those that live who has which company
/// (`Rendezvous`): one that comes takes its part from the others, one that goes leaves its own to them, and no other
/// company moves. A company is given up by its daemon before another takes it, or taken from one that was not heard of for
/// 6 s; its epoch is raised then, and what its former daemon may still write is refused.
struct CompanySharing {
    private static let renewal = Duration.seconds(2)
    /// How often it looks who lives and who leads.
    private static let look = Duration.milliseconds(500)

    let store: Store
    let presence: DaemonPresence
    /// The Redis servers, as all daemons of the site have to have them.
    let queues: String
    let parts: PartSupervisor
    let logger: Logger

    /// Takes part, works for the companies that it has, and starts over when either ends, until the task is cancelled.
    func run(_ work: @escaping @Sendable (LeaderTerm) async throws -> Void) async {
        while !Task.isCancelled {
            do {
                let term = try await join()
                try await share(term, work)
            } catch is CancellationError {
                return
            } catch {
                logger.error("work was interrupted and starts again", metadata: ["error": "\(error)"])
                // Only cancellation ends this sleep early, and the loop checks for it.
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    private func join() async throws -> LeaderTerm {
        let start = ContinuousClock.now
        try await store.write { [queues, name = presence.name] in
            try $0.join(daemon: name, queues: queues, now: WallClock.now())
        }
        return LeaderTerm(Leadership(holder: presence.name, reach: .companies([:])), since: start)
    }

    private func share(
        _ term: LeaderTerm, _ work: @escaping @Sendable (LeaderTerm) async throws -> Void
    ) async throws {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await work(term) }
                group.addTask { try await keepLease(term) }
                group.addTask { try await keepShare(term) }
                try await group.next()
                group.cancelAll()
            }
        } catch {
            await leave(term)
            throw error
        }
        await leave(term)
    }

    /// Renews the row. While the store is away, it goes on trying as long as nobody else can have taken over.
    private func keepLease(_ term: LeaderTerm) async throws {
        while true {
            try await Task.sleep(for: Self.renewal)
            try await goingOn(term, "the lease could not be renewed") { try await renew(term) }
        }
    }

    /// Keeps the share right, and what waits in it when the clock is set. Beside the renewals, since it waits for others.
    private func keepShare(_ term: LeaderTerm) async throws {
        var watches: [String: DaemonLeaseWatch<DaemonLease>] = [:]
        var clock = ClockWatch(wall: WallClock.now(), steady: .now)
        while true {
            try await goingOn(term, "the companies could not be shared") { try await look(term, &watches) }
            try await goingOn(term, "waits could not be moved with the clock") { try await follow(&clock, term) }
            try await Task.sleep(for: Self.look)
        }
    }

    /// - Throws: what is not temporary; `StoreError.notLeader` if another daemon may have taken over by now.
    private func goingOn(_ term: LeaderTerm, _ message: Logger.Message, _ work: () async throws -> Void) async throws {
        do { try await work() } catch  where StoreError.isTemporary(error) {
            logger.warning(message, metadata: ["error": "\(error)"])
            try term.check()
        }
    }

    private func renew(_ term: LeaderTerm) async throws {
        let start = ContinuousClock.now
        let leader = term.leadership
        // It waits for nobody else's lock.
        try await store.write(leading: leader) { [parts] session in
            try session.renew(leader, now: WallClock.now())
            try session.noteFailing(parts.failing(), of: leader.holder)
        }
        term.renewed(at: start)
    }

    /// Moves the waits of its companies if the clock was set.
    private func follow(_ clock: inout ClockWatch, _ term: LeaderTerm) async throws {
        var next = clock
        let jump = next.jump(wall: WallClock.now(), steady: .now)
        if let jump {
            let leader = term.leadership
            do { try await store.write(leading: leader) { try $0.clockWasSet(by: jump, of: leader) } } catch StoreError
                .notLeader
            {
                // Another daemon has one of them by now, and nothing was moved. The next look leaves that one out, and
                // finds the jump again.
                return
            }
            logger.notice(
                "the clock was set; waits that had begun go on as long as they were meant to",
                metadata: ["seconds": "\(jump / 1_000)"])
        }
        clock = next
    }

    /// Gives companies to those who come, and takes those of daemons that went.
    private func look(_ term: LeaderTerm, _ watches: inout [String: DaemonLeaseWatch<DaemonLease>]) async throws {
        let (daemons, companies) = try await store.read { (try $0.daemons(), try $0.ledCompanies()) }
        let now = ContinuousClock.now
        let ended = daemons.filter { lease in
            lease.name != presence.name && watches[lease.name, default: DaemonLeaseWatch()].isOver(lease, at: now)
        }
        watches = watches.filter { watch in daemons.contains { $0.name == watch.key } }
        let share = CompanyAllotment(
            of: presence.name, held: term.companies, among: Set(daemons.map(\.name)).subtracting(ended.map(\.name)),
            companies)
        guard let share else { throw StoreError.notLeader }
        guard share.isChange else { return }
        // Nothing new is begun for a company before it is given away.
        term.lead(share.kept)
        let taken = try await store.write { [leader = term.leadership] session in
            try session.redistribute(
                to: leader, taking: share.wanted, giving: share.given, ended: ended, now: WallClock.now())
        }
        term.lead(share.kept.merging(taken) { $1 })
        logger.notice(
            "the companies are shared anew",
            metadata: [
                "daemons": "\(daemons.count - ended.count)", "leads": "\(term.companies.count)",
                "taken": "\(taken.count)", "given": "\(share.given.count)",
            ])
    }

    /// Leaves the companies to the others at once. In a task of its own: this one may be cancelled, and the store refuses
    /// work of cancelled tasks.
    private func leave(_ term: LeaderTerm) async {
        let (store, logger) = (store, logger)
        await Task { [leader = term.leadership] in
            do { try await store.write { try $0.resign(leader) } } catch {
                logger.warning("the companies were not given up; the lease expires", metadata: ["error": "\(error)"])
            }
        }.value
    }
}
