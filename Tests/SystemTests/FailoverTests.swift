import Foundation
import TFExpression
import TestSupport
import Testing

/// Failovers of Redis under load, with a real replica and real sentinels; printed as `FaultTableTests` does.
///
/// What a row counts as the time until it works again begins when every sentinel names the new primary. With
/// `FAULT_RATE` set, as `make test-faults` does on a machine that has nothing else to do, that is 10 s at most.
@Suite(.serialized) struct FailoverTests {
    private static let limit = Duration.seconds(10)
    private static let hasFigures = ProcessInfo.processInfo.environment["FAULT_RATE"] != nil

    @Test func `a failover of Redis loses and doubles nothing`() async throws {
        try await TestSentinel.with { sentinel in
            try await Processes.with(redisURL: sentinel.address) { processes in
                let site = try await FaultSite.make(processes)
                var rows: [FaultSite.Row] = []
                let rate = FaultTableTests.rate
                let stopped = try await sentinel.primary()
                rows.append(
                    try await site.suffer("Redis' primary is stopped", rate: rate) {
                        try await sentinel.fail { $0.hang() }
                    })
                // It takes itself for the primary until the sentinels reach it.
                rows.append(
                    try await site.suffer("the stopped primary wakes", rate: rate) { stopped.redis.goOn() })
                try await sentinel.waitUntilComplete()
                var killed = stopped
                rows.append(
                    try await site.suffer("kill -9 of Redis' primary", rate: rate) {
                        killed = try await sentinel.fail { $0.kill() }
                    })
                rows.append(
                    try await site.suffer("the killed primary comes back empty", rate: rate) {
                        try await sentinel.restart(killed)
                    })
                print(FaultSite.table(rows))
                for row in rows {
                    #expect(row.lost == 0, "\(row)")
                    #expect(row.doubled == 0, "\(row)")
                    if Self.hasFigures { #expect(row.recovery <= Self.limit, "\(row)") }
                }
                try await site.expectOrder()
                try await sentinel.waitUntilComplete()
                try await expectPrimary(of: sentinel, in: processes)
            }
        }
    }

    /// The commands name the primary that the sentinels name, and lead to it.
    private func expectPrimary(of sentinel: TestSentinel, in processes: Processes) async throws {
        let primary = try await sentinel.primary()
        let status = try JSON(parsing: try await processes.run("tf-daemon", ["status", "--json"]))
        let server = try #require(status["redis_servers"].arrayValue?.first)
        #expect(server["primary"] == .string("redis://127.0.0.1:\(primary.port)"), "\(status)")
        #expect(server["name"] == .string(TestSentinel.name))
        let text = try await processes.run("tf-daemon", ["status"])
        #expect(text.contains("redis    answers, primary redis://127.0.0.1:\(primary.port)\n"), "\(text)")
        let doctor = try await processes.run("tf-daemon", ["doctor"])
        #expect(doctor.contains("replicas: 1"), "\(doctor)")
        #expect(doctor.contains("3 know \(TestSentinel.name), and can elect a new primary"), "\(doctor)")
    }

    /// What the replica did not get yet, when its primary died, is made again from the store.
    @Test func `a replica that lacks the last changes is filled anew`() async throws {
        try await TestSentinel.with { sentinel in
            try await Processes.with(redisURL: sentinel.address) { processes in
                let site = try await FaultSite.make(processes)
                let first = try await site.submit("first", key: "first")
                _ = try await eventually("it is in a list") { try await site.isAssigned(first) ? true : nil }
                let primary = try await sentinel.primary()
                let replica = try #require(sentinel.servers.first { $0.port != primary.port })
                _ = try await eventually("the replica has its list") {
                    try await Self.mark(replica.redis) == Self.mark(primary.redis) ? true : nil
                }
                let epoch = try await replica.redis.answer("GET", "tf:{acme}:epoch")
                // It follows nobody until the sentinels put that right, after some seconds at the earliest.
                var number = 0
                let mark = try await eventually("the replica lacks something") { () async throws -> Int? in
                    number += 1
                    _ = try await replica.redis.answer("REPLICAOF", "NO", "ONE")
                    let ticket = try await site.submit("late \(number)", key: "late \(number)")
                    _ = try await eventually("it is in a list") { try await site.isAssigned(ticket) ? true : nil }
                    let marks = (try await Self.mark(primary.redis), try await Self.mark(replica.redis))
                    return marks.1 < marks.0 ? marks.0 : nil
                }
                try await sentinel.fail { $0.kill() }
                try await site.expectOrder()
                #expect(try await Self.mark(replica.redis) >= mark)
                #expect(try await replica.redis.answer("GET", "tf:{acme}:epoch") != epoch)
            }
        }
    }

    /// The high-water mark of the demo's company.
    private static func mark(_ redis: TestRedis) async throws -> Int {
        try #require(Int(try await redis.answer("GET", "tf:{acme}:hwm")))
    }
}
