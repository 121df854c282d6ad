import HummingbirdTesting
import Synchronization
import TFEngine
import TFExpression
import Testing

@testable import TFStore
@testable import tf_web

/// What the ticket page tells of the past, and to whom.
@Suite struct TimelineTests {
    /// What an entry of a kind reads like; nil: it is not a line of its own.
    private static func sentence(_ kind: HistoryKind) -> String? {
        switch kind {
        case .submitted: "<b>zed</b> asked for this"
        case .uncomputed: "The priority could not be computed, so it is normal: it gave 7"
        case .updated:
            "<b>zed</b> called it “T”, set the priority to <b>high</b> and took the due date away"
        case .attached: #"<b>zed</b> added <a href="/c/acme/tickets/1/attachments/f1" download>a file</a>"#
        case .cancellation: "<b>zed</b> cancelled the ticket: busy"
        case .reopened: "<b>zed</b> opened the ticket again"
        case .step: nil
        case .closed: "The ticket is closed: <b>done</b>"
        case .failed: "The workflow stopped with an error: the daemon died 2 times in a row while it handled it"
        case .cancelled: "The workflow ended, since the ticket was cancelled"
        case .stepRetry: "<b>zed</b> had the failed step “Divide” tried again"
        case .stepSkip: "<b>zed</b> skipped the failed step “Divide”"
        case .assigned: "“T” went to <b>Bob Berger</b>"
        case .claimed: "<b>zed</b> took “T”"
        case .started: "<b>zed</b> started “T”"
        case .held: "<b>zed</b> put “T” on hold until <time"
        case .released: "<b>zed</b> gave “T” back: busy"
        case .reassigned: "<b>zed</b> gave “T” to <b>Bob Berger</b>: busy"
        case .handedOver: "<b>zed</b> handed “T” to <b>Bob Berger</b>: busy"
        case .prioritized: "<b>zed</b> set the priority of “T” to high"
        case .completed: "<b>zed</b> finished “T”: <b>Approve</b>"
        case .answersReplaced: "<b>zed</b> changed the answers"
        case .tryFailed: "<b>zed</b> failed at “T” (try 1 of 3)"
        case .taskFailed: "“T” has failed for good after 1 try, the last of <b>zed</b>"
        case .leaseEnded: "No word from <b>Bob Berger</b> about “T”; it is tried again"
        }
    }

    private static func data(_ kind: HistoryKind) -> JSON {
        switch kind {
        case .updated: ["title": "T", "priority": "high", "due": .null]
        case .uncomputed: ["key": "priority", "error": "it gave 7"]
        case .attached: ["file": "f1"]
        case .failed: ["status": "failed", "error": ["set_aside": "died", "facts": ["times": 2]]]
        case .closed, .cancelled: ["status": "done"]
        case .stepRetry, .stepSkip: ["reference": "/do/1/divide"]
        case .step: ["reference": "/do/1/divide", "kind": "started", "name": "a"]
        case .held: ["title": "T", "until": "2027-01-01T10:00:00Z"]
        case .completed: ["title": "T", "outcome": "approve", "label": "Approve"]
        case .tryFailed: ["title": "T", "try": 1, "of": 3]
        case .taskFailed: ["title": "T", "try": 1]
        case .prioritized: ["title": "T", "priority": "high"]
        case .assigned: ["title": "T", "to": "bob", "because": "handed_over", "by": "ann"]
        case .submitted, .cancellation, .reopened, .claimed, .started, .released, .reassigned, .handedOver,
            .answersReplaced, .leaseEnded:
            ["title": "T", "to": "bob", "reason": "busy"]
        }
    }

