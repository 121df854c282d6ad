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
                    arguments: ["--port", "0", "--unixsocket", socket, "--save", "", "--dir", directory],
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

    static func job(_ number: Int, role: String? = nil) -> Job {
        let digits = String(number, radix: 16)
        let id = String(repeating: "0", count: 24 - digits.count) + digits
        return Job(id: id, task: String(number), role: role, attempt: 1, details: "{}", createdAt: 1, enqueuedAt: 2.5)
    }
}

/// An answer that ends a test.
struct Unexpected: Error {
    let description: String
}
