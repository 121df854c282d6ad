import Foundation
import Logging
import Subprocess
import TFQueue
import Testing

/// A redis-server of the test run on a socket of its own.
struct RedisFixture {
    let client: RedisClient
    let queues: TaskQueues

    /// Starts a server, runs the body, and stops it.
    static func with(_ body: @escaping @Sendable (RedisFixture) async throws -> Void) async throws {
        let directory = NSTemporaryDirectory() + "tfq-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let socket = directory + "/redis.sock"
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var options = PlatformOptions()
                options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(1))]
                _ = try await Subprocess.run(
                    .name("redis-server"),
                    arguments: [
                        "--port", "0", "--unixsocket", socket, "--save", "", "--dir", directory,
                        "--enable-debug-command", "yes",
                    ],
                    platformOptions: options, output: .discarded, error: .discarded)
            }
            let client = RedisClient(address: try RedisAddress("redis+unix://\(socket)"), logger: Logger(label: "test"))
            try await answer(client)
            try await body(RedisFixture(client: client, queues: TaskQueues(client: client)))
            await client.close()
            group.cancelAll()
        }
        try FileManager.default.removeItem(atPath: directory)
    }

    /// A server over TLS, with a user `queue` whose password is `p:a/s s@`.
    static func withTLS(_ body: @escaping @Sendable (_ port: Int, _ authority: String) async throws -> Void)
        async throws
    {
        let directory = NSTemporaryDirectory() + "tfq-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        _ = try await Subprocess.run(
            .name("openssl"),
            arguments: [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", "\(directory)/key.pem",
                "-out", "\(directory)/cert.pem",
            ], output: .discarded, error: .discarded)
        let port = Int.random(in: 16_000..<20_000)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var options = PlatformOptions()
                options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(1))]
                _ = try await Subprocess.run(
                    .name("redis-server"),
                    arguments: [
                        "--port", "0", "--tls-port", String(port), "--tls-cert-file", "\(directory)/cert.pem",
                        "--tls-key-file", "\(directory)/key.pem", "--tls-auth-clients", "no", "--tls-ca-cert-file",
                        "\(directory)/cert.pem", "--save", "", "--dir", directory, "--user", "queue", "on",
                        ">p:a/s s@", "~*", "&*", "+@all", "--user", "default", "off",
                    ], platformOptions: options, output: .discarded, error: .discarded)
            }
            try await listens(port)
            try await body(port, "\(directory)/cert.pem")
            group.cancelAll()
        }
        try FileManager.default.removeItem(atPath: directory)
    }

    /// Waits until something takes connections at a port.
    private static func listens(_ port: Int) async throws {
        let client = RedisClient(
            address: try RedisAddress("redis://127.0.0.1:\(port)"), logger: Logger(label: "test"),
            deadline: .milliseconds(200))
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            // It speaks TLS, so this connection breaks; one that is refused says "unreachable".
            do { _ = try await client.send("PING") } catch {
                if case .connectionLost = error { return }
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("redis-server did not start")
    }

    private static func answer(_ client: RedisClient) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if (try? await client.send("PING")) == .string("PONG") { return }  // not yet: asked again
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("redis-server did not start")
    }

    /// An epoch with these workers and no jobs.
    func begin(_ company: String, _ workers: [Worker]) async throws {
        try await queues.rebuild(
            company: company, epoch: "e", QueueContent(workers: workers, entries: [], highWaterMark: 0))
    }

    func apply(_ company: String, _ changes: [QueueChange]) async throws -> [QueueAnswer] {
        try await queues.apply(changes.map { (1, $0) }, company: company, epoch: "e")
    }

    static func job(
        _ number: Int, role: String? = nil, kind: WorkerKind = .person, isUrgent: Bool = false
    ) -> Job {
        let digits = String(number, radix: 16)
        let id = String(repeating: "0", count: 24 - digits.count) + digits
        return Job(
            id: id, task: String(number), role: role, kind: kind, isUrgent: isUrgent, attempt: 1, details: "{}",
            createdAt: 1, enqueuedAt: 2.5)
    }

    static func number(_ job: Job) -> Int { Int(job.task) ?? 0 }
}

/// An answer that ends a test.
struct Unexpected: Error {
    let description: String
}
