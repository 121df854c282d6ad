import Foundation
import HTTPTypes
import HummingbirdTesting
import TFDefinition
import TFExpression
import TFStore
import Testing

@testable import tf_web

@Suite struct FormPageTests {
    private static let everything = """
        ticket: everything
        name: Everything
        description: One field of every type.
        title: "About ${ .form.name }"
        body:
          - { type: markdown, attributes: { value: "Read *this* first." } }
          - { type: section, attributes: { label: Part one, description: The first part } }
          - { type: input, id: name, attributes: { label: Name, placeholder: Bob } }
          - { type: textarea, id: text, attributes: { label: Text } }
          - { type: email, id: mail, attributes: { label: Mail } }
          - { type: url, id: web, attributes: { label: Site } }
          - { type: tel, id: phone, attributes: { label: Phone } }
          - { type: number, id: n, attributes: { label: Count, unit: EUR } }
          - { type: date, id: d, attributes: { label: Day } }
          - { type: time, id: t, attributes: { label: Hour } }
          - { type: datetime, id: m, attributes: { label: Moment } }
          - { type: dropdown, id: one, attributes: { label: One, options: [a, { value: b, label: Bee }] } }
          - { type: dropdown, id: many, attributes: { label: Many, multiple: true, options: [a, b, c] } }
          - { type: radio, id: pick, attributes: { label: Pick, other: true, options: [x, y] } }
          - { type: checkboxes, id: boxes, attributes: { label: Boxes, options: [{ label: L1 }, { label: L2 }] } }
          - { type: checkbox, id: ok, attributes: { label: Fine } }
          - { type: user, id: boss, attributes: { label: Boss } }
          - { type: upload, id: files, attributes: { label: Files }, validations: { accept: [.txt], max_files: 2, max_size: 1KB } }
          - { type: input, id: secret, audience: [finance], attributes: { label: Salary } }
          - type: input
            id: why
            attributes: { label: Why so much }
            validations: { required: true }
            visible_if: { field: n, gt: 100 }
        """

    private static let path = "/c/acme/tickets/new/everything"
    private static let hostile = "<b>&\"'\u{301} \\ %41 ${ .x } --\t€ 🙂"

    private static let typed: [(String, String)] = [
        ("f.name", " \(hostile) "), ("f.text", "one\n\n  two \(hostile)\n"), ("f.mail", "a@b.example"),
        ("f.web", "https://b.example/?a=1&b=2"), ("f.phone", "+49 30 12"), ("f.n", "12.50"), ("f.d", "2026-12-24"),
        ("f.t", "09:30"), ("f.m", "2026-12-24T18:00"), ("f.one", "b"), ("f.many", "a"), ("f.many", "c"), ("f.pick", ""),
        ("f.pick.other", "z"), ("f.boxes", "L2"), ("f.ok", "true"), ("f.boss", "bob"), ("f.secret", "90000"),
        ("f.why", "dropped: it is not asked for"),
    ]

