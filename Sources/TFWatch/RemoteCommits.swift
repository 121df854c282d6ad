import Logging
import Synchronization
import TFEngine
import TFQueue
import TFStore

/// Tells the processes on other machines what was committed here, by way of Redis, and knows which hints are of there.
///
/// A commit never waits for a hint: it is sent afterwards, and what is committed while a server answers goes with the
/// next one. A hint that is lost, since Redis is away, is made up for by the tick.
package struct RemoteCommits: Sendable {
    /// Hints that wait for one server, so that one that hangs holds up no other's.
    private final class Outgoing: Sendable {
        let wake = Wake()
        private let hints = Mutex<[String: CommitHint]>([:])

        func add(_ hint: CommitHint, to company: String) {
            hints.withLock { hints in
                let others = hints[company]?.listeners ?? []
                hints[company] = CommitHint(
                    company: hint.company, listeners: hint.listeners.union(others), origin: hint.origin)
            }
            wake.ring()
        }

        func taken() -> [String: CommitHint] {
            hints.withLock { hints in
                defer { hints = [:] }
                return hints
            }
        }
    }

    /// The channels to subscribe to.
    package static let pattern = QueueKeys.allCommits

    private let store: Store
    private let servers: QueueServers
    private let origin: String
    private let logger: Logger

    package init(store: Store, servers: QueueServers, logger: Logger) {
        self.store = store
        self.servers = servers
        origin = store.origin
        self.logger = logger
    }

    /// The company of a hint, and whom it concerns; nil: the message is none, or of a commit that the bell has told here.
    package func commit(_ channel: String, _ text: String) -> (company: CompanyID, listeners: Set<CommitListener>)? {
        guard let hint = CommitHint(channel: channel, text: text), hint.origin != origin else { return nil }
        return (CompanyID(rawValue: hint.company), Set(hint.listeners.compactMap(CommitListener.init)))
    }

    /// Publishes hints of this process's commits until the task is cancelled.
    package func tell() async throws {
        let outgoing = servers.all.map { (server: $0, hints: Outgoing()) }
        try await withThrowingDiscardingTaskGroup { group in
            for (server, hints) in outgoing { group.addTask { try await publish(hints, server) } }
            var slugs: [CompanyID: String] = [:]
            for await _ in store.changes.signals() {
                let changed = store.changes.taken()
                if !changed.keys.allSatisfy({ slugs[$0] != nil }) { slugs = try await known() ?? slugs }
                for (company, listeners) in changed {
                    guard let slug = slugs[company] else { continue }
                    let hint = CommitHint(
                        company: company.rawValue, listeners: Set(listeners.map(\.rawValue)), origin: origin)
                    outgoing.first { servers.isOn($0.server, company: slug) }?.hints.add(hint, to: slug)
                }
            }
            try Task.checkCancellation()
        }
    }

    /// The slugs of all companies; nil: the store cannot be read now.
    private func known() async throws -> [CompanyID: String]? {
        do {
            let companies = try await store.read { try $0.companies() }
            return Dictionary(companies.map { ($0.id, $0.slug) }) { first, _ in first }
        } catch {
            try Task.checkCancellation()
            logger.debug("other machines are not told of commits", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func publish(_ outgoing: Outgoing, _ server: QueueServer) async throws {
        for await _ in outgoing.wake.rings {
            let hints = outgoing.taken()
            do { if !hints.isEmpty { try await server.queues.publish(hints) } } catch {
                logger.debug("other machines are not told of commits", metadata: ["error": "\(error)"])
            }
        }
        try Task.checkCancellation()
    }
}
