import Foundation
import HTTPTypes
import HummingbirdTesting
import TFEngine
import TFExpression
import Testing

@testable import TFStore
@testable import tf_web

/// One browser with two tabs: what is typed in one of them while the other signs out and in again.
@Suite struct TwoTabTests {
    /// A form with what is typed into it.
    struct Typed: Sendable, CustomTestStringConvertible {
        let login: String
        let page: String
        let action: String
        let fields: [String: String]
        var isMultipart = false
        /// How one of the fields stands in the page when it is back.
        let shown: String

        var testDescription: String { action }
    }

    private static let text = "half \"typed\" <b> & no\u{301}"
    private static let escaped = "half &quot;typed&quot; &lt;b&gt; &amp; no\u{301}"
    private static let forms = [
        Typed(
            login: "uma", page: "/c/acme/tickets/new/thing", action: "/c/acme/tickets/new/thing",
            fields: ["title": text, "f.what": "x"], shown: "name=\"title\" value=\""
        ),
        Typed(
            login: "uma", page: "/c/acme/tickets/new/contact", action: "/c/acme/tickets/new/contact",
            fields: ["f.web": text], isMultipart: true, shown: "value=\""),
        Typed(
            login: "uma", page: "/c/acme/tickets/1", action: "/c/acme/tickets/1/comments", fields: ["text": text],
            shown: "<textarea name=\"text\" rows=4 id=\"f-text\" aria-describedby=\"f-text:hint\">\n"),
        Typed(
            login: "tom", page: "/c/acme/tickets/2", action: "/c/acme/tickets/2/skip", fields: ["output": text],
            shown: "aria-describedby=\"f-output:hint\">\n"),
        Typed(
            login: "dave", page: "/c/acme/tasks/1/hold", action: "/c/acme/tasks/1/hold",
            fields: ["until": "2030-01-01T10:00", "reason": text], shown: "name=\"reason\" value=\""),
        Typed(
            login: "dave", page: "/c/acme/tasks/1/release", action: "/c/acme/tasks/1/release", fields: ["reason": text],
            shown: "name=\"reason\" value=\""),
        Typed(
            login: "dave", page: "/c/acme/tasks/1/assignment", action: "/c/acme/tasks/1/assignment",
            fields: ["reason": text, "assignee": "erin"], shown: "name=\"reason\" value=\""),
        Typed(
            login: "dave", page: "/c/acme/my/tasks", action: "/c/acme/my/availability",
            fields: ["from": "2030-01-01T10:00", "available": "false"], shown: ""),
        Typed(
            login: "wanda", page: "/c/acme/definitions/new", action: "/c/acme/definitions/new",
            fields: ["source": text, "path": "a.yaml"], isMultipart: true, shown: ">\n"),
        Typed(
            login: "wanda", page: "/c/acme/definitions/ticket/thing/edit",
            action: "/c/acme/definitions/ticket/thing/edit", fields: ["source": text], isMultipart: true,
            shown: ">\n"),
        Typed(
            login: "wanda", page: "/c/acme/definitions/workflow/viewed/dry-run",
            action: "/c/acme/definitions/workflow/viewed/dry-run", fields: ["source": text, "f.what": "y"],
            shown: "aria-describedby=\"f-source:hint\">\n"),
    ]

    @Test func `what was typed comes back to the same person, from every form and however the session ended`()
        async throws
    {
        let fixture = try await WebFixture.fullSite()
        try await fixture.test { browser in
            for typed in Self.forms {
                for (end, isSignedInAgain) in [(End.signOut, true), (.signOut, false), (.store, true), (.store, false)]
                {
                    browser.forgetCookies()
                    try await check(typed, end, isSignedInAgain, fixture, browser)
                }
            }
        }
    }

    private enum End { case signOut, store }

