import Foundation
import TFQueue

/// What an assignment costs, as the number of workers, the length of their lists and the open tasks grow.
struct AssignmentBench {
    struct Point: Sendable {
        let count: Int
        /// Assignments a second, 500 in a pipeline.
        let rate: Double
        /// Microseconds of Redis' processor time for one assignment.
        let cost: Double
    }

    private static let batch = 500
    private static let measured = 20_000

    let redis: BenchRedis

    /// Assignments with this many workers available, all lists empty at first.
    func againstWorkers(_ counts: [Int]) async throws -> [Point] {
        var points: [Point] = []
        for count in counts {
            try await redis.begin(BenchRedis.workers(count))
            points.append(try await measure(count))
        }
        return points
    }

    /// Assignments to ten workers whose lists hold this many jobs already.
    func againstLength(_ lengths: [Int]) async throws -> [Point] {
        var points: [Point] = []
        for length in lengths {
            let entries = (0..<length * 10).map { number in
                QueueContent.Entry(job: BenchRedis.job(1_000_000 + number), worker: "w\(number % 10)")
            }
            try await redis.begin(BenchRedis.workers(10), entries)
            points.append(try await measure(length))
        }
        return points
    }

    private func measure(_ count: Int) async throws -> Point {
        let changes = (1...Self.measured).map { number in
            (position: Int64(number), change: QueueChange.assign(BenchRedis.job(number), prefer: nil, exclude: []))
        }
        let before = try await redis.processorTime()
        let start = ContinuousClock.now
        for offset in stride(from: 0, to: changes.count, by: Self.batch) {
            _ = try await redis.queues.apply(
                Array(changes[offset..<offset + Self.batch]), company: "acme", epoch: "e")
        }
        let seconds = start.duration(to: .now) / .seconds(1)
        let cost = try await redis.processorTime() - before
        return Point(
            count: count, rate: Double(Self.measured) / seconds, cost: cost / Double(Self.measured) * 1_000_000)
    }

    /// Assignments a second, each waiting for its answer, as the clients of other queues enqueue.
    func oneByOne(_ count: Int) async throws -> Double {
        try await redis.begin(BenchRedis.workers(10))
        let start = ContinuousClock.now
        for number in 1...count {
            _ = try await redis.queues.apply(
                [(Int64(number), .assign(BenchRedis.job(number), prefer: nil, exclude: []))], company: "acme",
                epoch: "e")
        }
        return Double(count) / (start.duration(to: .now) / .seconds(1))
    }

    /// Seconds that a rebuild takes, and bytes of Redis for each open task.
    func rebuild(_ count: Int, workers: Int) async throws -> (seconds: Double, bytes: Double) {
        try await redis.begin(BenchRedis.workers(workers))
        let before = try await redis.memory()
        let content = QueueContent(
            workers: BenchRedis.workers(workers),
            entries: (1...count).map { QueueContent.Entry(job: BenchRedis.job($0), worker: "w\($0 % workers)") },
            highWaterMark: 1)
        let start = ContinuousClock.now
        try await redis.queues.rebuild(company: "acme", epoch: "e2", content)
        let seconds = start.duration(to: .now) / .seconds(1)
        return (seconds, Double(try await redis.memory() - before) / Double(count))
    }

    /// Milliseconds from asking for an assignment until a program that waits at its list has the job; ascending.
    func toExecution(_ count: Int) async throws -> [Double] {
        try await redis.begin([Worker(login: "etl", kind: .service, roles: [], state: .available)])
        let program = RedisClient(address: redis.client.address, logger: .init(label: "program"))
        var times: [Double] = []
        for number in 1...count {
            async let taken = program.send("BRPOP", "queue:acme.etl.urgent", "queue:acme.etl", "10")
            // The program has to wait before the job comes.
            while try await redis.client.send("INFO", "clients").text?.contains("blocked_clients:1") != true {}
            let start = ContinuousClock.now
            _ = try await redis.queues.apply(
                [(Int64(number), .assign(BenchRedis.job(number, kind: .service), prefer: nil, exclude: []))],
                company: "acme", epoch: "e")
            _ = try await taken
            times.append(start.duration(to: .now) / .milliseconds(1))
        }
        await program.close()
        return times.sorted()
    }
}
