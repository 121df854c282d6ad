import Foundation
import Logging
import Subprocess
import TFQueue
import TFSystem

/// A redis-server of the benchmark's own, with the daemon's options.
struct BenchRedis: Sendable {
    let socket: String
    let client: RedisClient
    let queues: TaskQueues

    /// Starts a server, runs the body, and stops it.
    static func with(_ body: @escaping @Sendable (BenchRedis) async throws -> Void) async throws {
        let directory = NSTemporaryDirectory() + "tfb-\(Random.bytes(4).hexadecimal)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let socket = directory + "/redis.sock"
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var options = PlatformOptions()
                options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
                _ = try await Subprocess.run(
                    .name("redis-server"),
                    arguments: [
                        "--port", "0", "--unixsocket", socket, "--save", "", "--dir", directory,
                        "--list-compress-depth", "1", "--hash-max-listpack-value", "4096",
                        "--zset-max-listpack-entries", "32",
                    ], platformOptions: options, output: .discarded, error: .discarded)
            }
            let client = RedisClient(
                address: try RedisAddress("redis+unix://\(socket)"), logger: Logger(label: "bench"),
                deadline: .seconds(60))
            while (try? await client.send("PING")) == nil { try await Task.sleep(for: .milliseconds(20)) }
            try await body(BenchRedis(socket: socket, client: client, queues: TaskQueues(client: client)))
            await client.close()
            group.cancelAll()
        }
    }

    /// Begins an epoch with these workers and these entries alone.
    func begin(_ workers: [Worker], _ entries: [QueueContent.Entry] = []) async throws {
        _ = try await client.send("FLUSHALL")
        try await queues.rebuild(
            company: "acme", epoch: "e", QueueContent(workers: workers, entries: entries, highWaterMark: 0))
    }

    /// Seconds of processor time that the server has used.
    func processorTime() async throws -> Double {
        let info = try await client.send("INFO", "cpu").text ?? ""
        return ["used_cpu_sys:", "used_cpu_user:"].reduce(0) { sum, name in
            let line = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix(name) }
            return sum + (line.flatMap { Double($0.dropFirst(name.count)) } ?? 0)
        }
    }

    /// Bytes of memory that the server's data takes.
    func memory() async throws -> Int {
        let info = try await client.send("INFO", "memory").text ?? ""
        let line = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("used_memory:") }
        return line.flatMap { Int($0.dropFirst("used_memory:".count)) } ?? 0
    }

    static func workers(_ count: Int) -> [Worker] {
        (0..<count).map { Worker(login: "w\($0)", roles: ["r\($0 % 3)"], state: .available) }
    }

    /// A job as the daemon would make it.
    static func job(_ number: Int, kind: Worker.Kind = .person) -> Job {
        let digits = String(number, radix: 16)
        let id = String(repeating: "0", count: 16 - digits.count) + digits + "00000001"
        let details = """
            {"company":"acme","ticket":\(number),"task":"approve-access","title":"Approve access for somebody",\
            "priority":"normal","attempt":1,"url":"https://tickets.example.com/c/acme/tasks/\(number)"}
            """
        return Job(
            id: id, task: String(number), role: nil, kind: kind, attempt: 1, details: details,
            createdAt: 1_795_366_430.5, enqueuedAt: 1_795_366_430.5)
    }
}
