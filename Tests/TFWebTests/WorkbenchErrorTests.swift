import Foundation
import HTTPTypes
import HummingbirdTesting
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
                let beside = "<p class=\"error\" id=\"f-\(field):error\"><span class=\"vh\">Error: </span>\(message)"
                #expect(refused.html.contains(beside))
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
}
