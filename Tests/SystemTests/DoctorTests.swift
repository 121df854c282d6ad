import Foundation
import Subprocess
import TFExpression
import TFProcess
import TestSupport
import Testing

@testable import TFStore

/// `doctor` and `status` on a site that is well, and on what can be wrong with one.
@Suite(.serialized) struct DoctorTests {
    /// The checks that `doctor` prints, by subject, and its exit status.
    private static func checks(
        _ settings: [String], path: String? = nil
    ) async throws -> (checks: [String: JSON], status: TerminationStatus) {
        let arguments = [Processes.path("tf-daemon"), "doctor", "--json"] + settings
        let result = try await TFProcess.run(
            Configuration(
                executable: .path("/usr/bin/env"), arguments: .init((path.map { ["PATH=\($0)"] } ?? []) + arguments)),
            feeding: [], output: .string(limit: 1 << 20), error: .discarded)
        let json = try JSON(parsing: result.standardOutput)
        let checks = (json["checks"].arrayValue ?? []).map { ($0["subject"].displayText, $0) }
        return (Dictionary(checks, uniquingKeysWith: { first, _ in first }), result.terminationStatus)
    }

    private static func settings(_ processes: Processes) -> [String] {
        ["--data", processes.directory + "/var", "--definitions", processes.directory + "/workflows"]
    }

    private static func status(_ settings: [String]) async throws -> (status: TerminationStatus, text: String) {
        let result = try await Processes.result("tf-daemon", ["status"] + settings)
        return (result.status, result.output + result.error)
    }

    @Test func `a site that is well has no fault, and each thing that goes wrong is told with its remedy`() async throws
    {
        try await Processes.with { processes in
            let settings = Self.settings(processes)
            let well = try await eventually("the site is well") {
                let checks = try await Self.checks(settings)
                return checks.status == .exited(0) ? checks.checks : nil
            }
            #expect(well.values.allSatisfy { $0["verdict"] != "fault" })
            for subject in [
                "version", "redis-server", "dot", "SQLite", "OpenSSL", "data", "definitions", "keys", "integrity",
                "log",
                "clock", "queues",
            ] {
                #expect(well[subject]?["verdict"] == "ok", "\(subject)")
            }
            #expect(well["backup"]?["remedy"].displayText.contains("tf-daemon backup") == true)
            #expect(try await Self.status(settings).status == .exited(0))
            try await Self.expectLostDefinitionsTold(processes, settings)

            try await Self.expectLostKeysTold(processes.directory + "/var", settings)
            _ = try await processes.run("tf-daemon", ["backup", processes.directory + "/backups"])
            #expect(chmod(processes.directory + "/var/keys/secrets.key", 0o644) == 0)
            #expect(try await processes.redis("CONFIG", "SET", "maxmemory-policy", "allkeys-lru") == "OK")
            try processes.write("task: broken\nassing: {}\n", to: "acme/broken.task.yaml")
            let ill = try await eventually("the broken definition is told") {
                let checks = try await Self.checks(settings)
                return checks.checks["texts"]?["verdict"] == "fault" ? checks : nil
            }
            #expect(ill.status == .exited(1))
            #expect(ill.checks["backup"]?["verdict"] == "ok")
            #expect(ill.checks["keys"]?["text"].displayText.contains("chmod 600") == true)
            #expect(ill.checks["redis"]?["text"].displayText.contains("set it to noeviction") == true)
            let status = try await Self.status(settings)
            #expect(status.status == .exited(1))
            for words in ["maxmemory-policy is allkeys-lru", "broken.task.yaml", "backup   0 min ago", "log "] {
                #expect(status.text.contains(words), "\(words)")
            }
        }
    }

