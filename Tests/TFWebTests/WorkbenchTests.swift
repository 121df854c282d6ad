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
            #expect(!all.contains("In force"), "only another state is said")
            for words in ["Look at it", "1 workflow", "1 form"] { #expect(all.contains(words), "\(words)") }
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

    @Test func `both files of one dry run are saved from one page`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish([
            "flow.workflow.yaml":
                "document: { dsl: '1.0.3', namespace: acme, name: flow, version: '1.0.0' }\ndo: [ { a: { set: { b: 1 } } } ]\n"
        ])
        try await fixture.test { browser in
            try await browser.become("wanda")
            let path = "\(Self.list)/workflow/flow/dry-run"
            let hidden = Browser.hidden(in: try await browser.get(path).html)
            #expect(hidden.map(\.0).contains("_submission"))
            let script = "# Nobody has answered anything.\ntasks: {}\n"
            for (file, text) in [("script", script), ("form", "{}\n"), ("script", script)] {
                let saved = try await browser.post(path, hidden + [("input", "{}"), ("save", file)])
                #expect(saved.status == .ok, "\(file)")
                #expect(saved.headers[.contentDisposition]?.contains("flow.\(file)") == true)
                #expect(saved.html == text)
            }
        }
    }

    @Test func `a text has as many numbers as lines`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("wanda")
            let page = "\(Self.list)/new"
            for (text, count) in [("task: look\ntitle: Look\n\noutcomes: [a, b]\n", 4), ("task: look", 1)] {
                let shown = try await browser.submit(page, to: page, [("source", text), ("outcome", "check")]).html
                let numbers = try #require(shown.firstMatch(of: /<ol id="lines"[^>]*>(.*?)<\/ol>/)).1
                #expect(numbers == (1...count).map { "<li>\($0)" }.joined(), "\(text)")
            }
            let empty = try await browser.get(page).html
            #expect(empty.contains("<ol id=\"lines\" aria-label=\"Line numbers\"><li>1</ol>"))
        }
    }

    @Test func `each revision says who published it, or that it came from files`() async throws {
        let fixture = try await WebFixture()
        // What was in force before the audit log begins may have come from anywhere.
        try await fixture.site.store.publish(
            ["old.task.yaml": "task: old\ntitle: Old\n"], keeping: ["a.ticket.yaml"], for: fixture.acme, now: 1)
        try await fixture.test { browser in
            try await browser.become("wanda")
            let old = try await browser.get("\(Self.list)/task/old").html
            #expect(!old.contains(" from files") && !old.contains("</time> by "), "\(old)")
            let (page, text) = ("\(Self.list)/new", "task: look\ntitle: Look\n")
            #expect(
                try await browser.submit(page, to: page, [("source", text), ("outcome", "publish")]).status == .seeOther
            )
            let task = "\(Self.list)/task/look"
            let first = try await browser.get(task).html
            let words = try #require(first.firstMatch(of: /<b>In force<\/b> <span class="soft">(.*?)<\/span>/)).1
            #expect(words.contains("</time> by Wanda"), "\(words)")
            let path = try #require(first.firstMatch(of: /href="([^"]*\/revisions\/[^"]*)"/)).1
            #expect(try await browser.get(String(path)).html.contains(" by Wanda"))
            let file = Self.file("look.task.yaml", fixture)
            try await fixture.publish([file: text + "description: Anew\n"])
            let second = try await browser.get(task).html
            let newest = try #require(second.firstMatch(of: /<b>In force<\/b> <span class="soft">(.*?)<\/span>/)).1
            #expect(newest.contains(" from files"), "\(newest)")
            #expect(second.contains("</time> by Wanda"))
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

    @Test func `a role that nobody holds is told at its place, and once more when the text is published`()
        async throws
    {
        let fixture = try await WebFixture()
        let store = fixture.site.store
        try await store.write(in: fixture.acme.id) { try $0.addCompanyRole("night-shift", now: 1) }
        let task = "task: look\nassign: { role: night-shift }\n"
        let flow = """
            document: { dsl: '1.0.3', namespace: acme, name: flow, version: '1.0.0' }
            do:
              - look: { call: look }
              - mine: { call: look, with: { assign: { role: it-staff } } }

            """
        let words = "nobody has the role &quot;night-shift&quot; yet"
        try await fixture.test { browser in
            try await browser.become("wanda")
            let page = "\(Self.list)/new"
            let checked = try await browser.submit(page, to: page, [("source", task), ("outcome", "check")]).html
            #expect(checked.contains("data-line=\"2\">Line 2</a>: \(words): its tasks would wait"), "\(checked)")
            let sent = try await browser.submit(page, to: page, [("source", task), ("outcome", "publish")])
            #expect(sent.status == .seeOther, "\(sent.html)")
            let told = try await browser.get("\(Self.list)/task/look").html
            #expect(told.contains("Look is published. There is 1 warning: line 2: \(words)"), "\(told)")
            #expect(told.contains("<h2>1 problem</h2>"))
            // Who holds a role changes without a look at the files.
            #expect(try await store.read(in: fixture.acme.id) { try $0.problems() }.isEmpty)
            let calling = try await browser.submit(page, to: page, [("source", flow), ("outcome", "check")]).html
            #expect(
                calling.contains("data-line=\"3\">Line 3</a>: \(words): the task &quot;look&quot; would wait"),
                "\(calling)")
            // Warnings refuse nothing, so nobody is led to them.
            #expect(calling.contains("<h2>1 problem</h2>"))
            try await store.write(in: fixture.acme.id) {
                try $0.changeRole("night-shift", CompanyRoleChange(members: ["dave"]), now: 2)
            }
            let held = try await browser.submit(page, to: page, [("source", flow), ("outcome", "check")]).html
            #expect(held.contains("No problems"), "\(held)")
            #expect(!(try await browser.get("\(Self.list)/task/look").html.contains(words)))
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
            for (page, text, line, count) in [
                ("\(Self.list)/new", flow, 2, "1 problem"),
                // It also says that its version had another text before.
                ("\(Self.list)/workflow/flow/edit", "# Once more\n\(flow)", 3, "2 problems"),
            ] {
                let sent = try await browser.submit(page, to: page, [("source", text), ("outcome", "publish")])
                #expect(sent.status == .seeOther, "\(sent.html)")
                let shown = try await browser.get("\(Self.list)/workflow/flow").html
                #expect(shown.contains("<h2>\(count)</h2>"))
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
            #expect(taken.status == .unprocessableContent && taken.html.contains("There is a file"))
            #expect(try String(contentsOfFile: folder + "/taken.ticket.yaml", encoding: .utf8) == "not read yet")
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
            #expect(question.contains("<button class=\"primary danger\">Retire “Flow”</button>"))
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
}
