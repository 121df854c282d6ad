import Foundation
import TFDefinition
import TFExpression
import TFStore
import TestSupport
import Testing

/// Rows that are not what was written: what they concern stands still, and nothing else.
@Suite(.onBothEngines) struct BrokenRowTests {
    @Test(arguments: [
        "UPDATE instance_event SET payload = 'junk' WHERE instance_id = 1",
        "UPDATE instance_event SET kind = 'http', payload = '{\"outcome\":\"junk\"}' WHERE instance_id = 1",
        "UPDATE instance SET state = 'junk' WHERE id = 1", "UPDATE instance SET pins = '[' WHERE id = 1",
    ])
    func `one broken instance is set aside, and the others go on`(_ sql: String) async throws {
        let site = try await WorkflowSite("do: [ { look: { call: look } } ]")
        for _ in 0..<3 { try await site.start() }
        try await site.change(sql)
        while try await site.store.read({ try $0.nextTurn(now: 20) }).isDue {
            _ = try await site.store.advanceInstances(limit: 16, leader: site.leader, now: 20)
        }
        #expect(try await site.store.read { try $0.setAside() }.map(\.ticket) == [1])
        for number in [2, 3] {
            #expect(
                try await site.store.read(in: site.company.id) { try $0.ticket(number: number) }?.status
                    == "in progress")
        }
        #expect(try await site.instances().count == 1)
    }

    @Test func `a timer that cannot be handled sets its instance aside`() async throws {
        let site = try await WorkflowSite("do: [ { w: { wait: PT1S } } ]")
        for _ in 0..<2 { try await site.start() }
        try await site.turn(now: 20)
        try await site.change("UPDATE instance SET state = 'junk' WHERE id = 1")
        while try await site.store.read({ try $0.nextTurn(now: 5_000) }).isDue {
            _ = try await site.store.advanceInstances(limit: 16, leader: site.leader, now: 5_000)
        }
        #expect(try await site.store.read { try $0.setAside() }.count == 1)
        #expect(try await site.store.read(in: site.company.id) { try $0.ticket(number: 2) }?.state == .closed)
    }

    @Test func `a request that cannot be made sets its instance aside, and the others are sent`() async throws {
        let site = try await WorkflowSite(
            "do: [ { c: { call: http, with: { method: get, endpoint: 'https://x.example' } } } ]")
        for _ in 0..<2 { try await site.start() }
        try await site.turn(now: 20)
        try await site.change("UPDATE instance SET state = 'junk' WHERE id = 1")
        #expect(try await site.take(now: 21).count == 1)
        #expect(try await site.take(now: 22).isEmpty)
        #expect(try await site.store.read { try $0.setAside() }.count == 1)
    }

    @Test func `text that is no JSON reads as text`() async throws {
        let site = try await WorkflowSite("do: [ { look: { call: look } } ]")
        try await site.start()
        try await site.turn(now: 20)
        try await site.change("UPDATE task SET input = '{', excluded = 'x', prefilled = '', decision = '['")
        let task = try #require(try await site.tasks().first)
        #expect(task.input == "{")
        #expect(try await !site.store.read { try $0.outbox(limit: 10) }.isEmpty)
    }

    @Test func `an event nested to the reader's end starts what waits for it, or is refused`() async throws {
        let site = try await WorkflowSite(
            """
            schedule: { on: { all: [ { with: { type: a } }, { with: { type: b } } ] } }
            do: [ { s: { set: { status: '${ length | tostring }' } } } ]
            """, hasTicketOfItsOwn: true)
        try await site.store.refreshSchedules(leader: site.leader, now: 0)
        @Sendable func event(_ type: String, _ depth: Int) -> JSON {
            let data = (0..<depth).reduce(JSON.null) { inner, _ in [inner] }
            return ["id": .string("\(type)\(depth)"), "source": "s", "type": .string(type), "data": data]
        }
        #expect(try await site.store.inside(site.company.id).receive([event("a", 190)], now: 5) == [true])
        await #expect(throws: StoreError.self) {
            _ = try await site.store.inside(site.company.id).receive([event("b", 240)], now: 6)
        }
        #expect(try await site.store.inside(site.company.id).receive([event("b", 190)], now: 7) == [true])
        try await site.turn(now: 8)
        #expect(try await site.ticket().status == "2")
    }

    @Test func `a workflow that a schedule started opens tickets, which are the system's`() async throws {
        let site = try await WorkflowSite(
            """
            schedule: { every: { minutes: 1 } }
            do: [ { o: { call: ticket-open, with: { type: t } } }, { s: { set: { status: '${ "opened \\(.number)" }' } } } ]
            """, hasTicketOfItsOwn: true)
        try await site.store.refreshSchedules(leader: site.leader, now: 0)
        try await site.turn(now: 60_000)
        #expect(try await site.ticket().status == "opened 2")
        #expect(try await site.store.read(in: site.company.id) { try $0.ticket(number: 2) }?.requester == "system")
    }
}
