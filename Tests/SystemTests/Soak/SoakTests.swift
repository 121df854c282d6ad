import Foundation
import TFExpression
import TestSupport
import Testing

/// Hours of an ordinary site in `SOAK_MINUTES`: tickets, work, comments, lists, sign-ins and definitions that change, on
/// real processes. Prints figures at the start, at moments between and at the end, and fails if anything was lost, if
/// anything was refused, or if a program grew beyond the bounds below. `make soak MINUTES=30` runs it.
@Suite(.serialized) struct SoakTests {
    private static let minutes = ProcessInfo.processInfo.environment["SOAK_MINUTES"].flatMap { Double($0) }
    /// How much more private memory a program may have at the end than after the first fifth of the time, in MB.
    private static let memoryGrowth = 24.0
    /// How many more descriptors.
    private static let descriptorGrowth = 16
    private static let logBytes = 64 << 20
    /// The room that a ticket with its whole history takes in the store.
    private static let bytesOfTicket = 48 << 10

    @Test(.enabled(if: minutes != nil, "runs for long: make soak MINUTES=30"))
    func `a site that is used for long loses nothing and does not grow`() async throws {
        try await Processes.with { processes in
            let load = try await SoakLoad(processes)
            let length = Duration.seconds(60 * (Self.minutes ?? 1))
            let start = ContinuousClock.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                load.run(in: &group)
                var samples = [try await SoakSample(processes, load, since: start)]
                print(SoakSample.head + "\n" + samples[0].row)
                for _ in 0..<10 {
                    try await Task.sleep(for: length / 10)
                    samples.append(try await SoakSample(processes, load, since: start))
                    print(samples[samples.count - 1].row)
                }
                load.stop()
                try await group.waitForAll()
                samples.append(try await SoakSample(processes, load, since: start))
                print(samples[samples.count - 1].row)
                Self.expect(samples)
            }
            let (count, lost) = try await load.lost()
            print("\(count) tickets acknowledged, \(lost) lost, \(load.errors.count) errors")
            #expect(lost == 0)
            #expect(load.errors.isEmpty, "\(load.errors.prefix(5))")
            _ = try await eventually("the lists are what the store says") {
                let status = try JSON(parsing: try await processes.run("tf-daemon", ["status", "--json"]))
                return status["drift"] == 0 && status["outbox"]["waiting"] == 0 ? true : nil
            }
        }
    }

    private static func expect(_ samples: [SoakSample]) {
        // The first fifth fills caches.
        let (early, late) = (samples[2], samples[samples.count - 1])
        for (number, (before, after)) in zip(early.programs, late.programs).enumerated() {
            // While a password is hashed, that takes 128 MB: the least of some moments is without it.
            let memory = samples[2...5].map { $0.programs[number].memory }.min() ?? 0
            #expect(after.memory < memory + memoryGrowth, "\(after.name): \(memory) to \(after.memory) MB")
            #expect(after.descriptors <= before.descriptors + descriptorGrowth, "\(after.name)")
        }
        // How long requests take is printed alone: it says as much of the machine as of the programs.
        for sample in samples { #expect(sample.logBytes <= logBytes) }
        let grown = late.storeBytes - early.storeBytes
        #expect(grown < bytesOfTicket * max(100, late.tickets - early.tickets), "\(grown) bytes")
    }
}

/// What is measured at one moment.
struct SoakSample {
    struct Program {
        let name: String
        /// Private and written, and all that is in memory, in MB.
        let memory: Double
        let resident: Double
        let descriptors: Int
    }

    let minute: Double
    let programs: [Program]
    let tickets: Int
    let logBytes: Int
    let storeBytes: Int
    let middle: Duration
    let slow: Duration
    let drift: Int
    let errors: Int

    init(_ processes: Processes, _ load: SoakLoad, since start: ContinuousClock.Instant) async throws {
        minute = start.duration(to: .now) / .seconds(60)
        programs = try [("tf-daemon", processes.daemon), ("tf-web", processes.web)].map {
            try Program(name: $0, id: $1.id)
        }
        func size(_ name: String) -> Int {
            let path = "\(processes.directory)/var/\(name)"
            // A log that was emptied may be missing.
            return (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
        }
        (logBytes, storeBytes) = (size("store.db-wal"), size("store.db"))
        (middle, slow) = load.takeLatencies()
        tickets = load.acknowledged.count
        errors = load.errors.count
        let status = try JSON(parsing: try await processes.run("tf-daemon", ["status", "--json"]))
        drift = status["drift"].intValue ?? -1
    }

    static let head =
        "minute  tickets  daemon MB private/RSS, files  web MB private/RSS, files  log MiB  store MiB  p50 ms  p95 ms  drift  errors"

    var row: String {
        func figures(_ program: Program) -> String {
            String(format: "%9.1f / %5.1f, %3d      ", program.memory, program.resident, program.descriptors)
        }
        return String(format: "%6.1f %8d", minute, tickets) + "  " + programs.map(figures).joined(separator: "  ")
            + String(
                format: "%7.1f %10.1f %7.0f %7.0f %6d %7d", Double(logBytes) / 1_048_576,
                Double(storeBytes) / 1_048_576, middle / .milliseconds(1), slow / .milliseconds(1), drift, errors)
    }
}

extension SoakSample.Program {
    /// What a program that runs has at this moment. Source: proc(5).
    init(name: String, id: Int32) throws {
        let rollup = try String(contentsOfFile: "/proc/\(id)/smaps_rollup", encoding: .utf8)
        func sum(_ field: String) -> Double {
            rollup.split(separator: "\n").filter { $0.hasPrefix(field) }.reduce(0) { sum, line in
                sum + (Double(line.split(separator: " ").dropFirst().first ?? "0") ?? 0) / 1_024
            }
        }
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/fd").count
        self.init(name: name, memory: sum("Private_Dirty:"), resident: sum("Rss:"), descriptors: open)
    }
}
