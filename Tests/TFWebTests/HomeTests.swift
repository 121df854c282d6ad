import HTTPTypes
import HummingbirdTesting
import TFDefinition
import TFEngine
import TFExpression
import TestSupport
import Testing

@testable import TFStore
@testable import tf_web

/// The worker's home: the next task first, then tabs with counts.
@Suite struct HomeTests {
    private static let files = [
        "ask.ticket.yaml": """
        ticket: ask
        name: Question
        description: Q
        title: "Question ${ .form.what }"
        workflow: ask
        body:
          - { type: input, id: what, attributes: { label: Subject } }
          - { type: textarea, id: why, attributes: { label: Why }, audience: [manager] }
          - { type: textarea, id: more, attributes: { label: More } }
        """,
        "ask.workflow.yaml":
            "document: { dsl: '1.0.3', namespace: acme, name: ask, version: '1.0.0' }\ndo: [ { answer: { call: answer } } ]\n",
        "answer.task.yaml": """
        task: answer
        title: "Answer ${ $ticket.form.what }"
        assign: { role: it-staff, strategy: pool }
        outcomes: [ "yes", { value: "no", label: Refuse, confirm: "Really?" }, { value: back, label: Send back } ]
        body: [ { type: textarea, id: comment, attributes: { label: Comment }, validations: { required_for: [back] } } ]
        """,
    ]

    /// Tickets, whose tasks anybody with the role may claim.
    private static func filled(_ count: Int = 3) async throws -> WebFixture {
        let fixture = try await WebFixture()
        try await fixture.publish(files)
        let uma = try #require(try await fixture.site.store.read { try $0.account("uma") })
        for number in 1...count {
            _ = try await fixture.site.store.inside(fixture.acme.id).submitTicket(
                TicketSubmission(
                    type: "ask", requester: uma, title: nil,
                    answers: ["what": .string("A\(number)"), "why": "for managers", "more": "as <b> told"]),
                now: fixture.site.now)
        }
        try await fixture.advance()
        return fixture
    }