    @Test func `a form of every element stores what was typed, byte for byte, and shows it again`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish(["e.ticket.yaml": Self.everything])
        try await fixture.test { browser in
            try await browser.become("uma")
            let page = try await browser.get(Self.path).html
            #expect(page.contains("enctype=\"multipart/form-data\""))
            #expect(page.contains("<em>this</em>"))
            #expect(page.contains("Only if Count is more than 100:"))
            let file = SentFile(
                field: "f.files", name: "a b.txt", mediaType: "text/plain",
                bytes: Array("\r\n------boundary7MA4YWx\r\n\0".utf8) + [0xFF])
            let answer = try await browser.post(Self.path, Browser.hidden(in: page) + Self.typed, files: [file])
            #expect(answer.headers[.location] == "/c/acme/tickets/1", "\(answer.html)")
            let acme = try #require(try await fixture.site.store.read { try $0.company("acme") })
            let ticket = try #require(try await fixture.site.store.read(in: acme.id) { try $0.ticket(number: 1) })
            let form = ticket.form
            #expect(form["name"] == .string(" \(Self.hostile) "))
            #expect(form["text"] == .string("one\n\n  two \(Self.hostile)\n"))
            #expect(form["n"].text == "12.50")
            #expect(form["m"] == "2026-12-24T17:00:00Z")
            #expect(form["many"] == ["a", "c"])
            #expect(form["pick"] == "z")
            #expect(form["boxes"] == ["L2"])
            #expect(form["why"] == .null)
            #expect(ticket.fields.map(\.id).contains("why") == false)

            let shown = try await browser.get("/c/acme/tickets/1").html
            for text in ["Bee", "a, c", "12.50 EUR", "Bob Berger", "a b.txt", "90000", "About "] {
                #expect(shown.contains(text), "\(text)")
            }
            #expect(shown.contains("&lt;b&gt;&amp;&quot;&#39"))
            #expect(!shown.contains("<b>&"))
            let id = try #require(form["files"].arrayValue?.first?.stringValue)
            let download = try await browser.get("/c/acme/tickets/1/attachments/\(id)")
            #expect(Array(download.body.readableBytesView) == file.bytes)
            #expect(
                download.headers[.contentDisposition]
                    == "attachment; filename=\"a_b.txt\"; filename*=UTF-8''a%20b.txt")
            #expect(download.headers[.contentSecurityPolicy]?.contains("sandbox") == true)
            #expect(download.headers[.xContentTypeOptions] == "nosniff")
        }
    }

    @Test func `an answer and a file are read only by those who may`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish([
            "e.ticket.yaml": Self.everything.replacing("id: files,", with: "id: files, audience: [finance],")
        ])
        try await fixture.test { browser in
            try await browser.become("uma")
            let file = SentFile(field: "f.files", name: "a.txt", mediaType: "text/plain", bytes: [1, 2])
            let page = try await browser.get(Self.path).html
            _ = try await browser.post(Self.path, Browser.hidden(in: page) + Self.typed, files: [file])
            let acme = try #require(try await fixture.site.store.read { try $0.company("acme") })
            let ticket = try #require(try await fixture.site.store.read(in: acme.id) { try $0.ticket(number: 1) })
            let id = try #require(ticket.form["files"].arrayValue?.first?.stringValue)
            let download = "/c/acme/tickets/1/attachments/\(id)"
            #expect(try await browser.get(download).status == .ok)
            // A ticket admin who is not of the audience sees the ticket without the two.
            browser.forgetCookies()
            try await browser.become("tom")
            let shown = try await browser.get("/c/acme/tickets/1").html
            #expect(shown.contains("12.50 EUR"))
            #expect(!shown.contains("90000"))
            #expect(!shown.contains(id))
            #expect(try await browser.get(download).status == .notFound)
            let token = try await browser.token("tom")
            let json = try await browser.json("/api/v1/companies/acme/tickets/1", .get, token: token).html
            #expect(!json.contains("90000"))
            // Somebody of another company does not even learn that there is a file.
            browser.forgetCookies()
            try await browser.become("gus")
            #expect(try await browser.get(download).status == .notFound)
        }
    }

    @Test func `files beyond a field's limits are refused with the field, and nothing of them stays`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish(["e.ticket.yaml": Self.everything])
        let folder = fixture.site.settings.data + "/attachments"
        try await fixture.test { browser in
            try await browser.become("uma")
            let page = try await browser.get(Self.path).html
            func file(_ name: String, _ size: Int) -> SentFile {
                SentFile(
                    field: "f.files", name: name, mediaType: "text/plain", bytes: Array(repeating: 65, count: size))
            }
            let refusals: [([SentFile], String)] = [
                ([file("a.txt", 1_025)], "Files takes files of 1 KB or less; a.txt is larger"),
                ([file("a.exe", 1)], "Files takes TXT; a.exe is none of these"),
                ([file("a.txt", 1), file("b.txt", 1), file("c.txt", 1)], "Files takes 2 files or fewer"),
                (
                    [SentFile(field: "f.nosuch", name: "a.txt", mediaType: "text/plain", bytes: [1])],
                    "This form has no field &quot;nosuch&quot;"
                ),
            ]
            for (files, message) in refusals {
                let answer = try await browser.post(Self.path, Browser.hidden(in: page) + Self.typed, files: files)
                #expect(answer.status == .unprocessableContent)
                #expect(answer.html.contains(message), "\(message)")
                #expect(answer.html.contains("12.50"))
            }
            // Only the two files that fitted are there, for the form to be sent again.
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2)
            let foreign = try await browser.post(
                Self.path, Browser.hidden(in: page).filter { $0.0 != "_csrf" } + Self.typed, files: [file("d.txt", 1)])
            #expect(foreign.status == .forbidden)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2)
        }
    }

    @Test func `a file that was sent once need not be sent again when the form was wrong`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish(["e.ticket.yaml": Self.everything])
        try await fixture.test { browser in
            try await browser.become("uma")
            let page = try await browser.get(Self.path).html
            let file = SentFile(field: "f.files", name: "a.txt", mediaType: "text/plain", bytes: [7])
            let wrong = try await browser.post(
                Self.path, Browser.hidden(in: page) + [("f.name", "x"), ("f.n", "many")], files: [file])
            #expect(wrong.status == .unprocessableContent)
            let kept = try #require(Browser.hidden("f.files", in: wrong.html))
            let right = try await browser.post(
                Self.path, Browser.hidden(in: wrong.html) + [("f.name", "x"), ("f.n", "5"), ("f.files", kept)])
            #expect(right.status == .seeOther, "\(right.html)")
            let acme = try #require(try await fixture.site.store.read { try $0.company("acme") })
            #expect(
                try await fixture.site.store.read(in: acme.id) { try $0.ticket(number: 1) }?.form["files"] == [
                    .string(kept)
                ])
            // It is this ticket's now: nobody can put it into another.
            let again = try await browser.submit(
                Self.path, to: Self.path, [("f.name", "x"), ("f.files", kept)])
            #expect(again.html.contains("Files names a file that is not there any more"))
        }
    }

    @Test func `the script learns what is hidden and what is wrong from the server's one function`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish(["e.ticket.yaml": Self.everything])
        try await fixture.test { browser in
            try await browser.become("uma")
            let page = try await browser.get(Self.path).html
            func ask(_ fields: [(String, String)]) async throws -> JSON {
                try JSON(
                    parsing: try await browser.post("\(Self.path)/validation", Browser.hidden(in: page) + fields).html)
            }
            #expect(try await ask([("f.n", "5")]) == ["hidden": [19], "errors": [:]])
            #expect(
                try await ask([("f.n", "500"), ("f.mail", "x")]) == [
                    "hidden": [],
                    "errors": [
                        "form.mail": "Mail must be an email address, like name@example.com",
                        "form.why": "Fill in “Why so much”",
                    ],
                ])
        }
    }

    @Test func `a form that changes under an open page keeps what was typed`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish(["e.ticket.yaml": Self.everything])
        try await fixture.test { browser in
            try await browser.become("uma")
            let page = try await browser.get(Self.path).html
            let changed = Self.everything.replacing("label: Name,", with: "label: Your name,")
                .replacing("id: phone", with: "id: mobile")
            try await fixture.publish(["e.ticket.yaml": changed])
            let answer = try await browser.post(
                Self.path, Browser.hidden(in: page) + [("f.name", "Uma <3"), ("f.phone", "123")])
            #expect(answer.status == .conflict)
            #expect(answer.html.contains("This form was changed while you filled it in"))
            #expect(answer.html.contains("value=\"Uma &lt;3\""))
            #expect(answer.html.contains("<dt>Phone</dt><dd>123</dd>"))
            #expect(answer.html.contains("Your name"))
            let again = try await browser.post(
                Self.path, Browser.hidden(in: answer.html) + [("f.name", "Uma <3"), ("f.mobile", "123")])
            #expect(again.status == .seeOther, "\(again.html)")
        }
    }

    @Test func `a draft of a task comes back, may be wrong, and stays out of everybody's history`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish([
            "p.ticket.yaml": """
            ticket: plan
            name: Plan
            description: A plan
            workflow: plan
            title: Plan
            body: [ { type: number, id: amount, attributes: { label: Amount } } ]
            """,
            "p.workflow.yaml": """
            document: { dsl: '1.0.3', namespace: acme, name: plan, version: '1.0.0' }
            do: [ { refine: { call: refine, with: { half: '${ .form.amount / 2 }' } } } ]
            """,
            "refine.task.yaml": """
            task: refine
            title: Refine
            assign: { strategy: requester }
            outcomes: [send, { value: drop, validate: false }]
            body:
              - { type: number, id: share, attributes: { label: Share, value: "${ .half }" } }
              - { type: email, id: mail, attributes: { label: Mail }, validations: { required_for: [send] } }
            """,
        ])
        try await fixture.test { browser in
            try await browser.become("uma")
            let path = "/c/acme/tickets/new/plan"
            #expect(try await browser.submit(path, to: path, [("f.amount", "9")]).status == .seeOther)
            try await fixture.advance()
            let acme = try #require(try await fixture.site.store.read { try $0.company("acme") })
            let ticket = try #require(try await fixture.site.store.read(in: acme.id) { try $0.ticket(number: 1) })
            let task = try #require(
                try await fixture.site.store.read(in: acme.id) { try $0.tasks(ticket: ticket.id) }.first)
            let page = "/c/acme/tasks/\(task.id)"
            #expect(try await browser.get(page).html.contains("value=\"4.5\""))
            let saved = try await browser.submit(page, to: "\(page)/draft", [("f.share", "3"), ("f.mail", "no mail")])
            #expect(saved.status == .seeOther, "\(saved.html)")
            let again = try await browser.get(page).html
            #expect(again.contains("value=\"3\""))
            #expect(again.contains("value=\"no mail\""))
            #expect(try await !browser.get("/c/acme/tickets/1").html.contains("no mail"))
            let token = try await browser.token("uma")
            for (form, field) in [(#"{"shar":3}"#, "form.shar"), (#"{"mail":["a@b.example"]}"#, "form.mail")] {
                let sent = try await browser.json(
                    "/api/v1/companies/acme/tasks/\(task.id)/draft", .post, token: token, #"{"form":\#(form)}"#)
                #expect(sent.status == .unprocessableContent)
                #expect(sent.html.contains("\"field\":\"\(field)\""), "\(sent.html)")
            }
            #expect(try await browser.get(page).html.contains("value=\"no mail\""), "the draft is as it was")
            let refused = try await browser.submit(
                page, to: "\(page)/completion", [("outcome", "send"), ("f.share", "3"), ("f.mail", "")])
            #expect(refused.html.contains("Fill in “Mail”"))
            let done = try await browser.submit(
                page, to: "\(page)/completion", [("outcome", "send"), ("f.share", "3"), ("f.mail", "a@b.example")])
            #expect(done.status == .seeOther, "\(done.html)")
        }
    }
}
