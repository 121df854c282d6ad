import Foundation
import TFExpression
import TestSupport
import Testing

@testable import TFStore

/// Each fault under load on real processes. Prints for each what was acknowledged, lost and doubled, and how long it
/// took from the fault's end until a new ticket was in a worker's list; fails if anything is lost or doubled.
///
/// `FAULT_RATE` tickets a second come in while a fault is on (10). The full disk has a test of its own in
/// `LogBoundTests`, since it needs root, and too few descriptors in `DescriptorTests`.
@Suite(.serialized) struct FaultTableTests {
    static let rate = ProcessInfo.processInfo.environment["FAULT_RATE"].flatMap { Int($0) } ?? 10

    enum Fault: String, CaseIterable {
        case daemonKilled = "kill -9 of the daemon"
        case webKilled = "kill -9 of the web"
        case redisKilled = "kill -9 of Redis"
        case allKilled = "kill -9 of all three"
        case flushed = "FLUSHALL"
        case hung = "Redis hangs for 3 s"
        case junk = "junk in Redis' keys"
        case locked = "another process locks SQLite for 5 s"
        case stopped = "the leader is stopped, a standby leads, it wakes"
        case clockBack = "kill -9, and the clock goes back by 30 days"
        case clockForward = "kill -9, and the clock goes forward by 2 days"
        case part = "one part of the daemon cannot work"
        case fifo = "a definition becomes a FIFO, then a link"
        case idle = "128 idle connections"
        case dripping = "128 connections that drip for 5 s"
    }

    @Test func `no fault loses or doubles what was acknowledged`() async throws {
        try await Processes.with { processes in
            let site = try await FaultSite.make(processes)
            var rows: [FaultSite.Row] = []
            for fault in Fault.allCases {
                rows.append(try await site.suffer(fault.rawValue, rate: Self.rate) { try await site.inflict(fault) })
            }
            print(FaultSite.table(rows))
            for row in rows {
                #expect(row.lost == 0, "\(row.fault): \(row)")
                #expect(row.doubled == 0, "\(row.fault): \(row)")
            }
            try await site.expectOrder()
        }
    }
}
