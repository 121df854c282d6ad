import Foundation
import HTTPTypes
import HummingbirdTesting
import TFConfiguration
import TFExpression
import TFStore
import TFSystem
import Testing

@testable import tf_web

/// What somebody tries with a stolen piece of a session, and what an open session must not give away.
@Suite struct SessionAttackTests {
    // MARK: Refresh tokens

    @Test func `a refresh token that was never made ends no session, and an earlier one does`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            let body = #"{"login":"uma","password":"try-ticketflower"}"#
            let made = try JSON(parsing: try await browser.json("/api/v1/auth/token", .post, token: nil, body).html)
            let access = made["access_token"].displayText
            let first = made["refresh_token"].displayText
            let session = try #require(first.split(separator: ".").first)
            func refresh(_ token: String) async throws -> TestResponse {
                try await browser.json(
                    "/api/v1/auth/refresh", .post, token: nil, #"{"refresh_token":"\#(token)"}"#)
            }
            let other = RefreshToken(session: "another", keys: fixture.site.keys).text.split(separator: ".")[1]
            for forged in ["\(session).x", "\(session).", "\(session).\(other)", "\(first)A", String(first.dropLast())]
            {
                #expect(try await refresh(forged).status == .unauthorized)
            }
            #expect(try await browser.json("/api/v1/me", .get, token: access).status == .ok)

            let second = try JSON(parsing: try await refresh(first).html)["refresh_token"].displayText
            let third = try await refresh(second)
            #expect(third.status == .ok)
            #expect(try await refresh(first).status == .unauthorized)
            #expect(try await browser.json("/api/v1/me", .get, token: access).status == .unauthorized)
        }
    }

    // MARK: The second step

    @Test func `the page that asks for a code ends with a changed password, and a wrong code does not renew it`()
        async throws
    {
        let fixture = try await WebFixture()
        let site = fixture.site
        try await fixture.test { browser in
            let uma = try #require(try await site.store.read { try $0.account("uma") })
            _ = try await Self.setUpSecondFactor(of: uma, site)
            let asked = try await browser.login("uma")
            let challenge = try #require(Browser.hidden("challenge", in: asked.html))
            let fields = Browser.hidden(in: asked.html) + [("challenge", challenge)]
            let again = try await browser.post("/login", fields + [("otp", "000000")])
            #expect(Browser.hidden("challenge", in: again.html) == challenge)

            let hash = try await site.passwords.hash("a blue horse on 9 hills")
            try await site.store.write { try $0.setPassword(hash, of: uma, keeping: nil, now: site.now) }
            let late = try await browser.post("/login", fields + [("otp", "000000")])
            #expect(late.html.contains("That took too long"))
        }
    }

    @Test func `after too many wrong codes the page says how long to wait, and what to enter then`() async throws {
        let fixture = try await WebFixture()
        let site = fixture.site
        try await fixture.test { browser in
            let uma = try #require(try await site.store.read { try $0.account("uma") })
            _ = try await Self.setUpSecondFactor(of: uma, site)
            let asked = try await browser.login("uma")
            let challenge = try #require(Browser.hidden("challenge", in: asked.html))
            let fields = Browser.hidden(in: asked.html) + [("challenge", challenge), ("otp", "000000x")]
            let names = ["login uma"]
            let unsaid = Browser.hidden(in: asked.html) + [("challenge", challenge), ("otp", " ")]
            for _ in 0..<12 {
                let empty = try await browser.post("/login", unsaid)
                #expect(empty.status == .unprocessableContent, "no code is no wrong code")
                #expect(empty.html.contains("Enter the six digits, or a recovery code"))
            }
            func fail(times: Int) async throws {
                for _ in 0..<times {
                    try await site.store.writeAside { try $0.noteFailure(names, login: "uma", now: site.now) }
                }
            }
            // 64 seconds, after which the password still counts: the code alone is asked for.
            try await fail(times: 12)
            let soon = try await browser.post("/login", fields)
            #expect(soon.status == .tooManyRequests && soon.headers[.retryAfter] != nil)
            #expect(soon.html.contains("<h1>Enter the code") && soon.html.contains("Too many wrong codes"))
            #expect(soon.html.contains("count together, also those of others"))
            #expect(soon.html.contains("seconds, then enter the code that your authenticator shows then"))
            #expect(Browser.hidden("challenge", in: soon.html) == challenge)
            // A quarter of an hour, after which it does not.
            try await fail(times: 4)
            let late = try await browser.post("/login", fields)
            #expect(late.status == .tooManyRequests)
            #expect(late.html.contains("Too many wrong codes"))
            #expect(late.html.contains("15 minutes, then sign in again: with your password"))
            #expect(late.html.contains("name=\"login\" value=\"uma\""))
            #expect(Browser.hidden("challenge", in: late.html) == nil)
        }
    }

    @Test func `turning the second factor off takes the password and a code`() async throws {
        let fixture = try await WebFixture()
        let site = fixture.site
        try await fixture.test { browser in
            let uma = try #require(try await site.store.read { try $0.account("uma") })
            _ = try await browser.login("uma")
            let secret = try await Self.setUpSecondFactor(of: uma, site)
            let page = "/account/second-factor"
            func turnOff(_ password: String, _ code: String) async throws -> HTTPResponse.Status {
                try await browser.submit(page, to: "\(page)/removal", [("password", password), ("otp", code)]).status
            }
            // Anew each time: hashing takes longer than a code holds where the machine is busy.
            func code() -> String { SecondFactorCode.code(secret, step: site.now / 1000 / SecondFactorCode.step) }
            #expect(try await turnOff(DemoCommand.password, "") == .unprocessableContent)
            #expect(try await turnOff(DemoCommand.password, "000000x") == .unprocessableContent)
            #expect(try await turnOff("wrong", code()) == .unprocessableContent)
            #expect(try await site.store.read { try $0.secondFactor(of: uma.id) } != nil)
            #expect(try await turnOff(DemoCommand.password, code()) == .seeOther)
            #expect(try await site.store.read { try $0.secondFactor(of: uma.id) } == nil)
        }
    }

    /// - Returns: the secret of the codes.
    private static func setUpSecondFactor(of account: Account, _ site: Site) async throws -> [UInt8] {
        let nonce = Random.token()
        try await site.store.writeAside { try $0.beginSecondFactor(of: account.id, nonce: nonce) }
        try await site.store.write {
            try $0.confirmSecondFactor(of: account, step: 0, recoveryCodes: [], now: site.now)
        }
        return site.secondFactorSecret(nonce)
    }

    @Test func `a set-up that has begun goes on in a second tab`() async throws {
        let site = try await WebFixture().site
        let uma = try #require(try await site.store.read { try $0.account("uma") })
        let nonces = try await site.store.writeAside { session in
            try ["a", "b"].map { try session.beginSecondFactor(of: uma.id, nonce: $0) }
        }
        #expect(nonces == ["a", "a"])
    }

    // MARK: Guessing

    @Test func `guesses at the present password inside a session wait like those at signing in`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            _ = try await browser.login("uma")
            let form = Browser.hidden(in: try await browser.get("/account").html)
            var answers: [HTTPResponse.Status] = []
            for _ in 0..<7 {
                let guess = form + [("password", "wrong"), ("new", "a blue horse on 9 hills")]
                answers.append(try await browser.post("/account/password", guess).status)
            }
            #expect(answers.prefix(5).allSatisfy { $0 == .unprocessableContent })
            #expect(answers.last == .tooManyRequests)
        }
    }

    @Test func `somebody's success does not clear what was counted against the network`() async throws {
        let site = try await WebFixture().site
        let check = SignInCheck(site: site)
        func signIn(_ login: String, _ password: String, _ address: String) async throws -> SignInOutcome {
            try await check.outcome(of: SignInAttempt(login: login, password: password, code: nil, address: address))
        }
        for guess in 0..<5 { _ = try await signIn("nobody\(guess)", "wrong", "2001:db8::\(guess + 1)") }
        // Five are free; the right password of somebody else gives no new ones.
        guard case .accepted = try await signIn("uma", DemoCommand.password, "2001:db8::ff") else {
            Issue.record("uma was refused")
            return
        }
        _ = try await signIn("nobody6", "wrong", "2001:db8::1:2:3")
        await #expect(throws: Failure.self) { try await signIn("udo", DemoCommand.password, "2001:db8::77") }
        guard case .accepted = try await signIn("udo", DemoCommand.password, "2001:db8:0:1::77") else {
            Issue.record("another network was refused")
            return
        }
    }

    /// A letter may carry any number of marks, so what is typed is cut by its scalars.
    @Test func `what is typed to sign in is cut to a bounded length`() async throws {
        let fixture = try await WebFixture()
        let (site, marks) = (fixture.site, String(repeating: "\u{301}", count: 20_000))
        let check = SignInCheck(site: site)
        let uma = try #require(try await site.store.read { try $0.account("uma") })
        // 1,000 scalars, hashed with weaker parameters than those of now, so that the hash is renewed.
        let password = "a blue horse on 9 hills" + marks.prefix(scalars: 977)
        let weak = "$scrypt$ln=10,r=8,p=1$BwcHBwcHBwcHBwcHBwcHBw$QB0UAIV3+0+5EEJAZgvEHTEdDXxKX2mRQ/XOmAkSexM"
        try await site.store.write { try $0.setPassword(weak, of: uma, keeping: nil, now: site.now) }
        for _ in 0..<2 {
            let typed = SignInAttempt(login: "uma", password: password + marks, code: nil, address: "192.0.2.1")
            guard case .accepted = try await check.outcome(of: typed) else {
                Issue.record("refused")
                return
            }
            let hash = try #require(try await site.store.read { try $0.account("uma") }?.password)
            #expect(!Passwords.isOld(hash))
            #expect(try await site.passwords.turn { try await site.passwords.verifyNow(password, hash) })
        }
        let stranger = SignInAttempt(login: "a" + marks, password: "wrong", code: nil, address: "192.0.2.1")
        guard case .refused = try await check.outcome(of: stranger) else {
            Issue.record("accepted")
            return
        }
    }

    @Test(arguments: [
        ("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "20010db800010002::/64"),
        ("::1", "0000000000000000::/64"), ("unix", "unix"),
    ])
    func `an address is counted by the least that one customer has`(_ address: String, _ network: String) {
        #expect(AddressRange.network(of: address) == network)
    }

    // MARK: Tokens

    @Test func `a token does not hold before its time`() async throws {
        let fixture = try await WebFixture()
        let site = fixture.site
        let key = try #require(site.keys.active)
        try await fixture.test { browser in
            let token = try await browser.token("uma")
            let claims = try #require(JWS(token) { site.keys.key($0) }?.payload.objectValue)
            func status(notBefore: JSON) async throws -> HTTPResponse.Status {
                var claims = claims
                claims["nbf"] = notBefore
                let forged = try JWS.sign(.object(claims), type: "at+jwt", with: key)
                return try await browser.json("/api/v1/me", .get, token: forged).status
            }
            let now = site.now / 1000
            #expect(try await status(notBefore: .int(now + 300)) == .unauthorized)
            #expect(try await status(notBefore: "soon") == .unauthorized)
            #expect(try await status(notBefore: .int(now - 5)) == .ok)
        }
    }

    @Test func `a token without a type is read raw, and is no access token`() throws {
        let key = try SigningKey.generate()
        let header: JSON = ["alg": "ES256", "kid": .string(key.id)]
        let input = "\(Base64URL.encode(header.bytes)).\(Base64URL.encode(JSON.object(["a": 1]).bytes))"
        let token = "\(input).\(Base64URL.encode(try key.sign(input)))"
        #expect(JWS(token) { _ in key }?.payload == ["a": 1])
        #expect(AccessToken(token, use: nil, issuer: "i", audiences: ["i"], key: { _ in key }) == nil)
    }

    // MARK: Links and memberships

    @Test func `a link ends when the owner changes the password`() async throws {
        let fixture = try await WebFixture()
        let site = fixture.site
        try await fixture.test { browser in
            let uma = try #require(try await site.store.read { try $0.account("uma") })
            try await site.store.write {
                try $0.addPasswordLink(.reset, hash: PasswordLink.hash("t"), for: uma, now: site.now)
            }
            #expect(try await browser.get("/reset/t").status == .ok)
            let hash = try await site.passwords.hash("a blue horse on 9 hills")
            try await site.store.write { try $0.setPassword(hash, of: uma, keeping: nil, now: site.now) }
            #expect(try await browser.get("/reset/t").status == .notFound)
        }
    }

    @Test func `somebody who is signed in can sign out on the page of a link`() async throws {
        let fixture = try await WebFixture()
        let site = fixture.site
        try await fixture.test { browser in
            _ = try await browser.login("uma")
            let udo = try #require(try await site.store.read { try $0.account("udo") })
            try await site.store.write {
                try $0.addPasswordLink(.reset, hash: PasswordLink.hash("t"), for: udo, now: site.now)
            }
            let page = try await browser.get("/reset/t").html
            let token = try #require(Browser.hidden("_csrf", in: page))
            let answer = try await browser.post("/logout", [("_csrf", token)])
            #expect(answer.headers[.location] == "/login")
            #expect(try await browser.get("/account").headers[.location] == "/login?next=%2Faccount")
        }
    }

    @Test func `a narrowed membership stays narrowed, whatever else of it or of the person changes`() async throws {
        let fixture = try await WebFixture()
        let store = fixture.site.store
        try await fixture.test { browser in
            let token = try await browser.token("ada")
            func roles(_ body: String) async throws -> [JSON] {
                let changed = try await browser.json(
                    "/api/v1/companies/acme/members/bob", .patch, token: token, body)
                #expect(changed.status == .ok)
                return try #require(try JSON(parsing: changed.html)["roles"].arrayValue)
            }
            // bob is no ticket admin: nothing counts here before the account is one.
            #expect(try await roles(#"{"only":["ticket_admin"]}"#).isEmpty)
            #expect(try await roles(#"{"company_roles":[]}"#).isEmpty)
            // Narrowed to all that the account is; what it becomes later does not count either.
            #expect(try await roles(#"{"only":["task_worker"]}"#) == ["task_worker"])
            #expect(try await roles(#"{"company_roles":[]}"#) == ["task_worker"])
            var change = AccountChange()
            change.roles = [.taskWorker, .ticketAdmin]
            try await store.write { [change] in try $0.changeAccount("bob", change, version: nil, now: fixture.site.now)
            }
            #expect(try await roles(#"{}"#) == ["task_worker"])
            #expect(try await roles(#"{"only":[]}"#) == ["task_worker", "ticket_admin"])
        }
    }
}
