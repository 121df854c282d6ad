import TFConfiguration
import TFMetrics
import TFStore

/// The figures of the web process that are read when somebody asks for them.
struct WebGauges: Sendable {
    private static let sessions = MetricRegistry.Family(
        "tf_web_sessions", .gauge, "Live sessions, by purpose: web or api.")
    private static let hashing = MetricRegistry.Family(
        "tf_web_passwords_waiting", .gauge, "Sign-ins that wait until their password can be hashed.")
    private static let writes = MetricRegistry.Family(
        "tf_web_writes_waiting", .gauge, "Changes that wait for this process's writer.")

    private static let connections = MetricRegistry.Family(
        "tf_web_connections", .gauge, "Connections of clients that are open.")
    private static let limitConnections = MetricRegistry.Family(
        "tf_web_connections_limit", .gauge, "Connections of clients that are served at a time.")
    private static let refused = MetricRegistry.Family(
        "tf_web_connections_refused_total", .counter, "Connections refused because all places were taken.")
    private static let displaced = MetricRegistry.Family(
        "tf_web_connections_displaced_total", .counter, "Idle connections closed for a newcomer.")

    static let families =
        [sessions, hashing, writes, connections, limitConnections, refused, displaced] + DiskGauges.families

    let site: Site

    func read() async throws -> [MetricsServer.Gauge] {
        let live = try await site.store.read { try $0.liveSessions(now: WallClock.now()) }
        let room = try await site.store.room()
        let disk = DiskGauges.read(storeBytes: room.bytes, logBytes: room.logBytes, data: site.settings.data)
        let places = site.limits.places.figures
        return disk + [
            (Self.connections, [:], Double(places.open)),
            (Self.limitConnections, [:], Double(site.limits.places.limit)),
            (Self.refused, [:], Double(places.refused)),
            (Self.displaced, [:], Double(places.displaced)),
            (Self.sessions, ["purpose": "web"], Double(live.web)),
            (Self.sessions, ["purpose": "api"], Double(live.api)),
            (Self.hashing, [:], Double(site.passwords.waiting)),
            (Self.writes, [:], Double(site.store.waitingWrites)),
        ]
    }
}
