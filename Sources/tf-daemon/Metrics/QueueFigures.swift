import Synchronization
import TFConfiguration
import TFMetrics
import TFStore

/// The figures of the queue keeper.
struct QueueFigures: Sendable {
    private static let assigned = MetricRegistry.Family(
        "tf_tasks_assigned_total", .counter, "Tasks that the rule assigned for the first time.")
    private static let reassigned = MetricRegistry.Family(
        "tf_tasks_reassigned_total", .counter, "Tasks that the rule assigned again.")
    private static let pooled = MetricRegistry.Family(
        "tf_tasks_unassigned_total", .counter, "Times that no worker was eligible and available for a task.")
    private static let ended = MetricRegistry.Family(
        "tf_tasks_ended_total", .counter, "Tasks that ended, by their last state.")
    private static let assignment = MetricRegistry.Family(
        "tf_assignment_seconds", .histogram, "From a task that is ready to a worker's list.")
    private static let work = MetricRegistry.Family(
        "tf_task_seconds", .histogram, "From a task that is ready to its completion.")
    private static let rebuilds = MetricRegistry.Family(
        "tf_queue_rebuilds_total", .counter, "Rebuilds of a company's queues from the store.")
    private static let mends = MetricRegistry.Family(
        "tf_queue_mended_total", .counter, "Differences between Redis and the store that an audit mended.")
    static let drift = MetricRegistry.Family(
        "tf_queue_drift", .gauge, "Lists whose length in Redis differed from the store's at the last check.")
    static let redis = MetricRegistry.Family("tf_redis_up", .gauge, "Whether a Redis server answered last: 1, else 0.")

    static let families = [assigned, reassigned, pooled, ended, assignment, work, rebuilds, mends, drift, redis]

    private final class Latest: Sendable {
        let drift = Mutex<[String: Int]>([:])
        let isUp = Mutex<[String: Bool]>([:])
    }

    let registry: MetricRegistry
    private let latest = Latest()

    /// - Parameter servers: the names of all servers, of which none has answered yet.
    init(registry: MetricRegistry, servers: [String] = []) {
        self.registry = registry
        latest.isUp.withLock { isUp in for server in servers { isUp[server] = false } }
    }

    func redisAnswered(_ isUp: Bool, server: String) { latest.isUp.withLock { $0[server] = isUp } }

    func drift(_ lists: Int, company: String) { latest.drift.withLock { $0[company] = lists } }

    func mended(_ count: Int, company: String) { registry.add(Double(count), to: Self.mends, ["company": company]) }

    func rebuilt(company: String) { registry.add(to: Self.rebuilds, ["company": company]) }

    func settled(_ results: [OutboxResult], company: String, now: Int64) {
        for result in results {
            switch result.outcome {
            case .done, .outdated: break
            case .assigned(let task, _, _):
                registry.add(to: task.attempt == 1 ? Self.assigned : Self.reassigned, ["company": company])
                guard task.attempt == 1 else { continue }
                registry.observe(
                    Double(now - task.createdAtMs) / 1000, in: Self.assignment, ["company": company])
            case .waiting: registry.add(to: Self.pooled, ["company": company])
            case .ended(let end):
                registry.add(to: Self.ended, ["company": company, "state": end.state.rawValue])
                guard end.state == .completed else { continue }
                registry.observe(
                    Double(end.finishedAtMs - end.createdAtMs) / 1000, in: Self.work, ["company": company])
            }
        }
    }

    /// The gauges that are known without asking the store.
    var gauges: [MetricsServer.Gauge] {
        let drift = latest.drift.withLock { $0 }
        let isUp = latest.isUp.withLock { $0 }
        return drift.map { (Self.drift, ["company": $0.key], Double($0.value)) }
            + isUp.map { (Self.redis, ["server": $0.key], $0.value ? 1 : 0) }
    }
}
