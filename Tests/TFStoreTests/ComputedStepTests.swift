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
              input: { from: '${ { at: ($secrets.place // ""), priority: $ticket.priority } }' }
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

    @Test func `steps that follow wait for earlier ones of their instance to be stored`() async throws {
        let site = try await WorkflowSite(Self.workflow)
        for _ in 0..<3 { try await site.start() }
        let rules = StepRules(now: 20, opener: { _, _, _ in nil })
        try await site.store.write { session in
            var plan = try session.plan(try session.dueTurns(of: .all), limit: 16, of: .all, now: 20).plan
            var ahead = try StepsAhead(plan.rest, until: .now, session, rules)
            #expect(ahead.steps.count == 1 && ahead.left.count == 2)
            let early = try StepsAhead(plan.rest, behind: ahead, until: .now + .seconds(60), session, rules)
            #expect(early.steps.isEmpty && early.left.count == 3, "the first one is of an earlier step's instance")
            let following = try StepsAhead(
                plan.rest.dropFirst(), behind: ahead, until: .now + .seconds(60), session, rules)
            #expect(following.steps.count == 2 && following.left.isEmpty)
            try session.work(&plan, ahead, until: .now + .seconds(60), rules)
            ahead.forget(handledIn: plan)
            #expect(ahead.steps.isEmpty)
            ahead.add(following)
            #expect(ahead.steps.count == 2 && ahead.left.isEmpty)
            try session.work(&plan, ahead, until: .now + .seconds(60), rules)
            #expect(plan.rest.isEmpty && plan.setAside.isEmpty)
        }
        #expect(try await site.store.read { try $0.nextTurn(now: 20) }.isDue == false)
    }

    @Test func `a turn goes on with its plan, but not when another company has something to do`() async throws {
        // On a server each company has one transaction in a turn.
        guard TestEngine.current == .sqlite else { return }
        let site = try await WorkflowSite(Self.workflow)
        let globex = try await site.store.write {
            try $0.addCompany(slug: "globex", name: "Globex", timezone: "UTC", now: 1)
        }
        try await site.store.write(in: globex.id) {
            try $0.setMembership(of: site.person, companyRoles: [], only: [], now: 1)
        }
        try await site.publish(in: globex)
        for company in [site.company, globex] {
            try await site.store.write(in: company.id) { try $0.setSecret("place", sealed: "x", now: 11) }
        }
        for _ in 0..<3 { try await site.start() }
        let gate = Gate()
        async let turn = site.store.advanceInstances(
            limit: 16, leader: site.leader, now: 20,
            opener: { _, _, _ in
                if !gate.isHeld { gate.hold() }
                return "ahead"
            })
        _ = try await eventually("the first step is computed") { gate.isHeld ? true : nil }
        let start = ContinuousClock.now
        try await site.start(in: globex)
        let look = site.store.engine.longestLook
        _ = try await eventually("the look has taken its time") { ContinuousClock.now - start > look ? true : nil }
        gate.open()
        #expect(try await turn.applied == 1, "the first of its company is sure")
        let rest = try await site.store.advanceInstances(limit: 16, leader: site.leader, now: 20)
        #expect(rest.applied >= 2 && rest.setAside.isEmpty)
        #expect(try await site.store.read(in: globex.id) { try $0.ticket(number: 1) }?.state == .closed)
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