    private static func expectLostDefinitionsTold(_ processes: Processes, _ settings: [String]) async throws {
        let (tree, aside) = (processes.directory + "/workflows", processes.directory + "/aside")
        try FileManager.default.moveItem(atPath: tree, toPath: aside)
        let status = try await status(settings)
        try "no tree".write(toFile: tree, atomically: true, encoding: .utf8)
        let file = try await self.status(settings)
        let made = try await Processes.result("tf-web", ["company", "add", "initech", "--name", "Initech"] + settings)
        try FileManager.default.removeItem(atPath: tree)
        try FileManager.default.moveItem(atPath: aside, toPath: tree)
        #expect(file.text.contains("files    \(tree) is no directory; put it back"), "\(file.text)")
        #expect(made.error == "cannot make the directory \(tree)/initech: Not a directory\n")
        #expect(status.status == .exited(1))
        #expect(status.text.contains("files    \(tree): No such file or directory; put it back"), "\(status.text)")
    }

    /// Each key that is lost or cut off is told by `doctor`, and none is made anew by a start.
    private static func expectLostKeysTold(_ data: String, _ settings: [String]) async throws {
        let keys = data + "/keys"
        let names = try FileManager.default.contentsOfDirectory(atPath: keys).filter { $0 != "lock" }
        #expect(Set(names).isSuperset(of: ["secret", "states.json"]) && names.contains { $0.hasSuffix(".pem") })
        for name in names where name != "secrets.key" {
            let (path, whole) = ("\(keys)/\(name)", try Data(contentsOf: URL(fileURLWithPath: "\(keys)/\(name)")))
            for content in [nil, whole.prefix(7)] where content != nil || name != "states.json" {
                if let content {
                    try content.write(to: URL(fileURLWithPath: path))
                    #expect(chmod(path, 0o600) == 0)
                } else {
                    try FileManager.default.removeItem(atPath: path)
                }
                let ill = try await checks(settings)
                #expect(ill.checks["keys"]?["verdict"] == "fault", "\(name)")
                #expect(ill.checks["keys"]?["text"].displayText.contains(path) == true, "\(name)")
                let start = try await Processes.result("tf-web", ["--http-bind", "127.0.0.1:1"] + settings)
                #expect(start.status == .exited(1) && start.error.contains(path), "\(name): \(start.error)")
            }
            try whole.write(to: URL(fileURLWithPath: path))
            #expect(chmod(path, 0o600) == 0)
        }
        #expect(try await checks(settings).checks["keys"]?["verdict"] == "ok")
    }