    private func check(
        _ typed: Typed, _ end: End, _ isSignedInAgain: Bool, _ fixture: WebFixture, _ browser: Browser
    ) async throws {
        let place: Testing.Comment = "\(typed.action), \(end), signed in again: \(isSignedInAgain)"
        try await browser.become(typed.login)
        let page = try await browser.get(typed.page)
        #expect(page.status == .ok, place)
        let fields = Browser.hidden(in: page.html) + typed.fields.map { ($0.key, $0.value) }
        try await self.end(end, typed.login, fixture, browser)
        if isSignedInAgain { try await browser.become(typed.login) }
        let before = try await Self.changes(fixture)
        var sent = try await send(typed, fields, browser)
        #expect(sent.status == .seeOther, place)
        if !isSignedInAgain {
            let next = try #require(sent.headers[.location]).split(separator: "next=").last?.removingPercentEncoding
            try await browser.become(typed.login)
            sent = try await browser.get("/login?next=\(next?.replacing("?", with: "%3F") ?? "")")
        }
        let back = try #require(sent.headers[.location])
        #expect(back.hasPrefix("\(typed.page)?parked="), "\(place): \(back)")
        let filled = try await browser.get(back)
        #expect(filled.status == .ok, place)
        #expect(filled.html.contains("What you had typed is here again"), place)
        #expect(!filled.html.contains("is not here any more"), place)
        if typed.shown.isEmpty {
            for value in typed.fields.values where value != "false" {
                #expect(filled.html.contains("value=\"\(value)\""), place)
            }
        } else {
            #expect(filled.html.contains(typed.shown + Self.escaped), "\(place): \(filled.html)")
        }
        #expect(try await Self.changes(fixture) == before, "\(place): nothing is sent by itself")
    }

    private func send(_ typed: Typed, _ fields: [(String, String)], _ browser: Browser) async throws -> TestResponse {
        guard typed.isMultipart else { return try await browser.post(typed.action, fields) }
        let file = SentFile(field: "f.photo", name: "a.png", mediaType: "image/png", bytes: [1, 2, 3])
        let none = SentFile(field: "file", name: "", mediaType: "application/octet-stream", bytes: [])
        return try await browser.post(
            typed.action, fields, files: typed.page.contains("/definitions/") ? [none] : [file])
    }

    private func end(_ end: End, _ login: String, _ fixture: WebFixture, _ browser: Browser) async throws {
        switch end {
        case .signOut:
            let out = try await browser.submit("/account", to: "/logout", [])
            #expect(out.status == .seeOther)
            #expect(browser.cookies["tf_at"] == nil)
        case .store:
            let account = try #require(try await fixture.site.store.read { try $0.account(login) })
            for session in try await fixture.site.store.read({ try $0.sessions(of: account.id, now: fixture.site.now) })
            {
                try await fixture.site.store.write { writing in
                    try writing.endSession(session.id, of: account, because: .endedByPerson, now: fixture.site.now)
                }
            }
        }
    }

    /// Everything that a sent form would change.
    private static func changes(_ fixture: WebFixture) async throws -> [Int] {
        try await fixture.site.store.read { db in
            try ["ticket", "comment", "history", "revision", "attachment"].map { table in
                try db.first(Int.self, "SELECT COUNT(*) FROM \(table)") ?? 0
            }
        }
    }

    private static func parked(_ fixture: WebFixture) async throws -> Int {
        try await fixture.site.store.read { db in
            try db.first(Int.self, "SELECT COUNT(*) FROM parked_form") ?? 0
        }
    }

