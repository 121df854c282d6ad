import Foundation
import HummingbirdTesting
import TFDefinition
import TestSupport
import Testing

@testable import tf_web

/// Texts that somebody starts from: templates, and copies of definitions.
@Suite struct WorkbenchTemplateTests {
    private static let list = "/c/acme/definitions"

    /// What the form of a workbench's page sends.
    private static func fields(in bench: String) -> [(String, String)] {
        let carried = ["template", "parts"].compactMap { name in Browser.hidden(name, in: bench).map { (name, $0) } }
        return Browser.hidden(in: bench) + carried
    }

    private static func template(in bench: String) throws -> WorkbenchTemplate {
        var form = PostedForm()
        for (name, value) in fields(in: bench) { form.append(name, value) }
        return try #require(WorkbenchTemplate(form))
    }

    private static func expect(_ first: String, before second: String, in page: String) throws {
        let above = try #require(page.range(of: first))
        let below = try #require(page.range(of: second))
        #expect(above.upperBound <= below.lowerBound, "\(page)")
    }

    @Test func `the editor stays behind what it makes where templates stood before it, else it comes first`()
        async throws
    {
        let (editor, result) = ("id=\"f-source\"", "id=\"result\"")
        try await WebFixture().test { browser in
            try await browser.become("wanda")
            let new = "\(Self.list)/new"
            try Self.expect("Use this template", before: editor, in: try await browser.get(new).html)
            for outcome in ["look", "check", "publish"] {
                let typed = try await browser.submit(new, to: new, [("source", "task: Look"), ("outcome", outcome)])
                try Self.expect(result, before: editor, in: typed.html)
            }
            try Self.expect(editor, before: result, in: try await browser.get("\(new)?template=form").html)
        }
    }

