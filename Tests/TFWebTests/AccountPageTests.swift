import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import TFStore
@testable import tf_web

/// One's own account, and signing in.
@Suite struct AccountPageTests {
    @Test func `theme and keys are kept in this browser, and given up again`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("uma")
            let saved = try await browser.submit(
                "/account", to: "/account/look", [("theme", "dark"), ("keys", "true")])
            #expect(saved.headers[.location] == "/account")
            #expect(browser.cookies["tf_theme"] == "dark")
            #expect(browser.cookies["tf_keys"] == "1")
            let page = try await browser.get("/account").html
            #expect(page.contains("data-theme=\"dark\""))
            #expect(page.contains("value=\"dark\" checked") && page.contains("name=\"keys\" value=\"true\" checked"))
            _ = try await browser.submit("/account", to: "/account/look", [("theme", "system")])
            #expect(browser.cookies["tf_theme"] == nil && browser.cookies["tf_keys"] == nil)
        }
    }

    @Test func `people change their own name and address, as an admin would, and the audit log tells it`() async throws
    {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("uma")
            let before = Browser.hidden(in: try await browser.get("/account").html)
            let saved = try await browser.submit(
                "/account", to: "/account", [("name", "Uma Unruh"), ("email", "uma@example.org")])
            #expect(saved.status == .seeOther && saved.headers[.location] == "/account")
            let page = try await browser.get("/account").html
            #expect(page.contains("value=\"Uma Unruh\"") && page.contains("value=\"uma@example.org\""))
            let late = try await browser.post("/account", before + [("name", "Older"), ("email", "")])
            #expect(late.status == .conflict)
            #expect(late.html.contains("<dt>Name</dt><dd><span class=\"text\">Older</span>"))
            #expect(late.html.contains("Now: <span class=\"text\">Uma Unruh</span>"))
            let gone = try await browser.submit("/account", to: "/account", [("name", "Uma Unruh"), ("email", "")])
            #expect(gone.status == .seeOther)
        }
        let uma = try #require(try await fixture.site.store.read { try $0.account("uma") })
        #expect(uma.name == "Uma Unruh" && uma.email == nil)
        let told = try await fixture.site.store.read { session in
            try session.all(
                String.self, "SELECT new FROM audit WHERE action = 'user-changed' AND actor = 'uma' ORDER BY id")
        }
        #expect(told.count == 2)
        #expect(told.first?.contains("uma@example.org") == true)
    }

    @Test(arguments: [
        ("", "", "Enter your name"), ("Uma", "no address", "E-mail must be one e-mail address"),
        ("Uma", "a@example.org, b@example.org", "E-mail must be one e-mail address"),
    ])
    func `a name or an address that is none is refused beside its field`(
        _ name: String, _ email: String, _ said: String
    )
        async throws
    {
        try await WebFixture().test { browser in
            try await browser.become("uma")
            let sent = try await browser.submit("/account", to: "/account", [("name", name), ("email", email)])
            #expect(sent.status == .unprocessableContent)
            #expect(sent.html.components(separatedBy: said).count == 3, "in the summary and beside the field")
            #expect(sent.html.contains("value=\"\(email)\""))
        }
    }

    @Test func `a program changes its own account by the same rules`() async throws {
        try await WebFixture().test { browser in
            let token = try await browser.token("uma")
            let changed = try await browser.json("/api/v1/me", .patch, token: token, #"{"name":"Uma U."}"#)
            #expect(changed.status == .ok && changed.html.contains("Uma U."))
            let wrong = try await browser.json("/api/v1/me", .patch, token: token, #"{"email":"none"}"#)
            #expect(wrong.status == .unprocessableContent)
            let stale = try await browser.json("/api/v1/me", .patch, token: token, #"{"name":"V","version":1}"#)
            #expect(stale.status == .conflict)
            let more = try await browser.json("/api/v1/me", .patch, token: token, #"{"roles":["admin"]}"#)
            #expect(more.status == .unprocessableContent)
        }
    }

    @Test func `sessions of one browser are told apart by when they began`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            for _ in 1...2 { try await browser.become("uma") }
            try await fixture.site.store.write { session in
                try session.run(
                    """
                    UPDATE session SET created_at_ms = created_at_ms - 3600000
                    WHERE id = (SELECT MIN(id) FROM session)
                    """)
            }
            let page = try await browser.get("/account").html
            let began = page.matches(of: /, signed in <time[^>]*>(\d+ \w+ \d{4}, \d\d:\d\d)<\/time>, from/)
                .map { String($0.1) }
            #expect(began.count == 2 && Set(began).count == 2, "\(began)")
            let end = try #require(page.firstMatch(of: /the session of test, signed in <time[^>]*>([^<]+)/))
            #expect(began.contains(String(end.1)))
        }
    }

    @Test func `all other sessions end with one button, and this one goes on`() async throws {
        try await WebFixture().test { browser in
            let tokens = [try await browser.token("uma"), try await browser.token("uma")]
            try await browser.become("uma")
            _ = try await browser.submit("/account", to: "/account/other-sessions/revocation", [])
            for token in tokens {
                #expect(try await browser.json("/api/v1/me", .get, token: token).status == .unauthorized)
            }
            #expect(try await browser.get("/account").status == .ok)
        }
    }

    @Test func `the second factor is set up from a picture, and its codes can be copied`() async throws {
        let fixture = try await WebFixture()
        let site = fixture.site
        try await fixture.test { browser in
            try await browser.become("uma")
            let page = "/account/second-factor"
            let uma = try #require(try await site.store.read { try $0.account("uma") })
            #expect(try await browser.get(page).html.contains("Show me the picture"))
            #expect(try await site.store.read { try $0.secondFactor(of: uma.id) } == nil, "looking changes nothing")
            let begun = try await browser.submit(page, to: "\(page)/beginning", [])
            #expect(begun.status == .seeOther && begun.headers[.location] == page)
            let html = try await browser.get(page).html
            #expect(html.contains("<svg role=\"img\"") && html.contains("otpauth://totp/"))
            let factor = try #require(try await site.store.read { try $0.secondFactor(of: uma.id) })
            let code = SecondFactorCode.code(
                site.secondFactorSecret(factor.nonce), step: site.now / 1000 / SecondFactorCode.step)
            let done = try await browser.submit(page, to: page, [("otp", code)])
            #expect(done.html.contains("data-copy=\"codes\""))
            #expect(try await browser.get(page).html.contains("10 recovery codes are left"))
        }
    }

    @Test func `a picture holds a text in black squares on white`() throws {
        let picture = try #require(QRPicture("otpauth://totp/TicketFlower:uma?secret=GEZDGNBVGY3TQOJQ"))
        let html = String(decoding: picture.html("A key").bytes, as: UTF8.self)
        #expect(html.contains("aria-label=\"A key\"") && html.contains("fill=\"#fff\""))
        // The corner's finder pattern begins with seven dark modules, behind a margin of four.
        #expect(html.contains("d=\"M4 4h7v1h-7z"))
        #expect(QRPicture(String(repeating: "x", count: 5_000)) == nil)
    }

    @Test(arguments: [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0",
            "Edge on Windows"
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1 Version/17.5 Safari/604.1",
            "Safari on iPhone"
        ),
        ("curl/7.88.1", "curl"),
    ])
    func `a browser is known by its name and its system`(_ agent: String, _ name: String) {
        #expect(ProgramName(agent).text == name)
    }

    @Test func `who guesses too often is asked to wait, on the page where they sign in`() async throws {
        try await WebFixture().test { browser in
            var last: TestResponse?
            for _ in 0..<7 { last = try await browser.login("uma", password: "wrong") }
            #expect(last?.status == .tooManyRequests)
            #expect(last?.headers[.retryAfter] != nil)
            #expect(last?.html.contains("Your account is not locked") == true)
            #expect(last?.html.contains("name=\"password\"") == true)
        }
    }

    @Test func `whose session was ended is told so, and comes back to where they were`() async throws {
        let fixture = try await WebFixture()
        let store = fixture.site.store
        try await fixture.test { browser in
            try await browser.become("uma")
            let uma = try #require(try await store.read { try $0.account("uma") })
            _ = try await store.write {
                try $0.endSessions(of: uma, keeping: nil, because: .endedByAdmin, now: fixture.site.now)
            }
            let sent = try await browser.get("/c/acme/my/tickets")
            let login = try #require(sent.headers[.location])
            let page = try await browser.get(login).html
            #expect(page.contains("Your session has ended"))
            let back = try await browser.submit(
                login, to: "/login",
                [
                    ("login", "uma"), ("password", DemoCommand.password),
                    ("next", Browser.hidden("next", in: page) ?? ""),
                ])
            #expect(back.headers[.location] == "/c/acme/my/tickets")
        }
    }
}
