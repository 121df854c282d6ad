import TFConfiguration
import TFMetrics
import TFQueue
import TFStore

/// The daemon's figures that are read from the store and from Redis when somebody asks for them.
struct DaemonGauges: Sendable {
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
    private static let waitingEvents = MetricRegistry.Family(
        "tf_events_waiting", .gauge, "Events that wait for the engine.")
    private static let eventAge = MetricRegistry.Family(
        "tf_events_age_seconds", .gauge, "Age of the oldest event that waits for the engine.")
    private static let paused = MetricRegistry.Family(
        "tf_company_paused", .gauge, "Whether a company's assignment is stopped: 1, else 0.")
    private static let leader = MetricRegistry.Family(
        "tf_leader", .gauge, "Whether this daemon leads the site: 1; else 0.")
    private static let errors = MetricRegistry.Family(
        "tf_definition_errors", .gauge, "Errors in a company's definitions.")
    private static let workflows = MetricRegistry.Family(
        "tf_workflows_set_aside", .gauge, "Workflows and schedules that are set aside.")
    private static let events = MetricRegistry.Family(
        "tf_events_set_aside", .gauge, "Events that wait since their workflow is set aside.")
    private static let failed = MetricRegistry.Family(
        "tf_workflows_failed", .gauge, "Workflows that failed, with a ticket and without one.")
    private static let calls = MetricRegistry.Family(
        "tf_http_calls", .gauge, "HTTP requests of a company's workflows, by state: sent or waiting.")
    private static let backup = MetricRegistry.Family(
        "tf_backup_at_seconds", .gauge,
        "When the last backup was made, in seconds since 1970; 0: never; +Inf: backups are PostgreSQL's own matter.")

    static let families = [
        length, open, available, pool, rows, age, waitingEvents, eventAge, paused, leader, errors, workflows, events,
        failed, calls, backup,
    ]

    let store: Store
    let settings: Settings
    let servers: QueueServers
    let isLeading: @Sendable () -> Bool

    func read() async throws -> [MetricsServer.Gauge] {
        let now = WallClock.now()
        let room = try await store.room()
        var gauges = DiskGauges.read(storeBytes: room.bytes, logBytes: room.logBytes, data: settings.data)
        let (outbox, waiting) = try await store.read { (try $0.outboxBacklog(now: now), try $0.eventBacklog(now: now)) }
        gauges.append((Self.rows, [:], Double(outbox.count)))
        gauges.append((Self.age, [:], Double(outbox.age) / 1000))
        gauges.append((Self.waitingEvents, [:], Double(waiting.count)))
        gauges.append((Self.eventAge, [:], Double(waiting.age) / 1000))
        gauges.append((Self.leader, [:], isLeading() ? 1 : 0))
        gauges.append((Self.backup, [:], lastBackup))
        let (figures, aside) = try await store.read { (try $0.siteFigures(), try $0.setAside().count) }
        gauges.append((Self.workflows, [:], Double(aside)))
        gauges.append((Self.events, [:], Double(figures.eventsAside)))
        for call in figures.calls {
            gauges.append((Self.calls, ["company": call.company, "state": "sent"], Double(call.sent)))
            gauges.append((Self.calls, ["company": call.company, "state": "waiting"], Double(call.waiting)))
        }
        let paused = try await store.read { try $0.pausedCompanies() }
        for company in try await store.read({ try $0.companies() }) {
            let labels = ["company": company.slug]
            gauges.append((Self.paused, labels, paused.contains(company.id) ? 1 : 0))
            gauges.append((Self.failed, labels, Double(figures.failed(in: company.slug))))
            gauges += try await self.gauges(of: company)
        }
        return gauges
    }

    private var lastBackup: Double {
        guard settings.storeURL == nil else { return .infinity }
        return Double(LastBackup(of: settings.data)?.atMs ?? 0) / 1000
    }

    private func gauges(of company: Company) async throws -> [MetricsServer.Gauge] {
        var gauges: [MetricsServer.Gauge] = []
        let errors = try await store.read(in: company.id) { try $0.problems().count { $0.severity == .error } }
        gauges.append((Self.errors, ["company": company.slug], Double(errors)))
        let workers = try await store.read(in: company.id) { try $0.workers() }
        // nil: Redis does not answer, which tf_redis_up tells.
        let lengths = try? await servers.queues(of: company.slug).lengths(
            company: company.slug, workers.map(\.login))
        for (index, worker) in workers.enumerated() {
            let labels = ["company": company.slug, "worker": worker.login]
            gauges.append((Self.open, labels, Double(worker.open)))
            gauges.append((Self.available, labels, worker.isAvailable ? 1 : 0))
            if let lengths { gauges.append((Self.length, labels, Double(lengths[index]))) }
        }
        for (role, count) in try await store.read(in: company.id, { try $0.unassignedCounts() }) {
            gauges.append((Self.pool, ["company": company.slug, "role": role], Double(count)))
        }
        return gauges
    }
}
