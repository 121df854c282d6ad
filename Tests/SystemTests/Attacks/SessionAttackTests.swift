import TFExpression
import TestSupport
import Testing

/// What somebody does with a piece of a session that they got hold of, and how fast they may guess.
@Suite(.serialized) struct SessionAttackTests {
    /// tf-web is told by its proxy who the client is, so that each attack comes from an address of its own.
    private static let behindProxy = ["TF_PROXY_TRUSTED": "127.0.0.0/8,::1/128"]
    private static let password = "try-ticketflower"
    private static let newPassword = "a blue horse on 9 hills"

    private static func from(_ address: String) -> [(name: String, value: String)] {
        [("X-Forwarded-For", address)]
    }

    // MARK: Tokens

    @Test func `who knows a session's id ends no session, and a token holds only in its time and with its type`()
        async throws
    {
        try await Processes.with { processes in
            let stranger = Attacker(processes.address)
            func refresh(_ token: String) async throws -> Attacker.Answer {
                try await stranger.send(.POST, "/api/v1/auth/refresh", ["refresh_token": .string(token)])
            }
            let tokens = try await stranger.signIn("uma", Self.password).json
            let access = tokens["access_token"].displayText
            let uma = Attacker(processes.address, token: access)
            let claims = try TokenForge.claims(access)
            let session = claims["sid"].displayText
            let other = try await stranger.signIn("gus", Self.password).json
            let value = try #require(other["refresh_token"].displayText.split(separator: ".").last)
            for forged in ["x", "", "\(value)", String(repeating: "A", count: 64)] {
                #expect(try await refresh("\(session).\(forged)").status == 401, "\(forged)")
            }
            #expect(try await uma.get("/api/v1/me").status == 200)

            // The same by the cookie of a browser.
            let browser = Visitor(processes.address)
            try await browser.login("uma")
            let page = try TokenForge.claims(try #require(browser.cookies["tf_at"]))["sid"].displayText
            let thief = Attacker(processes.address, headers: [("Cookie", "tf_rt=\(page).x")])
            #expect(try await thief.get("/account").status == 303)
            #expect(try await browser.get("/account").status == 200)

            // A copy that is too old is still noticed: both who has it and the owner are out.
            let first = tokens["refresh_token"].displayText
            let second = try await refresh(first).json["refresh_token"].displayText
            #expect(try await refresh(second).status == 200)
            #expect(try await refresh(first).status == 401)
            #expect(try await uma.get("/api/v1/me").status == 401)

            try await Self.expectTimeAndType(processes, other["access_token"].displayText)
        }
    }

    /// By the site's own key, so that nothing but the claims and the header is wrong.
    private static func expectTimeAndType(_ processes: Processes, _ token: String) async throws {
        let forge = try TokenForge("\(processes.directory)/var")
        let claims = try #require(try TokenForge.claims(token).objectValue)
        let issued = try #require(claims["iat"]?.intValue)
        func status(_ notBefore: JSON, type: String? = "at+jwt") async throws -> UInt {
            var claims = claims
            claims["nbf"] = notBefore
            let forged = try await forge.sign(.object(claims), type: type)
            return try await Attacker(processes.address, token: forged).get("/api/v1/me").status
        }
        #expect(try await status(.int(issued)) == 200)
        #expect(try await status(.int(issued + 400)) == 401)
        #expect(try await status("soon") == 401)
        #expect(try await status(.int(issued), type: nil) == 401)
        #expect(try await status(.int(issued), type: "JWT") == 401)

        let untyped = try await forge.sign(.object(claims), type: nil)
        let settings = ["--data", "\(processes.directory)/var", "--base-url", processes.address]
        func verify(_ options: String...) async throws -> (printed: String, isValid: Bool) {
            let result = try await Processes.result("tf-web", ["token", "verify"] + options + settings, input: untyped)
            return (result.output, result.status == .exited(0))
        }
        let raw = try await verify("--raw")
        #expect(raw.isValid)
        #expect(raw.printed.contains("\"login\":\"gus\""))
        let whole = try await verify()
        #expect(!whole.isValid)
        #expect(whole.printed.isEmpty)
    }

    // MARK: Passwords and codes

    @Test func `codes and passwords are guessed no faster with a session, and a challenge ends with the password`()
        async throws
    {
        try await Processes.with(environment: Self.behindProxy) { processes in
            let owner = Visitor(processes.address, headers: Self.from("192.0.2.1"))
            try await owner.login("udo")
            let codes = try await Self.setUpSecondFactor(owner)

            // Somebody who has found the password out is asked for the code.
            let thief = Visitor(processes.address, headers: Self.from("198.51.100.1"))
            let asked = try await thief.show("/login", posting: ["login": "udo", "password": Self.password])
            let challenge = try #require(Visitor.hidden("challenge", in: asked))
            let again = try await thief.show("/login", posting: ["challenge": challenge, "otp": "abc"])
            #expect(Visitor.hidden("challenge", in: again) == challenge, "a wrong code gives no more time")

            try await Self.guessInside(owner, codes)
            let command = ["user", "passwd", "udo", "--password-stdin"]
            let changed = try await processes.run("tf-web", command, input: "\(Self.newPassword)\n")
            #expect(changed == "the password of udo is set\n")
            let late = try await thief.submit("/login", to: "/login", ["challenge": challenge, "otp": codes[1]])
            #expect(late.status == 422)
            #expect(late.text.contains("That took too long"))
            #expect(try await thief.get("/account").status == 303)
            #expect(try await owner.get("/account").status == 303)

            try await Self.guessFromNetwork(processes)
        }
    }

    /// A session that somebody left open is no way around the second factor, nor to guess password or code.
    private static func guessInside(_ owner: Visitor, _ codes: [String]) async throws {
        func turnOff(_ password: String, _ code: String) async throws -> UInt {
            let page = "/account/second-factor"
            return try await owner.submit(page, to: "\(page)/removal", ["password": password, "otp": code]).status
        }
        func change() async throws -> UInt {
            try await owner.submit(
                "/account", to: "/account/password", ["password": "wrong", "new": newPassword]
            ).status
        }
        #expect(try await turnOff(password, "") == 422)
        #expect(try await change() == 422)
        #expect(try await turnOff("wrong", codes[0]) == 422)
        _ = try await refusedForTooMany { try await turnOff(password, "abc") }
        _ = try await refusedForTooMany(change)
        #expect(try await owner.get("/account/second-factor").text.contains("recovery codes are left"))
    }

    /// An own account makes no room for guesses at others', nor do all the addresses of one customer.
    private static func guessFromNetwork(_ processes: Processes) async throws {
        var number = 0
        func somebody(in network: String) -> Attacker {
            number += 1
            return Attacker(processes.address, headers: from("\(network)::\(String(number, radix: 16))"))
        }
        let guesses = try await refusedForTooMany {
            // After every second guess; it is refused as well while the network is.
            if number % 3 == 2 { _ = try await somebody(in: "2001:db8:1:2").signIn("gus", password) }
            return try await somebody(in: "2001:db8:1:2").signIn("nobody\(number)", "wrong").status
        }
        #expect(guesses >= 5, "people mistype")
        #expect(try await somebody(in: "2001:db8:1:3").signIn("gus", password).status == 200)
    }

    /// - Returns: recovery codes, each of which is right once.
    private static func setUpSecondFactor(_ owner: Visitor) async throws -> [String] {
        let page = "/account/second-factor"
        func codes(_ html: String) -> [String] {
            html.matches(of: #/<code(?: id="key")?>([A-Z0-9 -]+)</code>/#).map { String($0.1).replacing(" ", with: "") }
        }
        _ = try await owner.submit(page, to: "\(page)/beginning", [:])
        let authenticator = Authenticator(secret: try #require(codes(try await owner.get(page).text).first))
        // Anew each time: it may take longer than a code holds where the machine is busy.
        return try await eventually("the code is taken", tries: 5) {
            let shown = try await owner.show(page, posting: ["otp": try await authenticator.code()])
            return shown.contains("The second factor is on") ? codes(shown) : nil
        }
    }

    /// Guesses until they are refused for being too many. Between two the wait may pass on a busy machine, but it doubles.
    /// - Returns: how many were answered before.
    private static func refusedForTooMany(_ guess: () async throws -> UInt) async throws -> Int {
        for number in 0..<15 where try await guess() == 429 { return number }
        Issue.record("fifteen guesses in a row were answered")
        return 15
    }
}
