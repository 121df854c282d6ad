import HTTPTypes
import HummingbirdTesting
import TFDefinition
import TFEngine
import TFExpression
import TestSupport
import Testing

@testable import TFStore
@testable import tf_web

/// Search as a page: what is found, by whom, and where a number leads.
@Suite struct SearchPageTests {
    private static let files = [
        "ask.ticket.yaml": """
        ticket: ask
        name: Question
        description: Q
        title: "Question ${ .form.what }"
        assign: { role: it-staff }
        body:
          - { type: input, id: what, attributes: { label: Subject } }
          - { type: textarea, id: why, attributes: { label: Why }, audience: [it-staff] }
        """
    ]

    /// Ticket 1 is Uma's, with an answer for IT staff only, a comment and a note; Dave has its task.
    private static func filled() async throws -> WebFixture {
        let fixture = try await WebFixture()
        try await fixture.publish(files)
        let store = fixture.site.store
        let uma = try #require(try await store.read { try $0.account("uma") })
        let tom = try #require(try await store.read { try $0.account("tom") })
        _ = try await store.inside(fixture.acme.id).submitTicket(
            TicketSubmission(
                type: "ask", requester: uma, title: nil, answers: ["what": "Zebra", "why": "Walrus secret"]),
            now: fixture.site.now)
        try await fixture.advance()
        try await store.write(in: fixture.acme.id) { session in
            try session.reassignTask(
                1, .to("dave"), TaskMove(by: tom, onlyOwn: false, reason: nil, version: nil), now: fixture.site.now)
        }
        let found = try await store.read(in: fixture.acme.id) { try $0.ticket(number: 1) }
        let ticket = try #require(found)
        for (text, isInternal) in [("Heron <b>in</b> public", false), ("Badger in private", true)] {
            _ = try await store.inside(fixture.acme.id).addComment(
                text, isInternal: isInternal, ticket: ticket, by: tom, now: fixture.site.now)
        }
        return fixture
    }

    @Test func `everybody finds what they may read, and nothing else`() async throws {
        let fixture = try await Self.filled()
        let words = ["zebra", "walrus", "heron", "badger"]
        let expected: [(login: String, found: Set<String>)] = [
            ("uma", ["zebra", "walrus", "heron"]), ("dave", ["zebra", "walrus", "heron", "badger"]),
            ("tom", ["zebra", "heron", "badger"]), ("udo", []), ("erin", []), ("gus", []), ("ada", []),
        ]
        try await fixture.test { browser in
            for (login, found) in expected {
                browser.forgetCookies()
                try await browser.become(login)
                for word in words {
                    let page = try await browser.get("/search?q=\(word)").html
                    #expect(page.contains("<mark>") == found.contains(word), "\(login), \(word)")
                }
            }
        }
    }

    @Test func `where a ticket is stands beside it as in a list, for who may see all of its tasks`() async throws {
        let fixture = try await Self.filled()
        try await fixture.test { browser in
            for (login, words) in [("tom", "<td>Dave Diaz"), ("uma", "<td>Dave Diaz"), ("dave", "Waiting for you")] {
                browser.forgetCookies()
                try await browser.become(login)
                let page = try await browser.get("/search?q=zebra").html
                #expect(page.contains(">Now at") && page.contains(words), "\(login): \(page)")
                #expect(page.contains("Uma Ulrich · ") == (login != "uma"))
            }
        }
    }

    @Test func `whose a ticket is stands beside it for somebody of the same name`() async throws {
        let fixture = try await Self.filled()
        var change = AccountChange()
        change.name = "Uma Ulrich"
        try await fixture.site.store.write { [change, now = fixture.site.now] in
            try $0.changeAccount("tom", change, version: nil, now: now)
        }
        try await fixture.test { browser in
            for login in ["tom", "uma"] {
                browser.forgetCookies()
                try await browser.become(login)
                let page = try await browser.get("/search?q=zebra").html
                #expect(page.contains("Uma Ulrich · ") == (login == "tom"), "\(login): \(page)")
            }
        }
    }

