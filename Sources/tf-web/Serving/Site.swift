import Foundation
import Logging
import NIOPosix
import TFConfiguration
import TFQueue
import TFStore
import TFWatch

/// What all parts of the web process share, made once.
struct Site: Sendable {
    let settings: Settings
    let store: Store
    let keys: KeyRing
    let passwords: Passwords
    let cookies: Cookies
    let servers: QueueServers
    let hints: JobHints
    var steps: EngineSteps
    let tokens = KnownTokens()
    /// The audiences for which this site issues tokens: itself, and the other servers of its configuration.
    let audiences: Set<String>
    let dryRuns = DryRunSlots()
    var dryRunProgram = DryRun.Program()
    let drafts = DraftPainter()
    let limits: ConnectionLimits
    let metrics: MetricRegistry
    /// The token for reading the metrics, as it was at the start; nil: only this machine may read them.
    let metricsToken: MetricsToken?
    let logger: Logger

    init(settings: Settings, logger: Logger) async throws {
        self.settings = settings
        self.logger = logger
        audiences = Set(settings.audiences + [settings.baseURL])
        store = try Store(
            directory: settings.data, at: StoreLocation(settings.storeURL), baseURL: settings.baseURL,
            upgradeBackups: settings.upgradeBackups, waiting: { logger.warning("\($0)") })
        let home = try await KeyHome(of: store, settings)
        keys = try await KeyRing(home, of: store, now: WallClock.now())
        passwords = Passwords()
        cookies = Cookies(isSecure: settings.baseURL.hasPrefix("https:"))
        // A short deadline: if Redis hangs, a page shows only the store's figures.
        servers = QueueServers(settings.redis, logger: logger, deadline: .milliseconds(500))
        steps = EngineSteps(store: store, directory: settings.data, logger: logger)
        let (store, servers) = (store, servers)
        let commits = settings.storeURL.map { _ in RemoteCommits(store: store, servers: servers, logger: logger) }
        hints = JobHints(servers: servers, commits: commits, steps: steps, logger: logger)
        limits = ConnectionLimits(
            proxies: settings.trustedProxies, isSecure: cookies.isSecure,
            places: ConnectionPlaces(of: Descriptors.connections(), logger: logger))
        metrics = MetricRegistry(AccessLog.families + WebGauges.families)
        metricsToken = try await home.key(KeyHome.metricsToken).flatMap(MetricsToken.init)
    }

    var now: Int64 { WallClock.now() }
}
