import HTTPTypes
import HummingbirdTesting
import TFDefinition
import TestSupport
import Testing

@testable import TFStore
@testable import tf_web

/// The list of a company's definitions: its pages, and its view of those out of force.
@Suite struct DefinitionListTests {
    private static let list = "/c/acme/definitions"

    private static func titles(_ html: String) -> [String] {
        html.matches(of: /<tr><th><a href=definitions\/\w+\/[a-z0-9-]+>([^<]+)</).map { String($0.output.1) }
    }

    private static func link(_ rel: String, _ html: String) throws -> String {
        let tag = try #require(html.firstMatch(of: try Regex(#"href="([^"]*)" rel=\#(rel)>"#)))
        return String(tag.output[1].substring ?? "").replacing("&amp;", with: "&")
    }

    /// Tasks and workflows whose titles stand in another order than their names.
    private static func files(_ count: Int) -> [String: String] {
        (10..<(10 + count)).reduce(into: [:]) { files, number in
            files["t\(number).task.yaml"] = """
                task: look\(99 - number)
                title: Look at number \(number) of all
                assign: { role: it-staff }
                """
            files["w\(number).workflow.yaml"] = """
                document: { dsl: '1.0.3', namespace: acme, name: flow\(99 - number), title: Way \(number), version: '1.0.0' }
                do: [ { first: { call: look\(99 - number) } } ]
                """
        }
    }

    @Test func `a list of many definitions comes in light pages, by kind and title, both ways`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish(Self.files(30))
        try await fixture.test { browser in
            try await browser.become("wanda")
            let sheet = try await browser.get(Asset.styleSheet.path, headers: [.acceptEncoding: "gzip"])
            let first = try await browser.get(Self.list).html
            let size = first.utf8.count + sheet.body.readableBytes
            #expect(size <= 13_000, "\(size) bytes with the style sheet")
            #expect(first.matches(of: /<[a-z]/).count <= 800)
            #expect(!first.contains("Retired") && !first.contains("rel=prev"))
            let second = try await browser.get(try Self.link("next", first)).html
            let third = try await browser.get(try Self.link("next", second)).html
            #expect(Self.titles(first) == (10..<35).map { "Way \($0)" })
            #expect(
                Self.titles(second) == (35..<40).map { "Way \($0)" } + (10..<30).map { "Look at number \($0) of all" })
            #expect(Self.titles(third) == (30..<40).map { "Look at number \($0) of all" } + ["Thing &lt;b&gt;"])
            #expect(!third.contains("rel=next") && third.contains("<h2>Forms</h2>"))
            #expect(Self.titles(try await browser.get(try Self.link("prev", third)).html) == Self.titles(second))
            #expect(Self.titles(try await browser.get(try Self.link("prev", second)).html) == Self.titles(first))
            let lost = try await browser.get("\(Self.list)?after=999999").html
            #expect(lost.contains("There is no place “999999” in this list"))
            #expect(Self.titles(lost) == Self.titles(first))
        }
    }

    @Test func `what is out of force has a view of its own, and a page goes on behind what was retired meanwhile`()
        async throws
    {
        let fixture = try await WebFixture()
        try await fixture.publish(Self.files(30))
        try await fixture.test { browser in
            try await browser.become("wanda")
            let next = try Self.link("next", try await browser.get(Self.list).html)
            let before = Self.titles(try await browser.get(next).html)
            try await fixture.publish(Self.files(20))
            #expect(Self.titles(try await browser.get(next).html).first == "Look at number 10 of all", "\(before)")
            let current = try await browser.get(Self.list).html
            #expect(current.contains("Current <b>41</b>") && current.contains("Retired <b>20</b>"))
            #expect(!current.contains("Way 35"))
            let retired = try await browser.get("\(Self.list)?state=retired").html
            #expect(retired.contains("?state=retired\" aria-current=page>Retired"))
            #expect(
                Self.titles(retired)
                    == (30..<40).map { "Way \($0)" } + (30..<40).map { "Look at number \($0) of all" })
            #expect(!retired.contains("Used by"))
        }
    }

    @Test func `a definition is told by its name only from others of its kind with the same title`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish([
            "leave.ticket.yaml": """
            ticket: leave-form
            name: Leave
            description: D
            body: [ { type: input, id: what, attributes: { label: What } } ]
            """,
            "a.task.yaml": "task: leave-task\ntitle: Leave\n", "b.task.yaml": "task: look-here\ntitle: Look\n",
            "c.task.yaml": "task: look-there\ntitle: Look\n",
        ])
        try await fixture.test { browser in
            try await browser.become("wanda")
            let page = try await browser.get(Self.list).html
            for name in ["look-here", "look-there"] { #expect(page.contains(">\(name)"), "\(page)") }
            for name in ["leave-form", "leave-task"] { #expect(!page.contains(">\(name)"), "\(page)") }
        }
    }

    @Test func `a view of nothing says so`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("wanda")
            #expect(try await browser.get("\(Self.list)?state=retired").html.contains("Nothing is retired"))
            try await fixture.site.store.publish([:], keeping: [], for: fixture.acme, now: fixture.site.now)
            let page = try await browser.get(Self.list).html
            #expect(page.contains("Write the first form") && page.contains("Retired <b>1</b>"))
        }
    }
}
