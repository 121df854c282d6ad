import TFEngine
import TestSupport
import Testing

@testable import TFStore

/// The time of day is set back or forward: a second stays a second, and what is due happens once.
@Suite(.onBothEngines) struct ClockJumpTests {
    private static let jumps: [Int64] = [-30 * 86_400_000, 2 * 86_400_000]

    @Test(arguments: jumps) func `a workflow's wait ends after its own time, once`(_ jump: Int64) async throws {
        let site = try await WorkflowSite(
            """
            timeout: { after: PT1M }
            do:
              - slow:
                  try:
                    - pause: { wait: PT2S }
                    - fail: { raise: { error: { type: about:blank, status: 500 } } }
                  catch: { retry: { delay: PT3S, limit: { attempt: { count: 1 } } } }
            """)
        try await site.start()
        try await site.turn(now: 1_000)
        func steps() async throws -> Int { try await site.history().count { $0.data["name"] == "pause" } }
        let before = try await steps()
        try await site.store.write { try $0.clockWasSet(by: jump) }
        let paused = try await site.store.read { try $0.first(Int64.self, "SELECT paused_until_ms FROM instance") }
        #expect(paused == jump + 3_000, "lists tell the moment that it goes on")
        try await site.turn(now: jump + 2_999)
        #expect(try await steps() == before)
        try await site.turn(now: jump + 3_000)
        #expect(try await steps() > before)
        // Now it waits for its next try.
        let failed = try await steps()
        try await site.store.write { try $0.clockWasSet(by: -jump) }
        try await site.turn(now: 5_999)
        #expect(try await steps() == failed)
        try await site.turn(now: 6_000)
        try await site.turn(now: 8_000)
        #expect(try await site.ticket().state == .failed)
    }

    @Test(arguments: jumps) func `a list tells of an event that is waited for as before`(_ jump: Int64)
        async throws
    {
        let site = try await WorkflowSite(
            "do: [ { hear: { listen: { to: { one: { with: { type: a } } } }, timeout: { after: PT1M } } } ]")
        try await site.start()
        try await site.turn(now: 1_000)
        try await site.store.write { try $0.clockWasSet(by: jump) }
        let lines = try await site.store.read(in: site.company.id) {
            try $0.ticketLines(scope: .everything, filter: TicketFilter())
        }
        #expect(lines.rows.map(\.pause) == [.event])
    }

    @Test(arguments: jumps) func `a block of sign-ins and a program's sign of life keep their distance`(_ jump: Int64)
        async throws
    {
        let site = try await WorkflowSite("do: [ { s: { set: { a: 1 } } } ]")
        try await site.store.write { session in
            try session.run("INSERT INTO throttle VALUES ('login x', 9, 5000, 4000)")
            try session.run("UPDATE membership SET seen_at_ms = 3000")
            try session.clockWasSet(by: jump)
        }
        let (until, seen) = try await site.store.read { session in
            (
                try session.first(Int64.self, "SELECT blocked_until_ms FROM throttle"),
                try session.first(Int64.self, "SELECT MAX(seen_at_ms) FROM membership")
            )
        }
        #expect(until == 5_000 + jump)
        #expect(seen == 3_000 + jump)
    }

    @Test func `a workflow that cannot be read keeps no other from going right`() async throws {
        let site = try await WorkflowSite("do: [ { w: { wait: { seconds: 3 } } } ]")
        try await site.start()
        try await site.turn(now: 1_000)
        try await site.store.write { session in
            try session.run("UPDATE instance SET state = '{'")
            try session.clockWasSet(by: -500)
        }
    }

    @Test(arguments: jumps) func `a request is sent again after its pause`(_ jump: Int64) async throws {
        let site = try await WorkflowSite(
            "do: [ { ask: { call: http, with: { method: get, endpoint: 'https://a.example/' } } } ]")
        try await site.start()
        try await site.turn(now: 1_000)
        let job = try #require(try await site.take(now: 1_000).first)
        try await site.store.write(in: site.company.id) {
            try $0.retryHTTPCall(job, at: 2_000, leader: site.leader, now: 1_000)
        }
        try await site.store.write { try $0.clockWasSet(by: jump) }
        #expect(try await site.take(now: jump + 1_999).isEmpty)
        #expect(try await site.take(now: jump + 2_000).map(\.attempt.number) == [2])
    }

    @Test func `a schedule that named a time of day is looked for again when the clock goes back`() async throws {
        let site = try await WorkflowSite(
            "schedule: { every: { minutes: 1 } }\ndo: [ { s: { set: '${ 1 }' } } ]", hasTicketOfItsOwn: true)
        func refresh(_ now: Int64) async throws -> Int64? {
            try await site.store.refreshSchedules(leader: site.leader, now: now)
            return try await site.store.read { try $0.nextTurn(now: now) }.next
        }
        let month: Int64 = 30 * 86_400_000
        let first = try #require(try await refresh(month))
        #expect(first > month)
        try await site.store.write { try $0.clockWasSet(by: -month) }
        #expect(try #require(try await refresh(0)) <= 60_000)
    }

    @Test(.onlySQLite) func `a daemon that leads after the clock went back finds its waits moved`() async throws {
        let site = try await WorkflowSite("do: [ { pause: { wait: PT1S } }, { done: { set: '${ 1 }' } } ]")
        try await site.start()
        try await site.turn(now: 1_000)
        let month: Int64 = 30 * 86_400_000
        try await site.store.write { try $0.renew(site.leader, now: 1_500) }
        let lease = try #require(try await site.store.read { try $0.leaderLease() })
        let next = try await site.store.write { try $0.lead(as: "next", replacing: lease, now: -month) }
        let leader = try #require(next)
        func isDue(_ now: Int64) async throws -> Bool { try await site.store.read { try $0.nextTurn(now: now) }.isDue }
        #expect(try await !isDue(-month + 499))
        #expect(try await isDue(-month + 500))
        _ = try await site.store.advanceInstances(limit: 16, leader: leader, now: -month + 500)
        #expect(try await site.ticket().state == .closed)
    }
}
