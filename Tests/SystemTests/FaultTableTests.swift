import Foundation
import TFExpression
import TestSupport
import Testing

@testable import TFStore

/// Each fault under load on real processes. Prints for each what was acknowledged, lost and doubled, and how long it
/// took from the fault's end until a new ticket was in a worker's list; fails if anything is lost or doubled.
///
/// `FAULT_RATE` tickets a second come in while a fault is on (10). With `FAULTS=whole` the faults are as long and as many
/// as the guarantee says, and each has to be over within its 10 s. `FAULT=overflow` inflicts that one alone. After each,
/// lists and rows have to be right, and memory and files of both programs what they were. The full disk has a test of its own in
/// `LogBoundTests`, since it needs root, and too few descriptors in `DescriptorTests`.
@Suite(.serialized) struct FaultTableTests {
    static let rate = ProcessInfo.processInfo.environment["FAULT_RATE"].flatMap { Int($0) } ?? 10

    /// The one fault to inflict, by the name of its case; nil: all.
    private static let only = ProcessInfo.processInfo.environment["FAULT"]

    static let isWhole = ProcessInfo.processInfo.environment["FAULTS"] == "whole"
    /// For how long Redis hangs, in seconds.
    static let hang = isWhole ? 60 : 3
    /// How many connections idle, and drip.
    static let connections = isWhole ? 1_024 : 128

    enum Fault: CaseIterable {
        case daemonKilled, webKilled, redisKilled, allKilled, flushed, hung, junk, locked, stopped, clockBack,
            clockForward, part, fifo, idle, dripping, unwritable, overflow, claims
        // Those that take longer than a few seconds.
        case lockedLong, broken, removed, moved, servers, memory, poison, pressure

        static let short = allCases.filter { fault in
            switch fault {
            case .lockedLong, .broken, .removed, .moved, .servers, .memory, .poison, .pressure: false
            case .daemonKilled, .webKilled, .redisKilled, .allKilled, .flushed, .hung, .junk, .locked, .stopped,
                .clockBack, .clockForward, .part, .fifo, .idle, .dripping, .unwritable, .overflow, .claims:
                true
            }
        }

        var title: String {
            switch self {
            case .daemonKilled: "kill -9 of the daemon"
            case .webKilled: "kill -9 of the web"
            case .redisKilled: "kill -9 of Redis"
            case .allKilled: "kill -9 of all three"
            case .flushed: "FLUSHALL"
            case .hung: "Redis hangs for \(hang) s"
            case .junk: "junk in Redis' keys"
            case .locked: "another process locks SQLite for 5 s"
            case .lockedLong: "another process locks SQLite for 60 s"
            case .unwritable: "no write to a file works"
            case .stopped: "the leader is stopped, a standby leads, it wakes"
            case .clockBack: "kill -9, and the clock goes back by 30 days"
            case .clockForward: "kill -9, and the clock goes forward by 2 days"
            case .part: "one part of the daemon cannot work"
            case .fifo: "a definition becomes a FIFO, then a link"
            case .broken: "a definition is half-written, truncated, invalid"
            case .removed: "a definition is removed, then renamed"
            case .moved: "the definitions' directory is replaced"
            case .overflow: "an overflow of inotify"
            case .servers: "servers refuse, hang, drip, 500, 429, junk, cut"
            case .memory: "hardly any memory more"
            case .poison: "a ticket at which the daemon dies"
            case .claims: "50 claims of one task, 50 completions"
            case .pressure: "60 s of the highest load"
            case .idle: "\(connections) idle connections"
            case .dripping: "\(connections) connections that drip for 5 s"
            }
        }
    }

    @Test func `no fault loses or doubles what was acknowledged`() async throws {
        if let only = Self.only {
            try await Self.suffer([try #require(Fault.allCases.first { "\($0)" == only }, "no fault \(only)")])
        } else {
            try await Self.suffer(Self.isWhole ? Fault.allCases : Fault.short)
        }
    }

    /// More faults, of PostgreSQL itself and of several machines, are those of `make test-cluster`.
    @Test(.onPostgres) func `nothing is lost or doubled on PostgreSQL either when everything is killed`() async throws {
        try await Self.suffer([.allKilled])
    }

    private static func suffer(_ faults: [Fault]) async throws {
        try await Processes.with(storeURL: try await TestEngine.url(TestFolder.path("record"))) { processes in
            let site = try await FaultSite.make(processes)
            var rows = [try await site.suffer("none", rate: Self.rate) {}]
            let level = try site.level()
            defer { print(FaultSite.table(rows)) }
            for fault in faults {
                rows.append(try await site.suffer(fault.title, rate: Self.rate) { try await site.inflict(fault) })
                // As long as tickets come in, the log keeps its length.
                if fault == .pressure { try await site.expectSmallLog() }
                try await site.expectOrder()
                try await site.expectLevel(level, after: fault.title)
            }
            for row in rows {
                #expect(row.lost == 0, "\(row.fault): \(row)")
                #expect(row.doubled == 0, "\(row.fault): \(row)")
                #expect(!Self.isWhole || row.recovery < .seconds(10), "\(row.fault): \(row)")
            }
        }
    }
}
