import Foundation
import TFDefinition
import TestSupport
import Testing

@testable import tf_web

/// Texts that somebody starts from: templates, and copies of definitions.
@Suite struct WorkbenchTemplateTests {
    private static let list = "/c/acme/definitions"

    @Test func `a dry run of a template runs its workflow, whichever of its texts is shown`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("wanda")
            let page = "\(Self.list)/new"
            // The second time nothing of it is in force either.
            for number in 1...2 {
                for part in try #require(WorkbenchTemplate(named: "approval")).set {
                    let bench = try await browser.get("\(page)?template=\(part.slug)").html
                    let template = try #require(Browser.hidden("template", in: bench))
                    let text = try #require(WorkbenchTemplate(named: template)).source(in: "acme")
                    #expect(template == (number == 1 ? part.slug : "\(part.slug):2"))
                    #expect(bench.contains("value=\"dry-run\">Dry run</button>"), "\(template)")
                    let fields = Browser.hidden(in: bench) + [("template", template)]
                    // What is changed in the text that is shown counts.
                    let changed = text.replacing("What do you ask for?", with: "What is it?")
                    let dry = try await browser.post(page, fields + [("source", changed), ("outcome", "dry-run")])
                    #expect(dry.status == .ok, "\(template): \(dry.html)")
                    #expect(dry.html.contains("<h1>Dry run of \(number == 1 ? "Approval" : "Approval 2")</h1>"))
                    #expect(dry.html.contains(changed == text ? "What do you ask for?" : "What is it?"), "\(template)")
                    #expect(Browser.hidden("template", in: dry.html) == template, "to go on with it")
                }
                let bench = try await browser.get("\(page)?template=approval").html
                let template = try #require(Browser.hidden("template", in: bench))
                let text = try #require(WorkbenchTemplate(named: template)).source(in: "acme")
                let sent = try await browser.post(
                    page,
                    Browser.hidden(in: bench) + [("template", template), ("source", text), ("outcome", "publish")])
                #expect(sent.status == .seeOther)
            }
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
