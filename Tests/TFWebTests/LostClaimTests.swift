import HummingbirdTesting
import TFExpression
import Testing

@testable import tf_web

/// Two who want the same task of the pool.
@Suite struct LostClaimTests {
    private static let files = [
        "pooled.ticket.yaml": """
        ticket: pooled
        name: Pooled
        description: P
        title: P
        assign: { role: buyer, strategy: pool }
        body: [ { type: input, id: what, attributes: { label: What } } ]
        """
    ]

    /// A live part is not sent again while nothing has changed.
    static func expectSame(_ path: String, _ browser: Browser) async throws {
        let rows = try await browser.get(path + "/rows")
        let tag = try #require(rows.headers[.eTag], "\(path)")
        let again = try await browser.get(path + "/rows", headers: [.ifNoneMatch: tag])
        #expect(again.status == .notModified, "\(path)")
    }

    @Test func `who comes too late is told who was faster, and nobody else is told anything`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish(Self.files)
        try await fixture.test { browser in
            let body = #"{"type":"pooled","form":{"what":"x"}}"#
            let sent = try await browser.json(
                "/api/v1/companies/acme/tickets", .post, token: browser.token("uma"), body)
            #expect(sent.status == .created, "\(sent.html)")
        }
        try await fixture.advance()
        try await fixture.test { browser in
            try await browser.become("dave")
            let pool = try await browser.get("/c/acme/pool").html
            #expect(pool.contains("/c/acme/tasks/1/claim"))
            try await Self.expectSame("/c/acme/pool", browser)
            let claim = "/api/v1/companies/acme/tasks/1/claim"
            #expect(try await browser.json(claim, .post, token: browser.token("fay")).status == .ok)
            let late = try await browser.post("/c/acme/tasks/1/claim", Browser.hidden(in: pool))
            #expect(late.status == .conflict)
            #expect(late.html.contains("Nothing was changed"))
            #expect(late.html.contains("Fay Fischer has taken “"))
            let dave = try await browser.token("dave")
            #expect(try await browser.json(claim, .post, token: dave).status == .conflict)
            #expect(
                try await browser.json("/api/v1/companies/acme/tasks/1", .get, token: dave).status == .notFound)
            #expect(try await browser.json(claim, .post, token: browser.token("erin")).status == .notFound)
        }
    }
}
