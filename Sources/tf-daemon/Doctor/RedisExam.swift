import TFConfiguration
import TFQueue

/// Every Redis server, and the sentinels that look after it.
struct RedisExam {
    let servers: QueueServers
    let settings: Settings

    func findings() async -> [Finding] {
        var findings: [Finding] = []
        for server in servers.all {
            let label = servers.all.count > 1 ? " \(server.name)" : ""
            findings.append(await exam(of: server, label))
            if case .sentinel(let sentinels) = server.client.address {
                findings.append(await exam(of: sentinels, label))
            }
        }
        return findings
    }

    private func exam(of server: QueueServer, _ label: String) async -> Finding {
        do throws(QueueError) {
            let info = try await server.queues.server()
            guard info.complaints.isEmpty else {
                return .fault(
                    "redis\(label)", info.complaints.joined(separator: "; "),
                    remedy: "use one that is made for this, or leave redis.url out")
            }
            let policy = info.evictionPolicy ?? "it does not tell its maxmemory-policy, which must be noeviction"
            guard case .sentinel = server.client.address else {
                return .ok("redis\(label)", "\(info.version), \(policy)")
            }
            let primary = await server.client.server.map { "primary \($0), " } ?? ""
            let text = "\(primary)\(info.version), \(policy), replicas: \(info.replicas)"
            guard info.replicas > 0 else {
                return .fault(
                    "redis\(label)", text, remedy: "start one: without a replica nobody can take over from the primary")
            }
            return .ok("redis\(label)", text)
        } catch {
            return .fault("redis\(label)", error.description, remedy: remedy(for: error))
        }
    }

    private func remedy(for error: QueueError) -> String {
        if case .badCredentials = error {
            return "it is an address: in a password write @ as %40, : as %3A, / as %2F and % as %25"
        }
        return settings.runsRedis
            ? "see \(settings.data)/redis.log; a redis-server that hangs is ended, and the daemon starts it anew"
            : "see the log of the Redis that redis.url names"
    }

    private func exam(of sentinels: Sentinels, _ label: String) async -> Finding {
        let answers = await sentinels.problems()
        let problems = answers.compactMap { answer in answer.problem.map { "\(answer.sentinel): \($0)" } }
        guard !problems.isEmpty else {
            return .ok("sentinel\(label)", "\(answers.count) know \(sentinels.name), and can elect a new primary")
        }
        return .fault(
            "sentinel\(label)", problems.joined(separator: "; "),
            remedy: "have as many sentinels running as their quorum and a majority of them need")
    }
}
