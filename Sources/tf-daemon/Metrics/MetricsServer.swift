import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import TFConfiguration
import TFQueue
import TFStore

/// `/metrics` and `/healthz` of the daemon, on `metrics.bind`.
///
/// Clients on other machines must send the token in `<data>/metrics.token` as a bearer token.
struct MetricsServer: Sendable {
    private static let length = MetricRegistry.Family("tf_queue_length", .gauge, "Jobs in a worker's list in Redis.")
    private static let open = MetricRegistry.Family(
        "tf_tasks_open", .gauge, "Open tasks of a worker.")
    private static let available = MetricRegistry.Family(
        "tf_worker_available", .gauge, "Whether a worker gets new tasks: 1, else 0.")
    private static let pool = MetricRegistry.Family(
        "tf_tasks_unassigned", .gauge, "Tasks that nobody has, by the role that they ask for.")
    private static let rows = MetricRegistry.Family(
        "tf_outbox_rows", .gauge, "Outbox entries that have yet to reach Redis.")
    private static let age = MetricRegistry.Family(
        "tf_outbox_age_seconds", .gauge, "Age of the oldest outbox entry.")
    private static let paused = MetricRegistry.Family(
        "tf_company_paused", .gauge, "Whether a company's assignment is stopped: 1, else 0.")
    private static let leader = MetricRegistry.Family(
        "tf_leader", .gauge, "Whether this daemon leads: 1; a standby: 0.")

    let address: (host: String, port: Int)
    let token: MetricsToken?
    let store: Store
    let queues: TaskQueues
    let figures: QueueFigures
    let isLeading: @Sendable () -> Bool
    let logger: Logger

    func run() async throws {
        let router = Router()
        router.get("/healthz") { _, _ in
            Response(status: .ok, headers: [.connection: "close"], body: .init(byteBuffer: ByteBuffer(string: "ok\n")))
        }
        router.get("/metrics") { request, _ in try await answer(request) }
        let application = Application(
            router: router,
            server: .http1(configuration: .init(additionalChannelHandlers: [ShortConnection()])),
            configuration: .init(
                address: .hostname(address.host, port: address.port), serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(min(32, Descriptors.connections() / 4))),
            logger: logger)
        try await application.run()
    }

    private func answer(_ request: Request) async throws -> Response {
        if let token, !token.isSame(as: Self.bearer(request)) {
            return Response(status: .unauthorized, headers: [.wwwAuthenticate: "Bearer", .connection: "close"])
        }
        return Response(
            status: .ok,
            headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8", .connection: "close"],
            body: .init(byteBuffer: ByteBuffer(string: figures.registry.text(gauges: try await gauges()))))
    }

    private static func bearer(_ request: Request) -> String? {
        guard let header = request.headers[.authorization], header.hasPrefix("Bearer ") else { return nil }
        return String(header.dropFirst("Bearer ".count))
    }

    private func gauges() async throws -> [(
        family: MetricRegistry.Family, labels: MetricRegistry.Labels, value: Double
    )] {
        var gauges = figures.gauges
        let backlog = try await store.read { try $0.outboxBacklog(now: WallClock.now()) }
        gauges.append((Self.rows, [:], Double(backlog.count)))
        gauges.append((Self.age, [:], Double(backlog.age) / 1000))
        gauges.append((Self.leader, [:], isLeading() ? 1 : 0))
        let paused = try await store.read { try $0.pausedCompanies() }
        for company in try await store.read({ try $0.companies() }) {
            gauges.append((Self.paused, ["company": company.slug], paused.contains(company.id) ? 1 : 0))
            let workers = try await store.read(in: company.id) { try $0.workers() }
            // nil: Redis does not answer, which tf_redis_up tells.
            let lengths = try? await queues.lengths(company: company.slug, workers.map(\.login))
            for (index, worker) in workers.enumerated() {
                let labels = ["company": company.slug, "worker": worker.login]
                gauges.append((Self.open, labels, Double(worker.open)))
                gauges.append((Self.available, labels, worker.isAvailable ? 1 : 0))
                if let lengths { gauges.append((Self.length, labels, Double(lengths[index]))) }
            }
            for (role, count) in try await store.read(in: company.id, { try $0.unassignedCounts() }) {
                gauges.append((Self.pool, ["company": company.slug, "role": role], Double(count)))
            }
        }
        return gauges
    }
}
