import COpenSSL
import Glibc
import Subprocess
import TFConfiguration
import TFExpression
import TFProcess
import TFQueue
import TFStore

/// The programs and libraries that a site uses.
struct ProgramExam {
    /// A program that hangs is told as one, and not waited for.
    private static let patience = Duration.seconds(5)

    let settings: Settings

    func findings() async throws -> [Finding] {
        var findings: [Finding] = [.ok("version", ProgramVersion.text(of: "tf-daemon", schema: Migration.newest))]
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
        if settings.storeURL != nil { findings.append(.ok("libpq", Store.clientVersion)) }
        findings.append(.ok("OpenSSL", String(cString: OpenSSL_version(OPENSSL_VERSION))))
        if let sendmail = settings.sendmail {
            findings.append(
                settings.canSendMail
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
        let line: String
        switch await firstLine("redis-server", ["--version"]) {
        case .line(let text): line = text
        case .silence(let place): return .fault("redis-server", Self.silent, remedy: "see what \(place) is")
        case .nothing: return .fault("redis-server", "cannot be run", remedy: remedy)
        }
        let version = line.split(separator: " ").first { $0.hasPrefix("v=") }.map { String($0.dropFirst(2)) } ?? "?"
        let complaints = RedisServerInfo(version: version, evictionPolicy: nil).complaints
        return complaints.isEmpty
            ? .ok("redis-server", version)
            : .fault("redis-server", complaints.joined(separator: "; "), remedy: remedy)
    }

    private func program(_ name: String, _ arguments: [String], package: String, without: String) async -> Finding {
        switch await firstLine(name, arguments) {
        case .line(let line): .ok(name, line)
        case .silence(let place):
            .fault(name, "\(Self.silent), so that \(without)", remedy: "see what \(place) is")
        case .nothing: .fault(name, "cannot be run, so that \(without)", remedy: "apt-get install \(package)")
        }
    }

    private static let silent = "does not answer within \(patience.components.seconds) s"

    /// Where a program is that is run by its name.
    private static func place(of name: String) async -> String {
        // It was found before.
        let path = try? await Executable.name(name).resolveExecutablePath(in: .inherit)
        return path.map { "\($0)" } ?? name
    }

    private enum Answer {
        /// The first line that it printed, on either output.
        case line(String)
        /// It did not end in time; with its path.
        case silence(String)
        /// It cannot be run, or says nothing.
        case nothing
    }

    private func firstLine(_ name: String, _ arguments: [String]) async -> Answer {
        let limits = ProcessLimits(processorSeconds: 5, kilobytes: 4_000_000, patience: Self.patience)
        do {
            let ended = try await limits.run {
                try await Descriptors.startingProcess {
                    try await Subprocess.run(
                        .name(name), arguments: .init(arguments), platformOptions: .endingAll,
                        output: .string(limit: 4_096), error: .string(limit: 4_096))
                }
            }
            guard let result = ended else { return .silence(await Self.place(of: name)) }
            guard result.terminationStatus.isSuccess else { return .nothing }
            let text = result.standardOutput + "\n" + result.standardError
            return text.split(separator: "\n").first.map { .line(String($0)) } ?? .nothing
        } catch {
            return .nothing
        }
    }
}
