import ArgumentParser
import Foundation
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization
import TFConfiguration
import TFMetrics
import TFQueue
import TFStore
import TFWatch

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run the daemon until SIGINT or SIGTERM (default).",
        discussion: """
            Each option is a setting; `tf-daemon --help` says where settings come from. Log lines go to standard error.

            Exit status: 0 stopped by a signal, 1 it could not start or go on, 2 wrong usage.
            """)

    @OptionGroup var options: SettingOptions

    func run() async throws {
        // All that the daemon writes lies in the data directory, and Redis sets no modes on its files by itself.
        umask(0o077)
        let settings = try Settings.read(options)
        try await Descriptors.prepare()
        NIOSingletons.groupLoopCountSuggestion = Descriptors.eventLoops(cores: System.coreCount)
        let logger = settings.logger("tf-daemon")
        let daemon = try Daemon(settings: settings, logger: logger)
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: daemon, successTerminationBehavior: .gracefullyShutdownGroup)],
                gracefulShutdownSignals: [.sigint, .sigterm], logger: logger))
        try await group.run()
    }
}

/// The daemon: it does the leader's work, or waits as standby.
struct Daemon: Service {
    private let settings: Settings
    private let store: Store
    private let logger: Logger
    private let servers: QueueServers
    private let secrets: SecretBox
    private let figures: QueueFigures
    private let presence: DaemonPresence
    private let parts: PartSupervisor
    private let leading = LeadingFlag()
    /// nil: the figures are served nowhere.
    private let metrics: MetricsServer?

    /// Whether this daemon leads at present.
    private final class LeadingFlag: Sendable {
        let value = Mutex(false)
    }

    init(settings: Settings, logger: Logger) throws {
        self.settings = settings
        self.logger = logger
        store = try Store(
            directory: settings.data, at: StoreLocation(settings.storeURL), baseURL: settings.baseURL,
            upgradeBackups: settings.upgradeBackups)
        presence = try DaemonPresence(directory: settings.data, at: StoreLocation(settings.storeURL))
        let registry = MetricRegistry(
            QueueFigures.families + DaemonGauges.families + DiskGauges.families + PartSupervisor.families
                + Sweep.families)
        figures = QueueFigures(registry: registry, servers: settings.redis.map(\.name))
        parts = PartSupervisor(registry: registry, logger: logger)
        servers = QueueServers(settings.redis, logger: logger)
        secrets = try SecretBox(directory: settings.data)
        let (figures, parts, leading) = (figures, parts, leading)
        let gauges = DaemonGauges(store: store, data: settings.data, servers: servers) { leading.value.withLock { $0 } }
        metrics = try settings.metricsAddress.map { _ in
            try MetricsServer(.metricsBind, of: settings, registry: figures.registry, logger: logger) {
                figures.gauges + parts.gauges + (try await gauges.read())
            }
        }
    }

    func run() async throws {
        logger.notice(
            "starting",
            metadata: [
                "data": "\(settings.data)", "definitions": "\(settings.definitions)",
                "redis": "\(settings.redis.map(\.description).joined(separator: " "))",
            ])
        await withDiscardingTaskGroup { group in
            group.addTask { await serveMetrics() }
            group.addTask {
                await cancelWhenGracefulShutdown {
                    await LeaderElection(store: store, presence: presence, parts: parts, logger: logger).run { term in
                        leading.value.withLock { $0 = true }
                        defer { leading.value.withLock { $0 = false } }
                        try await work(term)
                    }
                }
            }
        }
        await servers.close()
        try store.close()
        logger.notice("stopped")
    }

    /// Serves the figures, also while another daemon leads, until the daemon stops.
    private func serveMetrics() async {
        guard let metrics else { return }
        // Thrown is only that the daemon stops. The server stops by itself then.
        try? await parts.keep(.metrics) { try await metrics.run() }
    }

    /// Everything that only the leader does, until the task is cancelled or another daemon leads.
    private func work(_ term: LeaderTerm) async throws {
        let leader = term.leadership
        let (engineWake, callWake, clockWake, companyWake, diagramWake) = (Wake(), Wake(), Wake(), Wake(), Wake())
        let shares = CompanyShares()
        let engine = EngineWorker(
            store: store, wake: engineWake, opener: secrets.opener, shares: shares, logger: logger)
        let sender = HTTPSender(
            policy: AddressPolicy(allowed: settings.httpAllow), mayBegin: { try await term.prove(in: store) })
        let caller = HTTPCaller(
            store: store, sender: sender, wake: callWake, opener: secrets.opener, logger: logger)
        let keepers = QueueKeepers(
            servers: servers, store: store, figures: figures, mayTouch: { try await term.prove(in: store) },
            shares: shares, logger: logger)
        let watch = StoreWatch(
            directory: settings.data,
            wakes: [engineWake, callWake, clockWake, companyWake, diagramWake] + keepers.wakes)
        let clock = TaskClock(store: store, wake: clockWake, logger: logger)
        let publisher = DefinitionPublisher(
            root: settings.definitions, store: store, data: settings.data, storeWake: companyWake, logger: logger)
        let painter = DiagramPainter(store: store, wake: diagramWake, logger: logger)
        let sweep = Sweep(
            store: store, terms: RetentionTerms(settings.retention), figures: figures.registry, logger: logger)
        let checkpoints = Checkpoints(store: store, logger: logger)
        try await engine.noteDeath(leader)
        try await withThrowingTaskGroup(of: Void.self) { group in
            func keep(_ part: DaemonPart, _ run: @escaping @Sendable () async throws -> Void) {
                group.addTask { [parts] in try await parts.keep(part, run) }
            }
            if settings.runsRedis {
                let server = RedisServer(
                    directory: settings.data, socket: settings.redisSocket, client: servers.all[0].client,
                    store: store, leader: leader, logger: logger)
                keep(.redis) { try await server.run() }
            }
            keep(.watch) { try await watch.run() }
            // Without signals, all that waits for one still looks each second.
            group.addTask { try await watch.tick() }
            keep(.definitions) { try await publisher.run(leader) }
            keep(.diagrams) { try await painter.run(leader) }
            keep(.engine) { try await engine.run(leader) }
            for keeper in keepers.all { keep(.queues) { try await keeper.run(leader) } }
            keep(.requests) { try await caller.run(leader) }
            keep(.clock) { try await clock.run(leader) }
            keep(.hints) { try await keepers.listen() }
            keep(.checkpoints) { try await checkpoints.run() }
            keep(.sweep) { try await sweep.run(leader) }
            try await group.next()
            group.cancelAll()
        }
    }
}
