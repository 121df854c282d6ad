import Foundation
import HTTPTypes
import HummingbirdTesting
import Synchronization
import TFConfiguration
import TFExpression
import TFSystem
import TestSupport
import Testing

@testable import TFStore
@testable import tf_web

/// Signing in, staying signed in, and what ends it.
@Suite struct SessionTests {
    @Test func `ending a session, losing a role and being disabled count from the next request`() async throws {
        let fixture = try await WebFixture()
        let store = fixture.site.store
        try await fixture.test { browser in
            let token = try await browser.token("tom")
            let workers = "/api/v1/companies/acme/workers"
            #expect(try await browser.json(workers, .get, token: token).status == .ok)
            var change = AccountChange()
            change.roles = [.user]
            try await store.write { [change] in try $0.changeAccount("tom", change, version: nil, now: fixture.site.now)
            }
            #expect(try await browser.json(workers, .get, token: token).status == .forbidden)
            try await store.write { try $0.disableAccount("tom", now: fixture.site.now) }
            #expect(try await browser.json(workers, .get, token: token).status == .unauthorized)
        }
    }

    @Test func `the session list shows the others, and ending one signs it out`() async throws {
        try await WebFixture().test { browser in
            let token = try await browser.token("uma")
            _ = try await browser.login("uma")
            let page = try await browser.get("/account").html
            let path = try #require(page.firstMatch(of: /\/account\/sessions\/([A-Za-z0-9_-]+)\/revocation/)).output.0
            #expect(try await browser.submit("/account", to: String(path), []).status == .seeOther)
            #expect(try await browser.json("/api/v1/me", .get, token: token).status == .unauthorized)
            #expect(try await browser.get("/account").status == .ok)
        }
    }

