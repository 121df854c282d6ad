import TFConfiguration
import Testing

@testable import TFEngine
@testable import TFStore
@testable import tf_daemon

/// Requests of workflows against a real server.
@Suite struct HTTPSenderTests {
    @Test func `a request goes out as it was computed, with its idempotency key`() async throws {
        try await SpyServer.with { server in
            let reply = try await server.send("/things?x=1", method: "PUT", body: "{\"a\":1}", headers: [("X-A", "b")])
            #expect(reply.status == 200)
            #expect(reply.body == "you sent {\"a\":1}")
            let seen = try #require(server.seen.first)
            #expect(seen.line == "PUT /things?x=1")
            #expect(seen.headers["idempotency-key"] == "key-of-a7")
            #expect(seen.headers["x-a"] == "b")
            #expect(seen.headers["user-agent"] == "TicketFlower")
        }
    }

    @Test func `an idempotency key that the workflow writes itself is the only one`() async throws {
        try await SpyServer.with { server in
            _ = try await server.send("/things", method: "POST", headers: [("idempotency-key", "order-7")])
            #expect(server.seen.map { $0.headers["idempotency-key"] } == ["order-7"])
        }
    }

    @Test func `a redirect is followed only where asked, and takes no credentials to another host`() async throws {
        try await SpyServer.with { server in
            #expect(try await server.send("/moved").status == 302)
            let reply = try await server.send(
                "/moved", follows: true, authentication: .bearer(token: "t"), headers: [])
            #expect(reply.status == 200)
            #expect(server.seen.map(\.line) == ["GET /moved", "GET /moved", "GET /target"])
            #expect(server.seen[1].headers["authorization"] == "Bearer t")
            #expect(server.seen[2].headers["authorization"] == "Bearer t")
            _ = try await server.send("/elsewhere", follows: true, authentication: .bearer(token: "t"))
            // The same server by another name is another host.
            #expect(server.seen.last?.line == "GET /target")
            #expect(server.seen.last?.headers["authorization"] == nil)
            await #expect(throws: CallFailure.self) { try await server.send("/round", follows: true) }
            await #expect(throws: CallFailure.self) { try await server.send("/inside", follows: true) }
        }
    }

    @Test func `another origin gets no header that was written for the first, even on the way back`() async throws {
        try await SpyServer.with { server in
            let headers = [("X-Api-Key", "k"), ("Cookie", "c=1"), ("Authorization", "Bearer w"), ("Accept", "a/b")]
            for path in ["/elsewhere", "/there-and-back"] {
                _ = try await server.send(path, follows: true, headers: headers)
                let seen = try #require(server.seen.last)
                #expect(seen.line == "GET /target")
                #expect(seen.headers["accept"] == "a/b")
                for name in ["x-api-key", "cookie", "authorization"] { #expect(seen.headers[name] == nil) }
            }
        }
    }

    @Test(arguments: ["line\r\nbreak", "nul\u{0}", "bell\u{7}", "del\u{7F}", "lf\n"])
    func `a header that cannot be sent is told without its text`(_ value: String) async throws {
        try await SpyServer.with { server in
            do {
                _ = try await server.send("/x", headers: [("X-Key", "secret" + value)])
                Issue.record("it was sent")
            } catch CallFailure.refused(let reason) {
                #expect(reason.contains("X-Key"))
                #expect(!reason.contains("secret"))
            }
            do {
                _ = try await server.send("/x", headers: [("X-Key: secret" + value, "v")])
                Issue.record("it was sent")
            } catch CallFailure.refused(let reason) { #expect(!reason.contains("secret")) }
            #expect(server.seen.isEmpty)
        }
    }

    @Test func `an answer that drips ends with the step's time, body included`() async throws {
        try await SpyServer.with { server in
            do {
                _ = try await server.send("/drip", within: 300)
                Issue.record("it was read")
            } catch CallFailure.unclear(let reason) { #expect(reason.contains("/drip")) }
            // At the 30 s that no request outlasts it would be 600.
            #expect(server.dripped < 300)
        }
    }

    @Test func `each way of signing in is what the server asked for`() async throws {
        try await SpyServer.with { server in
            _ = try await server.send("/x", authentication: .basic(username: "u", password: "p:ü"))
            #expect(server.seen.last?.headers["authorization"] == "Basic dTpwOsO8")
            #expect(
                try await server.send("/digest", authentication: .digest(username: "u", password: "p")).status == 200)
            #expect(server.seen.last?.headers["authorization"]?.hasPrefix("Digest username=\"u\"") == true)
            let client = Credentials.ClientCredentials(
                tokenURL: server.url("/token"), client: .init(id: "me", secret: "s&t", usesBasic: false),
                scopes: ["a", "b"], audiences: [], sendsJSON: false)
            let sender = server.sender
            for _ in 0..<2 {
                let reply = try await server.send("/x", authentication: .clientCredentials(client), with: sender)
                #expect(reply.status == 200)
            }
            #expect(server.seen.suffix(3).map(\.line) == ["POST /token", "GET /x", "GET /x"])
            #expect(server.seen.last?.headers["authorization"] == "Bearer granted")
            #expect(
                server.seen.suffix(3).first?.body
                    == "grant_type=client_credentials&scope=a%20b&client_id=me&client_secret=s%26t")
        }
    }

    @Test func `a refused connection was not sent, a hung one may have been, and too long an answer is refused`()
        async throws
    {
        try await SpyServer.with { server in
            do {
                _ = try await server.send("/hang", within: 200)
                Issue.record("it answered")
            } catch CallFailure.unclear(let reason) { #expect(reason.contains("/hang")) }
            do {
                _ = try await server.send("/huge")
                Issue.record("it was read")
            } catch CallFailure.refused(let reason) { #expect(reason.contains("1 MiB")) }
            do {
                let sender = HTTPSender(policy: AddressPolicy(allowed: []), idempotencyKey: { $0 })
                _ = try await sender.send(server.job("/x"), within: 1_000)
                Issue.record("it was sent")
            } catch CallFailure.refused(let reason) { #expect(reason.contains("http.allow")) }
        }
    }
}
