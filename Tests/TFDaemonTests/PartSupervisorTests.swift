import Foundation
import Logging
import Synchronization
import TFConfiguration
import TFStore
import TestSupport
import Testing

@testable import tf_daemon

/// One part of the daemon's work fails; the others go on.
@Suite struct PartSupervisorTests {
    private struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    private final class Tries: Sendable {
        private let number = Mutex(0)

        var count: Int { number.withLock { $0 } }

        func begin() -> Int {
            number.withLock { number in
                number += 1
                return number
            }
        }
    }

    private static let pace = PartSupervisor.Pace(
        shortest: .milliseconds(1), longest: .milliseconds(4), settled: .seconds(3_600))

    private static func supervisor(_ registry: MetricRegistry = MetricRegistry()) -> PartSupervisor {
        PartSupervisor(pace: pace, registry: registry, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test func `a part that fails is started again until it works, and the others run meanwhile`() async throws {
        let registry = MetricRegistry()
        let parts = Self.supervisor(registry)
        let tries = Tries()
        let (works, working) = AsyncStream.makeStream(of: Void.self)
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await parts.keep(.definitions) {
                    let number = tries.begin()
                    // A part that ends by itself is started again too.
                    if number == 3 { return }
                    guard number > 5 else { throw Broken(description: "no directory") }
                    working.finish()
                    try await Task.sleep(for: .seconds(3_600))
                }
            }
            for await _ in works {}
            #expect(parts.failing().map(\.part) == [.definitions])
            #expect(parts.failing().first?.error == "no directory")
            #expect(parts.gauges.map(\.labels) == [["part": "definitions"]])
            #expect(parts.gauges.map(\.value) == [0])
            // After it has run for long enough, nothing is told any more.
            #expect(parts.failing(at: .now + .seconds(3_601)).isEmpty)
            #expect(parts.gauges.map(\.value) == [1])
            group.cancelAll()
        }
        // What is not kept running is told neither way.
        #expect(parts.gauges.isEmpty)
        #expect(tries.count == 6)
        #expect(registry.text(gauges: []).contains("tf_part_failures_total{part=\"definitions\"} 5"))
    }

    @Test func `a daemon that does not lead any more ends all parts`() async throws {
        let parts = Self.supervisor()
        await #expect(throws: StoreError.self) { try await parts.keep(.engine) { throw StoreError.notLeader } }
        #expect(parts.failing().isEmpty)
    }

    @Test func `the pauses grow to a limit`() {
        let pace = PartSupervisor.Pace()
        #expect([1, 2, 3, 4, 5, 6, 60].map { pace.pause(after: $0) } == [1, 2, 4, 8, 16, 30, 30].map { .seconds($0) })
    }
}
