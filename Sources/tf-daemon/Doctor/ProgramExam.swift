import Glibc
import Subprocess
import TFConfiguration
import TFExpression
import TFQueue
import TFStore

/// The programs and libraries that a site uses.
struct ProgramExam {
    let settings: Settings

    func findings() async throws -> [Finding] {
        var findings: [Finding] = []
        if settings.runsRedis {
            findings.append(try await redisServer())
        } else {
            findings.append(.ok("redis-server", "not needed: redis.url names another"))
        }
        findings.append(
            await program(
                "dot", ["-V"], package: "graphviz", without: "workflows have no pictures"))
        findings.append(
            await program("tar", ["--version"], package: "tar", without: "there are no backups in one file"))
        findings.append(.ok("SQLite", try Store.engineVersion))
        if let sendmail = settings.sendmail {
            findings.append(
                access(sendmail, X_OK) == 0
                    ? .ok("mail.sendmail", sendmail)
                    : .fault(
                        "mail.sendmail", "\(sendmail) cannot be run", remedy: "install it, or name another program"))
        }
        let files = Descriptors.limit
        findings.append(
            files >= 1_024
                ? .ok("open files", "\(files) at most")
                : .note(
                    "open files", "\(files) at most", remedy: "raise it to serve more people: LimitNOFILE= in the units"
                ))
        return findings
    }

    private func redisServer() async throws -> Finding {
        let remedy = "apt-get install redis-server, 6.0 or newer; or name a Redis with redis.url"
        guard let line = await firstLine("redis-server", ["--version"]) else {
            return .fault("redis-server", "cannot be run", remedy: remedy)
        }
        let version = line.split(separator: " ").first { $0.hasPrefix("v=") }.map { String($0.dropFirst(2)) } ?? "?"
        let complaints = RedisServerInfo(version: version, evictionPolicy: nil).complaints
        return complaints.isEmpty
            ? .ok("redis-server", version)
            : .fault("redis-server", complaints.joined(separator: "; "), remedy: remedy)
    }

    private func program(_ name: String, _ arguments: [String], package: String, without: String) async -> Finding {
        guard let line = await firstLine(name, arguments) else {
            return .fault(name, "cannot be run, so that \(without)", remedy: "apt-get install \(package)")
        }
        return .ok(name, line)
    }

    /// The first line that a program prints, on either output; nil: it cannot be run.
    private func firstLine(_ name: String, _ arguments: [String]) async -> String? {
        let result = try? await Descriptors.startingProcess {
            try await Subprocess.run(
                .name(name), arguments: .init(arguments), output: .string(limit: 4_096), error: .string(limit: 4_096))
        }
        guard let result, result.terminationStatus.isSuccess else { return nil }
        let text = result.standardOutput + "\n" + result.standardError
        return text.split(separator: "\n").first.map(String.init)
    }
}
