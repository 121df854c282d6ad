import TFDefinition
import TFExpression
import TFStore
import TestSupport
import Testing

/// Many workflows that wait for one event.
@Suite(.onBothEngines) struct ScheduleFuelTests {
    private static func workflow(_ name: String, _ filter: String) -> String {
        """
        document: { dsl: '1.0.3', namespace: acme, name: \(name), version: '1.0.0', metadata: { ticket: t } }
        schedule: { on: { one: { with: { type: a, data: '\(filter)' } } } }
        do: [ { s: { set: { status: 'by \(name)' } } } ]
        """
    }

    @Test func `filters that take too long are set aside by name, and those behind them have their event`() async throws
    {
        let costly = (10..<22).map { "costly\($0)" }
        // Files are published in the order of their names: the plain one comes last.
        var files = Dictionary(
            uniqueKeysWithValues: costly.map { name in
                ("\(name).workflow.yaml", Self.workflow(name, "${ [range(100000)] | length > 0 }"))
            })
        files["plain.workflow.yaml"] = Self.workflow("plain", "${ .n == 1 }")
        let site = try await WorkflowSite(
            "schedule: { every: { hours: 1 } }\ndo: [ { s: { set: '${ 1 }' } } ]", hasTicketOfItsOwn: true, more: files)
        try await site.store.refreshSchedules(leader: site.leader, now: 0)
        let event: JSON = ["id": "1", "source": "s", "type": "a", "data": ["n": 1]]
        #expect(try await site.store.inside(site.company.id).receive([event], now: 5) == [true])
        try await site.turn(now: 8)
        #expect(try await site.ticket().status == "by plain")
        let aside = try await site.store.read { try $0.setAside() }
        #expect(Set(aside.map(\.subject)) == Set(costly.map { "the schedule of \($0)" }))
        #expect(aside.allSatisfy { $0.reason == .filters })
    }
}
