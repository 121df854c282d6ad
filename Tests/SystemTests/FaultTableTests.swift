import Foundation
import TFExpression
import TestSupport
import Testing

@testable import TFStore

/// Each fault under load on real processes. Prints for each what was acknowledged, lost and doubled, and how long it
/// took from the fault's end until a new ticket was in a worker's list; fails if anything is lost or doubled.
///
/// `FAULT_RATE` tickets a second come in while a fault is on (10). With `FAULTS=whole` the faults are as long and as many
/// as the guarantee says, and each has to be over within its 10 s. The full disk has a test of its own in
/// `LogBoundTests`, since it needs root, and too few descriptors in `DescriptorTests`.
@Suite(.serialized) struct FaultTableTests {
    static let rate = ProcessInfo.processInfo.environment["FAULT_RATE"].flatMap { Int($0) } ?? 10

    static let isWhole = ProcessInfo.processInfo.environment["FAULTS"] == "whole"
    /// For how long Redis hangs and the store is locked, in seconds.
    static let (hang, lock) = isWhole ? (60, 60) : (3, 5)
    /// How many connections idle, and drip.
    static let connections = isWhole ? 1_024 : 128

    enum Fault: CaseIterable {
        case daemonKilled, webKilled, redisKilled, allKilled, flushed, hung, junk, locked, stopped, clockBack,
            clockForward,
            part, fifo, idle, dripping

        var title: String {
            switch self {
            case .daemonKilled: "kill -9 of the daemon"
            case .webKilled: "kill -9 of the web"
            case .redisKilled: "kill -9 of Redis"
            case .allKilled: "kill -9 of all three"
            case .flushed: "FLUSHALL"
            case .hung: "Redis hangs for \(hang) s"
            case .junk: "junk in Redis' keys"
            case .locked: "another process locks SQLite for \(lock) s"
            case .stopped: "the leader is stopped, a standby leads, it wakes"
            case .clockBack: "kill -9, and the clock goes back by 30 days"
            case .clockForward: "kill -9, and the clock goes forward by 2 days"
            case .part: "one part of the daemon cannot work"
            case .fifo: "a definition becomes a FIFO, then a link"
            case .idle: "\(connections) idle connections"
            case .dripping: "\(connections) connections that drip for 5 s"
            }
        }
    }

    @Test func `no fault loses or doubles what was acknowledged`() async throws {
        try await Self.suffer(Fault.allCases)
    }

    /// More faults, of PostgreSQL itself and of several machines, are those of `make test-cluster`.
    @Test(.onPostgres) func `nothing is lost or doubled on PostgreSQL either when everything is killed`() async throws {
        try await Self.suffer([.allKilled])
    }

    private static func suffer(_ faults: [Fault]) async throws {
        try await Processes.with(storeURL: try await TestEngine.url(TestFolder.path("record"))) { processes in
            let site = try await FaultSite.make(processes)
            var rows: [FaultSite.Row] = []
            for fault in faults {
                rows.append(try await site.suffer(fault.title, rate: Self.rate) { try await site.inflict(fault) })
            }
            print(FaultSite.table(rows))
            for row in rows {
                #expect(row.lost == 0, "\(row.fault): \(row)")
                #expect(row.doubled == 0, "\(row.fault): \(row)")
                #expect(!Self.isWhole || row.recovery < .seconds(10), "\(row.fault): \(row)")
            }
            try await site.expectOrder()
        }
    }
}
