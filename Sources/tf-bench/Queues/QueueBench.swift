import Foundation
import TFSystem

/// The queues' figures in one run, against their limits, and side by side with other queues on the same Redis.
struct QueueBench {
    /// The file to which the plot is written.
    let plotFile: String
    /// The directory `etc/bench`.
    let scripts: String
    let python: String

    func run() async throws {
        try await BenchRedis.with { redis in
            var plot = Plot()
            try await cost(redis, &plot)
            try await sideBySide(redis, &plot)
            try await waiting(redis)
            try FileManager.default.createDirectory(
                atPath: plotFile.parentPath, withIntermediateDirectories: true)
            try plot.svg.write(toFile: plotFile, atomically: true, encoding: .utf8)
            print("plot: \(plotFile)")
        }
    }

    private func cost(_ redis: BenchRedis, _ plot: inout Plot) async throws {
        let bench = AssignmentBench(redis: redis)
        let workers = try await bench.againstWorkers([10, 100, 1_000, 10_000, 100_000])
        print("   workers  assignments/s  Redis CPU each")
        for point in workers { print(Self.row(point)) }
        plot.addLine(
            "Redis CPU of an assignment against available workers", workers.map { ($0.count, $0.cost) }, unit: "µs",
            limit: 45)
        let lengths = try await bench.againstLength([0, 100, 1_000, 10_000])
        print("list length  assignments/s  Redis CPU each   (ten workers)")
        for point in lengths { print(Self.row(point)) }
        plot.addLine(
            "Redis CPU of an assignment against the length of each of ten lists", lengths.map { ($0.count, $0.cost) },
            unit: "µs", limit: 45)
        for (count, workers) in [(10_000, 10), (100_000, 10), (100_000, 100), (100_000, 1_000)] {
            let rebuild = try await bench.rebuild(count, workers: workers)
            print(
                String(
                    format: "rebuild of %6d open tasks of %4d workers: %.2f s; %.0f B of Redis each", count, workers,
                    rebuild.seconds, rebuild.bytes))
        }
        let times = try await bench.toExecution(1_000)
        print(
            String(
                format: "a program's job, asked for to taken: p50 %.2f ms, p95 %.2f ms, p99 %.2f ms",
                times[times.count / 2], times[times.count * 95 / 100], times[times.count * 99 / 100]))
    }

    private static func row(_ point: AssignmentBench.Point) -> String {
        String(format: "%10d %14.0f %12.1f µs", point.count, point.rate, point.cost)
    }

    private func sideBySide(_ redis: BenchRedis, _ plot: inout Plot) async throws {
        let bench = AssignmentBench(redis: redis)
        var rates: [(name: String, rate: Double?)] = []
        rates.append(("ours, pipelined", try await bench.againstWorkers([10]).first?.rate))
        rates.append(("ours, one by one", try await bench.oneByOne(10_000)))
        rates.append(("ours, with SQLite commit", try await StoredAssignmentBench(redis: redis).run(5_000)))
        let others = OtherQueues(scripts: scripts, python: python, redis: redis)
        rates += try await others.run(5_000)
        let sidekiq = rates.first { $0.name == "Sidekiq" }?.rate
        print("jobs into a queue                 a second     of Sidekiq's")
        for (name, rate) in rates {
            let padded = name.padding(toLength: 30, withPad: " ", startingAt: 0)
            guard let rate else {
                print("\(padded)   not installed")
                continue
            }
            let ratio = sidekiq.map { String(format: "%12.2f", rate / $0) } ?? ""
            print(padded + String(format: "%12.0f", rate) + "     " + ratio)
        }
        plot.addBars(
            "Jobs into a queue on the same Redis", rates.compactMap { rate in rate.rate.map { (rate.name, $0) } },
            unit: "/s")
    }

    private func waiting(_ redis: BenchRedis) async throws {
        let simulation = WaitingSimulation(redis: redis, workers: 10, load: 0.9)
        let seed = UInt64.random(in: 0 ... .max)
        let shortest = try await simulation.run(.shortestList, .exponential, arrivals: 40_000, seed: seed)
        let turns = try await simulation.run(.turns, .exponential, arrivals: 40_000, seed: seed)
        let equal = try await simulation.run(.shortestList, .equal, arrivals: 20_000, seed: seed)
        print(
            String(
                format: """
                    ten workers at 90 %% load, seed %llu, in mean service times:
                      mean wait by the shortest list %.2f, in turns %.2f: %.2f of it
                      with equal service times, the largest difference between two lists: %d
                    """, seed, shortest.meanWait, turns.meanWait, shortest.meanWait / turns.meanWait,
                equal.largestSpread))
    }
}
