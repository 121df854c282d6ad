import Logging
import TFEngine
import TFQueue
import TFStore
import TFWatch

/// The keepers of all servers, one each: one that waits for its server does not hold up the others.
struct QueueKeepers {
    private let servers: QueueServers
    /// In the order of the servers.
    let all: [QueueKeeper]

    /// - Parameter mayTouch: throws `StoreError.notLeader` if another daemon leads by now.
    init(
        servers: QueueServers, store: Store, figures: QueueFigures,
        mayTouch: @escaping @Sendable () async throws -> Void, shares: FairShares, logger: Logger
    ) {
        self.servers = servers
        all = servers.all.map { server in
            var logger = logger
            if servers.all.count > 1 { logger[metadataKey: "redis.server"] = "\(server.name)" }
            return QueueKeeper(
                store: store, queues: server.queues, wake: Wake(), figures: figures, server: server.name,
                holds: { servers.isOn(server, company: $0) }, mayTouch: mayTouch, shares: shares, logger: logger)
        }
    }

    /// Rung when the outbox has grown.
    var wakes: [Wake] { all.map(\.wake) }

    /// Hears what else wakes the daemon: a program that took its job from Redis hints that it has written a report, a
    /// process on another machine that it has committed something, and Sentinel names another primary.
    /// - Parameters:
    ///   - commits: nil: all processes share the data directory.
    ///   - onCommit: gets the company of a commit on another machine, and whom it concerns; runs on an event loop.
    func listen(
        _ commits: RemoteCommits?, onCommit: @escaping @Sendable (CompanyID, Set<CommitListener>) -> Void
    ) async throws {
        let patterns = [QueueKeys.allWakes] + (commits == nil ? [] : [RemoteCommits.pattern])
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await servers.watch() }
            for (server, keeper) in zip(servers.all, all) {
                let hints = RedisSubscription(
                    address: server.client.address, patterns: patterns, logger: keeper.logger)
                group.addTask {
                    try await hints.run { channel, text in
                        if let commit = commits?.commit(channel, text) { onCommit(commit.company, commit.listeners) }
                        guard text == "results" else { return }
                        keeper.reports.ring()
                        keeper.wake.ring()
                    }
                }
            }
        }
    }
}