    @Test func `every kind of entry is told in words, with who did it`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            let token = try await browser.token("uma")
            _ = try await browser.json(
                "/api/v1/companies/acme/tickets", .post, token: token,
                #"{"type":"thing","title":"Thing","form":{"what":"x"}}"#)
        }
        try await fixture.advance()
        try await fixture.site.store.write { db in
            for kind in HistoryKind.allCases {
                try db.run(
                    """
                    INSERT INTO history (company_id, ticket_id, actor, kind, data, at_ms)
                    SELECT company_id, id, 'zed', ?, ?, 1 FROM ticket
                    """, [kind.rawValue, Self.data(kind).text])
            }
        }
        try await fixture.test { browser in
            try await browser.become("tom")
            let short = try await browser.get("/c/acme/tickets/1").html
            #expect(short.contains(">Show all "), "a long history shows its beginning and its end")
            #expect(short.contains("<b>Uma Ulrich</b> asked for this") || short.contains("asked for this, "))
            let page = try await browser.get("/c/acme/tickets/1?history=all").html
            #expect(!page.contains(">Show all "))
            for kind in HistoryKind.allCases {
                guard let sentence = Self.sentence(kind) else { continue }
                #expect(page.contains("<div>\(sentence)"), "\(kind)")
            }
        }
    }

    @Test func `that a title could not be computed is told to everybody, and why to those who decide about failures`()
        async throws
    {
        let fixture = try await WebFixture()
        try await fixture.publish([
            "count.ticket.yaml": """
            name: How many
            description: H
            title: "No. ${ .form.count | tonumber }"
            body: [ { type: input, id: count, attributes: { label: Count } } ]
            """
        ])
        try await fixture.test { browser in
            let sent = try await browser.json(
                "/api/v1/companies/acme/tickets", .post, token: browser.token("uma"),
                #"{"type":"count","form":{"count":"a few"}}"#)
            #expect(sent.status == .created, "\(sent.html)")
            for (login, isTold) in [("uma", false), ("tom", true)] {
                browser.forgetCookies()
                try await browser.become(login)
                let page = try await browser.get("/c/acme/tickets/1").html
                #expect(page.contains("The title could not be computed, so the ticket has its form’s name"), "\(login)")
                #expect(page.contains("cannot be parsed as a number") == isTold, "\(login): \(page)")
            }
        }
    }

    @Test func `the history of a workflow that goes round is read at both ends`() async throws {
        let fixture = try await WebFixture()
        let path = "/api/v1/companies/acme/tickets"
        try await fixture.test { browser in
            let token = try await browser.token("uma")
            _ = try await browser.json(
                path, .post, token: token, #"{"type":"thing","title":"Thing","form":{"what":"x"}}"#)
        }
        try await fixture.site.store.write { db in
            let round: JSON = ["task": "/do/0/a", "event": "completed"]
            try db.run(
                """
                INSERT INTO history (company_id, ticket_id, actor, kind, data, at_ms)
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
                SELECT t.company_id, t.id, 'system', 'step', ?, i FROM ticket t, n
                """, [round.text])
        }
        let history = try await fixture.site.store.read(in: fixture.acme.id) { session in
            try session.history(ticket: try #require(try session.ticket(number: 1)).id)
        }
        #expect(history.count == HistoryEntry.limitOldest + HistoryEntry.limitNewest)
        #expect(history == history.sorted { $0.id < $1.id } && history.first?.kind == .submitted)
        #expect(history.last?.atMs == 20_000 && HistoryEntry.beforeGap(in: history) == history[499].id)
        try await fixture.test { browser in
            try await browser.become("tom")
            let page = try await browser.get("/c/acme/tickets/1?history=all").html
            #expect(page.contains("Here entries are left out: the workflow goes round"))
            let answer = try await browser.json("\(path)/1", .get, token: try await browser.token("tom"))
            #expect(try JSON(parsing: answer.html)["history"].arrayValue?.count == history.count)
        }
    }

    @Test func `what a workflow changed is the workflow's, and what went away with somebody is nobody's deed`()
        async throws
    {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            let token = try await browser.token("uma")
            _ = try await browser.json(
                "/api/v1/companies/acme/tickets", .post, token: token,
                #"{"type":"thing","title":"T","form":{"what":"x"}}"#)
        }
        try await fixture.site.store.write { db in
            try db.run(
                """
                INSERT INTO history (company_id, ticket_id, actor, kind, data, at_ms)
                SELECT company_id, id, 'system', 'updated', '{"priority":"high"}', 1 FROM ticket
                UNION ALL
                SELECT company_id, id, 'system', 'released', '{"title":"T","because":"presence","login":"bob"}', 1
                FROM ticket
                """)
        }
        try await fixture.test { browser in
            try await browser.become("tom")
            let page = try await browser.get("/c/acme/tickets/1").html
            #expect(page.contains("<b>The workflow</b> set the priority to <b>high</b>"))
            #expect(page.contains("This was given back: <b>Bob Berger</b> is away"))
        }
    }
}

/// Answers of a ticket that a task has changed.
@Suite struct ReplacedAnswersTests {
    /// - Returns: what the timeline says after Uma changed the answers to these.
    private func timeline(after form: String) async throws -> String {
        let fixture = try await WebFixture()
        try await fixture.publish([
            "buy.ticket.yaml": """
            name: Buy
            description: B
            title: "Buy for ${ .form.cost }"
            workflow: buy
            body:
              - { type: textarea, id: why, attributes: { label: Why } }
              - { type: number, id: cost, attributes: { label: Cost } }
              - { type: dropdown, id: size, attributes: { label: Size, options: [ { value: s, label: Small }, { value: l, label: Large } ] } }
            """,
            "buy.workflow.yaml": """
            document: { dsl: '1.0.3', namespace: acme, name: buy, version: '1.0.0' }
            do: [ { amend: { call: amend } }, { after: { call: amend } } ]
            """,
            "amend.task.yaml": "title: Amend it\nassign: { strategy: requester }\nform: ticket\n",
        ])
        let tickets = "/api/v1/companies/acme/tickets"
        try await fixture.test { browser in
            let sent = try await browser.json(
                tickets, .post, token: browser.token("uma"),
                #"{"type":"buy","form":{"why":"zq-one","cost":1,"size":"s"}}"#)
            #expect(sent.status == .created, "\(sent.html)")
        }
        try await fixture.advance()
        let shown = Mutex("")
        try await fixture.test { browser in
            let done = try await browser.json(
                "/api/v1/companies/acme/tasks/1/completion", .post, token: browser.token("uma"),
                #"{"outcome":"done","form":\#(form)}"#)
            #expect(done.status == .ok, "\(done.html)")
            try await browser.become("uma")
            let page = try await browser.get("/c/acme/tickets/1").html
            let start = try #require(page.range(of: "<ol class=tl>")).upperBound
            let timeline = String(page[start..<(try #require(page[start...].range(of: "</ol>")).lowerBound)])
            shown.withLock { $0 = timeline }
        }
        return shown.withLock { $0 }
    }

    @Test func `a correction shows the old and the new answer of each field that it changed, by its label`()
        async throws
    {
        let timeline = try await timeline(after: #"{"why":"https://a.example","cost":2,"size":"s"}"#)
        for (label, before, now) in [
            (
                "Why", #"<p class=text>zq-one</p>"#,
                #"<p class=text><a href="https://a.example">https://a.example</a></p>"#
            ), ("Cost", "1", "2"),
        ] {
            let line = """
                <dt class=sm>\(label)</dt><dd><del><span class=vh>Before: </span>\(before)</del> → \
                <ins><span class=vh>Now: </span>\(now)</ins></dd>
                """
            #expect(timeline.contains(line), "\(timeline)")
        }
        #expect(!timeline.contains("Small"), "what stayed stands at the side")
        #expect(
            timeline.contains("<div><dt class=sm>Why</dt><dd><p class=text>zq-one</p></dd></div>"), "as it was asked")
        #expect(!timeline.contains("changed the answers"))
        #expect(timeline.contains("called it “Buy for 2”"))
    }

    @Test func `an answer that was taken away, and a choice, are told in the words of the form`() async throws {
        let timeline = try await timeline(after: #"{"why":"","cost":1,"size":"l"}"#)
        #expect(timeline.contains("zq-one</p></del> → <ins><span class=vh>Now: </span>nothing</ins>"), "\(timeline)")
        #expect(timeline.contains("Small</del> → <ins><span class=vh>Now: </span>Large</ins>"))
    }

    @Test func `a form that was sent back as it was is no correction`() async throws {
        let timeline = try await timeline(after: #"{"why":"zq-one","cost":1,"size":"s"}"#)
        #expect(!timeline.contains("<del>") && !timeline.contains("changed the answers"))
        #expect(timeline.contains("<b>Uma Ulrich</b> finished “Amend it”"))
    }
}

/// What is said about a ticket, by comments and by forms, and who reads it.
@Suite struct TicketConversationTests {
    private static let files = [
        "ask.ticket.yaml": """
        name: Ask
        description: A
        title: Ask
        workflow: ask
        body:
          - { type: textarea, id: why, attributes: { label: Why } }
          - { type: number, id: cost, attributes: { label: Cost, unit: EUR } }
        """,
        "ask.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: acme, name: ask, version: '1.0.0' }
        do: [ { answer: { call: answer } }, { after: { call: answer } } ]
        """,
        "answer.task.yaml": """
        title: Answer it
        assign: { role: it-staff }
        outcomes: [ { value: done, label: All clear } ]
        body:
          - { type: textarea, id: reply, attributes: { label: Reply } }
          - { type: input, id: secret, audience: [it-staff], attributes: { label: Secret } }
        """,
    ]

    /// Uma asks, Tom adds a note, Dave answers, Uma says thanks; the second task is open.
    private static func site() async throws -> WebFixture {
        let fixture = try await WebFixture()
        try await fixture.publish(files)
        let ticket = "/api/v1/companies/acme/tickets/1"
        try await fixture.test { browser in
            let sent = try await browser.json(
                "/api/v1/companies/acme/tickets", .post, token: browser.token("uma"),
                #"{"type":"ask","form":{"why":"zq-why\n<second>","cost":1289.5}}"#)
            #expect(sent.status == .created, "\(sent.html)")
            _ = try await browser.json(
                "\(ticket)/comments", .post, token: browser.token("tom"), #"{"text":"zq-note","internal":true}"#)
        }
        try await fixture.advance()
        let tom = try #require(await fixture.site.store.read { try $0.account("tom") })
        try await fixture.site.store.write(in: fixture.acme.id) {
            try $0.reassignTask(
                1, .to("dave"), TaskMove(by: tom, onlyOwn: false, reason: nil, version: nil), now: fixture.site.now)
        }
        try await fixture.test { browser in
            let done = try await browser.json(
                "/api/v1/companies/acme/tasks/1/completion", .post, token: browser.token("dave"),
                #"{"outcome":"done","form":{"reply":"zq-reply","secret":"zq-secret"}}"#)
            #expect(done.status == .ok, "\(done.html)")
            _ = try await browser.json(
                "\(ticket)/comments", .post, token: browser.token("uma"),
                #"{"text":"zq-thanks **much**\nand more\n\n# Loud"}"#)
        }
        try await fixture.advance()
        return fixture
    }

    @Test func `all that was said stands in one list in its order, each with who said it`() async throws {
        let fixture = try await Self.site()
        try await fixture.test { browser in
            try await browser.become("uma")
            let page = try await browser.get("/c/acme/tickets/1").html
            let said = ["zq-why", "to <b>Dave Diaz</b>", "“Answer it”: All clear", "zq-reply", "zq-thanks"]
            let places = said.map { page.range(of: $0)?.lowerBound }
            #expect(!places.contains(nil), "\(zip(said, places).filter { $0.1 == nil }.map(\.0))")
            #expect(places.compactMap { $0 } == places.compactMap { $0 }.sorted())
            #expect(
                page.contains("<strong>much</strong><br />\nand more"), "Markdown, with the lines as they were typed")
            #expect(page.contains("<h3>Loud</h3>"), "a headline of a comment is below those of the page")
            #expect(page.contains("zq-why\n&lt;second&gt;"))
            #expect(page.contains("1,289.50 EUR"))
            #expect(!page.contains("{&quot;"), "nothing is told as JSON")
            #expect(page.firstMatch(of: /[^" ]\d{4}-\d\d-\d\dT/) == nil, "no moment is told as programs write it")
        }
    }

    @Test func `a requester reads what tasks answered for everybody, and neither notes nor hidden answers`()
        async throws
    {
        let fixture = try await Self.site()
        try await fixture.test { browser in
            for (login, note, secret) in [("uma", false, false), ("tom", true, false), ("ada", false, false)] {
                browser.forgetCookies()
                try await browser.become(login)
                let page = try await browser.get("/c/acme/tickets/1").html
                #expect(page.contains("zq-reply"), "\(login)")
                #expect(page.contains("zq-note") == note, "\(login)")
                #expect(page.contains("Staff only") == note, "\(login)")
                #expect(page.contains("zq-secret") == secret, "\(login)")
            }
        }
    }
}