    @Test func `a number of no ticket that one may open is told as that`() async throws {
        let fixture = try await Self.filled()
        try await fixture.test { browser in
            for (login, query) in [("udo", "%231"), ("udo", "1"), ("uma", "%2399")] {
                browser.forgetCookies()
                try await browser.become(login)
                let page = try await browser.get("/search?company=acme&q=\(query)")
                #expect(page.status == .ok)
                #expect(
                    page.html.contains("There is no ticket #\(query.suffix(query == "%2399" ? 2 : 1)) for you"),
                    "\(login)")
            }
        }
    }

    @Test func `who belongs to no company is told why nothing is found`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("ada")
            let page = try await browser.get("/search?q=anything").html
            #expect(page.contains("you belong to none"))
            #expect(try await browser.get("/search").html.contains("What are you looking for?"))
        }
    }

    private static let visit = [
        "visit.ticket.yaml": """
        ticket: visit
        name: Visit
        description: V
        title: Visit
        workflow: visit
        body: [ { type: input, id: what, attributes: { label: What } } ]
        """,
        "visit.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: acme, name: visit, version: '1.0.0' }
        do:
          - first: { call: look }
          - second: { call: look }
        """,
        "look.task.yaml": """
        task: look
        title: Look
        assign: { role: it-staff, strategy: pool }
        body:
          - { type: input, id: seen, attributes: { label: Seen } }
          - { type: input, id: inner, attributes: { label: Inner }, audience: [it-staff] }
        """,
    ]

    /// Somebody is given the only open task, and finishes it with these answers.
    private static func finish(_ fixture: WebFixture, by login: String, seen: String, inner: String) async throws {
        let store = fixture.site.store
        let (tom, account) = try await store.read { session in
            (try #require(try session.account("tom")), try #require(try session.account(login)))
        }
        let task = try await give(fixture, to: login, by: tom)
        try await store.inside(fixture.acme.id).completeTask(
            Completion(
                task: task, by: account, outcome: "done", answers: ["seen": .string(seen), "inner": .string(inner)],
                version: nil), now: fixture.site.now)
        try await fixture.advance()
    }

    private static func give(_ fixture: WebFixture, to login: String, by tom: Account) async throws -> TaskID {
        try await fixture.site.store.write(in: fixture.acme.id) { session in
            let task = try #require(try session.tasks(ticket: 1).first { $0.state.isOpen })
            try session.reassignTask(
                task.id, .to(login), TaskMove(by: tom, onlyOwn: false, reason: nil, version: nil), now: fixture.site.now
            )
            return task.id
        }
    }

    @Test func `the result of a task is found by whoever may read it on the ticket's page, and by nobody else`()
        async throws
    {
        let fixture = try await WebFixture()
        try await fixture.publish(Self.visit)
        let store = fixture.site.store
        let uma = try #require(try await store.read { try $0.account("uma") })
        let tom = try #require(try await store.read { try $0.account("tom") })
        _ = try await store.inside(fixture.acme.id).submitTicket(
            TicketSubmission(type: "visit", requester: uma, title: nil, answers: ["what": "x"]), now: fixture.site.now)
        try await fixture.advance()
        try await Self.finish(fixture, by: "erin", seen: "Otter", inner: "Lynx")
        _ = try await Self.give(fixture, to: "dave", by: tom)
        // Who has a task of the ticket sees all of them; who had one sees theirs.
        try await check(
            [
                "uma": ["otter"], "tom": ["otter"], "dave": ["otter", "lynx"], "erin": ["otter", "lynx"], "udo": [],
                "gus": [], "ada": [],
            ], fixture)
        try await Self.finish(fixture, by: "dave", seen: "Marten", inner: "Vole")
        try await check(
            [
                "uma": ["otter", "marten"], "tom": ["otter", "marten"], "dave": ["marten", "vole"],
                "erin": ["otter", "lynx"], "udo": [], "gus": [], "ada": [],
            ], fixture)
    }

    /// Who finds which words; a ticket's page holds a word exactly if it is found.
    private func check(_ expected: [String: Set<String>], _ fixture: WebFixture) async throws {
        try await fixture.test { browser in
            for (login, found) in expected {
                browser.forgetCookies()
                try await browser.become(login)
                let ticket = try await browser.get("/c/acme/tickets/1")
                for word in ["otter", "lynx", "marten", "vole"] {
                    let page = try await browser.get("/search?q=\(word)").html
                    #expect(page.contains("<mark>") == found.contains(word), "\(login) searches \(word)")
                    guard login != "ada" else { continue }  // An admin who opens a ticket is logged, and finds nothing.
                    let isShown = ticket.status == .ok && ticket.html.contains(Words.capitalized(word))
                    #expect(isShown == found.contains(word), "\(login) reads \(word)")
                }
            }
        }
    }

    @Test func `the words are marked in the excerpt, whatever they stand in`() async throws {
        let fixture = try await Self.filled()
        try await fixture.test { browser in
            try await browser.become("tom")
            let page = try await browser.get("/search?q=PUBL+her&company=acme").html
            #expect(page.contains("<mark>Heron</mark> &lt;b&gt;in&lt;/b&gt; <mark>public</mark>"))
            #expect(
                page.contains("<td>1<th><p><a href=/c/acme/tickets/1>Question Zebra</a>"))
            let none = try await browser.get("/search?q=%3Cscript%3E").html
            #expect(none.contains("Nothing has “&lt;script&gt;”"))
            let signs = try await browser.get("/search?q=%3F%21").html
            #expect(signs.contains("“?!” has nothing to look for") && signs.contains("Other signs are passed over."))
            #expect(try await browser.get("/search").html.contains("What are you looking for?"))
        }
    }

    @Test func `a word with a minus before it leaves tickets out, and alone it is told to find nothing`() async throws {
        let fixture = try await Self.filled()
        try await fixture.test { browser in
            try await browser.become("tom")
            for (query, isFound) in [
                ("zebra", true), ("zebra+-lion", true), ("zebra+-heron", false), ("zebra+-BADG", false),
                ("zebra+--heron", false), ("zebra+-", true),
            ] {
                let page = try await browser.get("/search?q=\(query)").html
                #expect(page.contains("<mark>Zebra</mark>") == isFound, "\(query): \(page)")
            }
            let none = try await browser.get("/search?q=zebra+-heron").html
            #expect(none.contains("Nothing has “zebra -heron”") && none.contains("fewer words with - before them"))
            let only = try await browser.get("/search?q=-heron+-lion").html
            #expect(only.contains("That says only what to leave out"))
            #expect(only.contains("<code>-word</code> leaves out"), "what can be typed stands on the page")
            // What they may not read leaves nothing out for them.
            browser.forgetCookies()
            try await browser.become("uma")
            #expect(try await browser.get("/search?q=zebra+-badger").html.contains("<mark>Zebra</mark>"))
        }
    }

    @Test func `what was found in the address of a link is shown as it was written`() async throws {
        let fixture = try await Self.filled()
        let tom = try #require(try await fixture.site.store.read { try $0.account("tom") })
        let ticket = try #require(try await fixture.site.store.read(in: fixture.acme.id) { try $0.ticket(number: 1) })
        _ = try await fixture.site.store.inside(fixture.acme.id).addComment(
            "Look [here](https://example.com/gecko).", isInternal: false, ticket: ticket, by: tom,
            now: fixture.site.now)
        try await fixture.test { browser in
            try await browser.become("uma")
            #expect(try await browser.get("/search?q=gecko").html.contains("/<mark>gecko</mark>)"))
        }
    }

    @Test func `a number leads to the ticket of the company where it was typed, if it may be opened`() async throws {
        let fixture = try await Self.filled()
        try await fixture.test { browser in
            try await browser.become("tom")
            for query in ["q=1&company=acme", "q=%231&company=acme", "q=%231"] {
                let answer = try await browser.get("/search?\(query)")
                #expect(answer.headers[.location] == "/c/acme/tickets/1", "\(query)")
            }
            #expect(try await browser.get("/search?q=99&company=acme").status == .ok)
            #expect(try await browser.get("/search?q=1&company=globex").status == .ok)
            browser.forgetCookies()
            try await browser.become("udo")
            #expect(try await browser.get("/search?q=1&company=acme").status == .ok)
            browser.forgetCookies()
            try await browser.become("ada")
            #expect(
                try await browser.get("/search?q=1&company=acme").headers[.location] == "/c/acme/tickets/1")
        }
    }

    @Test(arguments: [
        ("a long text", "long", "a <mark>long</mark> text"), ("Müller", "mull", "<mark>Müller</mark>"),
        ("none", "other", "none"), ("Done🎉 now", "🎉", "Done<mark>🎉</mark> now"),
    ])
    func `an excerpt marks whole words that begin with what was typed`(_ text: String, _ words: String, _ html: String)
    {
        #expect(String(decoding: Excerpt(text, SearchWords(words)).html.bytes, as: UTF8.self) == html)
    }

    @Test func `what was found in a comment is shown without the marks of its text`() async throws {
        let fixture = try await Self.filled()
        let tom = try #require(try await fixture.site.store.read { try $0.account("tom") })
        let ticket = try #require(try await fixture.site.store.read(in: fixture.acme.id) { try $0.ticket(number: 1) })
        _ = try await fixture.site.store.inside(fixture.acme.id).addComment(
            "The group `crm-ibis` was **not** there.\n", isInternal: false, ticket: ticket, by: tom,
            now: fixture.site.now)
        try await fixture.test { browser in
            try await browser.become("uma")
            let page = try await browser.get("/search?q=ibis").html
            #expect(page.contains("<br>Tom Tischler: The group crm-<mark>ibis</mark> was not there"))
        }
    }

    @Test func `a long text is cut around its first match`() {
        let text = String(repeating: "before ", count: 60) + "needle" + String(repeating: " after", count: 60)
        let html = String(decoding: Excerpt(text, SearchWords("needle")).html.bytes, as: UTF8.self)
        #expect(html.hasPrefix("… "))
        #expect(html.hasSuffix(" …"))
        #expect(html.contains("<mark>needle</mark>"))
        #expect(html.count < 260)
        #expect(html.hasPrefix("… before ") && html.hasSuffix("after …"), "\(html)")
    }

    @Test func `an excerpt begins and ends with whole words, unless nothing parts them`() {
        let filler = "abcdefgh "
        for shift in 0..<9 {
            let text =
                String(repeating: filler, count: 20) + String(repeating: "i", count: shift) + " needle "
                + String(repeating: filler, count: 20)
            let html = String(decoding: Excerpt(text, SearchWords("needle")).html.bytes, as: UTF8.self)
            let words = html.split(separator: " ").filter { $0 != "…" && !$0.contains("needle") }
            #expect(words.allSatisfy { $0 == "abcdefgh" || $0.allSatisfy { $0 == "i" } }, "\(html)")
        }
        let run = String(repeating: "前", count: 90) + "京都" + String(repeating: "後", count: 90)
        let html = String(decoding: Excerpt(run, SearchWords("京都")).html.bytes, as: UTF8.self)
        #expect(
            html.hasPrefix("… 前") && html.contains("前<mark>京都</mark>後") && html.hasSuffix(" …"), "\(html)")
    }
}
