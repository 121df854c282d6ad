import Logging
import ServiceLifecycle
import Synchronization
import TFQueue
import TFWatch

/// Wakes requests that wait for jobs when there may be new ones, through one subscription for the whole process at each
/// Redis server; and keeps the process' other connections with the primaries that Sentinel names. Where the record is on
/// a server, the same subscription tells of commits on other machines, who hear of this process's.
final class JobHints: Service {
    private struct Key: Hashable {
        let channel: String
        let login: String
    }

    /// The hints for one waiting request.
    struct Listener: Sendable {
        fileprivate let hints: AsyncStream<Void>

        /// Returns at the next hint, or after `wait`.
        func next(atMost wait: Duration) async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await _ in hints { return }
                }
                group.addTask { try await Task.sleep(for: wait) }
                try await group.next()
                group.cancelAll()
            }
        }
    }

    private let servers: QueueServers
    private let subscriptions: [RedisSubscription]
    /// nil: all processes share the data directory.
    private let commits: RemoteCommits?
    private let steps: EngineSteps
    private let state = Mutex<(next: Int, listeners: [Key: [Int: AsyncStream<Void>.Continuation]])>((0, [:]))

    /// - Parameters:
    ///   - commits: nil: all processes share the data directory.
    ///   - steps: hears of commits on other machines.
    init(servers: QueueServers, commits: RemoteCommits?, steps: EngineSteps, logger: Logger) {
        self.servers = servers
        self.commits = commits
        self.steps = steps
        let patterns = [QueueKeys.allWakes] + (commits == nil ? [] : [RemoteCommits.pattern])
        subscriptions = servers.all.map {
            RedisSubscription(address: $0.client.address, patterns: patterns, logger: logger)
        }
    }

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                try await withThrowingDiscardingTaskGroup { group in
                    group.addTask { try await self.servers.watch() }
                    if let commits = self.commits { group.addTask { try await commits.tell() } }
                    for subscription in self.subscriptions {
                        group.addTask {
                            try await subscription.run { self.take($0, $1) }
                        }
                    }
                }
            }
        } catch is CancellationError {
            // Cancellation is the normal end.
        }
    }

    /// Runs the body with the hints for a program's jobs.
    func listen<Value>(
        company: String, login: String, _ body: (Listener) async throws -> Value
    ) async throws -> Value {
        let key = Key(channel: QueueKeys(company: company).wake, login: login)
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.next += 1
            state.listeners[key, default: [:]][state.next] = continuation
            return state.next
        }
        defer {
            state.withLock { state in
                state.listeners[key]?[number] = nil
                if state.listeners[key]?.isEmpty == true { state.listeners[key] = nil }
            }
        }
        return try await body(Listener(hints: stream))
    }

    private func take(_ channel: String, _ text: String) {
        if commits?.commit(channel, text)?.listeners.contains(.steps) == true { steps.stepHappened() }
        let key = Key(channel: channel, login: text)
        let listeners = state.withLock { state in state.listeners[key].map { Array($0.values) } ?? [] }
        for listener in listeners { listener.yield() }
    }
}
