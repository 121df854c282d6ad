import HummingbirdTesting
import TFExpression
import Testing

@testable import tf_web

/// Files that are added to a ticket itself, beside its answers.
@Suite struct TicketFileTests {
    private static let body =
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"plan.txt\"\r\n\r\nhello\r\n--b--\r\n"
    private static let type = "multipart/form-data; boundary=b"
    private static let tickets = "/api/v1/companies/acme/tickets"

    @Test func `a file that was added to a ticket is read by everybody who reads the ticket, and by nobody else`()
        async throws
    {
        try await WebFixture().test { browser in
            let uma = try await browser.token("uma")
            _ = try await browser.json(
                Self.tickets, .post, token: uma, #"{"type":"thing","title":"T","form":{"what":"x"}}"#)
            let tom = try await browser.token("tom")
            let added = try await browser.json(
                "\(Self.tickets)/1/attachments", .post, token: tom, Self.body, type: Self.type)
            #expect(added.status == .created, "\(added.html)")
            let file = try #require(added.headers[.location])
            for token in [tom, uma] {
                #expect(String(buffer: try await browser.json(file, .get, token: token).body) == "hello")
            }
            #expect(try await browser.json(file, .get, token: browser.token("udo")).status == .notFound)

            _ = try await browser.login("uma")
            let id = try #require(file.split(separator: "/").last)
            let link = "/c/acme/tickets/1/attachments/\(id)"
            #expect(
                try await browser.get("/c/acme/tickets/1").html.contains(
                    "<b>Tom Tischler</b> added <a href=\"\(link)\" download>"))
            #expect(String(buffer: try await browser.get(link).body) == "hello")
        }
    }

    @Test func `a body that is not one file is refused, and says what is wrong`() async throws {
        try await WebFixture().test { browser in
            let uma = try await browser.token("uma")
            let uploads = "/api/v1/companies/acme/uploads"
            let text = "--b\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n--b--\r\n"
            let extra = try await browser.json(uploads, .post, token: uma, text, type: Self.type)
            #expect(extra.status == .unprocessableContent)
            #expect(extra.html.contains(#"There is no part \"note\" here"#), "\(extra.html)")
            let none = try await browser.json(uploads, .post, token: uma, "--b--\r\n", type: Self.type)
            #expect(none.status == .unprocessableContent)
            #expect(none.html.contains(#"Send one file as the part \"file\""#), "\(none.html)")
            #expect(try await browser.json(uploads, .post, token: uma, "{}").status == .unsupportedMediaType)
        }
    }
}
