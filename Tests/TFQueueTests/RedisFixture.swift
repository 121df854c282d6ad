import Foundation
import Logging
import Subprocess
import TFQueue
import TestSupport
import Testing

/// A redis-server of the test run, and a client of it.
struct RedisFixture {
    let server: TestRedis
    let client: RedisClient
    let queues: TaskQueues

    /// Far more than an answer takes: what a busy machine delays is no failure.
    static let patience = Duration.seconds(600)

    /// Starts a server, runs the body, and stops it.
    static func with(_ body: @escaping @Sendable (RedisFixture) async throws -> Void) async throws {
        try await TestRedis.with { server in
            let client = RedisClient(
                address: try RedisAddress(server.address), logger: Logger(label: "test"), deadline: patience)
            try await expectAnswer(client)
            try await body(RedisFixture(server: server, client: client, queues: TaskQueues(client: client)))
            await client.close()
        }
    }

    /// A server over TLS, with a user `queue` whose password is `p:a/s s@`.
    static func withTLS(_ body: @escaping @Sendable (_ port: Int, _ authority: String) async throws -> Void)
        async throws
    {
        let users = [
            "--user", "queue", "on", ">p:a/s s@", "~*", "&*", "+@all", "--user", "default", "off",
        ]
        try await TestRedis.withTLS(users, certificate: makeCertificate) { server, port in
            try await body(port, server.directory + "/cert.pem")
        }
    }

    private static func makeCertificate(in directory: String) async throws {
        _ = try await Subprocess.run(
            .name("openssl"),
            arguments: [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", "\(directory)/key.pem",
                "-out", "\(directory)/cert.pem",
            ], output: .discarded, error: .discarded)
    }

    /// Waits until Redis answers.
    static func expectAnswer(_ client: RedisClient) async throws {
        _ = try await eventually("Redis answers") { try await client.send("PING") == .string("PONG") ? true : nil }
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
        _ number: Int, role: String? = nil, kind: Worker.Kind = .person, isUrgent: Bool = false
    ) -> Job {
        let digits = String(number, radix: 16)
        let id = String(repeating: "0", count: 24 - digits.count) + digits
        return Job(
            id: id, task: String(number), role: role, kind: kind, isUrgent: isUrgent, attempt: 1,
            details: isUrgent ? #"{"priority":"urgent"}"# : "{}", createdAt: 1, enqueuedAt: 2.5)
    }

    static func number(_ job: Job) -> Int { Int(job.task) ?? 0 }
}

/// An answer that ends a test.
struct Unexpected: Error {
    let description: String
}