    @Test func `a dry run of a template runs its workflow, whichever of its texts is shown`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("wanda")
            let page = "\(Self.list)/new"
            // The second time nothing of it is in force either.
            for number in 1...2 {
                let title = number == 1 ? "Approval" : "Approval 2"
                for part in WorkbenchTemplate.approval {
                    let bench = try await browser.get("\(page)?template=\(part.slug)").html
                    let template = try Self.template(in: bench)
                    #expect(template.slug == part.slug && template.title == title)
                    let text = template.source(in: "acme")
                    #expect(bench.contains("value=\"dry-run\">Dry run</button>"), "\(part.slug)")
                    // What is changed in the text that is shown counts.
                    let changed = text.replacing("What do you ask for?", with: "What is it?")
                    let dry = try await browser.post(
                        page, Self.fields(in: bench) + [("source", changed), ("outcome", "dry-run")])
                    #expect(dry.status == .ok, "\(part.slug): \(dry.html)")
                    #expect(dry.html.contains("<h1>Dry run of \(title)</h1>"))
                    #expect(dry.html.contains(changed == text ? "What do you ask for?" : "What is it?"), "\(part.slug)")
                    #expect(try Self.template(in: dry.html) == template, "to go on with it")
                }
                let bench = try await browser.get("\(page)?template=approval").html
                let text = try Self.template(in: bench).source(in: "acme")
                let sent = try await browser.post(
                    page, Self.fields(in: bench) + [("source", text), ("outcome", "publish")])
                #expect(sent.status == .seeOther)
            }
        }
    }

    @Test func `what was typed in each of a template's texts is kept while another is shown, and published`()
        async throws
    {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("wanda")
            let page = "\(Self.list)/new"
            var bench = try await browser.get("\(page)?template=approval").html
            func send(_ source: String, _ button: (String, String)) async throws -> TestResponse {
                try await browser.post(page, Self.fields(in: bench) + [("source", source), button])
            }
            let flow = try Self.template(in: bench).source(in: "acme")
            let mine = flow.replacing("# Somebody decides.", with: "# The boss decides.")
            // What is broken is known by its own file, whichever text is shown.
            let broken = try await send("document: [", ("outcome", "check")).html
            #expect(broken.contains("has errors, see the tab “Workflow”"), "\(broken)")
            #expect(!broken.contains("there is no workflow"), "\(broken)")
            #expect(broken.contains("value=\"approval\" aria-current=page>Workflow <b class=hot>"))
            bench = try await send(mine, ("part", "approval-form")).html
            let form = try Self.template(in: bench).source(in: "acme")
            #expect(form.hasPrefix("ticket: approval\n"))
            #expect(bench.contains("aria-current=page>Form</button>"))
            // A mistake in it is told wherever one is, and nothing is published.
            bench = try await send("tickets: [", ("part", "approval")).html
            #expect(bench.contains("# The boss decides."))
            // It leads to its text and line, and its tab is marked, both without the script.
            let button = #"name="part" value="approval-form" formaction="/c/acme/definitions/new#p"#
            #expect(bench.contains(button), "\(bench)")
            #expect(bench.contains(#"name="part" value="approval-form">Form <b class=hot>"#))
            #expect(!bench.contains("there is no ticket"), "it is there, with errors: \(bench)")
            let line = try #require(bench.firstMatch(of: /#(p\d+)">Form, line/)).1
            #expect(try await send(mine, ("part", "approval-form")).html.contains("<li id=\"\(line)\">"))
            let refused = try await send(mine, ("outcome", "publish"))
            #expect(refused.status == .unprocessableContent)
            #expect(try await fixture.site.store.read(in: fixture.acme.id) { try $0.definitions() }.count == 1)
            // Mended, all are published as they were typed; a dry run has run them so.
            bench = try await send(mine, ("part", "approval-form")).html
            #expect(bench.contains("tickets: ["))
            bench = try await send(form.replacing("Why?", with: "What for?"), ("part", "approval-amend")).html
            let amend = try Self.template(in: bench).source(in: "acme")
            let dry = try await send(amend, ("outcome", "dry-run"))
            #expect(dry.status == .ok && dry.html.contains("What for?"))
            let published = try await send(amend, ("outcome", "publish"))
            #expect(published.status == .seeOther)
            #expect(published.headers[.location] == "\(Self.list)/workflow/approval", "sent from a task")
            let rows = try await fixture.site.store.read(in: fixture.acme.id) { try $0.definitions() }
            #expect(rows.count == 5 && rows.allSatisfy { $0.state == .active })
            #expect(rows.contains { $0.source == mine })
            #expect(rows.contains { $0.name == "approval" && $0.source.contains("What for?") })
        }
    }

    @Test func `a template takes the name of what is made of it`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("wanda")
            let page = "\(Self.list)/new"
            #expect(try await browser.get(page).html.contains("form=\"start\" name=\"name\""))
            for (typed, name, title) in [
                ("Holiday", "holiday", "name: Holiday\n"),
                ("Größe: neu", "grosse-neu", "name: &quot;Größe: neu&quot;\n"),
            ] {
                let escaped = try #require(typed.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
                let address = "\(page)?template=approval-form&name=\(escaped)"
                let bench = try await browser.get(address).html
                #expect(bench.contains("ticket: \(name)\n\(title)"), "\(bench)")
                #expect(bench.contains("workflow: \(name)\n") && bench.contains("No problems"))
                let text = try Self.template(in: bench).source(in: "acme")
                let sent = try await browser.post(
                    page, Self.fields(in: bench) + [("source", text), ("outcome", "publish")])
                #expect(sent.status == .seeOther, "\(sent.html)")
                // People read it as it was typed, of the workflow too, and are told where the form is.
                let flow = try await browser.get("\(Self.list)/workflow/\(name)").html
                #expect(flow.contains("<h1>\(typed)</h1>"))
                #expect(flow.contains("Whoever may send “\(typed)” finds it under “New ticket”."), "\(flow)")
                #expect(!bench.contains("is taken"))
                // The same name again gets a number, and the page says so.
                let again = try await browser.get(address).html
                #expect(again.contains("ticket: \(name)-2\n"))
                #expect(again.contains("<h2>“\(name)” is taken, so this one is called “\(name)-2”</h2>"), "\(again)")
            }
            // Without a letter or digit there would be no name.
            #expect(
                try await browser.get("\(page)?template=approval-form&name=%21").html.contains("ticket: approval\n"))
        }
    }

    @Test func `a dry run is offered of what has a workflow`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("wanda")
            let page = "\(Self.list)/new"
            let task = "task: look\ntitle: Look at it\n"
            for (address, isOffered) in [
                (page, true), ("\(page)?template=purchase-buy", true), ("\(page)?template=form", false),
                ("\(page)?copy=ticket:thing", false), ("\(Self.list)/ticket/thing/edit", false),
            ] {
                let shown = try await browser.get(address).html
                #expect(shown.contains(">Dry run</button>") == isOffered, "\(address)")
            }
            // While somebody types, and as its answer if it is sent all the same.
            let looked = try await browser.submit(page, to: page, [("source", task), ("outcome", "look")])
            #expect(looked.status == .ok && !looked.html.contains(">Dry run</button>"))
            let refused = try await browser.submit(page, to: page, [("source", task), ("outcome", "dry-run")])
            #expect(refused.status == .unprocessableContent)
            #expect(refused.html.contains("Only a workflow can be run dry; this is a task"))
        }
    }

    @Test func `a template's picture has the titles of its own tasks`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("wanda")
            // A task that two steps call does not tell them apart.
            for (template, titles) in [
                ("approval", ["Decide about", "Add what"]), ("purchase", ["Buy it"]), ("incident", ["Find the"]),
            ] {
                let page = try await browser.get("\(Self.list)/new?template=\(template)").html
                for title in titles { #expect(page.contains(">\(title)"), "\(title)") }
            }
        }
    }

    @Test func `a copy begins with the other's text, under a name that is free`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish([
            "w.workflow.yaml": """
            # The first flow.
            document: { dsl: '1.0.3', namespace: acme, "name": 'flow', version: '1.0.0' }
            do: [ { done: { set: { status: done } } } ]
            """,
            "r.ticket.yaml": """
            ticket: report-2026
            name: Report
            description: A year
            body: [ { type: input, id: what, attributes: { label: What } } ]
            """,
        ])
        try await fixture.test { browser in
            try await browser.become("wanda")
            let page = try await browser.get("\(Self.list)/new?copy=ticket:thing").html
            #expect(page.contains("ticket: thing-2\n"))
            #expect(page.contains("“thing” is taken, so this one is called “thing-2”"))
            #expect(
                try await browser.get("\(Self.list)/new?copy=ticket:report-2026").html.contains(
                    "ticket: report-2026-2\n"))
            for number in 2...3 {
                // The copy's copy too.
                let original = number == 2 ? "flow" : "flow-2"
                let shown = try await browser.get("\(Self.list)/new?copy=workflow:\(original)").html
                let text = """
                    # The first flow.
                    document: { dsl: '1.0.3', namespace: acme, "name": 'flow-\(number)', version: '1.0.0' }
                    do: [ { done: { set: { status: done } } } ]
                    """
                let escaped = text.replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
                #expect(shown.contains("\n\(escaped)</textarea>"), "\(shown)")
                let sent = try await browser.post(
                    "\(Self.list)/new", Browser.hidden(in: shown) + [("source", text), ("outcome", "publish")])
                #expect(sent.status == .seeOther, "\(sent.html)")
            }
        }
    }
}
