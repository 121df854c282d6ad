import Foundation
import HTTPTypes
import HummingbirdTesting
import TFExpression
import TFStore
import Testing

@testable import tf_web

@Suite struct PageTests {
    @Test func `nobody signed in is sent to sign in and comes back`() async throws {
        try await WebFixture().test { browser in
            let page = try await browser.get("/c/acme/my/tickets?state=closed")
            #expect(page.status == .seeOther)
            #expect(page.headers[.location] == "/login?next=%2Fc%2Facme%2Fmy%2Ftickets%3Fstate%3Dclosed")
            let login = try await browser.submit(
                "/login", to: "/login",
                [("login", "uma"), ("password", DemoCommand.password), ("next", "/c/acme/my/tickets?state=closed")])
            #expect(login.status == .seeOther)
            #expect(login.headers[.location] == "/c/acme/my/tickets?state=closed")
            let cookies = login.headers[values: .setCookie].filter { $0.hasPrefix("tf_at") || $0.hasPrefix("tf_rt") }
            #expect(cookies.count == 2)
            #expect(
                cookies.allSatisfy { $0.contains("HttpOnly") && $0.contains("SameSite=Lax") && $0.contains("Path=/;") })
            #expect(try await browser.get("/c/acme/my/tickets").status == .ok)
        }
    }

    @Test func `a wrong password, an unknown and a disabled user hear the same`() async throws {
        let fixture = try await WebFixture()
        try await fixture.site.store.write { try $0.disableAccount("udo", now: 1) }
        try await fixture.test { browser in
            var texts: Set<String> = []
            for (login, password) in [("uma", "wrong"), ("nobody", "wrong"), ("udo", DemoCommand.password)] {
                let page = try await browser.login(login, password: password)
                #expect(page.status == .unprocessableContent)
                texts.insert(
                    String(buffer: page.body).replacing("value=\"\(login)\"", with: "").replacing(login, with: "")
                        .replacing(/name="_submission" value="[^"]+"/, with: ""))
            }
            #expect(texts.count == 1)
        }
    }

    @Test func `a post without its token, or from another site, is refused`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("uma")
            let path = "/c/acme/tickets/new/thing"
            #expect(try await browser.post(path, [("f.what", "x")]).status == .forbidden)
            let html = String(buffer: try await browser.get(path).body)
            let token = try #require(Browser.hidden("_csrf", in: html))
            let fetchSite = try #require(HTTPField.Name("Sec-Fetch-Site"))
            for headers in [[fetchSite: "cross-site"], [fetchSite: "same-site"]] as [HTTPFields] {
                #expect(
                    try await browser.post(path, [("_csrf", token), ("f.what", "x")], headers: headers).status
                        == .forbidden)
            }
        }
    }

    @Test func `a form with a missing field keeps what was typed and says what to do`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("uma")
            let path = "/c/acme/tickets/new/thing"
            let page = try await browser.submit(path, to: path, [("title", "My <i>title</i>"), ("f.what", " ")])
            #expect(page.status == .unprocessableContent)
            let html = String(buffer: page.body)
            #expect(html.contains("<title>Error: Thing &lt;b&gt;"))
            #expect(html.contains("<a href=\"#f-form.what\">Fill in “What”</a>"))
            #expect(html.contains("value=\"My &lt;i&gt;title&lt;/i&gt;\""))
            #expect(!html.contains("<i>"))
        }
    }

    @Test func `the same form sent twice is one ticket`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("uma")
            let path = "/c/acme/tickets/new/thing"
            let html = String(buffer: try await browser.get(path).body)
            let fields =
                try ["_csrf", "_submission"].map { ($0, try #require(Browser.hidden($0, in: html))) }
                + [("title", "T"), ("f.what", "x")]
            let first = try await browser.post(path, fields)
            #expect(first.status == .seeOther)
            #expect(first.headers[.location] == "/c/acme/tickets/1")
            #expect(try await browser.post(path, fields).headers[.location] == "/c/acme/tickets/1")
            let page = String(buffer: try await browser.get("/c/acme/tickets/1").body)
            #expect(page.contains("Ticket #1 is submitted"))
        }
    }

    @Test func `a foreign, an unknown and a malformed ticket are the same 404`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("uma")
            let path = "/c/acme/tickets/new/thing"
            _ = try await browser.submit(path, to: path, [("title", "T"), ("f.what", "x")])
            browser.forgetCookies()
            try await browser.become("gus")
            var bodies: Set<String> = []
            for path in [
                "/c/acme/tickets/1", "/c/acme/tickets/99", "/c/acme/tickets/x", "/c/nothing/tickets/1", "/nowhere",
            ] {
                let page = try await browser.get(path)
                #expect(page.status == .notFound)
                bodies.insert(String(buffer: page.body))
            }
            #expect(bodies.count == 1)
        }
    }

    @Test func `what a role lacks is a 403 that names it`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("uma")
            let page = try await browser.get("/c/acme/tasks")
            #expect(page.status == .forbidden)
            #expect(String(buffer: page.body).contains("“Ticket admin”"))
            #expect(try await browser.get("/admin/users").status == .forbidden)
        }
    }

    @Test func `a wrong method is told so, with the headers of every answer`() async throws {
        try await WebFixture().test { browser in
            let page = try await browser.json("/login", .put, token: nil)
            #expect(page.status == .methodNotAllowed)
            #expect(page.headers[.allow] == "GET, HEAD, POST")
            #expect(page.headers[.contentSecurityPolicy]?.contains("default-src 'none'") == true)
            #expect(page.headers[.xContentTypeOptions] == "nosniff")
        }
    }

    @Test func `signing out ends the session at once`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("uma")
            let before = browser.cookies
            #expect(try await browser.submit("/account", to: "/logout", []).status == .seeOther)
            #expect(browser.cookies["tf_at"] == nil)
            let cookie = before.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
            #expect(try await browser.get("/account", headers: [.cookie: cookie]).status == .seeOther)
        }
    }

    @Test(arguments: [
        "//evil.example", "https://evil.example", "/\\evil", "\\evil", "", "javascript:x", "/a b", "/a\nb",
    ])
    func `only local paths are gone back to`(_ next: String) { #expect(LocalPath.checked(next) == "/") }

    @Test func `text in a page is escaped by bytes and markup nests`() {
        let name = "<b>\"'&\u{301}"
        let inner: HTML = "<i>\(name)</i>"
        let outer: HTML = "<p title=\"\(name)\">\(inner)</p>"
        #expect(
            String(decoding: outer.bytes, as: UTF8.self)
                == "<p title=\"&lt;b&gt;&quot;&#39;&amp;\u{301}\"><i>&lt;b&gt;&quot;&#39;&amp;\u{301}</i></p>")
    }

    @Test func `Markdown shows HTML as it was typed, and of pictures and unsafe links the words alone`() {
        let html = String(
            decoding: Markdown.html("**a** <script>x</script> [l](javascript:x) [m](https://e.x) ![i](http://e.x/i)")
                .bytes,
            as: UTF8.self)
        #expect(html.contains("<strong>a</strong>"))
        #expect(!html.contains("<script"))
        #expect(!html.contains("javascript"))
        #expect(html.contains("href=\"https://e.x\""))
        #expect(html.contains("&lt;script&gt;x&lt;/script&gt; l <a"))
        #expect(html.hasSuffix("</a> i</p>\n"))
        #expect(Markdown.plain("**a** <b>c</b>\n\n- [l](https://e.x)").contains("a <b>c</b>"))
    }

    @Test(arguments: [
        ("See https://e.x/a_b?c=1&d.", #"See <a href="https://e.x/a_b?c=1&amp;d">https://e.x/a_b?c=1&amp;d</a>."#),
        ("(HTTP://e.x/w_(f)), next", #"(<a href="HTTP://e.x/w_(f)">HTTP://e.x/w_(f)</a>), next"#),
        ("a http://e.x/\tb https://f.x", ##"a <a href="http://e.x/">http://e.x/</a>"##),
        ("[see https://e.x]", ##"[see <a href="https://e.x">https://e.x</a>]"##),
        ("„https://e.x“", ##"„<a href="https://e.x">https://e.x</a>“"##),
        ("ftp://e.x xhttp://e.x http:// http://...", "ftp://e.x xhttp://e.x http:// http://..."),
        ("`https://e.x`", "<code>https://e.x</code>"),
        ("[https://e.x](https://f.x)", #"<a href="https://f.x">https://e.x</a>"#),
        (#"https://e.x/"><script>"#, #"<a href="https://e.x/">https://e.x/</a>&quot;&gt;&lt;script&gt;"#),
    ])
    func `an address that is typed in a text is a link, without the marks of its sentence`(
        _ text: String, _ html: String
    ) {
        let shown = String(decoding: Markdown.said(text).bytes, as: UTF8.self)
        #expect(shown.hasPrefix("<p>\(html)"), "\(shown)")
    }

    @Test(arguments: [
        (
            "See https://a.example/x?b=1&c=2.",
            "See <a href=\"https://a.example/x?b=1&amp;c=2\">https://a.example/x?b=1&amp;c=2</a>."
        ),
        ("(HTTP://a.example/(b))\n**no**", "(<a href=\"HTTP://a.example/(b)\">HTTP://a.example/(b)</a>)\n**no**"),
        ("javascript://a ftp://b <b>", "javascript://a ftp://b &lt;b&gt;"),
        ("http://a\"onclick=x http://", "<a href=\"http://a\">http://a</a>&quot;onclick=x http://"),
    ])
    func `in a long answer addresses alone are links`(_ text: String, _ shown: String) {
        #expect(String(decoding: Markdown.linked(text).bytes, as: UTF8.self) == shown)
    }
}
