import Foundation
import HTTPTypes
import HummingbirdTesting
import TFDefinition
import TestSupport
import Testing

@testable import TFStore
@testable import tf_web

/// What the workbench publishes is what somebody has seen, with all that goes with it.
@Suite struct PublishingPageTests {
    private static let list = "/c/acme/definitions"

    /// A file in the company's own folder, which pages may write.
    private static func file(_ name: String, _ fixture: WebFixture) -> String {
        "\(fixture.site.settings.definitions)/acme/\(name)"
    }

    @Test func `a template is published with all its parts, and is in order`() async throws {
        for slug in WorkbenchTemplate.all.map(\.slug) {
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

    @Test func `a template that is used again comes under names that are free, in all of its parts`() async throws {
        for slug in WorkbenchTemplate.all.map(\.slug) {
            let fixture = try await WebFixture()
            try await fixture.test { browser in
                try await browser.become("wanda")
                let parts = try #require(WorkbenchTemplate.parts.first { $0.slug == slug }).set
                for number in 1...3 {
                    // Whichever part is shown.
                    let part = parts[number % parts.count]
                    let shown = try await browser.get("\(Self.list)/new?template=\(part.slug)").html
                    #expect(shown.contains("No problems"), "\(shown)")
                    let source = try #require(Self.source(in: shown))
                    let template = try #require(Browser.hidden("template", in: shown))
                    let sent = try await browser.post(
                        "\(Self.list)/new",
                        Browser.hidden(in: shown) + [
                            ("source", source), ("template", template), ("outcome", "publish"),
                        ])
                    #expect(sent.status == .seeOther, "\(part.slug), \(number): \(sent.html)")
                }
                let (rows, problems, types) = try await fixture.site.store.read(in: fixture.acme.id) {
                    (try $0.definitions(), try $0.problems(), try $0.ticketTypes())
                }
                #expect(rows.count == 3 * parts.count + 1 && rows.allSatisfy { $0.state == .active }, "\(slug)")
                #expect(problems.isEmpty, "\(problems)")
                #expect(Set(types.map(\.title)).count == types.count, "people can tell the forms apart")
                for row in rows where row.name.contains("-2") {
                    #expect(!row.source.contains("NAME"))
                    let used = try Self.names(row, in: "acme")
                    #expect(used.allSatisfy { $0.contains("-2") }, "\(row.name): \(used)")
                }
            }
        }
    }

    /// The text in a workbench's page.
    private static func source(in page: String) -> String? {
        page.firstMatch(of: /<textarea id="f-source"[^>]*>\n([^<]*)<\/textarea>/).map {
            String($0.1).replacing("&quot;", with: "\"").replacing("&#39;", with: "'").replacing("&gt;", with: ">")
                .replacing("&lt;", with: "<").replacing("&amp;", with: "&")
        }
    }

    /// The definitions that a definition refers to.
    private static func names(_ row: DefinitionRow, in company: String) throws -> [String] {
        let parsed = Definition.parse(Array(row.source.utf8), file: row.file, company: company)
        switch try #require(parsed.definition) {
        case .ticket(let ticket): return [ticket.workflow?.name].compactMap(\.self)
        case .task: return []
        case .workflow(let workflow): return workflow.calledTasks.map(\.name)
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
        try await sending(
            send, whenWaiting: {}, between: fixture,
            writing: { session in
                try session.writeRevision(other, model: nil, now: fixture.site.now)
            })
    }

    /// The first statement of whoever is faster than a text that was checked.
    private static let meanwhile = "SELECT 1 AS meanwhile"

    /// Sends a text, and makes changes after its check and before its transaction: of the store, and others. That it came to
    /// this is seen from the statements: what texts are checked against is read before the change and behind it.
    static func sending(
        _ send: () async throws -> TestResponse, whenWaiting work: @escaping @Sendable () throws -> Void,
        between fixture: WebFixture, writing write: @escaping @Sendable (CompanyWriteSession) throws -> Void
    ) async throws -> TestResponse {
        let (store, gate) = (fixture.site.store, Gate())
        async let change: Void = store.write(in: fixture.acme.id) { session in
            gate.hold()
            #expect(try session.first(Int.self, meanwhile) == 1)
            try write(session)
        }
        _ = try await eventually("the writer is busy") { gate.isHeld ? true : nil }
        async let release: Void = {
            defer { gate.open() }
            _ = try await eventually("the checked text waits") { store.waitingWrites > 0 ? true : nil }
            try work()
        }()
        var answer: TestResponse?
        let statements = try await store.statements { answer = try await send() }
        try await (_, _) = (change, release)
        let sides = statements.split(separator: meanwhile, maxSplits: 1)
        try #require(sides.count == 2, "\(statements)")
        for side in sides { #expect(side.contains { $0.contains(" FROM problem WHERE ") }, "\(statements)") }
        return try #require(answer)
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
        let taken = Self.file("buying-buy.task.yaml", fixture)
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
            #expect(refused.html.contains("There is a file buying-buy.task.yaml already"))
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
                    ("source", source), ("outcome", "publish"), ("template", "purchase"),
                    ("path", "buying-buy.task.yaml"),
                ])
            #expect(refused.status == .unprocessableContent)
            let message = "is the path of two texts that are published together; choose another"
            #expect(
                refused.html.firstMatch(of: try Regex("href=\"#f-path\">[^<]*\(message)")) != nil, "\(refused.html)")
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
            #expect(after.contains(" of “Look at it” is in force again. The workflow “Flow” is out of force now."))
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
}