    @Test func `what was typed is kept for its person and never shown to another who signed in meanwhile`() async throws
    {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("uma")
            let page = "/c/acme/tickets/new/thing"
            let hidden = Browser.hidden(in: try await browser.get(page).html)
            try await end(.signOut, "uma", fixture, browser)
            try await browser.become("udo")
            let sent = try await browser.post(page, hidden + [("title", Self.text), ("f.what", "x")])
            #expect(sent.status == .conflict)
            #expect(!sent.html.contains("half "))
            let next = try #require(Browser.hidden("next", in: sent.html))
            #expect(next.hasPrefix("\(page)?parked="))
            #expect(try await !browser.get(next).html.contains("half "))
            let out = try await browser.post("/logout", Browser.hidden(in: sent.html) + [("next", next)])
            let login = try #require(out.headers[.location])
            #expect(login.hasPrefix("/login?next="))
            try await browser.become("uma")
            let back = try #require(try await browser.get(login).headers[.location])
            #expect(back == next)
            #expect(try await browser.get(back).html.contains(Self.escaped))
        }
    }

    @Test func `what another site or another person sends is never kept as typed by this one`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            let page = "/c/acme/tickets/new/thing"
            let site = try #require(HTTPField.Name("Sec-Fetch-Site"))
            try await browser.become("udo")
            let ofUdo = Browser.hidden(in: try await browser.get(page).html)
            browser.forgetCookies()
            try await browser.become("uma")
            let ofUma = Browser.hidden(in: try await browser.get(page).html)
            let more = [("title", "Forged"), ("f.what", "x")]
            // From another site, even with a token that once was right.
            for from in ["cross-site", "same-site"] {
                let sent = try await browser.post(page, ofUma + more, headers: [site: from])
                #expect(sent.status == .forbidden)
            }
            try await end(.store, "uma", fixture, browser)
            #expect(try await browser.post(page, ofUma + more, headers: [site: "cross-site"]).status == .forbidden)
            try await browser.become("uma")
            // With a token that nobody was given.
            for token in ["", "x", "x.y", ".", "\(ofUma[0].1)x", "a\(ofUma[0].1)"] {
                #expect(try await browser.post(page, [("_csrf", token)] + more).status == .forbidden, "\(token)")
            }
            #expect(try await Self.parked(fixture) == 0)
            // With the sender's own: it is kept for the sender, and never for the one whose browser sent it.
            #expect(try await browser.post(page, ofUdo + more).status == .conflict)
            let udo = try #require(try await fixture.site.store.read { try $0.account("udo") })
            let owners = try await fixture.site.store.read { db in
                try db.all(AccountID.self, "SELECT account_id FROM parked_form")
            }
            #expect(owners == [udo.id])
        }
    }

    @Test func `nothing is kept of secrets, of forms without text, of questions of the script and of disabled people`()
        async throws
    {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("uma")
            let page = "/c/acme/tickets/new/thing"
            let hidden = Browser.hidden(in: try await browser.get(page).html)
            try await end(.signOut, "uma", fixture, browser)
            let empty = try await browser.post("/account/password", hidden + [("password", "a"), ("new", "b")])
            #expect(empty.headers[.location] == "/login?next=%2Faccount")
            _ = try await browser.post("\(page)/validation", hidden + [("title", "x")])
            try await fixture.site.store.write { try $0.disableAccount("uma", now: fixture.site.now) }
            let disabled = try await browser.post(page, hidden + [("title", "x")])
            #expect(disabled.headers[.location] == "/login")
            #expect(try await Self.parked(fixture) == 0)
        }
    }

    @Test func `what is too much to be kept is not, and the sign-in page says so`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("uma")
            let page = "/c/acme/tickets/new/thing"
            let hidden = Browser.hidden(in: try await browser.get(page).html)
            try await end(.signOut, "uma", fixture, browser)
            let long = String(repeating: "x", count: Store.limitParkedBytes)
            let sent = try await browser.post(page, hidden + [("title", "half"), ("f.what", long)])
            let login = try #require(sent.headers[.location])
            #expect(login == "/login?next=%2Fc%2Facme%2Ftickets%2Fnew%2Fthing")
            #expect(try await browser.get(login).html.contains("more than is kept for you (1 MB)"))
            #expect(try await Self.parked(fixture) == 0)
        }
    }

    @Test func `what was typed for a form that is gone is shown above the page`() async throws {
        let typed = TypedForm(action: "/x", fields: [("text", "<i>"), ("version", "3"), ("f.a", "b")])
        let page = Array(
            "<main id=\"main\"><form method=\"post\" action=\"/y\"><input name=\"text\"></form></main>".utf8)
        let shown = String(decoding: typed.filled(in: page), as: UTF8.self)
        #expect(shown.contains("<dt>Text</dt><dd><span class=\"text\">&lt;i&gt;</span></dd>"))
        #expect(shown.contains("<dt>A</dt><dd><span class=\"text\">b</span></dd>"))
        #expect(shown.contains("<input name=\"text\">"))
    }

    @Test func `each kind of control takes what was typed, and its fold opens`() throws {
        let typed = TypedForm(
            action: "/a?b=1&c", fields: [("t", "1"), ("t", "2"), ("c", "y"), ("r", "two"), ("s", "B & C"), ("p", "no")])
        let page = """
            <details><summary>x</summary></details><details><form method="post" action="/a?b=1&amp;c">\
            <input name="t" value="0"><input type="text" name="t"><input type="checkbox" name="c" value="x" checked>\
            <input type="checkbox" name="c" value="y"><input type="radio" name="r" value="two">\
            <select name="s"><option selected>A</option><option>B &amp; C</option></select>\
            <input type="password" name="p"></form></details><input name="t">
            """
        #expect(
            String(decoding: typed.filled(in: Array(page.utf8)), as: UTF8.self) == """
                <details><summary>x</summary></details><details open><form method="post" action="/a?b=1&amp;c" data-typed>\
                <input name="t" value="1"><input type="text" name="t" value="2"><input type="checkbox" name="c" value="x">\
                <input type="checkbox" name="c" value="y" checked=""><input type="radio" name="r" value="two" checked="">\
                <select name="s"><option>A</option><option selected="">B &amp; C</option></select>\
                <input type="password" name="p"></form></details><input name="t">
                """)
    }
}
