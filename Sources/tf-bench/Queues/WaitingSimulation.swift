import Foundation
import TFQueue

/// How long tasks wait under an assignment order: the real scripts in virtual time, with the same arrivals and service
/// times for each order.
struct WaitingSimulation {
    struct Result: Sendable {
        /// The mean wait of all tasks, in mean service times.
        let meanWait: Double
        /// The largest difference between two lists right after an assignment.
        let largestSpread: Int
    }

    /// How the time that a task takes is distributed.
    enum Service: Sendable {
        case exponential
        /// All tasks take the same time.
        case equal
    }

    let redis: BenchRedis
    let workers: Int
    /// The share of their time in which the workers are busy.
    let load: Double

    /// - Parameter arrivals: how many tasks come in, at random (a Poisson process).
    func run(_ order: AssignmentOrder, _ service: Service, arrivals: Int, seed: UInt64) async throws -> Result {
        try await redis.begin(BenchRedis.workers(workers))
        var generator = Generator(state: seed)
        var now = 0.0
        var wait = 0.0
        var spread = 0
        // For each worker: when all of their tasks are done, and when each of them ends, in order.
        var free = [Double](repeating: 0, count: workers)
        var ends: [(at: Double, job: String)] = []
        var lengths = [Int](repeating: 0, count: workers)
        var owner: [String: Int] = [:]
        for number in 1...arrivals {
            now += generator.exponential() / (Double(workers) * load)
            let length = service == .equal ? 1.0 : generator.exponential()
            let due = ends.filter { $0.at <= now }.sorted { $0.at < $1.at }
            ends.removeAll { $0.at <= now }
            for end in due { owner[end.job].map { lengths[$0] -= 1 } }
            let job = BenchRedis.job(number)
            let changes =
                due.map { QueueChange.remove($0.job) } + [.assign(job, by: order, prefer: nil, exclude: [])]
            let answers = try await redis.queues.apply(
                changes.map { (Int64(number), $0) }, company: "acme", epoch: "e")
            guard case .assigned(let choice)? = answers.last,
                let worker = Int(choice.chosen.login.dropFirst())
            else { throw BenchError.setAside(["nobody was chosen"]) }
            let begin = max(now, free[worker])
            wait += begin - now
            free[worker] = begin + length
            ends.append((free[worker], job.id))
            owner[job.id] = worker
            lengths[worker] += 1
            spread = max(spread, (lengths.max() ?? 0) - (lengths.min() ?? 0))
        }
        return Result(meanWait: wait / Double(arrivals), largestSpread: spread)
    }

    /// Steele, Lea, Flood: "Fast splittable pseudorandom number generators".
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }

        /// An exponentially distributed number with mean 1.
        mutating func exponential() -> Double {
            -log(Double.random(in: Double.leastNonzeroMagnitude..<1, using: &self))
        }
    }
}
