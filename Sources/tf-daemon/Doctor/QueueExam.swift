import TFConfiguration
import TFExpression
import TFQueue
import TFStore

/// The daemon, Redis, the lists in it, and the definitions.
struct QueueExam {
    /// An entry of the outbox that is older is stuck.
    private static let oldestEntry: Int64 = 30_000
    /// How often it is looked until the daemon leads and the lists agree with the store, from which they differ for a moment.
    private static let looks = 3

    let store: Store
    let settings: Settings
    let now: Int64

    private func read(_ servers: QueueServers) async throws -> QueueStatus {
        try await QueueStatus.read(store, servers, data: settings.data, definitions: settings.definitions, now: now)
    }

    func findings() async throws -> [Finding] {
        var logger = settings.logger("tf-daemon doctor")
        logger.logLevel = .critical
        let servers = QueueServers(settings.redis, logger: logger)
        var status = try await read(servers)
        for _ in 1..<Self.looks where Self.isPassing(status) {
            try await Task.sleep(for: .seconds(1))
            status = try await read(servers)
        }
        let redis = await RedisExam(servers: servers, settings: settings).findings()
        await servers.close()
        guard status.isRunning else {
            // The Redis of a daemon ends with it; another one is to be there before a daemon starts.
            return [absence(status)] + (settings.runsRedis ? [] : redis) + [outbox(status), definitions(status)]
        }
        return [daemon(status)] + redis
            + [parts(status), companies(status), drift(status), outbox(status), setAside(status), definitions(status)]
    }

    /// Whether something is wrong that may be right within a second: a daemon that starts, lists that are behind.
    private static func isPassing(_ status: QueueStatus) -> Bool {
        status.leader == .waits
            || status.isRunning && status.redisError == nil && !status.queues.allSatisfy(\.isRight)
    }

    private func daemon(_ status: QueueStatus) -> Finding {
        guard status.leader != .leads else { return .ok("daemon", "one leads") }
        return .fault(
            "daemon", status.daemonText, remedy: "nothing moves until it works again, which it does by itself")
    }

    private func absence(_ status: QueueStatus) -> Finding {
        let remedy = "systemctl start tf-daemon"
        if let obstacle = status.obstacle {
            return .fault("daemon", "none runs, and \(obstacle)", remedy: "end that process; then \(remedy)")
        }
        guard status.outbox.count > 0 else {
            return .note("daemon", "none runs, so that the queues were not looked at", remedy: remedy)
        }
        return .fault("daemon", "none runs, and work waits for one", remedy: remedy)
    }

    private func drift(_ status: QueueStatus) -> Finding {
        guard status.redisError == nil else {
            return .note(
                "queues", "not looked at, since Redis does not answer",
                remedy: "the daemon fills them again by itself when it does")
        }
        let wrong =
            status.queues.filter { !$0.isRight }.map { "\($0.company).\($0.name)" }
            + status.wrongKeys.map(\.key.name)
        guard !wrong.isEmpty else { return .ok("queues", "\(status.queues.count) lists are what the store says") }
        return .fault(
            "queues", "\(wrong.joined(separator: ", ")) differ from the store",
            remedy: "run: tf-daemon rebuild; if it comes back, another program writes to this Redis")
    }

    private func outbox(_ status: QueueStatus) -> Finding {
        let text = "\(status.outbox.count) entries wait for Redis"
        guard status.outbox.age > Self.oldestEntry else { return .ok("outbox", text) }
        return .fault(
            "outbox", "\(text), the oldest for \(status.outbox.age / 1_000) s", remedy: "see the daemon's log")
    }

    private func parts(_ status: QueueStatus) -> Finding {
        guard !status.failing.isEmpty else { return .ok("parts", "all of the daemon's work goes on") }
        let all = status.failing.map { "\($0.part.rawValue) fails since \(Moment.iso8601($0.sinceMs)): \($0.error)" }
        return .fault(
            "parts", all.joined(separator: "; "), remedy: "mend what the error names; it is tried again by itself")
    }

    private func companies(_ status: QueueStatus) -> Finding {
        guard !status.unled.isEmpty else { return .ok("companies", "each has a daemon") }
        return .fault(
            "companies", "nobody works for \(status.unled.joined(separator: ", "))",
            remedy: "tf-daemon status names the daemons; one that lives takes a company within 8 s")
    }

    private func setAside(_ status: QueueStatus) -> Finding {
        guard !status.setAside.isEmpty else { return .ok("workflows", "none is set aside") }
        return .fault(
            "workflows", "\(status.setAside.count) are set aside",
            remedy: "tf-daemon status names them; a ticket admin tries them again or cancels them")
    }

    private func definitions(_ status: QueueStatus) -> Finding {
        guard let first = status.problems.first else { return .ok("texts", "no definition is in error") }
        let more = status.problems.count - 1
        return .fault(
            "texts", "\(first)" + (more > 0 ? ", and \(more) more" : ""),
            remedy: "tf-daemon check shows all; what was in force before goes on")
    }
}
