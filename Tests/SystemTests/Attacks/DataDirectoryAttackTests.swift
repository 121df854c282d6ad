import Foundation
import Subprocess
import TFExpression
import TestSupport
import Testing

/// Another account of the same machine, and a directory that was there before.
@Suite(.serialized) struct DataDirectoryAttackTests {
    private static let isRoot = geteuid() == 0
    private static let nobody = uid_t(65_534)

    @Test func `whatever the umask and the directory were, nobody else reads what is in it`() async throws {
        try await Processes.with { processes in
            let data = "\(processes.directory)/var"
            processes.web.stop()
            processes.daemon.stop()
            // Made by hand, or unpacked from a backup.
            for (path, mode) in [(data, 0o777), ("\(data)/store.db", 0o666)] { #expect(chmod(path, mode_t(mode)) == 0) }
            try processes.start("tf-daemon", processes.daemon, umask: "000")
            try processes.start("tf-web", processes.web, umask: "000")
            let uma = try await eventually("tf-web serves") { try await Attacker(processes.address, login: "uma") }
            let ticket: JSON = ["type": "purchase", "form": ["item": "chair", "amount": 10, "why": "to sit"]]
            _ = try await eventually("purchases are offered") {
                try await uma.send(.POST, "/api/v1/companies/acme/tickets", ticket).status == 201 ? true : nil
            }
            _ = try await eventually("Redis is filled") {
                try await processes.redis("SMEMBERS", "queues").isEmpty ? nil : true
            }
            let names = try FileManager.default.subpathsOfDirectory(atPath: data)
            #expect(Set(names).isSuperset(of: ["store.db", "store.db-wal", "keys/secret", "redis.sock"]))
            var open: [String] = []
            for path in [data] + names.map({ "\(data)/\($0)" }) {
                var status = stat()
                // A file that SQLite has taken away meanwhile is nobody's.
                guard lstat(path, &status) == 0 else { continue }
                if status.st_mode & 0o077 != 0 { open.append("\(path) \(String(status.st_mode, radix: 8))") }
            }
            #expect(open == [])
            if Self.isRoot {
                for name in ["store.db", "keys/secret"] {
                    #expect(try await !Self.canRead("\(data)/\(name)"), "\(name)")
                }
                #expect(try await Self.canRead("/etc/passwd"), "the test can tell")
            }
        }
    }

    /// Whether the account `nobody` can read a file.
    private static func canRead(_ path: String) async throws -> Bool {
        let result = try await Subprocess.run(
            .name("setpriv"),
            arguments: ["--reuid=\(nobody)", "--regid=\(nobody)", "--clear-groups", "cat", path],
            output: .discarded, error: .discarded)
        return result.terminationStatus.isSuccess
    }

    @Test(.enabled(if: isRoot, "gives a directory to another account"))
    func `a directory of another owner is refused, and nothing is written into it`() async throws {
        let data = TestFolder.path("data")
        defer { try? FileManager.default.removeItem(atPath: data) }  // in a temporary place
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        #expect(chown(data, Self.nobody, Self.nobody) == 0)
        for (program, command) in [
            ("tf-web", ["user", "list"]), ("tf-web", ["serve"]), ("tf-daemon", ["run"]), ("tf-web", ["keys", "list"]),
            ("tf-daemon", ["secret", "set", "acme", "token"]),
        ] {
            let result = try await Processes.result(program, command + ["--data", data], input: "x")
            #expect(result.status != .exited(0), "\(program) \(command)")
            #expect(result.error.contains("nobody"), "\(program) \(command): \(result.error)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: data) == [])
        var status = stat()
        #expect(stat(data, &status) == 0)
        #expect(status.st_uid == Self.nobody)
    }
}
