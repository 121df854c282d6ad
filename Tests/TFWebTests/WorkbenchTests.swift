import Foundation
import HTTPTypes
import HummingbirdTesting
import TFDefinition
import TestSupport
import Testing

@testable import TFStore
@testable import tf_web

@Suite struct WorkbenchTests {
    private static let list = "/c/acme/definitions"

    /// A file in the company's own folder, which pages may write.
    private static func file(_ name: String, _ fixture: WebFixture) -> String {
        "\(fixture.site.settings.definitions)/acme/\(name)"
    }

    @Test func `the page of each kind of definition answers, with its form or its diagram`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish([
            "look.task.yaml": "task: look\ntitle: Look at it\nbody: [ { type: input, attributes: { label: Seen } } ]\n",
            "w.workflow.yaml": """
            document: { dsl: '1.0.3', namespace: acme, name: flow, version: '1.0.0' }
            do: [ { look: { call: look } }, { done: { set: { status: done } } } ]
            """,
            "f.ticket.yaml":
                "ticket: f\nname: Ask\ndescription: Ask us\nworkflow: flow\nbody: [ { type: input, attributes: { label: What } } ]\n",
        ])
        try await fixture.test { browser in
            try await browser.become("wanda")
            for (address, title, part) in [
                ("workflow/flow", "Flow", "How it goes"), ("task/look", "Look at it", "sees it</span>"),
                ("ticket/f", "Ask", "sees it</span>"),
            ] {
                let page = try await browser.get("\(Self.list)/\(address)")
                #expect(page.status == .ok, "\(address)")
                #expect(page.html.contains("<h1>\(title)</h1>"), "\(page.html)")
                #expect(page.html.contains(part))
                let file = try await browser.get("\(Self.list)/\(address)/file")
                #expect(file.headers[.contentType] == "application/yaml")
            }
            // What uses what, both ways.
            let workflow = try await browser.get("\(Self.list)/workflow/flow").html
            #expect(workflow.contains("href=\"\(Self.list)/ticket/f\">Ask</a>"))
            #expect(workflow.contains("href=\"\(Self.list)/task/look\">Look at it</a>"))
            let task = try await browser.get("\(Self.list)/task/look").html
            #expect(task.contains("href=\"\(Self.list)/workflow/flow\">Flow</a>"))
            let all = try await browser.get(Self.list).html
            for words in ["Look at it", "1 workflow", "1 form", "In force"] { #expect(all.contains(words), "\(words)") }
        }
    }

