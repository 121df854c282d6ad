import HummingbirdTesting
import TFDefinition
import TFExpression
import Testing

@testable import tf_web

/// What is said about a ticket on its page.
@Suite struct ConversationTests {
    private static let page = "/c/acme/tickets/1"
    private static let comments = "/c/acme/tickets/1/comments"

    /// A site with Uma's ticket.
    private static func site(_ body: @escaping @Sendable (Browser) async throws -> Void) async throws {
        try await WebFixture().test { browser in
            let uma = try await browser.token("uma")
            _ = try await browser.json(
                "/api/v1/companies/acme/tickets", .post, token: uma,
                #"{"type":"thing","title":"T","form":{"what":"x"}}"#)
            try await body(browser)
        }
    }

    @Test func `a note that could not be kept is still a note, with its text, when its form is shown again`()
        async throws
    {
        try await Self.site { browser in
            try await browser.become("tom")
            let long = String(repeating: "n", count: TextLimit.comment.characters + 1)
            let wrong = try await browser.submit(
                Self.page, to: Self.comments, [("text", long), ("internal", "true")])
            #expect(wrong.status == .unprocessableContent)
            #expect(wrong.html.contains(#"name="internal" value="true" checked>"#))
            #expect(wrong.html.contains(">\n\(long)</textarea>"))
            let done = try await browser.submit(
                Self.page, to: Self.comments, [("text", "for us"), ("internal", "true")])
            #expect(done.headers[.location]?.hasPrefix("\(Self.page)#comment-") == true)
            #expect(try await browser.get(Self.page).html.contains("The note is added."))
            browser.forgetCookies()
            try await browser.become("uma")
            #expect(try await !browser.get(Self.page).html.contains("for us"))
        }
    }

    @Test func `a file that came without its reply goes with the reply, if its box is left alone`() async throws {
        try await Self.site { browser in
            try await browser.become("uma")
            let hidden = Browser.hidden(in: try await browser.get(Self.page).html)
            let file = SentFile(field: "file", name: "plan.txt", mediaType: "text/plain", bytes: [7])
            let asked = try await browser.post(Self.comments, hidden + [("text", " ")], files: [file])
            #expect(asked.status == .unprocessableContent)
            let box = try #require(asked.html.firstMatch(of: /name="file" value="([^"]+)" checked> Keep plan\.txt/))
            let sent = try await browser.post(
                Self.comments, Browser.hidden(in: asked.html) + [("text", "now"), ("file", String(box.output.1))],
                files: [])
            #expect(sent.status == .seeOther)
            #expect(try await browser.get(Self.page).html.contains("plan.txt"))
        }
    }

    @Test func `a comment is asked for, and a requester adds no notes`() async throws {
        try await Self.site { browser in
            try await browser.become("uma")
            let empty = try await browser.submit(Self.page, to: Self.comments, [("text", " \n ")])
            #expect(empty.status == .unprocessableContent)
            #expect(empty.html.contains("Enter a reply"))
            let note = try await browser.submit(
                Self.page, to: Self.comments, [("text", "secret"), ("internal", "true")])
            #expect(note.status == .forbidden)
            #expect(try await !browser.get(Self.page).html.contains("secret"))
        }
    }
}
