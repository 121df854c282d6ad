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
import TFSystem
import TFWatch

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run the daemon until SIGINT, SIGTERM or SIGHUP (default).",
        discussion: """
            Each option is a setting; `tf-daemon --help` says where settings come from. Log lines go to standard error. A \
            terminal that is closed (SIGHUP) stops it in order, unless it was started by nohup.

            Exit status: 0 stopped by a signal, 1 it could not start or go on, 2 wrong usage.
            """)

    @OptionGroup var options: SettingOptions

    func run() async throws {
        // All that the daemon writes lies in the data directory, and Redis sets no modes on its files by itself.
        PrivateFile.keepPrivate()
        let settings = try Settings.read(options)
        try await Descriptors.prepare()
        NIOSingletons.groupLoopCountSuggestion = Descriptors.eventLoops(cores: System.coreCount)
        let logger = settings.logger("tf-daemon")
        let daemon = try await Daemon(settings: settings, logger: logger)
        let group = ServiceGroup(
            configuration: .init(
                services: Self.services(daemon),
                gracefulShutdownSignals: HangUp.isIgnored ? [.sigint, .sigterm] : [.sigint, .sigterm, .sighup],
                logger: logger))
        do { try await group.run() } catch {
            try? await daemon.close()  // what has ended it says more
            throw error
        }
        try await daemon.close()
    }

    /// In the order in which they start; they stop in the reverse order. The library names a service by everything that is
    /// in it, keys and passwords too, and logs that at debug.
    static func services(_ daemon: Daemon) -> [ServiceGroupConfiguration.ServiceConfiguration] {
        [
            // The last to stop: while a server is gone its look takes seconds, for which the others need not wait.
            .init(
                service: UpgradeWatch(daemon.store), failureTerminationBehavior: .gracefullyShutdownGroup,
                serviceName: "UpgradeWatch"),
            .init(service: daemon, successTerminationBehavior: .gracefullyShutdownGroup, serviceName: "Daemon"),
        ]
    }
}

/// The daemon: it does the leader's work or waits as standby, and works for its share of the companies where daemons share
/// them.
struct Daemon: Service {
    let store: Store
    private let settings: Settings
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