    @Test func `the last admin stays, and nobody changes their own system roles`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            let token = try await browser.token("ada")
            for body in [#"{"roles":["user"]}"#, #"{"disabled":true}"#] {
                #expect(try await browser.json("/api/v1/users/ada", .patch, token: token, body).status == .conflict)
            }
        }
        await #expect(throws: StoreError.self) {
            try await fixture.site.store.write { try $0.disableAccount("ada", now: fixture.site.now) }
        }
    }

    // MARK: API keys

    @Test func `a key signs a service account in until it is revoked, and is for nobody else`() async throws {
        let fixture = try await WebFixture()
        let store = fixture.site.store
        let acme = try #require(try await store.read { try $0.company("acme") })
        let etl = try await store.write {
            try $0.addAccount(
                NewAccount(login: "etl", name: "ETL", kind: .service, password: nil, roles: [.taskWorker]), now: 1)
        }
        try await store.write(in: acme.id) { try $0.setMembership(of: etl, companyRoles: [], only: [], now: 1) }
        let text = APIKeyText.make()
        let key = try #require(APIKeyText(text))
        try await store.write { try $0.addAPIKey(id: key.id, hash: key.hash, name: "", of: etl, now: 1) }
        let uma = try #require(try await store.read { try $0.account("uma") })
        await #expect(throws: StoreError.self) {
            try await store.write { try $0.addAPIKey(id: "x", hash: "x", name: "", of: uma, now: 1) }
        }
        try await fixture.test { browser in
            let lease = "/api/v1/companies/acme/jobs/lease"
            #expect(try await browser.json(lease, .post, token: text, "{}").status == .ok)
            #expect(
                try await browser.json(lease, .post, token: String(text.dropLast()) + "x", "{}").status == .unauthorized
            )
            func introspected(by token: String) async throws -> JSON {
                let answer = try await browser.json(
                    "/api/v1/auth/introspect", .post, token: token, "token=\(text)",
                    type: "application/x-www-form-urlencoded")
                #expect(answer.status == .ok, "\(answer.html)")
                return try JSON(parsing: answer.html)
            }
            let told = try await introspected(by: text)
            #expect(told["active"] == true && told["username"] == "etl")
            #expect(told["sub"] == .string(etl.id.description) && told["aud"] == .string(fixture.site.settings.baseURL))
            let (ada, person) = (try await browser.token("ada"), try await browser.token("uma"))
            #expect(try await introspected(by: ada)["active"] == true)
            #expect(try await introspected(by: person) == ["active": false], "it is somebody else's")
            try await store.write { try $0.revokeAPIKey(key.id, of: etl, now: 2) }
            #expect(try await introspected(by: ada) == ["active": false])
            #expect(try await browser.json(lease, .post, token: text, "{}").status == .unauthorized)
        }
    }

    // MARK: Second factor and passwords

    @Test func `a second factor asks for a code, each holds once, and a recovery code helps`() async throws {
        let fixture = try await WebFixture()
        let site = fixture.site
        try await fixture.test { browser in
            _ = try await browser.login("uma")
            _ = try await browser.submit("/account/second-factor", to: "/account/second-factor/beginning", [])
            let uma = try #require(try await site.store.read { try $0.account("uma") })
            let factor = try #require(try await site.store.read { try $0.secondFactor(of: uma.id) })
            let secret = site.secondFactorSecret(factor.nonce)
            let step = site.now / 1000 / SecondFactorCode.step
            let page = "/account/second-factor"
            let wrong = try await browser.submit(page, to: page, [("otp", "000000x")])
            #expect(wrong.status == .unprocessableContent && wrong.html.contains("Enter the six digits"))
            let done = try await browser.submit(page, to: page, [("otp", SecondFactorCode.code(secret, step: step))])
            #expect(done.status == .ok)
            let recovery = try #require(done.html.firstMatch(of: /<code>([A-Z2-7]{5}-[A-Z2-7]{5})<\/code>/)).output.1
            browser.forgetCookies()
            let asked = try await browser.login("uma")
            #expect(asked.html.contains("one-time-code"))
            #expect(browser.cookies["tf_rt"] == nil)
            let challenge = try #require(Browser.hidden("challenge", in: asked.html))
            func answer(_ code: String) async throws -> TestResponse {
                try await browser.post(
                    "/login", Browser.hidden(in: asked.html) + [("challenge", challenge), ("otp", code)])
            }
            let used = try await answer(SecondFactorCode.code(secret, step: step))
            #expect(used.status == .unprocessableContent)
            #expect(used.html.contains("You used this code already; wait for the next one"))
            let guessed = try await answer("000000x")
            #expect(guessed.html.contains("The code is not right") && !guessed.html.contains("already"))
            #expect(try await answer(String(recovery)).status == .seeOther)
            browser.forgetCookies()
            let body = #"{"login":"uma","password":"try-ticketflower"}"#
            #expect(try await browser.json("/api/v1/auth/token", .post, token: nil, body).status == .unauthorized)
        }
    }

    @Test func `codes are those of the standard's test vectors`() {
        // RFC 6238, appendix B, SHA-1, the last six digits.
        let secret = Array("12345678901234567890".utf8)
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")]
            as [(Int64, String)]
        {
            #expect(SecondFactorCode.code(secret, step: seconds / 30) == code)
        }
        #expect(SecondFactorCode.base32(secret) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    }

    @Test func `a link sets the password once, and ends what was there`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            let admin = try await browser.token("ada")
            let made = try await browser.json(
                "/api/v1/users", .post, token: admin, #"{"login":"new","name":"New","roles":["user"]}"#)
            #expect(made.status == .created)
            let link = try #require(try JSON(parsing: made.html)["invite"].stringValue)
            let path = String(link.dropFirst("http://localhost".count))
            let weak = try await browser.submit(path, to: path, [("password", "password1234")])
            #expect(weak.status == .unprocessableContent)
            let form = Browser.hidden(in: try await browser.get(path).html)
            let chosen = form + [("password", "a blue horse on 9 hills")]
            let answer = try await browser.post(path, chosen)
            #expect(answer.status == .seeOther)
            #expect(try await browser.get(path).status == .gone)
            // A double click gets the same answer, another form does not.
            #expect(try await browser.post(path, chosen).headers[.location] == answer.headers[.location])
            #expect(try await browser.post(path, form + [("password", "another horse on 9 hills")]).status == .gone)
            #expect(try await browser.login("new", password: "a blue horse on 9 hills").status == .seeOther)
        }
    }

    @Test(arguments: [
        "password1234", "P@ssw0rd2024!", "qwertyuiop123", "123456789012", "aaaaaaaaaaaaaa", "abcabcabcabc",
        "iloveyou12345", "adminadmin2025", "1qaz2wsx3edc", "letmeinletmein", "welcome123456",
    ])
    func `a password that many choose is refused`(_ password: String) {
        #expect(Passwords.problem(password, owner: PasswordOwner(login: "uma")) != nil)
    }

    @Test(arguments: ["try-ticketflower", "a blue horse on 9 hills", "gT7#kk2-xWq9z", "vierzehn Kühe am Bach"])
    func `a password of one's own is taken`(_ password: String) {
        #expect(Passwords.problem(password, owner: PasswordOwner(login: "uma")) == nil)
    }

    @Test func `a bearer header, whatever it holds, never falls back to the cookies`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("uma")
            let form = Browser.hidden(in: try await browser.get("/account").html)
            for header in ["Bearer x", "bearer", "BEARER \(try await browser.token("uma"))"] {
                let page = try await browser.get("/account", headers: [.authorization: header])
                #expect(page.status == .seeOther, "\(header)")
                #expect(page.headers[.location]?.hasPrefix("/login?next=") == true, "\(header)")
                let sent = try await browser.post(
                    "/account", form + [("name", "X"), ("email", "")], headers: [.authorization: header])
                #expect(sent.headers[.location]?.hasPrefix("/login") == true, "\(header)")
            }
            // What a proxy asks for is not for this site.
            let page = try await browser.get("/account", headers: [.authorization: "Basic dTpw"])
            #expect(page.status == .ok)
            #expect(!page.html.contains("value=\"X\""))
        }
    }

    @Test func `a refresh token that does not hold is called that`() async throws {
        try await WebFixture().test { browser in
            let answer = try await browser.json(
                "/api/v1/auth/refresh", .post, token: nil, #"{"refresh_token":"none"}"#)
            #expect(answer.status == .unauthorized)
            #expect(answer.html.contains("The refresh token does not hold"))
        }
    }

    @Test(arguments: [
        ("/c/acme/my/tickets?state=all", "/c/acme/my/tickets?state=all"), ("/", "/"), ("/account#x", "/account#x"),
        ("/logout", "/"), ("/api/v1/me", "/"), ("/healthz", "/"), ("/.well-known/jwks.json", "/"), ("/nowhere", "/"),
        ("/c/acme/my/tickets/rows?state=all", "/c/acme/my/tickets"), ("/c/acme/my/tickets.csv", "/c/acme"),
        ("/c/acme/tickets/1/comments", "/c/acme/tickets/1"), ("/c/acme/tickets/1/attachments/a", "/c/acme/tickets/1"),
        ("/c/acme/definitions/ticket/thing/file", "/c/acme/definitions/ticket/thing"),
    ])
    func `who signs in goes on at a page, or the nearest above what is none`(next: String, page: String) async throws {
        let fixture = try await WebFixture()
        #expect(buildRoutes(fixture.site).page(after: next) == page)
        try await fixture.test { browser in
            try await browser.become("uma")
            let query = next.replacing("?", with: "%3F").replacing("#", with: "%23")
            #expect(try await browser.get("/login?next=\(query)").headers[.location] == page)
        }
    }

    @Test(arguments: [("/api/v1/me", "/"), ("/assets/site.js", "/"), ("/c/acme/my/tickets.csv", "/c/acme")])
    func `a password leads to a page, whatever its form says`(next: String, page: String) async throws {
        try await WebFixture().test { browser in
            let form = [("login", "uma"), ("password", DemoCommand.password), ("next", next)]
            let answer = try await browser.submit("/login", to: "/login", form)
            #expect(answer.headers[.location] == page)
        }
    }

    @Test func `a host may name the port that its scheme has anyway`() async throws {
        for (authority, scheme, plain) in [
            ("tf.example:443", "https", "tf.example"), ("tf.example:80", "https", "tf.example:80"),
            ("tf.example:80", "http", "tf.example"), ("[::1]:80", "http", "[::1]"), ("[::80]", "http", "[::80]"),
        ] { #expect(HostCheck.plain(authority, scheme: scheme) == plain) }
    }

    // MARK: Parked requests

    @Test func `what was typed when the session died comes back to the same person, and is not sent by itself`()
        async throws
    {
        let fixture = try await WebFixture()
        let store = fixture.site.store
        try await fixture.test { browser in
            _ = try await browser.login("uma")
            let path = "/c/acme/tickets/new/thing"
            let form = Browser.hidden(in: try await browser.get(path).html)
            let uma = try #require(try await store.read { try $0.account("uma") })
            for session in try await store.read({ try $0.sessions(of: uma.id, now: fixture.site.now) }) {
                try await store.write { writing in
                    try writing.endSession(session.id, of: uma, because: .endedByPerson, now: fixture.site.now)
                }
            }
            let empty = try await browser.post("/c/acme/my/tasks/next", form.filter { $0.0 == "_csrf" })
            #expect(empty.headers[.location]?.hasPrefix("/login?next=") == true)
            let sent = try await browser.post(
                path, form + [("title", "Kept title"), ("f.what", "kept answer")],
                files: [SentFile(field: "f.photo", name: "chair.png", mediaType: "image/png", bytes: [1])])
            #expect(sent.status == .seeOther)
            let next =
                try #require(sent.headers[.location]).split(separator: "next=").last?.removingPercentEncoding ?? ""
            #expect(next.hasPrefix("\(path)?parked="))
            let back = try await browser.submit(
                "/login", to: "/login", [("login", "uma"), ("password", DemoCommand.password), ("next", next)])
            #expect(back.headers[.location] == next)
            let page = try await browser.get(next).html
            #expect(page.contains("Kept title"))
            #expect(page.contains("kept answer"))
            #expect(page.contains("Files are not kept: choose “chair.png” again."))
            let acme = try #require(try await store.read { try $0.company("acme") })
            #expect(try await store.read(in: acme.id) { try $0.ticket(number: 1) } == nil)
            browser.forgetCookies()
            _ = try await browser.login("udo")
            #expect(try await !browser.get(next).html.contains("kept answer"))
        }
    }

    @Test func `a sign-in for tokens that fails says so, and not what was wrong`() async throws {
        try await WebFixture().test { browser in
            var said: Set<String> = []
            for body in [
                #"{"login":"uma","password":"wrong"}"#, #"{"login":"nobody-here","password":"wrong"}"#,
                #"{"login":"uma","password":"wrong","otp":"123456"}"#,
            ] {
                let answer = try await browser.json("/api/v1/auth/token", .post, token: nil, body)
                #expect(answer.status == .unauthorized)
                said.insert(answer.html)
            }
            #expect(said.count == 1)
            #expect(said.first?.contains("The login, the password or the code is wrong.") == true)
        }
    }

    // MARK: Audit

    @Test func `the log holds sign-ins, refusals and an admin's reading, and takes no change`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            let uma = try await browser.token("uma")
            let tickets = "/api/v1/companies/acme/tickets"
            let body = #"{"type":"thing","title":"T","form":{"what":"x"}}"#
            _ = try await browser.json(tickets, .post, token: uma, body)
            _ = try await browser.json("/api/v1/users", .get, token: uma)
            let ada = try await browser.token("ada")
            _ = try await browser.json("\(tickets)/1", .get, token: ada)
            let log = try JSON(parsing: try await browser.json("/api/v1/audit?limit=200", .get, token: ada).html)
            let actions = Set((log["items"].arrayValue ?? []).compactMap { $0["action"].stringValue })
            #expect(actions.isSuperset(of: ["signed-in", "refused", "admin-readTicket", "user-added", "member-added"]))
        }
        await #expect(throws: (any Error).self) {
            try await fixture.site.store.write { db in try db.run("DELETE FROM audit") }
        }
        await #expect(throws: (any Error).self) {
            try await fixture.site.store.write { db in try db.run("UPDATE audit SET actor = 'x'") }
        }
    }
}
