import TFDefinition
import TFEngine
import TFExpression
import TFStore
import TestSupport
import Testing

@testable import tf_web

/// People's tasks in a workflow's function, on every page: they are those of the step that calls the function.
@Suite struct FunctionTaskTests {
    private static let files = [
        "ask.ticket.yaml": form("ask"),
        "ask.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: acme, name: ask, version: '1.0.0' }
        use:
          functions:
            post: { call: http, with: { method: post, endpoint: 'https://x.example/' } }
            askTwice:
              do:
                - first: { call: sign-off }
                - again: { if: .outcome == "bad", call: sign-off }
        do:
          - check: { call: askTwice }
          - order:
              try: [ { send: { call: post } } ]
              catch: { do: [ { byHand: { call: askTwice } } ] }
        """,
        "sign-off.task.yaml": "title: Sign it\nassign: { strategy: pool }\noutcomes: [good, bad]\n",
        "later.ticket.yaml": form("later"),
        "later.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: acme, name: later, version: '1.0.0' }
        do: [ { pause: { wait: P10D } } ]
        """,
        "hear.ticket.yaml": form("hear"),
        "hear.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: acme, name: hear, version: '1.0.0' }
        do: [ { answer: { listen: { to: { any: [ { with: { type: paid } } ] } } } } ]
        """,
    ]

    private static func form(_ name: String) -> String {
        """
        name: \(name)
        description: D
        title: \(name)
        workflow: \(name)
        body: [ { type: input, id: what, attributes: { label: What } } ]
        """
    }

    private static func site(_ type: String) async throws -> WebFixture {
        let fixture = try await WebFixture()
        try await fixture.publish(files)
        let uma = try #require(await fixture.site.store.read { try $0.account("uma") })
        _ = try await fixture.site.store.inside(fixture.acme.id).submitTicket(
            TicketSubmission(type: type, requester: uma, title: nil, answers: ["what": "x"]), now: fixture.site.now)
        try await fixture.advance()
        return fixture
    }

    /// Dave answers a task, and the workflow goes on.
    private static func finish(_ task: TaskID, _ outcome: String, in fixture: WebFixture) async throws {
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

    @Test func `the definition's page counts them at the step, and the list has the same tickets`() async throws {
        let fixture = try await Self.site("ask")
        try await fixture.test { browser in
            try await browser.become("tom")
            let list = "/c/acme/tickets?step=check"
            let row = #"<th scope="row">Check</th><td class="num"><a href="\#(list)">1</a></td>"#
            let page = "/c/acme/definitions/workflow/ask"
            let before = try await browser.get(page).html
            #expect(before.contains(row), "\(before)")
            #expect(before.contains("In a step: how many"), "there are figures to explain")
            #expect(!before.contains("No ticket has come through it") && !before.contains(">By hand</th>"))
            let listed = try await browser.get(list).html
            #expect(listed.contains("<a href=tickets/1>"), "\(listed)")
            try await Self.finish(1, "good", in: fixture)
            let after = try await browser.get(page).html
            #expect(after.contains(#"<th scope="row">Check</th><td class="num">0</td>"#), "\(after)")
        }
    }

    @Test func `the form's page says who is asked`() async throws {
        let fixture = try await Self.site("ask")
        try await fixture.test { browser in
            try await browser.become("uma")
            let page = try await browser.get("/c/acme/tickets/new/ask").html
            #expect(page.contains("<b>Check</b><br><small>A worker</small>"), "\(page)")
            #expect(page.contains("<b>Send</b><br><small>By itself</small>"))
        }
    }

    @Test func `the ticket's page tells that nobody has the step, and then who did it`() async throws {
        let fixture = try await Self.site("ask")
        try await fixture.test { browser in
            try await browser.become("tom")
            let waiting = try await browser.get("/c/acme/tickets/1").html
            #expect(waiting.contains("<b>Check</b><small>With nobody, for "), "\(waiting)")
            #expect(waiting.contains("<strong>Check</strong>: ‖ Waiting, With nobody. "))
            // The function goes on with its second step.
            try await Self.finish(1, "bad", in: fixture)
            let again = try await browser.get("/c/acme/tickets/1").html
            #expect(again.contains("<b>Check</b><small>With nobody, for "), "\(again)")
            try await Self.finish(2, "good", in: fixture)
            let after = try await browser.get("/c/acme/tickets/1").html
            #expect(after.contains("<span>Check<small>Dave"), "\(after)")
            #expect(after.contains("<strong>Check</strong>: ✓ Done, Dave"))
        }
    }

    @Test func `the task's page tells what comes next, and has the workflow`() async throws {
        let fixture = try await Self.site("ask")
        try await fixture.test { browser in
            try await browser.become("tom")
            let page = try await browser.get("/c/acme/tasks/1").html
            #expect(page.contains("What comes next") && page.contains("<b>Send</b><br>"), "\(page)")
            #expect(page.contains("Show the workflow"))
        }
    }

    @Test func `a dry run tells each answer at the step`() async throws {
        let fixture = try await Self.site("ask")
        try await fixture.site.store.read(in: fixture.acme.id) { session in
            let row = try #require(try session.definition(.workflow, "ask"))
            let workflow = try DryRunWorkflow(row, path: "/", session)
            let trace: [JSON] = [
                Self.entry("started", ""), Self.entry("started", "/do/0/check"),
                Self.entry("started", "/do/0/check/do/0/first"), Self.entry("waiting", "/do/0/check/do/0/first"),
                Self.entry("completed", "/do/0/check/do/0/first"), Self.entry("skipped", "/do/0/check/do/1/again"),
                Self.entry("completed", "/do/0/check"), Self.entry("started", "/do/1/order"),
                Self.entry("started", "/do/1/order/try/0/send"), Self.entry("faulted", "/do/1/order/try/0/send/do/0/x"),
                Self.entry("faulted", "/do/1/order/try/0/send"),
                Self.entry("started", "/do/1/order/catch/do/0/byHand"),
                Self.entry("started", "/do/1/order/catch/do/0/byHand/do/0/first"),
                Self.entry("completed", "/do/1/order/catch/do/0/byHand/do/0/first"),
            ]
            let given = ["good", "bad"].map { DryRunAnswer(task: "sign-off", outcome: $0, answers: [:], after: nil) }
            let film = DryRunFilm(workflow, trace: trace, given: given, on: .usual, submitted: true)
            #expect(
                film.frames.map { "\($0.tone) \($0.title): \($0.note)" } == [
                    "done Somebody sends it: ", "done Good: Check: First", "fail It fails: Send",
                    "done Bad: By hand: First",
                ])
            let here = try #require(workflow.graph.nodes.first { $0.label == "By hand" })
            #expect(film.walk.stages[here.id] == .here)
        }
    }

    private static func entry(_ event: String, _ reference: String) -> JSON {
        ["at": "2026-11-30T08:00:00Z", "event": .string(event), "task": .string(reference), "name": "x"]
    }

    @Test func `a step fails with what fails in its function, unless that goes on`() throws {
        let parsed = Definition.parse(
            Array(try #require(Self.files["ask.workflow.yaml"]).utf8), file: "ask.workflow.yaml", company: "acme")
        guard case .workflow(let workflow)? = parsed.definition else { throw StoreError.notFound }
        let graph = WorkflowGraph(workflow)
        let check = try #require(graph.nodes.first { $0.label == "Check" })
        var walk = WorkflowWalk(graph)
        walk.note(.started, at: "/do/0/check")
        walk.note(.started, at: "/do/0/check/do/0/first")
        walk.note(.faulted, at: "/do/0/check/do/0/first")
        #expect(walk.stages[check.id] == .failed)
        walk.note(.started, at: "/do/0/check/do/0/first")
        #expect(walk.stages[check.id] == .here)
        walk.note(.completed, at: "/do/0/check/do/0/first")
        #expect(walk.stages[check.id] == .here)
        walk.note(.completed, at: "/do/0/check")
        #expect(walk.stages[check.id] == .past)
    }

    @Test(arguments: [("later", "Pause", "waits until "), ("hear", "Answer", "waits for an event")])
    func `a ticket that waits for a moment or an event says so`(type: String, step: String, words: String) async throws
    {
        let fixture = try await Self.site(type)
        try await fixture.test { browser in
            try await browser.become("uma")
            let page = try await browser.get("/c/acme/tickets/1").html
            #expect(page.contains("<h2>Now: “\(step)” \(words)"), "\(page)")
            #expect(page.contains("<b>\(step)</b><small>\(Words.capitalized(words))"))
            #expect(page.contains("<strong>\(step)</strong>: ‖ Waiting, \(Words.capitalized(words))"))
            #expect(!page.contains("◐ Working"))
            let list = try await browser.get("/c/acme/my/tickets").html
            #expect(list.contains("<td class=wait>\(Words.capitalized(words))"), "\(list)")
        }
    }
}