    init(settings: Settings, logger: Logger) async throws {
        self.settings = settings
        self.logger = logger
        store = try Store(
            directory: settings.data, at: StoreLocation(settings.storeURL), baseURL: settings.baseURL,
            upgradeBackups: settings.upgradeBackups, waiting: { logger.warning("\($0)") })
        presence = try DaemonPresence(directory: settings.data, at: StoreLocation(settings.storeURL))
        let registry = MetricRegistry(
            QueueFigures.families + DaemonGauges.families + DiskGauges.families + PartSupervisor.families
                + Sweep.families)
        figures = QueueFigures(registry: registry, servers: settings.redis.map(\.name))
        parts = PartSupervisor(registry: registry, logger: logger)
        servers = QueueServers(settings.redis, logger: logger)
        let home = try await KeyHome(of: store, settings)
        secrets = try await SecretBox(home, of: store)
        let shut = try await secrets.unopened(in: store)
        if !shut.isEmpty {
            logger.error(
                "secrets cannot be opened with the site's key; set them again",
                metadata: ["secrets": "\(shut.joined(separator: ", "))"])
        }
        let token = try await home.key(KeyHome.metricsToken).flatMap(MetricsToken.init)
        let (figures, parts, leading) = (figures, parts, leading)
        let gauges = DaemonGauges(store: store, settings: settings, servers: servers) { leading.value.withLock { $0 } }
        metrics = try settings.metricsAddress.map { _ in
            try MetricsServer(.metricsBind, of: settings, token: token, registry: figures.registry, logger: logger) {
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
            group.addTask { await cancelWhenGracefulShutdown { await lead() } }
            if isSharing {
                group.addTask {
                    await cancelWhenGracefulShutdown {
                        await CompanySharing(
                            store: store, presence: presence, queues: queueNames, parts: parts, logger: logger
                        ).run { try await workForCompanies($0) }
                    }
                }
            }
        }
    }

    /// Closes the connections and files, once nothing uses them any more.
    func close() async throws {
        await servers.close()
        try store.close()
        logger.notice("stopped")
    }

    /// Whether several daemons share the companies: where the record is on a server. All processes that use a file are on
    /// its machine, and one of them does all the work.
    private var isSharing: Bool { settings.storeURL != nil }

    /// The Redis servers, for holding them against another daemon's.
    private var queueNames: String {
        settings.runsRedis
            ? "of its own in \(settings.data) on \(ProcessInfo.processInfo.hostName)"
            : settings.redis.map(\.name).sorted().joined(separator: " ")
    }

    /// Waits to lead the site, and does the leader's work.
    private func lead() async {
        let election = LeaderElection(
            store: store, presence: presence, isAlone: !isSharing, parts: parts, logger: logger)
        await election.run { term in
            leading.value.withLock { $0 = true }
            defer { leading.value.withLock { $0 = false } }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await workForSite(term) }
                if !isSharing { group.addTask { try await workForCompanies(term) } }
                try await group.next()
                group.cancelAll()
            }
        }
    }

    /// Serves the figures, also while another daemon leads, until the daemon stops.
    private func serveMetrics() async {
        guard let metrics else { return }
        // Thrown is only that the daemon stops. The server stops by itself then.
        try? await parts.keep(.metrics) { try await metrics.run() }
    }

    /// What one daemon does for the whole site, until the task is cancelled or another daemon leads.
    private func workForSite(_ term: LeaderTerm) async throws {
        let sweep = Sweep(
            store: store, terms: RetentionTerms(settings.retention), figures: figures.registry, logger: logger)
        let checkpoints = Checkpoints(store: store, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            func keep(_ part: DaemonPart, _ run: @escaping @Sendable () async throws -> Void) {
                group.addTask { [parts] in try await parts.keep(part, run) }
            }
            if settings.runsRedis {
                let server = RedisServer(
                    directory: settings.data, socket: settings.redisSocket, store: store, leader: term.leadership,
                    logger: logger)
                keep(.redis) { try await server.run() }
            }
            keep(.checkpoints) { try await checkpoints.run() }
            keep(.sweep) { try await sweep.run(term) }
            try await group.next()
            group.cancelAll()
        }
    }

    /// What a daemon does for the companies that it leads, until the task is cancelled or it leads none any more.
    private func workForCompanies(_ term: LeaderTerm) async throws {
        let (engineWake, callWake, clockWake, companyWake, diagramWake) = (Wake(), Wake(), Wake(), Wake(), Wake())
        let shares = FairShares()
        let engine = EngineWorker(
            store: store, wake: engineWake, opener: secrets.opener, shares: shares, logger: logger)
        let sender = HTTPSender(
            policy: AddressPolicy(allowed: settings.httpAllow), idempotencyKey: secrets.idempotencyKey,
            mayBegin: { try await term.prove(in: store) })
        let caller = HTTPCaller(
            store: store, sender: sender, wake: callWake, opener: secrets.opener, logger: logger)
        let keepers = QueueKeepers(
            servers: servers, store: store, figures: figures, mayTouch: { try await term.prove(in: store) },
            shares: shares, logger: logger)
        let watch = StoreWatch(
            directory: settings.data,
            wakes: [
                .engine: [engineWake], .queues: keepers.wakes, .requests: [callWake], .definitions: [companyWake],
                .diagrams: [diagramWake],
            ], ticking: [clockWake])
        let commits = isSharing ? RemoteCommits(store: store, servers: servers, logger: logger) : nil
        let clock = TaskClock(store: store, wake: clockWake, logger: logger)
        let publisher = DefinitionPublisher(
            root: settings.definitions, store: store, data: settings.data, storeWake: companyWake, logger: logger,
            isMirroring: isSharing)
        let painter = DiagramPainter(store: store, wake: diagramWake, logger: logger)
        try await engine.noteDeath(term.leadership)
        try await withThrowingTaskGroup(of: Void.self) { group in
            func keep(_ part: DaemonPart, _ run: @escaping @Sendable () async throws -> Void) {
                group.addTask { [parts, store] in
                    try await parts.keep(part) { try await term.whileLeading(in: store, run) }
                }
            }
            keep(.watch) { try await watch.run() }
            group.addTask { for await _ in term.gained.rings { watch.ring() } }
            // Without signals, all that waits for one still looks each second.
            group.addTask { try await watch.tick() }
            keep(.definitions) { try await publisher.run(term) }
            keep(.diagrams) { try await painter.run(term) }
            keep(.engine) { try await engine.run(term) }
            for keeper in keepers.all { keep(.queues) { try await keeper.run(term) } }
            keep(.requests) { try await caller.run(term) }
            keep(.clock) { try await clock.run(term) }
            keep(.hints) {
                try await keepers.listen(commits) { company, listeners in
                    if term.leads(company) { watch.ring(listeners) }
                }
            }
            if let commits { keep(.hints) { try await commits.tell() } }
            try await group.next()
            group.cancelAll()
        }
    }
}
