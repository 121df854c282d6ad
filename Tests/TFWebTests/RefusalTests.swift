import HTTPTypes
import Hummingbird
import HummingbirdTesting
import TFExpression
import TFStore
import Testing

@testable import tf_web

/// Requests that are not done, and what is kept of them all the same.
@Suite struct RefusalTests {
    private static let acme = "/api/v1/companies/acme"

    @Test func `a session that goes on inside a refused request keeps its new cookies`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("uma")
            browser.setCookies(["tf_at": "ended"])
            let missing = try await browser.get("/c/nowhere")
            #expect(missing.status == .notFound)
            let set = missing.headers[values: .setCookie]
            for name in ["tf_at=", "tf_rt="] { #expect(set.contains { $0.hasPrefix(name) }, "\(name) in \(set)") }
            #expect(try await browser.get("/account").status == .ok)
        }
    }

    @Test func `a page that says no says what to do next, and leads to where one was`() async throws {
        let fixture = try await WebFixture()
        let site = fixture.site
        try await fixture.test { browser in
            try await browser.become("uma")
            let start = "href=\"/\">Go to the start page</a>"
            let missing = try await browser.get("/c/nowhere").html
            #expect(
                missing.contains("Check the address, or look for it from the start page.") && missing.contains(start))
            #expect(missing.contains("You are signed in as Uma Ulrich: it may be for somebody else."))
            let closed = try await browser.get("/admin/users")
            #expect(closed.status == .forbidden)
            #expect(closed.html.contains("it needs the role “Admin”."), "who may, is what to know")
            #expect(closed.html.contains(start))
            let form = "/c/acme/tickets/new/thing"
            let foreign = try await browser.post(form, [("_csrf", "made up"), ("title", "T")])
            #expect(foreign.status == .forbidden)
            #expect(foreign.html.contains("href=\"\(form)\">Load the page again</a>"), "\(foreign.html)")
            let hidden = Browser.hidden(in: try await browser.get("/account").html)
            for _ in 0..<12 {
                try await site.store.writeAside { try $0.noteFailure(["login uma"], login: "uma", now: site.now) }
            }
            let throttled = try await browser.post(
                "/account/password", hidden + [("password", "wrong"), ("new", "a blue horse on 9 hills")])
            #expect(throttled.status == .tooManyRequests)
            #expect(throttled.html.contains("seconds, then try again."))
            #expect(throttled.html.contains("href=\"/account\">Load the page again</a>"), "\(throttled.html)")
        }
    }

    @Test func `a form that is not ours is noted under the name of who seems to send it`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("uma")
            let refused = try await browser.post("/c/acme/tickets/new/thing", [("_csrf", "made up"), ("title", "T")])
            #expect(refused.status == .forbidden)
            let log = try await browser.json(
                "/api/v1/audit?action=refused", .get, token: try await browser.token("ada"))
            let entry = try #require(try JSON(parsing: log.html)["items"].arrayValue?.first)
            #expect(entry["subject"] == "POST /c/acme/tickets/new/thing")
            #expect(entry.text.contains("uma"))
        }
    }

    @Test func `an empty request saves no draft and skips nothing`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            let uma = try await browser.token("uma")
            let body = #"{"type":"thing","title":"T","form":{"what":"x"}}"#
            _ = try await browser.json("\(Self.acme)/tickets", .post, token: uma, body)
            try await fixture.advance()
            let tom = try await browser.token("tom")
            let given = try await browser.json(
                "\(Self.acme)/tasks/1/assignment", .post, token: tom, #"{"assignee":"dave"}"#)
            #expect(given.status == .ok)
            let drafter = try await browser.token("dave")
            for (token, path) in [(drafter, "tasks/1/draft"), (tom, "tasks/1/skip"), (tom, "tickets/1/skip")] {
                let answer = try await browser.json("\(Self.acme)/\(path)", .post, token: token)
                #expect(answer.status == .unsupportedMediaType, "\(path): \(answer.html)")
            }
        }
    }

    @Test func `a made-up key is refused before its body is read`() async throws {
        try await WebFixture().test { browser in
            let answer = try await browser.json(
                "\(Self.acme)/tickets", .post, token: APIKeyText.make(), "no JSON", type: "text/plain")
            #expect(answer.status == .unauthorized)
        }
    }

    @Test func `a list is searched for a type, and for words as browsers send them`() async throws {
        try await WebFixture().test { browser in
            let uma = try await browser.token("uma")
            for title in ["A new chair", "A table"] {
                let body = #"{"type":"thing","title":"\#(title)","form":{"what":"x"}}"#
                _ = try await browser.json("\(Self.acme)/tickets", .post, token: uma, body)
            }
            try await browser.become("tom")
            let page = try await browser.get("/c/acme/tickets?state=open&text=new+chair").html
            #expect(page.contains("A new chair"))
            #expect(!page.contains("A table"))
            for (type, isThere) in [("thing", true), ("other", false)] {
                let listed = try await browser.get("/c/acme/tickets?state=open&type=\(type)").html
                #expect(listed.contains("A new chair") == isThere, "\(type)")
            }
        }
    }
}
