import Foundation
import HTTPTypes
import HummingbirdTesting
import TFDefinition
import TFExpression
import TFStore
import TestSupport
import Testing

@testable import tf_web

@Suite struct DefinitionPageTests {
    private static let list = "/c/acme/definitions"
    private static let new = "/c/acme/definitions/new"
    private static let task = "task: look\ndescription: one\nbody: [ { type: input, attributes: { label: Seen } } ]\n"

    private func write(
        _ browser: Browser, _ page: String, _ source: String, _ outcome: String, _ more: [(String, String)] = []
    )
        async throws -> TestResponse
    {
        let hidden = Browser.hidden(in: try await browser.get(page).html)
        return try await browser.post(page, hidden + [("source", source), ("outcome", outcome)] + more, files: [])
    }

    @Test func `a form whose workflow is retired says so, and how it comes back`() async throws {
        let fixture = try await WebFixture()
        let form = """
            ticket: f
            name: Ask
            description: Ask us
            workflow: flow
            body: [ { type: input, attributes: { label: What } } ]

            """
        try await fixture.publish([
            "w.workflow.yaml": """
            document: { dsl: '1.0.3', namespace: acme, name: flow, version: '1.0.0' }
            do: [ { done: { set: { status: done } } } ]
            """,
            "f.ticket.yaml": form,
        ])
        let page = "/c/acme/definitions/ticket/f"
        try await fixture.test { browser in
            try await browser.become("wanda")
            #expect(!(try await browser.get(page).html.contains("is retired")))
            let retirement = "/c/acme/definitions/workflow/flow/retirement"
            #expect(try await browser.submit(retirement, to: retirement, []).status == .seeOther)
            let shown = try await browser.get(page).html
            #expect(shown.contains("<h2>The workflow “Flow” is retired</h2>"), "\(shown)")
            let flow = try await browser.get("/c/acme/definitions/workflow/flow").html
            #expect(flow.contains("No ticket has come through it") && !flow.contains("In a step:"), "\(flow)")
            let back = try #require(
                shown.firstMatch(of: /href="(\/c\/acme\/definitions\/workflow\/flow\/revisions\/[^"]*)">Bring it back/)
            ).1
            #expect(try await browser.get(String(back)).status == .ok)
            let asked = try await browser.get(back.hasSuffix("/publication") ? String(back) : "\(back)/publication")
                .html
            #expect(asked.contains("Its text is the one that was in force last."), "\(asked)")
            #expect(asked.contains("“Ask” uses it, and is offered again"), "\(asked)")
            #expect(!asked.contains("old revision") && !asked.contains(">What changes<"), "\(asked)")
            let checked = try await write(browser, "\(page)/edit", form, "check").html
            #expect(checked.contains("the workflow &quot;flow&quot; is retired; bring it back, or name another"))
            #expect(!checked.contains("there is no workflow"))
            browser.forgetCookies()
            try await browser.become("tom")
            let read = try await browser.get(page).html
            #expect(read.contains("is retired</h2>") && !read.contains("Bring it back"))
        }
    }

    @Test func `what is not offered already, since its workflow is retired, does not go out of force by another text`()
        async throws
    {
        let fixture = try await WebFixture()
        let (file, text) = (
            "f.ticket.yaml",
            "ticket: f\nname: Ask\ndescription: A\nworkflow: flow\nbody: [ { type: input, attributes: { label: What } } ]\n"
        )
        let parsed = Definition.parse(Array(text.utf8), file: file, company: "acme")
        let form = try #require(Publication(parsed, source: text, file: file, isComplete: false))
        // As the daemon keeps it.
        let told = Diagnostic(
            file: file, position: Position(line: 4, column: 11), severity: .warning,
            message: "the ticket \"f\" is not offered any more: the workflow \"flow\" is retired")
        _ = try await fixture.site.store.inside(fixture.acme.id).publish(
            [form], keeping: ["a.ticket.yaml"], problems: [told], now: fixture.site.now)
        try await fixture.test { browser in
            try await browser.become("wanda")
            let checked = try await write(browser, Self.new, "task: other\n", "check").html
            #expect(checked.contains("No problems") && !checked.contains("not offered any more"), "\(checked)")
            #expect(
                try await browser.get("\(Self.list)/ticket/f").html.contains("is not offered any more: the workflow"))
        }
    }

    @Test func `the page of a definition keeps the moment of its publication beside that of its retirement`()
        async throws
    {
        let fixture = try await WebFixture()
        let (file, text) = ("\(fixture.site.settings.definitions)/acme/old.task.yaml", "task: old\ntitle: Old\n")
        try await fixture.site.store.publish(
            [file: text], keeping: ["a.ticket.yaml"], for: fixture.acme, now: 1_000_000_000_000)
        let published = "<span>Published <time datetime=\"2001-09-0"
        try await fixture.test { browser in
            try await browser.become("wanda")
            let (page, edit) = ("\(Self.list)/task/old", "\(Self.list)/task/old/edit")
            func note() async throws -> String {
                let shown = try await browser.get(page).html
                return String(try #require(shown.firstMatch(of: /<p class="row sm soft">(.*?)<\/p>/)).1)
            }
            let first = try await note()
            #expect(first.contains(published) && !first.contains("again"), "\(first)")
            let retirement = "\(page)/retirement"
            #expect(try await browser.submit(retirement, to: retirement, []).status == .seeOther)
            let retired = try await note()
            #expect(retired.contains(published), "\(retired)")
            #expect(retired.firstMatch(of: /Retired <time [^>]*>[^<]*<\/time> by Wanda/) != nil, "\(retired)")
            #expect(
                try await browser.get("\(Self.list)?state=retired").html.contains("<td data-l=Published>9 Sep 2001, "))
            let sent = try await browser.submit(edit, to: edit, [("source", text), ("outcome", "publish")])
            #expect(sent.status == .seeOther, "\(sent.html)")
            let back = try await note()
            #expect(back.contains(published) && !back.contains("Retired"), "\(back)")
            #expect(
                back.firstMatch(of: /Brought into force again <time [^>]*>[^<]*<\/time> by Wanda/) != nil, "\(back)")
            // The file of it goes.
            try await fixture.site.store.publish(
                [:], keeping: ["a.ticket.yaml"], for: fixture.acme, now: fixture.site.now + 60_000)
            let gone = try await note()
            #expect(gone.firstMatch(of: /Retired <time [^>]*>[^<]*<\/time>, when its file was gone/) != nil, "\(gone)")
        }
    }

    @Test func `of several versions that are retired, the newest is the one to bring back`() async throws {
        let fixture = try await WebFixture()
        let form = [
            "f.ticket.yaml":
                "ticket: f\nname: Ask\ndescription: A\nworkflow: flow\nbody: [ { type: input, attributes: { label: What } } ]\n"
        ]
        let flows = ["1.9.0", "1.10.0"].reduce(into: [String: String]()) { flows, version in
            flows["\(version).workflow.yaml"] = """
                document: { dsl: '1.0.3', namespace: acme, name: flow, version: '\(version)' }
                do: [ { done: { set: { status: done } } } ]
                """
        }
        try await fixture.publish(form.merging(flows) { $1 })
        try await fixture.publish(form)
        let newest = Definition.revision(of: Array(try #require(flows["1.10.0.workflow.yaml"]).utf8))
        try await fixture.test { browser in
            try await browser.become("wanda")
            let shown = try await browser.get("/c/acme/definitions/ticket/f").html
            let back = "/c/acme/definitions/workflow/flow/revisions/\(newest)/publication"
            #expect(shown.contains("href=\"\(back)\">Bring it back…"), "\(shown)")
            #expect(try await browser.get(back).status == .ok)
        }
    }

    @Test func `a definition is checked, previewed, published, changed, and brought back`() async throws {
        let fixture = try await WebFixture()
        let file = "\(fixture.site.settings.definitions)/acme/look.task.yaml"
        try await fixture.test { browser in
            try await browser.become("wanda")
            let wrong = try await write(browser, Self.new, "task: look\nassing: {}\nkind: <x>\n", "publish")
            #expect(wrong.status == .unprocessableContent)
            #expect(wrong.html.contains("unknown key &quot;assing&quot;; did you mean &quot;assign&quot;?"))
            #expect(wrong.html.contains("&quot;kind&quot; cannot be &quot;&lt;x&gt;&quot;"))
            #expect(wrong.html.contains("assing: {}\nkind: &lt;x&gt;\n</textarea>"))
            #expect(!FileManager.default.fileExists(atPath: file))

            let preview = try await write(browser, Self.new, Self.task, "check")
            #expect(preview.status == .ok)
            #expect(preview.html.contains("<h2>Preview</h2>"))
            #expect(preview.html.contains("name=\"f.seen\""))
            #expect(!FileManager.default.fileExists(atPath: file))
            let published = try await write(browser, Self.new, Self.task, "publish")
            #expect(published.headers[.location] == "/c/acme/definitions/task/look", "\(published.html)")
            #expect(try String(contentsOfFile: file, encoding: .utf8) == Self.task)

            let edit = "/c/acme/definitions/task/look/edit"
            let second = Self.task.replacing("one", with: "two")
            let changes = try await write(browser, edit, second, "check")
            #expect(changes.html.contains("<span class=\"fail\">- description: one</span>"))
            #expect(changes.html.contains("<span class=\"done\">+ description: two</span>"))
            let stale = Browser.hidden(in: changes.html)
            #expect(try await write(browser, edit, second, "publish").status == .seeOther)
            #expect(try String(contentsOfFile: file, encoding: .utf8) == second)
            let late = try await browser.post(
                edit, stale + [("source", "task: look\n"), ("outcome", "publish")], files: [])
            #expect(late.status == .conflict)
            #expect(late.html.contains("task: look"))

            let page = try await browser.get("/c/acme/definitions/task/look").html
            #expect(page.contains("two"))
            let first = Definition.revision(of: Array(Self.task.utf8))
            let old = "/c/acme/definitions/task/look/revisions/\(first)"
            #expect(page.contains(old))
            #expect(try await browser.get(old).html.contains("Bring it back"))
            #expect(try await browser.submit("\(old)/publication", to: "\(old)/publication", []).status == .seeOther)
            #expect(try String(contentsOfFile: file, encoding: .utf8) == Self.task)

            let retired = try await browser.submit(
                "/c/acme/definitions/task/look/retirement", to: "/c/acme/definitions/task/look/retirement", [])
            #expect(retired.status == .seeOther)
            #expect(!FileManager.default.fileExists(atPath: file))
            // Who comes back to a question that is answered is shown how the definition stands.
            func leadsToItsPage(_ question: String) async throws {
                let answered = try await browser.get(question)
                #expect(answered.status == .seeOther && answered.headers[.location] == "/c/acme/definitions/task/look")
            }
            try await leadsToItsPage("/c/acme/definitions/task/look/retirement")
            #expect(try await browser.submit("\(old)/publication", to: "\(old)/publication", []).status == .seeOther)
            #expect(try String(contentsOfFile: file, encoding: .utf8) == Self.task)
            try await leadsToItsPage("\(old)/publication")
        }
    }

    @Test func `the preview of a task's form names the ways to finish it as their buttons do`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish([
            "approve.task.yaml": """
            task: approve
            outcomes: [ "yes", { value: reject, label: Refuse, confirm: "Really?" } ]
            body: [ { type: input, attributes: { label: Comment }, validations: { required_for: [reject] } } ]
            """
        ])
        try await fixture.test { browser in
            try await browser.become("wanda")
            let page = try await browser.get("/c/acme/definitions/task/approve").html
            #expect(page.contains("Needed for “Refuse”."))
            #expect(page.contains(#"<button type="button" disabled class="danger">Refuse…</button>"#))
        }
    }

    @Test func `a file may be chosen instead of written, and goes where it is told`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("wanda")
            let hidden = Browser.hidden(in: try await browser.get(Self.new).html)
            let file = SentFile(
                field: "file", name: "x.yaml", mediaType: "application/yaml", bytes: Array(Self.task.utf8))
            let answer = try await browser.post(
                Self.new, hidden + [("source", ""), ("path", "it/look.task.yml"), ("outcome", "publish")], files: [file]
            )
            #expect(answer.status == .seeOther, "\(answer.html)")
            let path = "\(fixture.site.settings.definitions)/acme/it/look.task.yml"
            #expect(try String(contentsOfFile: path, encoding: .utf8) == Self.task)
            let binary = SentFile(field: "file", name: "x.yaml", mediaType: "a/b", bytes: [0xFF, 0xFE])
            let refused = try await browser.post(Self.new, hidden + [("outcome", "check")], files: [binary])
            #expect(refused.html.contains("The file is not UTF-8 text"))
        }
    }

    @Test func `a page that somebody goes back to is checked anew`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("wanda")
            let hidden = Browser.hidden(in: try await browser.get(Self.new).html)
            for label in ["Seen", "Heard"] {
                let text = Self.task.replacing("Seen", with: label)
                let preview = try await browser.post(Self.new, hidden + [("source", text), ("outcome", "check")])
                #expect(preview.html.contains("name=\"f.\(label.lowercased())\""))
            }
        }
    }

    @Test func `what is wrong with the path and with the text is told at once, and both stay`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("wanda")
            let wrong = try await write(
                browser, Self.new, "task: look\nassing: {}\n", "publish", [("path", "x.txt")])
            #expect(wrong.status == .unprocessableContent)
            #expect(wrong.html.contains("Write a path such as it/access.ticket.yaml"))
            #expect(wrong.html.contains("did you mean &quot;assign&quot;?"))
            #expect(wrong.html.contains("name=\"path\" value=\"x.txt\""))
            #expect(wrong.html.contains("assing: {}\n</textarea>"))
            let empty = try await write(browser, Self.new, "", "check", [("path", "y.yaml")])
            #expect(empty.status == .unprocessableContent)
            #expect(empty.html.contains("<a href=\"#f-source\">Write a definition, or load a file</a>"))
            #expect(empty.html.contains("name=\"path\" value=\"y.yaml\""))
        }
    }

    @Test func `a path that leads out, hides or is none is refused`() async throws {
        let paths = [
            "../x.yaml", "/etc/x.yaml", "a/../x.yaml", ".x.yaml", "a/.git/x.yaml", "x.txt", "a//x.yaml", "x y.yaml",
            "#x.yaml",
        ]
        try await WebFixture().test { browser in
            try await browser.become("wanda")
            for path in paths {
                let answer = try await write(browser, Self.new, Self.task, "publish", [("path", path)])
                #expect(answer.status == .unprocessableContent, "\(path)")
                #expect(answer.html.contains("Write a path such as it/access.ticket.yaml"), "\(path)")
            }
        }
    }

    @Test func `only workflow creators write, ticket admins read, others see nothing`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("tom")
            let page = try await browser.get("/c/acme/definitions/ticket/thing").html
            #expect(page.contains("<b>ticket</b>: thing"))
            #expect(!page.contains("/edit\""))
            #expect(try await browser.get("/c/acme/definitions/ticket/thing/edit").status == .forbidden)
            #expect(try await browser.get(Self.new).status == .forbidden)
            let sent = try await browser.submit(
                "/c/acme/definitions/ticket/thing", to: "/c/acme/definitions/ticket/thing/retirement", [])
            #expect(sent.status == .forbidden)
            browser.forgetCookies()
            try await browser.become("uma")
            #expect(try await browser.get("/c/acme/definitions/ticket/thing").status == .forbidden)
        }
    }

    @Test func `a program retires a definition, of the revision that it knows`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            let token = try await browser.token("wanda")
            let path = "/api/v1/companies/acme/definitions/task/look"
            let made = try await browser.json(path, .put, token: token, Self.task, type: "application/yaml")
            #expect(made.status == .created)
            #expect(made.headers[.location] == path)
            #expect(try JSON(parsing: made.html)["file"] == "acme/look.task.yaml", "from the directory of definitions")
            let again = try await browser.json(
                path, .put, token: token, Self.task, type: "application/yaml", headers: [.ifNoneMatch: "*"])
            #expect(again.status == .preconditionFailed)
            #expect(try await browser.json(path, .delete, token: token).status == .noContent)
            #expect(try await browser.json(path, .delete, token: token).status == .notFound)
            let file = "\(fixture.site.settings.definitions)/acme/look.task.yaml"
            #expect(!FileManager.default.fileExists(atPath: file))
        }
    }

    @Test func `a difference shows what changed with three lines around it`() {
        let old = (1...20).map { "line \($0)" }.joined(separator: "\n")
        let new = old.replacing("line 10\n", with: "line ten\n")
        #expect(
            LineDiff(from: old, to: new).lines == [
                .gap(6), .same("line 7"), .same("line 8"), .same("line 9"), .removed("line 10"), .added("line ten"),
                .same("line 11"), .same("line 12"), .same("line 13"), .gap(7),
            ])
        #expect(LineDiff(from: old, to: old).lines == [.gap(20)])
    }

    /// The diff of long texts must not take the memory of the process.
    @Test func `texts with too many changes show what went and then what came`() throws {
        let (same, old, new) = ("same\n", (0..<3_998).map { "old \($0)" }, (0..<3_998).map { "new \($0)" })
        let diff = LineDiff(
            from: same + old.joined(separator: "\n") + "\nend", to: same + new.joined(separator: "\n") + "\nend")
        #expect(
            diff.lines == [.same("same")] + old.map(LineDiff.Line.removed) + new.map(LineDiff.Line.added) + [
                .same("end")
            ])
        // Few lines that changed in long texts are still found, wherever they are.
        let lines = (0..<4_000).map { "line \($0 % 7) of \($0)" }
        var changed = lines
        for place in stride(from: 0, to: 4_000, by: 20) { changed[place] = "other" }
        let found = try #require(
            LineDiff(from: lines.joined(separator: "\n"), to: changed.joined(separator: "\n")).lines)
        #expect(found.filter { if case .added("other") = $0 { true } else { false } }.count == 200)
        #expect(found.filter { if case .removed = $0 { true } else { false } }.count == 200)
    }

    @Test func `as few lines as can be are shown as changed, and make the new text of the old`() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<300 {
            let (old, new) = (Self.letters(&generator), Self.letters(&generator))
            guard let found = FewestChanges.find(old[...], new[...], most: 24) else {
                Issue.record("\(old) \(new)")
                continue
            }
            let kept = old.indices.filter { !found.removed.contains($0) }.map { old[$0] }
            #expect(kept == new.indices.filter { !found.added.contains($0) }.map { new[$0] }, "\(old) \(new)")
            let least = new.difference(from: old).count
            #expect(found.removed.count + found.added.count == least, "\(old) \(new)")
            if least > 0 { #expect(FewestChanges.find(old[...], new[...], most: least - 1) == nil) }
        }
    }

    private static func letters(_ generator: inout SeededGenerator) -> [Int] {
        (0..<generator.below(13)).map { _ in generator.below(4) }
    }
}
