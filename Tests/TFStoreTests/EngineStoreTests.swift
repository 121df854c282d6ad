import TFDefinition
import TFEngine
import TFExpression
import TFStore
import TestSupport
import Testing

/// What the engine wants from the store: each transition and all that it tells the world, durable and once.
@Suite(.onBothEngines) struct EngineStoreTests {
    // MARK: Time

    @Test func `a timer that comes while no daemon runs fires when one runs again, and once`() async throws {
        let site = try await WorkflowSite("do: [ { pause: { wait: PT1H } }, { s: { set: { status: rested } } } ]")
        try await site.start()
        try await site.turn(now: 20)
        #expect(try await site.ticket().state == .open)
        #expect(try await site.store.read { try $0.nextTurn(now: 20) }.next == 20 + 3_600_000)
        try await site.turn(now: 3_600_000)
        #expect(try await site.ticket().state == .open)
        try await site.turn(now: 9_000_000)
        #expect(try await site.ticket().status == "rested")
        let completions = try await site.history().filter {
            $0.data["name"] == "pause" && $0.data["kind"] == "completed"
        }
        #expect(completions.count == 1)
        #expect(try await site.store.read { try $0.nextTurn(now: 99_000_000) } == (isDue: false, next: nil))
    }

    @Test func `a branch that times out withdraws its task, and the escalation goes on`() async throws {
        let site = try await WorkflowSite(
            """
            do:
              - ask:
                  try: [ { look: { call: look, timeout: { after: PT2H } } } ]
                  catch:
                    errors: { with: { type: 'https://open-workflow-specification.org/spec/1.0.0/errors/timeout' } }
                    do: [ { late: { set: { status: late } } } ]
            """)
        try await site.start()
        try await site.turn(now: 20)
        #expect(try await site.tasks().map(\.state) == [.ready])
        try await site.turn(now: 20 + 7_200_000)
        #expect(try await site.tasks().map(\.state) == [.withdrawn])
        #expect(try await site.ticket().status == "late")
    }

    // MARK: Decisions

    private static let failing = """
        do:
          - a: { set: { n: 1 } }
          - b: { if: .n == 1, set: '${ error("no") }' }
          - s: { set: { status: '${ .status }' } }
        """

    @Test func `a step that failed is passed over with a given output, which is recorded, and only once`() async throws
    {
        let site = try await WorkflowSite(Self.failing)
        try await site.start()
        try await site.turn(now: 20)
        let failed = try await site.ticket()
        #expect(failed.state == .failed)
        let instance = try #require(try await site.instances().first)
        #expect(instance.stopped?.reference == "/do/1/b")
        #expect(instance.stopped?.input == ["n": 1])
        func skip(_ version: Int?, at reference: String? = nil) async throws {
            try await site.store.inside(site.company.id).write(
                .decide(
                    .skip(output: ["status": "by hand"]),
                    at: FaultedStep(ticket: failed.id, reference: reference, version: version), by: site.person, now: 30
                ))
        }
        await #expect(throws: StoreError.self) { try await skip(failed.version + 1) }
        await #expect(throws: StoreError.self) { try await skip(nil, at: "/do/0/a") }
        try await skip(failed.version)
        await #expect(throws: StoreError.self) { try await skip(nil) }
        try await site.turn(now: 31)
        #expect(try await site.ticket().state == .closed)
        #expect(try await site.ticket().status == "by hand")
        let record = try #require(try await site.history().first { $0.kind == .stepSkip })
        #expect(record.actor == "uma")
        #expect(record.data["output"] == ["status": "by hand"])
    }

