import Foundation
import Logging
import TFConfiguration
import TFStore
import TFSystem

/// Lets one daemon work at a time.
///
/// The leader renews its row every 2 s; the row expires after 6 s. Every write of the leader checks its epoch, so that
/// a leader that was paused and wakes up late writes nothing.
struct LeaderElection {
    private static let renewal = Duration.seconds(2)

    private let store: Store
    private let logger: Logger
    private let holder: String

    init(store: Store, logger: Logger) {
        self.store = store
        self.logger = logger
        let process = ProcessInfo.processInfo
        holder = "\(process.hostName) \(process.processIdentifier) \(Random.name())"
    }

    /// Waits to lead, works while leading, and starts over when either ends, until the task is cancelled.
    func run(_ work: @escaping @Sendable (Leadership) async throws -> Void) async {
        var isWaiting = false
        while !Task.isCancelled {
            do {
                guard let leader = try await store.write({ try $0.lead(as: holder, now: WallClock.now()) }) else {
                    if !isWaiting { logger.notice("another daemon leads; waiting as standby") }
                    isWaiting = true
                    try await Task.sleep(for: .seconds(1))
                    continue
                }
                isWaiting = false
                logger.notice("leading", metadata: ["leader.epoch": "\(leader.epoch)"])
                try await lead(leader, work)
            } catch is CancellationError {
                return
            } catch {
                logger.error("work was interrupted and starts again", metadata: ["error": "\(error)"])
                // Only cancellation ends this sleep early, and the loop checks for it.
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    private func lead(
        _ leader: Leadership, _ work: @escaping @Sendable (Leadership) async throws -> Void
    ) async throws {
        defer { logger.debug("leading ended") }
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await work(leader) }
                group.addTask { try await renew(leader) }
                try await group.next()
                group.cancelAll()
            }
        } catch {
            await resign(leader)
            throw error
        }
        await resign(leader)
    }

    private func renew(_ leader: Leadership) async throws {
        while true {
            try await Task.sleep(for: Self.renewal)
            guard try await store.write({ try $0.lead(as: holder, now: WallClock.now()) })?.epoch == leader.epoch else {
                throw StoreError.notLeader
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