    @Test func `where tickets are stands on the workflow's page, and leads to the list who may see it`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish([
            "look.task.yaml": "task: look\ntitle: Look at it\n",
            "w.workflow.yaml": """
            document: { dsl: '1.0.3', namespace: acme, name: flow, version: '1.0.0' }
            do: [ { first: { call: look } } ]
            """,
            "f.ticket.yaml":
                "ticket: f\nname: Ask\ndescription: Ask us\nworkflow: flow\nbody: [ { type: input, attributes: { label: What } } ]\n",
        ])
        try await fixture.test { browser in
            try await browser.become("uma")
            for _ in 0..<2 {
                let sent = try await browser.submit(
                    "/c/acme/tickets/new/f", to: "/c/acme/tickets/new/f", [("title", "Hm"), ("f.what", "x")])
                #expect(sent.status == .seeOther)
            }
            try await fixture.advance()
            browser.forgetCookies()
            try await browser.become("wanda")
            let creator = try await browser.get("\(Self.list)/workflow/flow").html
            #expect(creator.contains("2 tickets are on their way"))
            #expect(creator.contains("<td class=\"num\">2</td>"), "\(creator)")
            let edit = try await browser.get("\(Self.list)/workflow/flow/edit").html
            #expect(edit.contains("2 running tickets stay on the old revision."))
            let form = try await browser.get("\(Self.list)/ticket/f/edit").html
            #expect(form.contains("2 open tickets keep the form they were sent with."))
            let task = try await browser.get("\(Self.list)/task/look/edit").html
            #expect(task.contains("2 open tasks keep the old text."))
            browser.forgetCookies()
            try await browser.become("tom")
            let admin = try await browser.get("\(Self.list)/workflow/flow").html
            #expect(admin.contains("<a href=\"/c/acme/tickets?step=first\">2</a>"))
        }
    }

    @Test func `a template is published with all its parts, and is in order`() async throws {
        for (slug, _) in WorkbenchTemplate.all where slug != "empty" {
            let fixture = try await WebFixture()
            try await fixture.test { browser in
                try await browser.become("wanda")
                let page = "\(Self.list)/new?template=\(slug)"
                let shown = try await browser.get(page).html
                let parts = try #require(WorkbenchTemplate.parts.first { $0.slug == slug }).set
                #expect(parts.count == 1 || shown.contains(">Publish all \(parts.count) parts</button>"))
                #expect(!shown.contains(">Publish</button>") || parts.count == 1, "one button, which does it right")
                let source = try #require(parts.first).source(in: "acme")
                let sent = try await browser.post(
                    "\(Self.list)/new",
                    Browser.hidden(in: shown) + [("source", source), ("outcome", "publish"), ("template", slug)])
                #expect(sent.status == .seeOther, "\(slug): \(sent.html)")
                let (rows, problems) = try await fixture.site.store.read(in: fixture.acme.id) {
                    (try $0.definitions(), try $0.problems())
                }
                #expect(rows.count == parts.count + 1)
                #expect(rows.allSatisfy { $0.state == .active }, "\(slug)")
                #expect(problems.isEmpty, "\(problems)")
            }
        }
    }

    @Test func `a dry run of a text leads back to the text, whether it is new or edited`() async throws {
        let fixture = try await WebFixture()
        let flow =
            "document: { dsl: '1.0.3', namespace: acme, name: flow, version: '1.0.0' }\ndo: [ { a: { set: { b: 1 } } } ]\n"
        try await fixture.test { browser in
            try await browser.become("wanda")
            for (page, remark) in [("\(Self.list)/new", "first"), ("\(Self.list)/workflow/flow/edit", "second")] {
                let text = flow + "# Not published yet, the \(remark) time\n"
                let dry = try await browser.submit(page, to: page, [("source", text), ("outcome", "dry-run")])
                #expect(dry.html.contains("Dry run of"), "\(page)")
                let back = try #require(dry.html.range(of: "action=\"\(page)\""), "\(page)")
                let form = String(dry.html[back.lowerBound...])
                let source = try #require(Browser.hidden("source", in: form))
                #expect(source.contains("the \(remark) time"), "\(page)")
                let fields = Browser.hidden(in: form) + [("source", source), ("outcome", "look")]
                let bench = try await browser.post(page, fields)
                #expect(bench.status == .ok, "\(page)")
                #expect(
                    bench.html.contains("the \(remark) time") && bench.html.contains(">Publish</button>"), "\(page)")
                let published = try await browser.post(
                    page, Browser.hidden(in: bench.html) + [("source", text), ("outcome", "publish")])
                #expect(published.headers[.location] == "\(Self.list)/workflow/flow", "\(page)")
            }
        }
    }

    @Test func `a form has no version, and its page names none`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("wanda")
            let page = try await browser.get("\(Self.list)/ticket/thing").html
            #expect(page.contains("Form <code>thing</code></span>"))
        }
    }

    @Test func `problems are links to their lines, and the lines lead to them`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("wanda")
            let hidden = Browser.hidden(in: try await browser.get("\(Self.list)/new").html)
            let text = "task: look\nassing: {}\n"
            let page = try await browser.post("\(Self.list)/new", hidden + [("source", text), ("outcome", "check")])
                .html
            #expect(page.contains("<a href=\"#f-source\" data-line=\"2\">Line 2</a>"))
            #expect(page.contains("<li class=\"fail\"><a href=\"#p2\" aria-label=\"Line 2, problem\">2</a>"))
            #expect(page.contains("id=\"p2\""))
            // A button puts the word that was meant.
            #expect(page.contains("name=\"fix\" value=\"2:assing:assign\""))
            let mended = try await browser.post(
                "\(Self.list)/new", hidden + [("source", text), ("fix", "2:assing:assign")]
            ).html
            #expect(mended.contains("task: look\nassign: {}\n</textarea>"), "\(mended)")
        }
    }

    @Test func `a text that takes another definition out of force says so before it is published`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish([
            Self.file("look.task.yaml", fixture): "task: look\ntitle: Look at it\noutcomes: [good, bad]\n",
            "w.workflow.yaml": """
            document: { dsl: '1.0.3', namespace: acme, name: flow, version: '1.0.0' }
            do:
              - look: { call: look }
              - which: { switch: [ { mended: { when: '.outcome == "bad"', then: end } } ] }
            """,
            "f.ticket.yaml":
                "ticket: f\nname: Ask\ndescription: Ask us\nworkflow: flow\nbody: [ { type: input, attributes: { label: What } } ]\n",
        ])
        try await fixture.test { browser in
            try await browser.become("wanda")
            let address = "\(Self.list)/task/look/edit"
            let hidden = Browser.hidden(in: try await browser.get(address).html)
            func checked(_ outcomes: String) async throws -> String {
                let text = "task: look\ntitle: Look at it\noutcomes: [\(outcomes)]\n"
                return try await browser.post(address, hidden + [("source", text), ("outcome", "check")]).html
            }
            let harm = "once this is published, the "
            let narrowed = try await checked("good, fine")
            #expect(
                narrowed.contains(
                    "\(harm)workflow &quot;flow&quot; is not offered any more: the task &quot;look&quot; never ends with &quot;bad&quot;"
                ), "\(narrowed)")
            #expect(narrowed.contains("\(harm)ticket &quot;f&quot; is not offered any more"))
            #expect(!(try await checked("good, bad, fine")).contains(harm))

            let narrow = "task: look\ntitle: Look at it\noutcomes: [good, fine]\n"
            let names = "the form “Ask” and the workflow “Flow” out of force"
            let box = "<label for=\"f-harm\">Take \(names)</label>"
            #expect(narrowed.contains(box))
            #expect(!(try await checked("good, bad, fine")).contains("f-harm"))
            let refused = try await browser.post(address, hidden + [("source", narrow), ("outcome", "publish")])
            #expect(refused.status == .unprocessableContent, "a warning alone stops nobody")
            #expect(refused.html.contains("href=\"#f-harm\">Nothing was published: it takes \(names)"))
            #expect(refused.html.contains("outcomes: [good, fine]"))
            let other = try await browser.post(
                address, Browser.hidden(in: refused.html) + [("source", narrow), ("outcome", "publish"), ("harm", "x")])
            #expect(other.status == .unprocessableContent, "what is confirmed is what was shown")
            let token = try #require(refused.html.firstMatch(of: /name="harm" value="([^"]+)"/)?.1)
            let sent = try await browser.post(
                address,
                Browser.hidden(in: refused.html) + [
                    ("source", narrow), ("outcome", "publish"), ("harm", String(token)),
                ])
            #expect(sent.status == .seeOther, "\(sent.html)")
            let after = try await browser.get("\(Self.list)/task/look").html
            #expect(
                after.contains(
                    "Look at it is published. The form “Ask” and the workflow “Flow” are out of force now."), "\(after)"
            )
        }
    }

    @Test
    func `what takes another definition out of force only since it was checked is shown first, and not published`()
        async throws
    {
        let fixture = try await WebFixture()
        let wide = "task: look\ntitle: Look at it\noutcomes: [good, bad]\n"
        try await fixture.publish([Self.file("look.task.yaml", fixture): wide])
        let flow = try Self.publication(
            """
            document: { dsl: '1.0.3', namespace: acme, name: flow, version: '1.0.0' }
            do:
              - look: { call: look }
              - which: { switch: [ { mended: { when: '.outcome == "bad"', then: end } } ] }
            """)
        try await fixture.test { browser in
            try await browser.become("wanda")
            let page = "\(Self.list)/task/look/edit"
            let narrow = "task: look\ntitle: Look at it\noutcomes: [good, fine]\n"
            let fields =
                Browser.hidden(in: try await browser.get(page).html) + [
                    ("source", narrow), ("outcome", "publish"),
                ]
            let late = try await Self.publishing(flow, between: fixture) { try await browser.post(page, fields) }
            #expect(late.status == .conflict)
            #expect(late.html.contains("Something else was changed while yours was being published"))
            #expect(late.html.contains("Take the workflow “Flow” out of force"))
            #expect(late.html.contains("outcomes: [good, fine]"))
            let before = try await fixture.site.store.read(in: fixture.acme.id) { session in
                try session.definition(.task, "look")
            }
            #expect(before?.source == wide)
            let token = try #require(late.html.firstMatch(of: /name="harm" value="([^"]+)"/)?.1)
            let sent = try await browser.post(page, fields + [("harm", String(token))])
            #expect(sent.status == .seeOther, "\(sent.html)")
        }
    }

    @Test func `a change meanwhile that makes no difference to a text does not stop it`() async throws {
        let fixture = try await WebFixture()
        let other = try Self.publication("task: other\n")
        try await fixture.test { browser in
            try await browser.become("wanda")
            let page = "\(Self.list)/new"
            let fields =
                Browser.hidden(in: try await browser.get(page).html) + [
                    ("source", "task: look\n"), ("outcome", "publish"),
                ]
            let sent = try await Self.publishing(other, between: fixture) { try await browser.post(page, fields) }
            #expect(sent.status == .seeOther, "\(sent.html)")
        }
    }

    /// Sends a text, and publishes another one after the check of the first and before its transaction.
    private static func publishing(
        _ other: Publication, between fixture: WebFixture, _ send: () async throws -> TestResponse
    ) async throws -> TestResponse {
        let (store, gate) = (fixture.site.store, Gate())
        async let change: Void = store.write(in: fixture.acme.id) { session in
            gate.hold()
            try session.writeRevision(other, model: nil, now: fixture.site.now)
        }
        _ = try await eventually("the writer is busy") { gate.isHeld ? true : nil }
        async let release: Void = {
            _ = try await eventually("the checked text waits") { store.waitingWrites > 0 ? true : nil }
            gate.open()
        }()
        let answer = try await send()
        try await (_, _) = (change, release)
        return answer
    }

    private static func publication(_ text: String) throws -> Publication {
        try #require(
            Publication(
                Definition.parse(Array(text.utf8), file: "other.yaml", company: "acme"), source: text,
                file: "other.yaml", isComplete: true))
    }

    @Test func `a template of which one part would take a file that is there is published not even in part`()
        async throws
    {
        let fixture = try await WebFixture()
        let taken = Self.file("buy-it.task.yaml", fixture)
        try FileManager.default.createDirectory(
            atPath: Self.file("", fixture), withIntermediateDirectories: true)
        try "not read yet".write(toFile: taken, atomically: true, encoding: .utf8)
        try await fixture.test { browser in
            try await browser.become("wanda")
            let page = try await browser.get("\(Self.list)/new?template=purchase").html
            let source = try #require(WorkbenchTemplate.parts.first { $0.slug == "purchase" }).source(in: "acme")
            func publish() async throws -> TestResponse {
                try await browser.post(
                    "\(Self.list)/new",
                    Browser.hidden(in: page) + [("source", source), ("outcome", "publish"), ("template", "purchase")])
            }
            let refused = try await publish()
            #expect(refused.status == .unprocessableContent)
            #expect(refused.html.contains("There is a file at \(taken) already"))
            let names = try await fixture.site.store.read(in: fixture.acme.id) { try $0.definitions().map(\.name) }
            #expect(names == ["thing"])
            #expect(try String(contentsOfFile: taken, encoding: .utf8) == "not read yet")
            try FileManager.default.removeItem(atPath: taken)
            #expect(try await publish().status == .seeOther)
        }
    }

    @Test func `a template is not published at the path of one of its parts`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("wanda")
            let page = try await browser.get("\(Self.list)/new?template=purchase").html
            let source = try #require(WorkbenchTemplate.parts.first { $0.slug == "purchase" }).source(in: "acme")
            let refused = try await browser.post(
                "\(Self.list)/new",
                Browser.hidden(in: page) + [
                    ("source", source), ("outcome", "publish"), ("template", "purchase"), ("path", "buy-it.task.yaml"),
                ])
            #expect(refused.status == .unprocessableContent)
            #expect(refused.html.contains("is the path of two texts that are published together; choose another"))
            let names = try await fixture.site.store.read(in: fixture.acme.id) { try $0.definitions().map(\.name) }
            #expect(names == ["thing"])
        }
    }

    @Test func `an older text that takes another definition out of force is brought back only by who says so`()
        async throws
    {
        let fixture = try await WebFixture()
        let wide = "task: look\ntitle: Look at it\noutcomes: [good, bad]\n"
        let flow = """
            document: { dsl: '1.0.3', namespace: acme, name: flow, version: '1.0.0' }
            do:
              - look: { call: look }
              - which: { switch: [ { mended: { when: '.outcome == "bad"', then: end } } ] }
            """
        let narrow = "task: look\ntitle: Look at it\noutcomes: [good, fine]\n"
        try await fixture.publish([Self.file("look.task.yaml", fixture): narrow])
        try await fixture.publish([Self.file("look.task.yaml", fixture): wide, "w.workflow.yaml": flow])
        try await fixture.test { browser in
            try await browser.become("wanda")
            let page = "\(Self.list)/task/look/revisions/\(Definition.revision(of: Array(narrow.utf8)))/publication"
            #expect(try await browser.get(page).html.contains("Take the workflow “Flow” out of force"))
            let refused = try await browser.submit(page, to: page, [])
            #expect(refused.status == .unprocessableContent)
            #expect(refused.html.contains("it takes the workflow “Flow” out of force. Tick the box"))
            let token = try #require(refused.html.firstMatch(of: /name="harm" value="([^"]+)"/)?.1)
            #expect(try await browser.submit(page, to: page, [("harm", String(token))]).status == .seeOther)
            let after = try await browser.get("\(Self.list)/task/look").html
            #expect(after.contains("is in force again. The workflow “Flow” is out of force now."))
        }
    }

    @Test func `a text that another one has overtaken stays in its editor, and is published over it on purpose`()
        async throws
    {
        let fixture = try await WebFixture()
        try await fixture.publish([Self.file("look.task.yaml", fixture): "task: look\ntitle: Look\n"])
        try await fixture.test { browser in
            try await browser.become("wanda")
            let page = "\(Self.list)/task/look/edit"
            let hidden = Browser.hidden(in: try await browser.get(page).html)
            try await fixture.publish([Self.file("look.task.yaml", fixture): "task: look\ntitle: Look twice\n"])
            let mine = "task: look\ntitle: Look closely\n"
            for wish in ["check", "publish"] {
                let late = try await browser.post(page, hidden + [("source", mine), ("outcome", wish)])
                #expect(late.status == .conflict, "\(wish)")
                #expect(late.html.contains("Another text was published while you edited this one"))
                #expect(
                    late.html.contains("<textarea id=\"f-source\"")
                        && late.html.contains("title: Look closely\n</textarea>"))
                #expect(late.html.contains("<span class=\"fail\">- title: Look twice</span>"))
                guard wish == "publish" else { continue }
                let sent = try await browser.post(
                    page, Browser.hidden(in: late.html) + [("source", mine), ("outcome", "publish")])
                #expect(sent.status == .seeOther, "\(sent.html)")
            }
        }
    }

    @Test func `a definition that is retired leaves its name to a new one`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("wanda")
            let (page, text) = ("\(Self.list)/new", "task: look\ntitle: Look\n")
            #expect(
                try await browser.submit(page, to: page, [("source", text), ("outcome", "publish")]).status == .seeOther
            )
            let retirement = "\(Self.list)/task/look/retirement"
            #expect(try await browser.submit(retirement, to: retirement, []).status == .seeOther)
            let again = try await browser.submit(
                page, to: page, [("source", text + "description: Anew\n"), ("outcome", "publish")])
            #expect(again.status == .seeOther, "\(again.html)")
        }
    }

    @Test func `what is wrong with a text that was published follows its lines at once`() async throws {
        let fixture = try await WebFixture()
        let flow = """
            document: { dsl: '1.0.3', namespace: acme, name: flow, version: '1.0.0' }
            do: [ { look: { call: nobody-knows } } ]

            """
        try await fixture.test { browser in
            try await browser.become("wanda")
            for (page, text, line) in [
                ("\(Self.list)/new", flow, 2), ("\(Self.list)/workflow/flow/edit", "# Once more\n\(flow)", 3),
            ] {
                let sent = try await browser.submit(page, to: page, [("source", text), ("outcome", "publish")])
                #expect(sent.status == .seeOther, "\(sent.html)")
                let shown = try await browser.get("\(Self.list)/workflow/flow").html
                #expect(shown.contains("<h2>1 problem</h2>"))
                #expect(shown.contains("href=\"#L\(line)\" data-line=\"\(line)\""), "\(page)")
            }
        }
    }

    @Test func `a form without a name of its own is named after its title, and never takes another's file`()
        async throws
    {
        let fixture = try await WebFixture()
        let folder = fixture.site.settings.definitions + "/acme"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try "not read yet".write(toFile: folder + "/taken.ticket.yaml", atomically: true, encoding: .utf8)
        @Sendable func form(_ title: String) -> String {
            "name: \(title)\ndescription: D\nbody: [ { type: input, attributes: { label: What } } ]\n"
        }
        try await fixture.test { browser in
            try await browser.become("wanda")
            let page = "\(Self.list)/new"
            func publish(_ text: String) async throws -> TestResponse {
                try await browser.submit(page, to: page, [("source", text), ("outcome", "publish")])
            }
            let sent = try await publish(form("Störung der Straße!"))
            #expect(sent.headers[.location] == "\(Self.list)/ticket/storung-der-strasse", "\(sent.html)")
            #expect(FileManager.default.fileExists(atPath: folder + "/storung-der-strasse.ticket.yaml"))
            let again = try await publish(form("Störung der Straße"))
            #expect(again.status == .unprocessableContent && again.html.contains("is there already; edit it"))
            for (title, name) in [("休暇申請", "xiu-xia-shen-qing"), ("Отпуск", "otpusk"), ("★★", "form")] {
                let foreign = try await publish(form(title))
                #expect(foreign.headers[.location] == "\(Self.list)/ticket/\(name)", "\(title)")
            }
            let named = try await publish("ticket: mine\n" + form("Taken"))
            #expect(named.headers[.location] == "\(Self.list)/ticket/mine")
            let taken = try await publish(form("Taken"))
            #expect(taken.status == .unprocessableContent && taken.html.contains("There is a file at"))
            #expect(try String(contentsOfFile: folder + "/taken.ticket.yaml", encoding: .utf8) == "not read yet")
        }
    }

    @Test func `a copy begins with the other's text`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("wanda")
            let page = try await browser.get("\(Self.list)/new?copy=ticket:thing").html
            #expect(page.contains("ticket: thing\n"))
        }
    }

    @Test func `a definition in use says what its end means before it ends`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish([
            "w.workflow.yaml": """
            document: { dsl: '1.0.3', namespace: acme, name: flow, version: '1.0.0' }
            do: [ { done: { set: { status: done } } } ]
            """,
            "f.ticket.yaml":
                "ticket: f\nname: Ask\ndescription: Ask us\nworkflow: flow\nbody: [ { type: input, attributes: { label: What } } ]\n",
        ])
        try await fixture.test { browser in
            try await browser.become("wanda")
            let question = try await browser.get("\(Self.list)/workflow/flow/retirement").html
            #expect(question.contains("The form “Ask” uses it"))
            #expect(question.contains("<button class=\"danger\">Retire “Flow”</button>"))
        }
    }

    @Test func `an empty company is shown how to write its first form`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("wanda")
            let page = try await browser.get("/c/globex/definitions").html
            #expect(page.contains("Write the first form"))
            #expect(page.contains("workflows/globex/broken-thing.ticket.yaml"))
        }
    }

    @Test func `a list of many definitions stays light`() async throws {
        let fixture = try await WebFixture()
        var files: [String: String] = [:]
        for number in 1...24 {
            files["t\(number).task.yaml"] = "task: look\(number)\ntitle: Look at number \(number)\n"
        }
        try await fixture.publish(files)
        try await fixture.test { browser in
            try await browser.become("wanda")
            let page = try await browser.get(Self.list)
            #expect(page.body.readableBytes < 9_000, "\(page.body.readableBytes)")
        }
    }
}
