import Foundation
import HTTPTypes
import HummingbirdTesting
import TFDefinition
import TFStore
import Testing

@testable import tf_web

/// What the page on which a definition is written says about a form that is refused.
@Suite struct WorkbenchErrorTests {
    private static let list = "/c/acme/definitions"

    @Test func `what is wrong stands above the page and beside its field, and a check while typing tells it anew`()
        async throws
    {
        try await WebFixture().test { browser in
            try await browser.become("wanda")
            let page = "\(Self.list)/new"
            let form =
                "ticket: thing\nname: X\ndescription: D\nbody: [ { type: input, attributes: { label: What } } ]\n"
            for (fields, field, message) in [
                ([("source", form)], "source", "The ticket &quot;thing&quot; is there already; edit it"),
                ([("source", "task: look\n"), ("path", "../../x.task.yaml")], "path", "Write a path such as"),
                ([("source", "")], "source", "Write a definition, or load a file"),
            ] {
                let refused = try await browser.submit(page, to: page, fields + [("outcome", "publish")])
                #expect(refused.status == .unprocessableContent)
                #expect(refused.html.contains("<title>Error: New definition"))
                #expect(
                    Self.summary(of: refused.html).contains("<a href=\"#f-\(field)\">\(message)"), "\(refused.html)")
                let beside = "<p class=\"error fail\" id=\"f-\(field):error\">"
                #expect(refused.html.contains("\(beside)<span class=\"vh\">Error: </span>\(message)"))
                #expect(refused.html.components(separatedBy: message).count == 3, "nowhere else")
                let invalid = refused.html.matches(of: /<(?:input|textarea)[^>]* aria-invalid="true"/)
                #expect(invalid.count == 1 && invalid[0].output.contains("f-\(field):error"))
                // The line above the buttons counts it too.
                #expect(refused.html.contains("href=\"#problems\">1 problem</a>"))
                #expect(!refused.html.contains("No problems"))
                let looked = try await browser.submit(
                    page, to: page, fields + [("outcome", "look")])
                #expect(looked.status == .ok && !looked.html.contains("autofocus"))
                #expect(!looked.html.contains("aria-invalid"))
                if looked.html.contains(message) {
                    let result = try #require(looked.html.range(of: "id=\"result\""))
                    #expect(looked.html[result.upperBound...].contains(message), "in a part that the script takes")
                }
            }
        }
    }

    /// What stands first in the page, above its title.
    private static func summary(of html: String) -> Substring {
        guard let start = html.range(of: "<main id=main tabindex=-1>"), let end = html.range(of: "<h1>") else {
            return ""
        }
        let first = html[start.upperBound..<end.lowerBound]
        return first.hasPrefix("<div class=\"banner fail\" id=\"problems\" tabindex=\"-1\" autofocus>") ? first : ""
    }

    @Test func `the summary leads to the lines with errors, and to the buttons after a wish that is none`()
        async throws
    {
        try await WebFixture().test { browser in
            try await browser.become("wanda")
            let page = "\(Self.list)/new"
            let text = "task: look\nassing: {}\n"
            let refused = try await browser.submit(page, to: page, [("source", text), ("outcome", "publish")])
            #expect(refused.status == .unprocessableContent)
            let link = "<a href=\"#f-source\" data-line=\"2\">Line 2: "
            #expect(Self.summary(of: refused.html).contains(link), "\(refused.html)")
            #expect(refused.html.contains(/<textarea id="f-source" aria-describedby="result" aria-invalid="true"/))
            #expect(refused.html.contains("<h2>Not published: 1 problem</h2>"))
            #expect(refused.html.components(separatedBy: "id=\"problems\"").count == 2)
            let strange = try await browser.submit(
                page, to: page, [("source", "task: look\n"), ("outcome", "fly <b>")])
            #expect(strange.status == .unprocessableContent)
            let words =
                "<a href=\"#f-outcome\">Nothing here is called “fly &lt;b&gt;”: choose check, dry run or publish"
            #expect(Self.summary(of: strange.html).contains(words), "\(strange.html)")
            #expect(strange.html.contains("<button id=\"f-outcome\" name=\"outcome\" value=\"check\">"))
            #expect(!strange.html.contains("aria-invalid"), "the text is right")
        }
    }

    @Test(arguments: [
        ("source", "task: look\ntitle: A\n", "task: look\ntitle: B\n"), ("path", "a.task.yaml", "b.task.yaml"),
        ("outcome", "check", "publish"),
    ])
    func `a text that is there twice, or what belongs to it, is neither published nor run`(
        name: String, first: String, second: String
    ) async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("wanda")
            let page = "\(Self.list)/new"
            let whole = [("source", "task: look\n"), ("outcome", "publish")].filter { $0.0 != name }
            for address in [page, "\(Self.list)/dry-run"] {
                let sent = try await browser.submit(page, to: address, whole + [(name, first), (name, second)])
                #expect(sent.status == .unprocessableContent, "\(address)")
                #expect(sent.html.contains("is there more than once"), "\(sent.html)")
            }
            #expect(try await browser.get("\(Self.list)/task/look").status == .notFound)
        }
    }

    @Test func `a question about a definition takes no other field, and each once`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish(["look.task.yaml": "task: look\ntitle: Old\n"])
        try await fixture.publish(["look.task.yaml": "task: look\ntitle: New\n"])
        let old = Definition.revision(of: Array("task: look\ntitle: Old\n".utf8))
        try await fixture.test { browser in
            try await browser.become("wanda")
            let definition = "\(Self.list)/task/look"
            for question in ["\(definition)/revisions/\(old)/publication", "\(definition)/retirement"] {
                for fields in [[("zzz", "1")], [("version", "1")]] {
                    let sent = try await browser.submit(question, to: question, fields)
                    #expect(sent.status == .unprocessableContent, "\(question) \(fields)")
                }
            }
            let factor = "/account/second-factor"
            let begun = try await browser.submit(factor, to: "\(factor)/beginning", [("zzz", "1")])
            #expect(begun.status == .unprocessableContent)
        }
        let row = try await fixture.site.store.read(in: fixture.acme.id) { try $0.definition(.task, "look") }
        #expect(row?.state == .active && row?.source == "task: look\ntitle: New\n")
        let factor = try await fixture.site.store.read { session in
            try session.secondFactor(of: try #require(try session.account("wanda")).id)
        }
        #expect(factor == nil)
    }
}