    @Test func `programs that are missing or too old, and a certificate that ends soon, are told`() async throws {
        let directory = TestFolder.path("doctor")
        try FileManager.default.createDirectory(atPath: directory + "/bin", withIntermediateDirectories: true)
        try "#!/bin/sh\necho 'Redis server v=5.0.3 sha=0'\n"
            .write(toFile: directory + "/bin/redis-server", atomically: true, encoding: .utf8)
        try "#!/bin/sh\n/bin/sleep 600\n".write(toFile: directory + "/bin/tar", atomically: true, encoding: .utf8)
        for name in ["redis-server", "tar"] { #expect(chmod("\(directory)/bin/\(name)", 0o755) == 0) }
        let made = try await Processes.selfSigned(in: directory, days: 3)
        #expect(made)
        let (checks, status) = try await Self.checks(
            [
                "--data", directory + "/var", "--base-url", "https://tickets.example.org", "--tls-cert",
                directory + "/cert.pem", "--tls-key", directory + "/key.pem",
            ], path: directory + "/bin")
        #expect(status == .exited(1))
        #expect(checks["redis-server"]?["text"].displayText.contains("Redis 5.0.3 is too old") == true)
        #expect(checks["dot"]?["remedy"] == "apt-get install graphviz")
        #expect(checks["tar"]?["text"].displayText.contains("does not answer within 5 s") == true)
        #expect(checks["tar"]?["remedy"].displayText == "see what \(directory)/bin/tar is")
        #expect(checks["tls.cert"]?["verdict"] == "fault")
        #expect(checks["tls.cert"]?["remedy"].displayText.contains("renew it") == true)
        let other = TestFolder.path("other")
        try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
        #expect(try await Processes.selfSigned(in: other, days: 3))
        let mixed = [
            "--base-url", "https://tickets.example.org", "--tls-cert", directory + "/cert.pem", "--tls-key",
            other + "/key.pem",
        ]
        let doctor = try await Self.checks(["--data", directory + "/var"] + mixed)
        #expect(doctor.checks["tls.key"]?["text"].displayText.contains("is not the key of the certificate") == true)
        let start = try await Processes.result("tf-web", ["--data", other + "/var"] + mixed)
        #expect(start.status == .exited(2))
        #expect(start.error.contains("\(other)/key.pem (tls.key) are not a certificate"), "\(start.error)")
        #expect(checks["store"]?["remedy"].displayText.contains("there is no store in \(directory)/var") == true)
    }

    @Test func `a data directory that is a file, and one that has lost its store, are told as such`() async throws {
        let data = TestFolder.path("data")
        try "no directory".write(toFile: data, atomically: true, encoding: .utf8)
        #expect(try await Self.checks(["--data", data]).checks["data"]?["text"] == .string("\(data) is no directory"))
        #expect(unlink(data) == 0)
        _ = try await Processes.result("tf-web", ["company", "add", "acme", "--name", "Acme", "--data", data])
        _ = try await Processes.result("tf-daemon", ["secret", "set", "acme", "token", "--data", data], input: "x")
        for name in ["store.db", "store.db-wal", "store.db-shm"] { unlink("\(data)/\(name)") }
        let status = try await Self.status(["--data", data])
        #expect(status.status == .exited(4))
        #expect(status.text.contains("of a site, and its store.db is not there; put it back"), "\(status.text)")
        let start = try await Processes.result(
            "tf-web", ["--http-bind", "127.0.0.1:1", "--log-format", "text", "--data", data])
        #expect(start.status == .exited(1) && status.text.hasSuffix(start.error), "\(start.error)")
    }

    @Test func `secrets that the keys do not open are told, as after a backup without keys`() async throws {
        let data = TestFolder.path("data")
        _ = try await Processes.result("tf-web", ["company", "add", "acme", "--name", "Acme", "--data", data])
        let set = try await Processes.result(
            "tf-daemon", ["secret", "set", "acme", "token", "--data", data], input: "a value\n")
        #expect(set.status == .exited(0), "\(set.error)")
        #expect(try await Self.checks(["--data", data]).checks["secrets"]?["verdict"] == "ok")
        try FileManager.default.removeItem(atPath: data + "/keys/secrets.key")
        let doctor = try await Self.checks(["--data", data])
        #expect(doctor.status == .exited(1))
        #expect(doctor.checks["secrets"]?["text"].displayText.contains("does not open acme/token") == true)
        #expect(!FileManager.default.fileExists(atPath: data + "/keys/secrets.key"), "looking makes no key")
    }

    @Test(.onPostgres) func `the server that keeps the record is looked at`() async throws {
        let data = TestFolder.path("data")
        let settings = ["--data", data, "--store-url", try #require(try await TestEngine.url(data))]
        _ = try await Processes.result("tf-web", ["company", "add", "acme", "--name", "Acme"] + settings)
        let doctor = try await Self.checks(settings)
        for (subject, verdict) in [
            ("libpq", "ok"), ("store", "ok"), ("server", "ok"), ("collation", "ok"), ("standby", "note"),
            ("server clock", "ok"),
            ("rights", "ok"), ("sessions", "ok"),
        ] {
            #expect(doctor.checks[subject]?["verdict"] == .string(verdict), "\(subject)")
        }
        // As the earlier record in SQLite has noted it.
        try #"{"at_ms": 1, "path": "/old/backup", "bytes": 1}"#
            .write(toFile: data + "/backup.json", atomically: true, encoding: .utf8)
        let status = try await Self.status(settings)
        #expect(!status.text.contains("/old/backup") && !status.text.contains(", log "), "\(status.text)")
        #expect(status.text.contains("backup   is PostgreSQL's own matter"), "\(status.text)")
        // A server of the tests does not sync its disk.
        #expect(doctor.checks["durability"]?["verdict"] == "fault")
        #expect(doctor.status == .exited(1))
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give a file away"))
    func `a file that belongs to another account is told with its owner, also where a store is only read`()
        async throws
    {
        let data = TestFolder.path("data")
        _ = try await Processes.result("tf-web", ["company", "add", "acme", "--name", "Acme", "--data", data])
        for name in ["store.db", "keys", "attachments"] {
            try FileManager.default.createDirectory(atPath: data + "/keys", withIntermediateDirectories: true)
            #expect(chown("\(data)/\(name)", 65_534, 65_534) == 0)
            let doctor = try await Processes.result("tf-daemon", ["doctor", "--data", data])
            #expect(doctor.status == .exited(1))
            #expect(doctor.output.contains("\(data)/\(name) belongs to nobody; give it to root"), "\(doctor.output)")
            #expect(!doctor.output.contains("make new keys"), "\(doctor.output)")
            let status = try await Self.status(["--data", data])
            #expect(status.text.contains("belongs to nobody") == (name == "store.db"), "\(status.text)")
            #expect(chown("\(data)/\(name)", 0, 0) == 0)
        }
    }

    @Test(.enabled(if: geteuid() != 0, "root may write anywhere"))
    func `a tree of definitions that cannot be written to is noted`() async throws {
        let tree = TestFolder.path("tree")
        try FileManager.default.createDirectory(atPath: tree, withIntermediateDirectories: true)
        #expect(chmod(tree, 0o500) == 0)
        let doctor = try await Self.checks(["--data", TestFolder.path("data"), "--definitions", tree])
        #expect(doctor.checks["definitions"]?["verdict"] == "note")
        #expect(chmod(tree, 0o700) == 0)
    }

    @Test func `status says by its exit status that no daemon runs, and that the store cannot be read`() async throws {
        let data = TestFolder.path("data")
        let missing = try await Self.status(["--data", data])
        #expect(missing.status == .exited(4))
        #expect(missing.text.contains("there is no store in \(data)"))
        #expect(!FileManager.default.fileExists(atPath: data), "nothing is made by looking")
        _ = try await Processes.result("tf-web", ["company", "add", "acme", "--name", "Acme", "--data", data])
        let idle = try await Self.status(["--data", data])
        #expect(idle.status == .exited(3))
        #expect(idle.text.contains("daemon   not running"))
        // A Redis that is not the daemon's is to be there before it, whether or not a daemon runs.
        let settings = ["--data", data, "--redis-url", "redis://127.0.0.1:1"]
        let (checks, status) = try await Self.checks(settings)
        #expect(status == .exited(1))
        #expect(try await Self.status(settings).text.contains("\nredis    does not answer at "))
        #expect(checks["redis"]?["verdict"] == "fault", "\(checks)")
        #expect(checks["daemon"]?["verdict"] == "note" && checks["outbox"]?["verdict"] == "ok")
        for name in ["store.db-wal", "store.db-shm"] { unlink("\(data)/\(name)") }
        try Data("no store at all, but long enough to be read as one".utf8).write(
            to: URL(fileURLWithPath: data + "/store.db"))
        let damaged = try await Self.status(["--data", data])
        #expect(damaged.status == .exited(4))
        #expect(damaged.text.contains("tf-daemon restore"))
    }

    /// Both programs tell soon whom their start waits for.
    private static func expectStartsToldWait(_ data: String) async throws {
        let shut = try await StoreLocker.lock(data, readers: true)
        let (log, programs) = (TestFolder.path("log"), [ProcessBox(), ProcessBox()])
        defer {
            for program in programs { program.stop() }
            shut.stop()
        }
        for (program, name) in zip(programs, ["tf-daemon", "tf-web"]) {
            try program.start(
                Processes.path(name), ["--data", data, "--definitions", data + "/none", "--http-bind", "127.0.0.1:1"],
                log: log)
        }
        let begin = ContinuousClock.now
        _ = try await eventually("both tell it") {
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""  // nothing is logged yet
            let lines = text.matches(of: /waiting for the store, which process ([0-9]+) \(python3/)
            return lines.count { Int32($0.1) == shut.id } == 2 ? true : nil
        }
        // Long before the opening is given up.
        #expect(ContinuousClock.now - begin < .seconds(20))
        for program in programs { program.kill() }
    }

    @Test func `a store that another process has locked is told at once, with that process`() async throws {
        let data = TestFolder.path("data")
        _ = try await Processes.result("tf-web", ["company", "add", "acme", "--name", "Acme", "--data", data])
        let shut = try await StoreLocker.lock(data, readers: true)
        let status = try await Self.status(["--data", data])
        let doctor = try await Self.checks(["--data", data])
        shut.stop()
        #expect(status.status == .exited(4))
        #expect(status.text.contains("is locked by process \(shut.id) (python3"), "\(status.text)")
        #expect(doctor.checks["store"]?["remedy"].displayText.contains("process \(shut.id)") == true)
        #expect(doctor.status == .exited(1))

        try await Self.expectStartsToldWait(data)

        // Readers do not wait for a writer; what it keeps from working is told.
        let locker = try await StoreLocker.lock(data)
        defer { locker.stop() }
        let idle = try await Self.status(["--data", data])
        #expect(idle.status == .exited(3))
        #expect(
            idle.text.contains("daemon   not running, and process \(locker.id) (python3"), "\(idle.text)")
        let absent = try await Self.checks(["--data", data])
        #expect(absent.checks["daemon"]?["verdict"] == "fault")
    }

    @Test func `a daemon that runs and has never led is no daemon that does not run`() async throws {
        let data = TestFolder.path("data")
        _ = try await Processes.result("tf-web", ["company", "add", "acme", "--name", "Acme", "--data", data])
        // As one that came as far as its first write.
        let presence = try DaemonPresence(directory: data)
        let status = try await Self.status(["--data", data])
        #expect(status.status == .exited(1))
        #expect(status.text.contains("daemon   running, and leads nothing yet"), "\(status.text)")
        let locker = try await StoreLocker.lock(data)
        defer { locker.stop() }
        let (checks, _) = try await Self.checks(["--data", data])
        #expect(checks["daemon"]?["verdict"] == "fault")
        #expect(checks["daemon"]?["text"].displayText.contains("process \(locker.id) (python3") == true)
        presence.leave()
        #expect(try await Self.status(["--data", data]).status == .exited(3))
    }

    @Test(.enabled(if: geteuid() == 0, "gives a directory to another account"))
    func `a data directory of another account is told with its owner`() async throws {
        let data = TestFolder.path("data")
        _ = try await Processes.result("tf-web", ["company", "add", "acme", "--name", "Acme", "--data", data])
        #expect(chown(data, 65_534, 65_534) == 0)
        let status = try await Self.status(["--data", data])
        #expect(status.status == .exited(4))
        #expect(status.text.contains("belongs to nobody; run this as nobody"))
        for (program, arguments) in [("tf-daemon", ["run"]), ("tf-web", ["serve"])] {
            let result = try await Processes.result(program, arguments + ["--data", data])
            #expect(result.status == .exited(1))
            #expect(result.error.contains("belongs to nobody; run this as nobody"))
        }
        let doctor = try await Self.checks(["--data", data])
        #expect(doctor.checks["data"]?["remedy"] == "run this as nobody")
        #expect(chown(data, 0, 0) == 0)
    }
}

extension Processes {
    /// Makes `cert.pem` and `key.pem`.
    static func selfSigned(in directory: String, days: Int) async throws -> Bool {
        let result = try await Subprocess.run(
            .name("openssl"),
            arguments: [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=tickets.example.org", "-days", "\(days)",
                "-keyout", directory + "/key.pem", "-out", directory + "/cert.pem",
            ], output: .discarded, error: .discarded)
        return result.terminationStatus.isSuccess && chmod(directory + "/key.pem", 0o600) == 0
    }
}