    @Test func `a step that failed runs again when somebody says so`() async throws {
        let site = try await WorkflowSite(HTTPCallTests.order)
        try await site.start()
        try await site.turn(now: 20)
        try await site.answer(500, "{}", now: 21)
        let failed = try await site.ticket()
        #expect(failed.state == .failed)
        try await site.store.inside(site.company.id).write(
            .decide(
                .retry, at: FaultedStep(ticket: failed.id, version: nil), by: site.person, now: 30))
        try await site.turn(now: 31)
        #expect(try await site.ticket().state == .open)
        try await site.answer(200, #"{"state":"ordered"}"#, now: 32)
        #expect(try await site.ticket().status == "ordered")
        #expect(try await site.ticket().closedAtMs != nil)
    }

    // MARK: Events

    @Test func `an event counts once by its source and id, and a listener that comes later hears it`() async throws {
        let site = try await WorkflowSite(
            """
            do:
              - pause: { wait: PT1M }
              - hear: { listen: { to: { one: { with: { type: stock } } } } }
              - s: { set: { status: '${ .[0].n | tostring }' } }
            """)
        try await site.start()
        try await site.turn(now: 1_000)
        let event: JSON = ["id": "1", "source": "/shop", "type": "stock", "specversion": "1.0", "data": ["n": 7]]
        #expect(try await site.store.inside(site.company.id).receive([event], now: 2_000) == [true])
        #expect(try await site.store.inside(site.company.id).receive([event, event], now: 2_001) == [false, false])
        try await site.turn(now: 2_002)
        #expect(try await site.ticket().state == .open)
        try await site.turn(now: 70_000)
        try await site.turn(now: 70_001)
        #expect(try await site.ticket().status == "7")
        #expect(try await site.store.read { try $0.expired(.cloudEvents, before: 2_000) }.count == 0)
        #expect(try await site.store.removeExpired(.cloudEvents, before: 2_002, now: 70_002) == 1)
    }

    @Test func `events whose ids differ behind a NUL are different events`() async throws {
        let site = try await WorkflowSite("do: [ { s: { set: '${ 1 }' } } ]")
        let events: [JSON] = ["1\0a", "1\0b", "1"].map { ["id": .string($0), "source": "/s\0", "type": "t"] }
        #expect(try await site.store.inside(site.company.id).receive(events, now: 5) == [true, true, true])
        #expect(try await site.store.inside(site.company.id).receive(events, now: 6) == [false, false, false])
    }

    // MARK: Workflows and tickets that workflows start

    @Test func `a workflow inside another runs on the same ticket and gives back its output`() async throws {
        let site = try await WorkflowSite(
            """
            do:
              - run: { run: { workflow: { namespace: acme, name: inner, version: latest, input: { n: 20 } } } }
              - s: { set: { status: '${ .n | tostring }' } }
            """,
            more: [
                "inner.workflow.yaml": """
                document: { dsl: '1.0.3', namespace: acme, name: inner, version: '1.0.0' }
                do: [ { add: { set: { n: '${ .n + 1 }' } } } ]
                """
            ])
        try await site.start()
        try await site.turn(now: 20)
        #expect(try await site.ticket().status == "21")
        #expect(try await site.instances().map(\.depth) == [0, 1])
    }

    @Test func `a workflow that runs itself ends with an error and not with the disk`() async throws {
        let site = try await WorkflowSite(
            """
            do: [ { run: { run: { workflow: { namespace: acme, name: w, version: latest } } } } ]
            """)
        try await site.start()
        try await site.turn(now: 20)
        #expect(try await site.ticket().state == .failed)
        #expect(try await site.instances().last?.error?.detail?.contains("16 deep") == true)
        let (underWay, failed) = try await site.store.read(in: site.company.id) { session in
            let row = try #require(try session.definition(.workflow, "w"))
            return (
                try session.underWay(with: row.id, .workflow),
                try session.failedTickets(with: row.id, .workflow).map(\.count)
            )
        }
        #expect(underWay.isEmpty && failed == [1], "one ticket, however deep it failed")
    }

    @Test func `a ticket that a workflow opens is its requester's, and what is wrong with it is an error`() async throws
    {
        let site = try await WorkflowSite(
            """
            do:
              - open: { call: ticket-open, with: { type: other, form: { what: '${ .form.what }' } } }
              - s: { set: { status: '${ "opened " + (.number | tostring) }' } }
            """,
            more: [
                "other.ticket.yaml": """
                ticket: other
                name: Other
                description: Other
                title: Other
                body: [ { type: input, id: what, attributes: { label: What }, validations: { max_length: 3 } } ]
                """
            ])
        try await site.start(what: "abc")
        try await site.turn(now: 20)
        #expect(try await site.ticket().status == "opened 2")
        let other = try #require(try await site.store.read(in: site.company.id) { try $0.ticket(number: 2) })
        #expect(other.requester == "uma")
        #expect(other.form["what"] == "abc")
        let long = try await site.start(what: "abcd")
        try await site.turn(now: 30)
        let failed = try #require(try await site.store.read(in: site.company.id) { try $0.ticket(number: long) })
        #expect(failed.state == .failed)
        let errors = try await site.store.read(in: site.company.id) { try $0.instances(ticket: failed.id) }.compactMap(
            \.error?.detail)
        #expect(errors.first?.contains("what") == true)
    }

    // MARK: Schedules

    @Test func `a schedule whose workflow cannot start opens no ticket for it`() async throws {
        let site = try await WorkflowSite(
            """
            schedule: { every: { minutes: 1 } }
            do: [ { look: { call: look } } ]
            """, hasTicketOfItsOwn: true)
        try await site.store.refreshSchedules(leader: site.leader, now: 0)
        try await site.change("UPDATE definition SET state = 'retired' WHERE name = 'look'")
        _ = try await site.store.advanceInstances(limit: 16, leader: site.leader, now: 60_000)
        #expect(try await site.store.read(in: site.company.id) { try $0.ticket(number: 1) } == nil)
        // What it calls is there again: the next time is like any other.
        try await site.change("UPDATE definition SET state = 'active' WHERE name = 'look'")
        try await site.store.refreshSchedules(leader: site.leader, now: 60_001)
        _ = try await site.store.advanceInstances(limit: 16, leader: site.leader, now: 120_000)
        #expect(try await site.store.read(in: site.company.id) { try $0.ticket(number: 1) } != nil)
    }

    @Test func `a schedule starts at its times, once for a time that was missed, and ends with its definition`()
        async throws
    {
        let site = try await WorkflowSite(
            """
            schedule: { every: { minutes: 1 } }
            do: [ { s: { set: { status: ran } } } ]
            """, hasTicketOfItsOwn: true)
        try await site.store.refreshSchedules(leader: site.leader, now: 0)
        try await site.turn(now: 59_999)
        #expect(try await site.store.read(in: site.company.id) { try $0.ticket(number: 1) } == nil)
        try await site.turn(now: 60_000)
        let first = try #require(try await site.store.read(in: site.company.id) { try $0.ticket(number: 1) })
        #expect(first.status == "ran")
        #expect(first.requester == "system")
        try await site.turn(now: 10 * 60_000 + 5)
        #expect(try await site.store.read(in: site.company.id) { try $0.ticket(number: 2) } != nil)
        #expect(try await site.store.read(in: site.company.id) { try $0.ticket(number: 3) } == nil)
        #expect(try await site.store.read { try $0.nextTurn(now: 10 * 60_000 + 6) }.next == 11 * 60_000)
    }

    @Test func `a workflow without a ticket that fails is told once, and counted as those of tickets are`() async throws
    {
        let steps = "do: [ { fail: { raise: { error: { type: about:blank, status: 500 } } } } ]"
        let site = try await WorkflowSite(
            steps,
            more: [
                "nightly.workflow.yaml": """
                document: { dsl: '1.0.3', namespace: acme, name: nightly, version: '1.0.0' }
                schedule: { every: { minutes: 1 } }
                \(steps)
                """
            ])
        try await site.store.refreshSchedules(leader: site.leader, now: 0)
        try await site.start()
        var failed: [UnticketedFailure] = []
        while try await site.store.read({ try $0.nextTurn(now: 60_000) }).isDue {
            failed += try await site.store.advanceInstances(limit: 16, leader: site.leader, now: 60_000).failed
        }
        #expect(failed.map { "\($0.company) \($0.workflow) \($0.error.instance)" } == ["acme nightly /do/0/fail"])
        let company = site.company.id
        let (figures, shown) = try await site.store.read { session in
            (try session.siteFigures(), try session.inside(company).failedRunCount())
        }
        #expect(figures.failedTickets == ["acme": 1])
        #expect(figures.failedWithoutTicket == ["acme": 1])
        #expect(figures.failed(in: "acme") == shown, "the page of queues counts the same")
    }

    // MARK: Secrets

    @Test func `a secret reaches the requests of the workflows that name it, opened and never stored`() async throws {
        let site = try await WorkflowSite(
            """
            use: { secrets: [token] }
            do:
              - ask:
                  call: http
                  with:
                    method: get
                    endpoint: { uri: 'https://shop.example/', authentication: { bearer: { token: '${ $secrets.token }' } } }
            """)
        try await site.store.write(in: site.company.id) { try $0.setSecret("token", sealed: "sealed", now: 5) }
        #expect(try await site.store.read(in: site.company.id) { try $0.secretNames() }.map(\.name) == ["token"])
        try await site.start()
        try await site.turn(now: 20)
        let call = try #require(try await site.take(now: 21).first)
        #expect(call.request.authentication == .bearer(token: "opened sealed"))
        #expect(try await site.store.write(in: site.company.id) { try $0.removeSecret("token") })
        #expect(try await !site.store.write(in: site.company.id) { try $0.removeSecret("token") })
    }

    @Test func `a request for which a secret is not set is never sent, and its workflow fails`() async throws {
        let site = try await WorkflowSite(
            """
            use: { secrets: [token] }
            do:
              - ask:
                  call: http
                  with: { method: get, endpoint: 'https://shop.example/', headers: { X-Key: '${ $secrets.token }' } }
            """)
        try await site.start()
        try await site.turn(now: 20)
        #expect(try await site.take(now: 21).isEmpty)
        try await site.turn(now: 22)
        #expect(try await site.ticket().status == TicketStatus.failed)
        #expect(try await site.take(now: 23).isEmpty)
    }

    // MARK: Many companies

    @Test func `no company waits behind the backlog of another`() async throws {
        let site = try await WorkflowSite("do: [ { s: { set: { status: done } } } ]")
        for _ in 0..<30 { try await site.start() }
        let globex = try await site.store.write {
            try $0.addCompany(slug: "globex", name: "Globex", timezone: "UTC", now: 1)
        }
        try await site.store.write(in: globex.id) {
            try $0.setMembership(of: site.person, companyRoles: [], only: [], now: 1)
        }
        try await site.publish(in: globex)
        _ = try await site.start(in: globex)
        let first = try await site.store.advanceInstances(limit: 4, leader: site.leader, now: 20)
        #expect(first.applied >= 1)
        #expect(try await site.store.read(in: globex.id) { try $0.ticket(number: 1) }?.state == .closed)
        #expect(try await site.store.read(in: site.company.id) { try $0.ticket(number: 30) }?.state == .open)
    }
}
