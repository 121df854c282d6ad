import HummingbirdTesting
import TFEngine
import TFExpression
import TFStore
import Testing

@testable import tf_web

/// What somebody typed into a task's form is never lost.
@Suite struct LostTaskTests {
    private static let page = "/c/acme/tasks/1"
    private static let files = [
        "note.ticket.yaml": """
        name: Note
        description: N
        title: Note
        workflow: note
        body: [ { type: input, id: what, attributes: { label: What } } ]
        """,
        "note.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: acme, name: note, version: '1.0.0' }
        do: [ { write: { call: write } } ]
        """,
        "write.task.yaml": """
        title: Write it down
        assign: { role: it-staff }
        outcomes: [done, { value: refuse, label: Refuse, confirm: "Refuse for good?", validate: false }]
        body:
          - { type: textarea, id: comment, attributes: { label: Comment } }
          - { type: upload, id: proof, attributes: { label: Proof } }
          - { type: input, id: cc, attributes: { label: Which team pays? } }
        """,
    ]

    /// A site on which Dave has the task.
    private static func site() async throws -> WebFixture {
        let fixture = try await WebFixture()
        try await fixture.publish(files)
        try await fixture.test { browser in
            let uma = try await browser.token("uma")
            let sent = try await browser.json(
                "/api/v1/companies/acme/tickets", .post, token: uma, #"{"type":"note","form":{}}"#)
            #expect(sent.status == .created)
        }
        try await fixture.advance()
        try await give("dave", fixture)
        return fixture
    }

    private static func give(_ login: String, _ fixture: WebFixture) async throws {
        let tom = try #require(await fixture.site.store.read { try $0.account("tom") })
        try await fixture.site.store.write(in: fixture.acme.id) {
            try $0.reassignTask(
                1, .to(login), TaskMove(by: tom, onlyOwn: false, reason: nil, version: nil), now: fixture.site.now)
        }
    }

    @Test func `what was typed for a form that its page has no more stands beside the form's own questions`()
        async throws
    {
        let fixture = try await Self.site()
        try await fixture.test { browser in
            try await browser.become("dave")
            let hidden = Browser.hidden(in: try await browser.get(Self.page).html)
            try await Self.give("erin", fixture)
            let typed = hidden + [("outcome", "done"), ("f.cc", "The 7th floor"), ("f.gone", "and this")]
            let late = try await browser.post("\(Self.page)/completion", typed)
            #expect(late.status == .conflict)
            #expect(late.html.contains("Which team pays?"), "\(late.html)")
            // The same after the session has ended meanwhile.
            #expect(try await browser.submit("/account", to: "/logout", []).status == .seeOther)
            try await browser.become("dave")
            let sent = try await browser.post("\(Self.page)/completion", typed)
            let back = try #require(sent.headers[.location])
            #expect(back.hasPrefix("\(Self.page)?parked="))
            let page = try await browser.get(back).html
            #expect(page.contains("Erin Egger has this task now, so nothing was sent"), "\(page)")
            #expect(page.contains("is below, to copy") && !page.contains("then send it"), "\(page)")
            #expect(page.contains("<dt>Which team pays?</dt>") && page.contains("The 7th floor"), "\(page)")
            #expect(page.contains("<dt>Gone</dt>"), "of a field that the form has no more, its id is all there is")
        }
    }

    @Test func `a form that was kept and whose task was finished meanwhile says so, and nothing of sending it`()
        async throws
    {
        let fixture = try await Self.site()
        try await fixture.test { browser in
            try await browser.become("dave")
            let typed =
                Browser.hidden(in: try await browser.get(Self.page).html) + [("outcome", "done"), ("f.cc", "Mine")]
            #expect(try await browser.submit("/account", to: "/logout", []).status == .seeOther)
            try await Self.give("erin", fixture)
            try await browser.become("erin")
            let done = try await browser.submit(
                Self.page, to: "\(Self.page)/completion", [("outcome", "done"), ("f.comment", "Hers")])
            #expect(done.status == .seeOther)
            browser.forgetCookies()
            try await browser.become("dave")
            let sent = try await browser.post("\(Self.page)/completion", typed)
            let page = try await browser.get(try #require(sent.headers[.location])).html
            #expect(page.contains("This task was finished meanwhile, so nothing was sent"), "\(page)")
            #expect(
                page.contains("Mine") && !page.contains("then send it") && !page.contains("<b>Done.</b>"), "\(page)")
        }
    }

    @Test(arguments: ["hold", "release", "assignment"], [true, false])
    func `a form of the task's menu that was kept is shown where it cannot be sent any more`(
        _ action: String, _ isFinished: Bool
    ) async throws {
        let fixture = try await Self.site()
        try await fixture.test { browser in
            try await browser.become("dave")
            let menu = "\(Self.page)/\(action)"
            let typed = Browser.hidden(in: try await browser.get(menu).html) + [("reason", "Off to <Rome>")]
            #expect(try await browser.submit("/account", to: "/logout", []).status == .seeOther)
            if isFinished {
                let done = try await browser.json(
                    "/api/v1/companies/acme/tasks/1/completion", .post, token: browser.token("dave"),
                    #"{"outcome":"done","form":{}}"#)
                #expect(done.status == .ok, "\(done.html)")
            } else {
                try await Self.give("erin", fixture)
            }
            try await browser.become("dave")
            let sent = try await browser.post(menu, typed)
            let back = try #require(sent.headers[.location])
            #expect(back.hasPrefix("\(menu)?parked="))
            var shown = try await browser.get(back)
            if isFinished {
                let task = try #require(shown.headers[.location])
                #expect(task.hasPrefix("\(Self.page)?parked="))
                shown = try await browser.get(task)
                #expect(shown.html.contains("This task was finished meanwhile, so nothing was sent"), "\(shown.html)")
            } else {
                #expect(shown.status == .conflict && shown.html.contains("Erin Egger has this task now"))
            }
            #expect(shown.html.contains("Off to &lt;Rome&gt;"), "\(shown.html)")
        }
    }

    @Test func `a form that was sent to a task that somebody may not see tells them nothing of it`() async throws {
        let fixture = try await Self.site()
        try await fixture.test { browser in
            try await browser.become("carol")
            let csrf = try #require(Browser.hidden("_csrf", in: try await browser.get("/account").html))
            #expect(try await browser.submit("/account", to: "/logout", []).status == .seeOther)
            try await browser.become("carol")
            let sent = try await browser.post("\(Self.page)/claim", [("_csrf", csrf), ("f.cc", "The 7th floor")])
            let back = try #require(sent.headers[.location])
            #expect(back.hasPrefix("/c/acme/pool?parked="), "the page of the form is another one")
            let pool = try await browser.get(back)
            #expect(pool.status == .ok && pool.html.contains("The 7th floor"), "\(pool.html)")
            #expect(!pool.html.contains("Which team pays?"), "\(pool.html)")
        }
    }

    @Test(arguments: ["draft", "completion", "hold", "release", "assignment"], [false, true])
    func `who types while the task is taken from them is told who has it, and keeps the text`(
        _ action: String, _ isMultipart: Bool
    ) async throws {
        let takesFiles = action == "draft" || action == "completion"
        guard takesFiles || !isMultipart else { return }
        let fixture = try await Self.site()
        try await fixture.test { browser in
            try await browser.become("dave")
            let hidden = Browser.hidden(in: try await browser.get(Self.page).html)
            try await Self.give("erin", fixture)
            let fields =
                hidden + [
                    ("outcome", "done"), ("f.comment", "half <b>"), ("reason", "half <b>"), ("assignee", "bob"),
                    ("until", "2030-01-01T10:00"),
                ]
            let proof = SentFile(field: "f.proof", name: "a.png", mediaType: "image/png", bytes: [1, 2, 3])
            let late =
                isMultipart
                ? try await browser.post("\(Self.page)/\(action)", fields, files: [proof])
                : try await browser.post("\(Self.page)/\(action)", fields)
            #expect(late.status == .conflict)
            #expect(late.html.contains("Erin Egger has this task now"))
            #expect(late.html.contains("half &lt;b&gt;"))
        }
        let unused = try await fixture.site.store.read { [now = fixture.site.now] session in
            try session.expired(.uploads, before: now + 60_000).count
        }
        #expect(unused == 0, "no file is kept for a task that is somebody else's")
    }

    @Test func `who is asked to confirm and goes back finds the form as it was`() async throws {
        let fixture = try await Self.site()
        try await fixture.test { browser in
            try await browser.become("dave")
            let completion = "\(Self.page)/completion"
            let asked = try await browser.submit(
                Self.page, to: completion, [("outcome", "refuse"), ("f.comment", "since <b>")])
            #expect(asked.status == .ok)
            #expect(asked.html.contains("Refuse for good?"))
            let comment = try #require(Browser.hidden("f.comment", in: asked.html))
            #expect(comment == "since <b>")
            let back = try await browser.post(
                completion,
                Browser.hidden(in: asked.html) + [("f.comment", comment), ("back", "true"), ("outcome", "refuse")])
            #expect(back.status == .ok)
            #expect(back.html.contains(">\nsince &lt;b&gt;</textarea>"))
            let done = try await browser.post(
                completion,
                Browser.hidden(in: back.html) + [
                    ("outcome", "refuse"), ("f.comment", "since"), ("confirmed", "true"),
                ])
            #expect(done.status == .seeOther, "\(done.html)")
        }
    }

    @Test func `on the way to another page of the menu what was typed is saved, and nothing where nothing was`()
        async throws
    {
        let fixture = try await Self.site()
        try await fixture.test { browser in
            try await browser.become("dave")
            func state() async throws -> TaskState? {
                try await fixture.site.store.read(in: fixture.acme.id) { try $0.task(id: 1)?.state }
            }
            let idle = try await browser.submit(
                Self.page, to: "\(Self.page)/draft", [("f.comment", ""), ("next", "hold")])
            #expect(idle.headers[.location] == "\(Self.page)/hold")
            #expect(try await state() == .assigned, "looking does not start it")
            let typed = try await browser.submit(
                Self.page, to: "\(Self.page)/draft", [("f.comment", "half"), ("next", "hold")])
            #expect(typed.headers[.location] == "\(Self.page)/hold")
            #expect(try await state() == .started)
            #expect(try await browser.get(Self.page).html.contains(">\nhalf</textarea>"))
        }
    }
}
