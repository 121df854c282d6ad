import Foundation
import Hummingbird
import HummingbirdTesting
import Synchronization
import TFConfiguration
import TFExpression
import TestSupport
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

            try await browser.become("uma")
            let id = try #require(file.split(separator: "/").last)
            let link = "/c/acme/tickets/1/attachments/\(id)"
            #expect(
                try await browser.get("/c/acme/tickets/1").html.contains(
                    "<b>Tom Tischler</b> added <a href=\"\(link)\" download>"))
            let sent = try await browser.get(link)
            #expect(String(buffer: sent.body) == "hello")
            #expect(sent.headers[.contentSecurityPolicy]?.contains("frame-ancestors 'none'") == true)
            #expect(sent.headers[.cacheControl] == "no-store")
        }
    }

    @Test(.onPostgres) func `a file that one web took is sent by another with a data directory of its own`()
        async throws
    {
        let (here, there) = (TestFolder.path("web"), TestFolder.path("web"))
        let url = try await TestEngine.url(here)
        try await DemoCommand.fill(try await TestEngine.store(here), now: WallClock.now())
        let (one, other) = (
            try await WebFixture(reopening: here, url: url), try await WebFixture(reopening: there, url: url)
        )
        let type = [
            "a.ticket.yaml": """
            ticket: thing
            name: Thing
            description: A thing
            assign: { role: it-staff }
            body: [ { type: input, id: what, attributes: { label: What } } ]
            """
        ]
        try await one.site.store.publish(type, for: one.acme, now: one.site.now)
        let content = (0..<300_000).map { "\($0) " }.joined()
        let place = Mutex("")
        try await one.test { browser in
            let tom = try await browser.token("tom")
            _ = try await browser.json(Self.tickets, .post, token: tom, #"{"type":"thing","title":"T","form":{}}"#)
            let body = Self.body.replacing("hello", with: content)
            let added = try await browser.json(
                "\(Self.tickets)/1/attachments", .post, token: tom, body, type: Self.type)
            #expect(added.status == .created, "\(added.html)")
            place.withLock { $0 = added.headers[.location] ?? "" }
        }
        try await other.test { browser in
            let sent = try await browser.json(place.withLock { $0 }, .get, token: browser.token("tom"))
            #expect(sent.status == .ok)
            #expect(String(buffer: sent.body) == content)
            let missing = try await browser.json(
                "\(Self.tickets)/1/attachments/f00d", .get, token: browser.token("tom"))
            #expect(missing.status == .notFound)
        }
    }

    @Test func `a file has a tag, with which it is not sent again`() async throws {
        try await WebFixture().test { browser in
            let tom = try await browser.token("tom")
            _ = try await browser.json(
                Self.tickets, .post, token: tom, #"{"type":"thing","title":"T","form":{"what":"x"}}"#)
            let added = try await browser.json(
                "\(Self.tickets)/1/attachments", .post, token: tom, Self.body, type: Self.type)
            let file = try #require(added.headers[.location], "\(added.html)")
            let first = try await browser.json(file, .get, token: tom)
            let tag = try #require(first.headers[.eTag])
            let again = try await browser.json(file, .get, token: tom, headers: [.ifNoneMatch: tag])
            #expect(again.status == .notModified && again.body.readableBytes == 0 && again.headers[.eTag] == tag)
            let other = try await browser.json(file, .get, token: tom, headers: [.ifNoneMatch: "\"other\""])
            #expect(other.status == .ok && other.html == first.html)
            let stranger = try await browser.json(
                file, .get, token: browser.token("gus"), headers: [.ifNoneMatch: tag])
            #expect(stranger.status == .notFound)
        }
    }

    @Test func `a file that the disk refuses is answered 503, and the log says why`() async throws {
        let log = LogRecorder()
        let site = try await Site(settings: try await WebFixture().site.settings, logger: log.logger)
        try FileManager.default.removeItem(atPath: "\(site.settings.data)/attachments")
        let app = Application(router: buildRouter(site, buildRoutes(site)), logger: site.logger)
        try await app.test(.router) { client in
            let browser = Browser(client: client, site: site)
            let refused = try await browser.json(
                "/api/v1/companies/acme/uploads", .post, token: browser.token("uma"), Self.body, type: Self.type)
            #expect(refused.status == .serviceUnavailable)
        }
        let told = log.lines.filter { $0.hasPrefix("error: ") }
        #expect(told.count == 1)
        #expect(told.first?.hasPrefix("error: a file cannot be used at present error=cannot open ") == true, "\(told)")
        #expect(told.first?.hasSuffix("No such file or directory") == true, "\(told)")
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
