import TFEngine
import TestSupport
import Testing

@testable import TFStore

/// Steps that are computed from a snapshot before the transaction that takes them.
@Suite(.onBothEngines) struct ComputedStepTests {
    /// Which of two secrets a step saw tells when it was computed.
    private static let workflow = """
        use: { secrets: [place] }
        do:
          - s:
              input: { from: '${ { at: $secrets.place, priority: $ticket.priority } }' }
              set: { status: '${ .at + " " + .priority }' }
        """

    @Test(arguments: [false, true])
    func `a step that was computed ahead is taken, unless what it depends on was changed`(_ isChanged: Bool)
        async throws
    {
        let site = try await WorkflowSite(Self.workflow)
        try await site.start()
        try await site.store.write(in: site.company.id) { try $0.setSecret("place", sealed: "x", now: 11) }
        let (plan, ahead) = try await site.store.read { session in
            let plan = try session.plan(try session.dueTurns(of: .all), limit: 16, of: .all, now: 20).plan
            let rules = StepRules(now: 20, opener: { _, _, _ in "ahead" })
            return (plan, try StepsAhead(plan.rest, until: .now + .seconds(60), session, rules))
        }
        #expect(ahead.steps.count == 1)
        if isChanged {
            let (ticket, uma) = (try await site.ticket().id, try site.person)
            var change = TicketChange()
            change.priority = .urgent
            try await site.store.write(in: site.company.id) { [change] in
                try $0.changeTicket(ticket, change, by: uma, version: nil, now: 21)
            }
        }
        try await site.store.write { session in
            var plan = plan
            let rules = StepRules(now: 22, opener: { _, _, _ in "in the transaction" })
            try session.work(&plan, ahead, until: .now + .seconds(60), rules)
        }
        #expect(try await site.ticket().status == (isChanged ? "in the transaction urgent" : "ahead normal"))
    }

    @Test func `what there was no time for is left by the transaction too, and done in the next one`() async throws {
        let site = try await WorkflowSite(Self.workflow)
        for _ in 0..<3 { try await site.start() }
        let rules = StepRules(now: 20, opener: { _, _, _ in nil })
        let done = try await site.store.write { session in
            var plan = try session.plan(try session.dueTurns(of: .all), limit: 16, of: .all, now: 20).plan
            let ahead = try StepsAhead(plan.rest, until: .now, session, rules)
            try session.work(&plan, ahead, until: .now + .seconds(60), rules)
            return plan.done
        }
        #expect(done == 1)
        try await site.turn(now: 20)
        #expect(try await site.store.read { try $0.nextTurn(now: 20) }.isDue == false)
    }

    @Test func `one transaction takes more steps than rows are read for at once`() async throws {
        let site = try await WorkflowSite("do: [ { s: { set: { status: '${ $ticket.number | tostring }' } } } ]")
        let count = 2 * StepRows.limit + 1
        for _ in 0..<count { try await site.start() }
        let rules = StepRules(now: 20, opener: { _, _, _ in nil })
        let done = try await site.store.write { session in
            var plan = try session.plan(try session.dueTurns(of: .all), limit: 256, of: .all, now: 20).plan
            let ahead = try StepsAhead(plan.rest, until: .now + .seconds(60), session, rules)
            try session.work(&plan, ahead, until: .now + .seconds(60), rules)
            return plan.done
        }
        #expect(done == count)
        for number in 1...count {
            let ticket = try await site.store.read(in: site.company.id) { try $0.ticket(number: number) }
            #expect(ticket?.status == "\(number)")
        }
    }
}
