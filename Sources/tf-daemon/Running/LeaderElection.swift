import Logging
import TFConfiguration
import TFStore

/// Lets one daemon work at a time, where the record is SQLite's; where it is on a server, daemons share the companies
/// (`CompanySharing`).
///
/// The leader renews its row every 2 s. A standby takes over at once if the leader's process has ended (`DaemonPresence`), and
/// after 6 s without a renewal if it only hangs (`DaemonLeaseWatch`). Every write of the leader checks its epoch, so that a
/// leader that was paused and wakes up late writes nothing; what it touches outside of the store it asks for first
/// (`LeaderTerm`).
struct LeaderElection {
    private static let renewal = Duration.seconds(2)
    /// How often a standby looks.
    private static let look = Duration.seconds(1)

    let store: Store
    let presence: DaemonPresence
    /// Whether the leader does all the work, so that everything goes by its clock.
    let isAlone: Bool
    let parts: PartSupervisor
    let logger: Logger

    /// Waits to lead, works while leading, and starts over when either ends, until the task is cancelled.
    func run(_ work: @escaping @Sendable (LeaderTerm) async throws -> Void) async {
        var watch = DaemonLeaseWatch<LeaderLease>()
        var isWaiting = false
        while !Task.isCancelled {
            do {
                guard let term = try await stand(&watch) else {
                    if !isWaiting { logger.notice("another daemon leads; waiting as standby") }
                    isWaiting = true
                    try await Task.sleep(for: Self.look)
                    continue
                }
                isWaiting = false
                if case .site(let epoch) = term.leadership.reach {
                    logger.notice("leading", metadata: ["leader.epoch": "\(epoch)"])
                }
                try await lead(term, work)
            } catch is CancellationError {
                return
            } catch {
                logger.error("work was interrupted and starts again", metadata: ["error": "\(error)"])
                // Only cancellation ends this sleep early, and the loop checks for it.
                try? await Task.sleep(for: Self.look)
            }
        }
    }

    /// Becomes the leader if nobody else is.
    private func stand(_ watch: inout DaemonLeaseWatch<LeaderLease>) async throws -> LeaderTerm? {
        let now = ContinuousClock.now
        let lease = try await store.read { try $0.leaderLease() }
        let ended = lease.flatMap { lease in
            watch.isOver(lease, at: now) || presence.isGone(lease.holder) ? lease : nil
        }
        // A standby writes nothing while another daemon works.
        guard lease == nil || lease?.isGivenUp == true || lease?.holder == presence.name || ended != nil else {
            return nil
        }
        let leader = try await store.write { [name = presence.name] in
            try $0.lead(as: name, replacing: ended, now: WallClock.now())
        }
        return leader.map { LeaderTerm($0, since: now) }
    }

    private func lead(
        _ term: LeaderTerm, _ work: @escaping @Sendable (LeaderTerm) async throws -> Void
    ) async throws {
        defer { logger.debug("leading ended") }
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await work(term) }
                group.addTask { try await renew(term) }
                try await group.next()
                group.cancelAll()
            }
        } catch {
            await resign(term.leadership)
            throw error
        }
        await resign(term.leadership)
    }

    /// Renews the lease until the task is cancelled. While the store is locked or its disk full, it goes on trying as
    /// long as nobody else can have become the leader.
    private func renew(_ term: LeaderTerm) async throws {
        var clock = ClockWatch(wall: WallClock.now(), steady: .now)
        while true {
            try await Task.sleep(for: Self.renewal)
            let start = ContinuousClock.now
            var next = clock
            let jump = next.jump(wall: WallClock.now(), steady: start)
            do {
                // Nobody waits for it.
                try await store.writeAside { [parts, isAlone, leader = term.leadership] session in
                    try session.renew(leader, now: WallClock.now())
                    try session.noteFailing(parts.failing(), of: leader.holder)
                    if isAlone, let jump { try session.clockWasSet(by: jump, of: leader) }
                }
            } catch  where StoreError.isTemporary(error) {
                logger.warning("the lease could not be renewed", metadata: ["error": "\(error)"])
                try term.check()
                continue
            }
            term.renewed(at: start)
            clock = next
            if isAlone, let jump {
                logger.notice(
                    "the clock was set; waits that had begun go on as long as they were meant to",
                    metadata: ["seconds": "\(jump / 1_000)"])
            }
        }
    }

    /// Gives up leading, so that a standby takes over at once. In a task of its own: this one may be cancelled, and the
    /// store refuses work of cancelled tasks.
    private func resign(_ leader: Leadership) async {
        let store = store
        let logger = logger
        await Task {
            do { try await store.write { try $0.resign(leader) } } catch {
                logger.warning("leadership was not given up; it expires", metadata: ["error": "\(error)"])
            }
        }.value
    }
}
