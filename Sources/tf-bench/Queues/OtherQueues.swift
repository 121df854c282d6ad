import Foundation
import Subprocess

/// How fast other queues enqueue on the same Redis, each by its own client, one job after the other.
struct OtherQueues {
    /// The directory `etc/bench`.
    let scripts: String
    /// The Python interpreter in whose packages RQ, Celery, Huey and Dramatiq are looked for.
    let python: String
    let redis: BenchRedis

    /// Jobs a second for each queue; nil if it is not installed.
    func run(_ count: Int) async throws -> [(name: String, rate: Double?)] {
        var rates: [(String, Double?)] = []
        for (name, program, script) in [
            ("Sidekiq", "ruby", "enqueue.rb"), ("RQ", python, "enqueue.py"), ("Celery", python, "enqueue.py"),
            ("Huey", python, "enqueue.py"), ("Dramatiq", python, "enqueue.py"),
        ] {
            _ = try await redis.client.send("FLUSHALL")
            rates.append((name, try await rate(name, program, script, count)))
        }
        return rates
    }

    private func rate(_ name: String, _ program: String, _ script: String, _ count: Int) async throws -> Double? {
        let executable: Executable = program.contains("/") ? .path(.init(program)) : .name(program)
        do {
            let result = try await Subprocess.run(
                executable, arguments: ["\(scripts)/\(script)", name.lowercased(), redis.socket, String(count)],
                output: .string(limit: 4_096), error: .discarded)
            guard result.terminationStatus.isSuccess else { return nil }
            return Double(result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines))
        } catch is SubprocessError {
            return nil
        }
    }
}
