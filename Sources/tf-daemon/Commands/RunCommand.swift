import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle
import TFConfiguration
import TFQueue
import TFStore

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run the daemon until SIGINT or SIGTERM (default).")

    @OptionGroup var options: SettingOptions

    func run() async throws {
        let settings = try Settings.read(options)
        let logger = settings.logger("tf-daemon")
        let daemon = try Daemon(settings: settings, logger: logger)
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: daemon, successTerminationBehavior: .gracefullyShutdownGroup)],
                gracefulShutdownSignals: [.sigint, .sigterm], logger: logger))
        try await group.run()
    }
}

/// The daemon: one leader's work, or waiting to lead.
struct Daemon: Service {
    private let settings: Settings
    private let store: Store
    private let logger: Logger
    private let queues: TaskQueues
    private let redis: RedisClient
    private let secrets: SecretBox

    init(settings: Settings, logger: Logger) throws {
        self.settings = settings
        self.logger = logger
        let address = try RedisAddress(settings.redisAddress)
        guard !address.isOpenToTheNetwork else {
            throw SettingsError(
                description: "\(address) has neither a password nor TLS and is not on this machine; "
                    + "write redis://user:password@host:port")
        }
        store = try Store(directory: settings.data, baseURL: settings.baseURL)
        redis = RedisClient(address: address, logger: logger)
        queues = TaskQueues(client: redis)
        secrets = try SecretBox(directory: settings.data)
    }

    func run() async throws {
        logger.notice(
            "starting",
            metadata: [
                "data": "\(settings.data)", "definitions": "\(settings.definitions)", "redis": "\(redis.address)",
            ])
        await cancelWhenGracefulShutdown {
            await LeaderElection(store: store, logger: logger).run { leader in try await work(as: leader) }
        }
        await redis.close()
        try store.close()
        logger.notice("stopped")
    }

    /// Everything that only the leader does, until it is cancelled or a part of it fails.
    private func work(as leader: Leadership) async throws {
        let (engineWake, relayWake, callWake) = (Wake(), Wake(), Wake())
        let watch = StoreWatch(directory: settings.data, wakes: [engineWake, relayWake, callWake], logger: logger)
        let engine = EngineWorker(store: store, wake: engineWake, opener: secrets.opener, logger: logger)
        let sender = HTTPSender(policy: AddressPolicy(allowed: settings.httpAllow))
        let caller = HTTPCaller(
            store: store, sender: sender, wake: callWake, opener: secrets.opener, logger: logger)
        let keeper = QueueKeeper(store: store, queues: queues, wake: relayWake, logger: logger)
        let publisher = DefinitionPublisher(root: settings.definitions, store: store, logger: logger)
        let sweep = Sweep(store: store, logger: logger)
        let checkpoints = Checkpoints(store: store, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            if settings.redisURL == nil {
                let server = RedisServer(
                    directory: settings.data, socket: settings.redisSocket, client: redis, logger: logger)
                group.addTask { try await server.run() }
            }
            group.addTask { try await watch.run() }
            group.addTask { try await publisher.run(leader) }
            group.addTask { try await engine.run(leader) }
            group.addTask { try await keeper.run(leader) }
            group.addTask { try await caller.run(leader) }
            group.addTask { try await checkpoints.run() }
            group.addTask { try await sweep.run() }
            try await group.next()
            group.cancelAll()
        }
    }
}
