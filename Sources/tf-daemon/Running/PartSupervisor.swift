import Logging
import ServiceLifecycle
import Synchronization
import TFConfiguration
import TFMetrics
import TFStore

/// Keeps the parts of the daemon's work running beside each other: one that fails is started again and again, and the
/// others go on. The log, `tf-daemon status` and the figures tell it.
final class PartSupervisor: Sendable {
    static let up = MetricRegistry.Family(
        "tf_part_up", .gauge, "Whether a part of the daemon works: 1; 0: it failed and is started again.")
    private static let failures = MetricRegistry.Family(
        "tf_part_failures_total", .counter, "Times that a part of the daemon failed.")

    static let families = [up, failures]

    /// How a part is started again.
    struct Pace: Sendable {
        /// Before the first and before every late try.
        var shortest = Duration.seconds(1)
        var longest = Duration.seconds(30)
        /// A part that has run for so long works.
        var settled = Duration.seconds(10)

        func pause(after failures: Int) -> Duration { min(longest, shortest * (1 << min(failures - 1, 10))) }
    }

    private struct State {
        var error: String
        let sinceMs: Int64
        /// Since when it runs again; nil: it does not.
        var runsSince: ContinuousClock.Instant?
    }

    private let kept = Mutex<Set<DaemonPart>>([])
    private let states = Mutex<[DaemonPart: State]>([:])
    private let pace: Pace
    private let registry: MetricRegistry
    private let logger: Logger

    init(pace: Pace = Pace(), registry: MetricRegistry, logger: Logger) {
        self.pace = pace
        self.registry = registry
        self.logger = logger
    }

    /// The parts that fail at present.
    func failing(at now: ContinuousClock.Instant = .now) -> [FailingPart] {
        states.withLock { states in
            states = states.filter { $0.value.runsSince.map { $0.duration(to: now) < pace.settled } ?? true }
            return states.map { FailingPart($0.key, error: $0.value.error, sinceMs: $0.value.sinceMs) }
        }
    }

    /// Of the parts that are kept running at present: a standby runs few.
    var gauges: [MetricsServer.Gauge] {
        let failing = Set(failing().map(\.part))
        return kept.withLock { $0 }.map { (Self.up, ["part": $0.rawValue], failing.contains($0) ? 0 : 1) }
    }

    /// Runs a part, again and again if it fails, until the task is cancelled or the daemon stops.
    /// - Throws: `CancellationError`, or `StoreError.notLeader`, which ends the work of all parts.
    func keep(_ part: DaemonPart, _ run: @Sendable () async throws -> Void) async throws {
        kept.withLock { _ = $0.insert(part) }
        defer { kept.withLock { _ = $0.remove(part) } }
        var failures = 0
        while true {
            let start = ContinuousClock.now
            states.withLock { $0[part]?.runsSince = start }
            let failure: any Error
            do {
                try await run()
                failure = PartEnded()
            } catch StoreError.notLeader { throw StoreError.notLeader } catch { failure = error }
            guard !Task.isCancelled, !Task.isShuttingDownGracefully else { throw CancellationError() }
            failures = start.duration(to: .now) < pace.settled ? failures + 1 : 1
            let pause = pace.pause(after: failures)
            note(part, "\(failure)", pause)
            try await cancelWhenGracefulShutdown { try await Task.sleep(for: pause) }
        }
    }

    private func note(_ part: DaemonPart, _ error: String, _ pause: Duration) {
        registry.add(to: Self.failures, ["part": part.rawValue])
        let isNews = states.withLock { states in
            let known = states[part]
            states[part] = State(error: error, sinceMs: known?.sinceMs ?? WallClock.now())
            return known?.error != error
        }
        logger.log(
            level: isNews ? .error : .debug, "a part of the daemon failed and is started again; the others go on",
            metadata: ["part": "\(part.rawValue)", "error": "\(error)", "pause": "\(pause)"])
    }
}

/// A part came to an end, which no part does by itself.
private struct PartEnded: Error, CustomStringConvertible {
    var description: String { "it ended" }
}
