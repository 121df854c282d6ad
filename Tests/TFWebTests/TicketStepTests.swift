import TFDefinition
import TFEngine
import TFExpression
import Testing

@testable import TFStore
@testable import tf_web

/// The steps above a ticket, and the time that it has taken.
@Suite struct TicketStepTests {
    private static let files = [
        "way.ticket.yaml": form("way"),
        "way.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: acme, name: way, version: '1.0.0' }
        do:
          - approve:
              try: [ { first-look: { call: look } } ]
              catch: { do: [ { escalate: { call: mend } } ] }
          - decide:
              switch:
                - good: { when: .outcome == "good", then: finish }
                - bad: { then: rework }
          - rework: { call: mend, then: approve }
          - finish: { call: look }
        """,
        "look.task.yaml": "title: Look at it\nassign: { role: it-staff }\noutcomes: [good, bad]\n",
        "order.ticket.yaml": form("order"),
        "order.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: acme, name: order, version: '1.0.0' }
        do:
          - allow: { call: look }
          - allow-much: { if: .form.what == "yacht", call: look }
          - buy: { call: look }
          - fetch: { call: look }
          - unpack: { call: look }
          - place: { call: look }
          - tell: { call: look }
        """,
        "buying.ticket.yaml": form("buying"),
        "buying.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: acme, name: buying, version: '1.0.0' }
        do:
          - approve: { call: look }
          - pay: { run: { workflow: { namespace: acme, name: paying, version: latest } } }
        """,
        "paying.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: acme, name: paying, version: '1.0.0' }
        do: [ { approve: { call: look } } ]
        """,
        "choice.ticket.yaml": form("choice"),
        "choice.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: acme, name: choice, version: '1.0.0' }
        do:
          - look: { call: look }
          - decide:
              switch:
                - good: { when: .outcome == "good", then: bought }
                - bad: { then: refused }
          - bought: { set: { status: bought }, then: end }
          - refused: { set: { status: refused }, then: end }
        """,
        "mend.task.yaml": "title: 'Mend ${ .what }'\nassign: { strategy: requester }\n",
    ]

    /// The form that starts the workflow of its name.
    private static func form(_ name: String) -> String {
        """
        name: \(name)
        description: D
        title: \(name)
        workflow: \(name)
        body: [ { type: input, id: what, attributes: { label: What } } ]
        """
    }

    private static func site(type: String = "way", changing changed: [String: String] = [:]) async throws -> WebFixture
    {
        let fixture = try await WebFixture()
        try await fixture.publish(files.merging(changed) { $1 })
        let uma = try #require(await fixture.site.store.read { try $0.account("uma") })
        _ = try await fixture.site.store.inside(fixture.acme.id).submitTicket(
            TicketSubmission(type: type, requester: uma, title: nil, answers: ["what": "x"]), now: fixture.site.now)
        try await fixture.advance()
        return fixture
    }

    /// Dave gets a task, and finishes it; the workflow goes on.
    private static func finish(_ task: TaskID, _ outcome: String = "good", in fixture: WebFixture) async throws {
        let (tom, dave) = try await fixture.site.store.read { session in
            (try #require(try session.account("tom")), try #require(try session.account("dave")))
        }
        try await fixture.site.store.write(in: fixture.acme.id) { [now = fixture.site.now] session in
            try session.reassignTask(
                task, .to("dave"), TaskMove(by: tom, onlyOwn: false, reason: nil, version: nil), now: now)
        }
        try await fixture.site.store.inside(fixture.acme.id).completeTask(
            Completion(task: task, by: dave, outcome: outcome, answers: [:], version: nil), now: fixture.site.now)
        try await fixture.advance()
    }

    private static func steps(_ fixture: WebFixture) async throws -> [String] {
        let now = fixture.site.now
        return try await fixture.site.store.read(in: fixture.acme.id) { [acme = fixture.acme] session in
            let ticket = try #require(try session.ticket(number: 1))
            let course = try #require(try session.course(of: ticket))
            return TicketSteps(
                course, ticket, history: try session.history(ticket: ticket.id),
                tasks: try session.tasks(ticket: ticket.id), Times(acme, now: now)
            ).steps.map { "\($0.tone) \($0.title)\($0.isNow ? " now" : "")" }
        }
    }

    @Test func `a ticket shows what it went through, where it is, and what comes if nothing goes wrong`() async throws {
        let fixture = try await Self.site()
        #expect(
            try await Self.steps(fixture) == [
                "done Submitted", "wait First look now", "idle Finish", "idle Closed",
            ])
        let tom = try #require(await fixture.site.store.read { try $0.account("tom") })
        let dave = try #require(await fixture.site.store.read { try $0.account("dave") })
        try await fixture.site.store.write(in: fixture.acme.id) { [now = fixture.site.now] session in
            try session.reassignTask(
                1, .to("dave"), TaskMove(by: tom, onlyOwn: false, reason: nil, version: nil), now: now)
            try session.startTask(1, by: dave, version: nil, now: now)
        }
        #expect(try await Self.steps(fixture)[1] == "work First look now")
        try await fixture.site.store.inside(fixture.acme.id).completeTask(
            Completion(task: 1, by: dave, outcome: "bad", answers: [:], version: nil), now: fixture.site.now)
        try await fixture.advance()
        #expect(
            try await Self.steps(fixture) == [
                "done Submitted", "done First look", "work Rework now", "idle First look", "idle Finish", "idle Closed",
            ])
        try await fixture.site.store.write(in: fixture.acme.id) { [now = fixture.site.now] session in
            let ticket = try #require(try session.ticket(number: 1))
            try session.cancelTicket(ticket.id, version: nil, by: tom, now: now)
        }
        try await fixture.advance()
        #expect(
            try await Self.steps(fixture) == [
                "done Submitted", "done First look", "off Rework", "off Finish", "off Cancelled",
            ])
        try await fixture.site.store.write(in: fixture.acme.id) { [now = fixture.site.now] session in
            let ticket = try #require(try session.ticket(number: 1))
            try session.reopenTicket(ticket.id, by: tom, version: nil, now: now)
        }
        try await fixture.advance()
        // The workflow begins anew: what was done before does not count.
        #expect(
            try await Self.steps(fixture) == ["done Submitted", "wait First look now", "idle Finish", "idle Closed"])
    }

    @Test(arguments: [
        ("good", "status: bought", "done", "Bought"), ("bad", "status: bought", "off", "Refused"),
        ("good", "status: '${ \"b\" + \"ought\" }'", "done", "Bought"),
        ("bad", "status: '${ \"b\" + \"ought\" }'", "off", "Refused"),
    ])
    func `a ticket that ended otherwise than it was meant to does not look like one that went well`(
        outcome: String, good: String, tone: String, end: String
    ) async throws {
        let name = "choice.workflow.yaml"
        let workflow = try #require(Self.files[name]).replacing("status: bought", with: good)
        let fixture = try await Self.site(type: "choice", changing: [name: workflow])
        try await Self.finish(1, outcome, in: fixture)
        #expect(try await Self.steps(fixture).last == "\(tone) \(end)")
        try await fixture.test { browser in
            try await browser.become("uma")
            let ticket = try await browser.get("/c/acme/tickets/1").html
            #expect(ticket.contains(#"<span class="tag \#(tone)"><i class="g \#(tone)"></i>\#(end)"#))
            #expect(
                ticket.contains(#"<i class="g \#(tone)"></i><div>The ticket is closed: <b>\#(end.lowercased())</b>"#))
            let list = "/c/acme/my/tickets?state=closed"
            #expect(try await browser.get(list).html.contains("<td class=\(tone)>\(end)"))
            try await fixture.publish([
                name: workflow.replacing("bought", with: "paid").replacing("ought", with: "rought")
            ])
            #expect(
                try await browser.get(list).html.contains("<td class=\(tone)>\(end)"), "it was started with another")
        }
    }

    @Test func `a page whose ticket goes on by itself asks again, and no other`() async throws {
        let fixture = try await Self.site(type: "choice")
        try await fixture.test { browser in
            try await browser.become("uma")
            let page = "/c/acme/tickets/1"
            #expect(try await browser.get(page).html.contains(" data-soon>"), "it is being assigned")
            let tom = try #require(await fixture.site.store.read { try $0.account("tom") })
            try await fixture.site.store.write(in: fixture.acme.id) { [now = fixture.site.now] session in
                try session.reassignTask(
                    1, .to("dave"), TaskMove(by: tom, onlyOwn: false, reason: nil, version: nil), now: now)
            }
            #expect(try await !browser.get(page).html.contains("data-soon"), "it waits for somebody")
        }
    }

    @Test func `an ended ticket shows what was done, and what it did without where the workflow has it`() async throws {
        let fixture = try await Self.site(type: "order")
        let tom = try #require(await fixture.site.store.read { try $0.account("tom") })
        for task: TaskID in [1, 2] {
            try await Self.finish(task, in: fixture)
        }
        try await fixture.site.store.write(in: fixture.acme.id) { [now = fixture.site.now] session in
            let ticket = try #require(try session.ticket(number: 1))
            try session.cancelTicket(ticket.id, version: nil, by: tom, now: now)
        }
        try await fixture.advance()
        #expect(
            try await Self.steps(fixture) == [
                "done Submitted", "done Allow", "off Allow much", "done Buy", "off Fetch", "off Unpack",
                "off Place",
                "off Cancelled",
            ])
    }

    @Test func `a step of a workflow that the ticket's runs is none of its own, whatever it is called`() async throws {
        let fixture = try await Self.site(type: "buying")
        try await Self.finish(1, in: fixture)
        let inner = try await fixture.site.store.read(in: fixture.acme.id) { try $0.tasks(ticket: TicketID(1)).last }
        #expect(inner?.reference == "/do/0/approve")
        let steps = try await Self.steps(fixture)
        #expect(steps == ["done Submitted", "done Look at it", "work Pay now", "idle Closed"])
    }

    @Test func `what a new ticket will go through is known from its type`() async throws {
        let fixture = try await Self.site()
        let titles = try await fixture.site.store.read(in: fixture.acme.id) { session in
            try ["way", "thing"].map { name in
                let type = try #require(try session.ticketType(name)).definition
                let course = try #require(try session.course(of: type))
                return course.graph.mainPath(from: ["start"]).map(\.label)
            }
        }
        #expect(titles == [["First look", "Finish"], ["Look after it"]])
    }

    @Test func `time is work while somebody has started, waiting else, and neither while the ticket is closed`()
        async throws
    {
        let fixture = try await Self.site()
        let (ticket, task) = try await fixture.site.store.read(in: fixture.acme.id) { session in
            let ticket = try #require(try session.ticket(number: 1))
            return (ticket, try #require(try session.tasks(ticket: ticket.id).first))
        }
        let start = ticket.createdAtMs
        func entry(_ id: Int64, _ kind: HistoryKind, _ minutes: Int64, _ data: JSON = [:]) -> HistoryEntry {
            HistoryEntry(
                id: HistoryID(id), taskID: kind == .closed || kind == .reopened ? nil : task.id, actor: "dave",
                kind: kind, data: data, atMs: start + minutes * 60_000)
        }
        let history = [
            entry(1, .assigned, 2, ["to": "dave"]), entry(2, .started, 5), entry(3, .held, 15), entry(4, .started, 30),
            entry(5, .closed, 40), entry(6, .reopened, 100),
        ]
        let time = WorkTime(ticket, history: history, tasks: [task], now: start + 110 * 60_000)
        // The task may be some milliseconds younger than its ticket.
        let long = time.stretches.filter { $0.length >= 60_000 }
        #expect(long.map(\.isWork) == [false, false, true, false, true, true])
        #expect(long.map(\.who) == [nil, "dave", "dave", "dave", "dave", "dave"])
        #expect(time.waiting == 20 * 60_000)
        #expect(time.working == 30 * 60_000)
    }

    @Test func `however short work was, the bar of a ticket's time shows it over the waits`() {
        let lengths: [(isWork: Bool, length: Int64)] = [
            (false, 2), (true, 1), (false, 1), (true, 1), (false, 9_995),
        ]
        var moment: Int64 = 0
        let stretches = lengths.map { isWork, length in
            defer { moment += length }
            return WorkTime.Stretch(isWork: isWork, who: nil, task: nil, from: moment, until: moment + length)
        }
        let parts = WorkTimeCard.parts(stretches)
        #expect(parts.map(\.isWork) == [false, true, true], "a wait without room is left out")
        #expect(parts.map(\.x) == [0, 0, 0])
        #expect(parts.map(\.width) == [279, 2, 2])
        #expect(WorkTimeCard.parts([]).isEmpty)
    }

    @Test(arguments: [
        ("1289.5", "EUR", "1,289.50 EUR"), ("1200", "EUR", "1,200.00 EUR"), ("-1234567", nil, "-1,234,567"),
        ("3", "hours", "3 hours"), ("0.125", "€", "0.125 €"), ("999", nil, "999"), ("1e30", "EUR", "1e30 EUR"),
    ])
    func `amounts have two digits, and thousands a comma`(_ number: String, _ unit: String?, _ text: String) throws {
        #expect(Amount.text(try JSON(parsing: number), unit: unit) == text)
    }
}