    @Test func `what can be claimed stands in its tab, also while one has tasks, and is claimed there`() async throws {
        let fixture = try await Self.filled()
        try await fixture.test { browser in
            try await browser.become("dave")
            let home = try await browser.get("/c/acme/my/tasks").html
            #expect(home.contains("Nothing to do"))
            #expect(home.contains("3 tasks wait for anybody with your roles."))
            let pool = try await browser.get("/c/acme/pool").html
            #expect(pool.contains("formaction=tasks/2/claim "))
            #expect(pool.contains("</a>Uma Ulrich · #"), "\(pool)")
            #expect(pool.contains(/<td>Opened \d\d:\d\d</), "on a telephone the columns have no heads")
            #expect(!pool.contains("With nobody"), "only another reason is said")
            #expect(pool.contains(#"To claim <b class=hot>3</b>"#))
            let buttons = pool.matches(of: /tasks\/(\d)\/claim name=_submission value=([^>]+)>/)
            #expect(Set(buttons.map { $0.2 }).count == 3, "who goes back may claim another one")
            let key = try #require(buttons.first { $0.1 == "2" }?.2)
            let form = [("_csrf", try #require(Browser.hidden("_csrf", in: pool))), ("_submission", String(key))]
            let claimed = try await browser.post("/c/acme/tasks/2/claim", form)
            #expect(claimed.headers[.location] == "/c/acme/tasks/2")
            let again = try await browser.post("/c/acme/tasks/2/claim", form)
            #expect(again.headers[.location] == "/c/acme/tasks/2", "a double click is one")
            let mine = try await browser.get("/c/acme/my/tasks").html
            #expect(mine.contains("Do this next"))
            #expect(mine.contains(#"To claim <b class=hot>2</b>"#))
            #expect(mine.contains("This is your only open task."))
        }
    }

    @Test func `the next task shows what its worker may read, and is decided on the spot where nothing is asked`()
        async throws
    {
        let fixture = try await Self.filled()
        try await fixture.test { browser in
            try await browser.become("dave")
            _ = try await browser.submit("/c/acme/pool", to: "/c/acme/tasks/1/claim", [])
            let home = try await browser.get("/c/acme/my/tasks").html
            #expect(home.contains("“as &lt;b&gt; told”"))
            #expect(!home.contains("for managers"))
            #expect(home.contains("<dt>Subject</dt><dd>A1</dd>"))
            #expect(
                home.contains(#"name="outcome" value="yes">Yes</button>"#)
                    || home.contains(#"value="yes">yes</button>"#))
            let refusal = #"<button class="danger" name="outcome" value="no">Refuse…</button>"#
            #expect(home.contains(refusal))
            let task = try await browser.get("/c/acme/tasks/1").html
            #expect(task.contains(refusal), "a way to finish looks alike on both pages")
            #expect(task.contains(#"<button name="outcome" value="back">Send back</button>"#))
            #expect(home.contains(#"<a class="btn" href="/c/acme/tasks/1">Send back…</a>"#))
            let refused = try await browser.submit(
                "/c/acme/my/tasks", to: "/c/acme/tasks/1/completion", [("outcome", "no")])
            #expect(refused.status == .ok)
            #expect(refused.html.contains("Really?"))
            let done = try await browser.submit(
                "/c/acme/my/tasks", to: "/c/acme/tasks/1/completion", [("outcome", "yes")])
            #expect(done.status == .seeOther, "\(done.html)")
            let list = try await browser.get("/c/acme/my/tasks?show=done").html
            #expect(list.contains("Answer A1"))
            #expect(list.contains("Done <b>1</b>"))
            _ = try await browser.submit("/c/acme/pool", to: "/c/acme/tasks/2/claim", [])
            let sentBack = try await browser.submit(
                "/c/acme/tasks/2", to: "/c/acme/tasks/2/completion",
                [("outcome", "back"), ("f.comment", "Which one?")])
            #expect(sentBack.status == .seeOther, "\(sentBack.html)")
            #expect(try await browser.get("/c/acme/my/tasks?show=done").html.contains("<td class=off>Send back"))
        }
    }

    @Test func `late tasks come first, then urgent ones, and what is on hold leaves the list`() async throws {
        let fixture = try await Self.filled()
        try await fixture.test { browser in
            try await browser.become("dave")
            for task in 1...3 { _ = try await browser.submit("/c/acme/pool", to: "/c/acme/tasks/\(task)/claim", []) }
            try await fixture.site.store.write { session in
                try session.run("UPDATE task SET priority = 'urgent' WHERE id = 2")
                try session.run("UPDATE task SET due_at_ms = 1000 WHERE id = 3")
            }
            func order() async throws -> [String] {
                try await browser.get("/c/acme/my/tasks").html.matches(of: /href="?\/c\/acme\/tasks\/\d"?>(Answer A\d)/)
                    .map { String($0.output.1) }
            }
            #expect(try await order() == ["Answer A3", "Answer A2", "Answer A1"])
            let until = Moment.iso8601(fixture.site.now + 3_600_000)
            _ = try await browser.submit(
                "/c/acme/tasks/3", to: "/c/acme/tasks/3/hold", [("until", until), ("reason", "no key & no map")])
            #expect(try await order() == ["Answer A2", "Answer A1"])
            let held = try await browser.get("/c/acme/my/tasks?show=held").html
            #expect(held.contains("Answer A3"))
            #expect(held.contains("On hold <b>1</b>"))
            #expect(held.contains("<p>“no key &amp; no map”</p>"), "why, in the row")
            #expect(
                held.contains(/<td data-l="Comes back"><time [^>]*>(?:tomorrow )?\d\d:\d\d</), "and until which hour")
            let next = try await browser.submit("/c/acme/my/tasks", to: "/c/acme/my/tasks/next", [])
            #expect(next.headers[.location] == "/c/acme/tasks/2")
        }
    }

    @Test func `of several tasks of one ticket, each button says which of them it claims`() async throws {
        let fixture = try await Self.filled()
        try await fixture.site.store.write { session in
            try session.run("UPDATE task SET ticket_id = (SELECT id FROM ticket WHERE number = 1) WHERE id = 2")
        }
        try await fixture.test { browser in
            try await browser.become("dave")
            let pool = try await browser.get("/c/acme/pool").html
            let names = pool.matches(of: /Claim<i class=vh>([^<]+)</).map { String($0.output.1) }
            #expect(Set(names) == [" #1: Answer A1", " #1: Answer A2", " #3"], "\(pool)")
        }
    }

    @Test func `the page of one's tasks asks for the titles of its own rows' types alone`() async throws {
        let fixture = try await Self.filled()
        try await fixture.test { browser in
            try await browser.become("dave")
            for task in 1...2 { _ = try await browser.submit("/c/acme/pool", to: "/c/acme/tasks/\(task)/claim", []) }
            let statements = try await fixture.site.store.statements {
                let page = try await browser.get("/c/acme/my/tasks").html
                #expect(page.contains(" · Question"))
            }
            let titles = statements.filter { $0.contains("SELECT d.name, d.version, d.state") }
            #expect(titles.count == 1 && !titles[0].contains("1 = 1"), "\(titles)")
        }
    }

    @Test func `a program is told how a task can end, before it completes one`() async throws {
        let fixture = try await Self.filled(1)
        try await fixture.test { browser in
            let token = try await browser.token("dave")
            let one = try JSON(
                parsing: try await browser.json("/api/v1/companies/acme/tasks/1", .get, token: token).html)
            let outcomes = try #require(one["outcomes"].arrayValue)
            #expect(outcomes.map { $0["value"].stringValue } == ["yes", "no", "back"])
            #expect(outcomes.last?["label"].stringValue == "Send back")
            let list = try await browser.json("/api/v1/companies/acme/tasks", .get, token: token).html
            #expect(try JSON(parsing: list)["items"].arrayValue?.first?["outcomes"] == JSON.null)
        }
    }

    @Test func `tasks to claim and one's own come in pages that fit into the first packets of a connection`()
        async throws
    {
        let fixture = try await Self.filled(30)
        try await fixture.test { browser in
            try await browser.become("dave")
            let sheet = try await browser.get(Asset.styleSheet.path, headers: [.acceptEncoding: "gzip"])
            /// The titles on both pages of a list, the first of which is held to its size.
            func pages(_ list: String) async throws -> [[String]] {
                let first = try await browser.get(list).html
                let size = first.utf8.count + sheet.body.readableBytes
                #expect(size <= 13_000, "\(list): \(size) bytes with the style sheet")
                #expect(first.matches(of: /<[a-z]/).count <= 800)
                #expect(!first.contains("rel=prev"))
                let next = try #require(first.firstMatch(of: /href="([^"]+)" rel=next/)).output.1
                let second = try await browser.get(String(next).replacing("&amp;", with: "&")).html
                #expect(second.contains("rel=prev") && !second.contains("rel=next"))
                #expect(!second.contains("Do this next"), "the most urgent one is on the first page")
                let told = "The place is one in another order"
                let other = list == "/c/acme/pool" ? "/c/acme/my/tasks?show=held" : "/c/acme/my/tasks?show=done"
                let cursor = try #require(next.split(separator: "=").last)
                #expect(try await browser.get("\(other)&after=\(cursor)").html.contains(told))
                #expect(try await browser.get("\(list)?after=urgency.9000000000000000000.1").html.contains("any more"))
                return [first, second].map { page in page.matches(of: />(Answer A\d+)</).map { String($0.output.1) } }
            }
            let claimable = try await pages("/c/acme/pool")
            #expect(claimable.map(\.count) == [25, 5])
            #expect(Set(claimable.joined()).count == 30)
            let tom = try #require(try await fixture.site.store.read { try $0.account("tom") })
            try await fixture.site.store.write(in: fixture.acme.id) { session in
                for task in 1...30 {
                    try session.reassignTask(
                        TaskID(task), .to("dave"), TaskMove(by: tom, onlyOwn: false, reason: nil, version: nil),
                        now: fixture.site.now)
                }
            }
            #expect(try await pages("/c/acme/my/tasks") == claimable)
        }
    }

    @Test func `a ticket admin who is no worker sees what there is to claim, and no tasks of their own`() async throws {
        let fixture = try await Self.filled()
        try await fixture.test { browser in
            try await browser.become("tom")
            let pool = try await browser.get("/c/acme/pool").html
            #expect(pool.contains("<h1>Tasks to claim"))
            #expect(!pool.contains("On hold"))
        }
    }
}
