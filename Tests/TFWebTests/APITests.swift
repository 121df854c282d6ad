import Foundation
import HTTPTypes
import HummingbirdTesting
import TFDefinition
import TFExpression
import TFSystem
import Testing

@testable import TFStore
@testable import tf_web

@Suite struct APITests {
    @Test func `a ticket is submitted, read and listed, and errors name their fields`() async throws {
        try await WebFixture().test { browser in
            let token = try await browser.token("uma")
            let tickets = "/api/v1/companies/acme/tickets"
            let created = try await browser.json(
                tickets, .post, token: token, #"{"type":"thing","title":"T","form":{"what":"x"}}"#)
            #expect(created.status == .created)
            #expect(created.headers[.location] == "\(tickets)/1")
            let ticket = try JSON(
                parsing: String(buffer: try await browser.json("\(tickets)/1", .get, token: token).body))
            #expect(ticket["form"] == ["what": "x"])
            #expect(ticket["requester"] == "uma")
            let list = try JSON(parsing: String(buffer: try await browser.json(tickets, .get, token: token).body))
            #expect(list["items"].arrayValue?.count == 1)
            #expect(list["next"] == .null)
            for (body, field) in [
                (#"{"type":"thing","title":"T","form":{}}"#, "form.what"),
                (#"{"type":"thing","form":{"what":"x"}}"#, "title"),
                (#"{"type":"thng","title":"T","form":{}}"#, "type"), (#"{"typ":"thing"}"#, "typ"),
                (#"{"type":"thing","title":"T","form":[]}"#, "form"),
            ] {
                let refused = try await browser.json(tickets, .post, token: token, body)
                #expect(refused.status == .unprocessableContent)
                #expect(refused.headers[.contentType] == "application/problem+json")
                let problem = try JSON(parsing: String(buffer: refused.body))
                #expect(problem["errors"].arrayValue?.first?["field"] == .string(field))
            }
        }
    }

    @Test func `a title that is computed is not taken from who submits`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish([
            "named.ticket.yaml": """
            name: Named
            description: Its title is computed
            title: "About ${ .form.what }"
            body: [ { type: input, id: what, attributes: { label: What } } ]
            """
        ])
        try await fixture.test { browser in
            let token = try await browser.token("uma")
            func submit(_ title: String) async throws -> TestResponse {
                try await browser.json(
                    "/api/v1/companies/acme/tickets", .post, token: token,
                    #"{"type":"named"\#(title),"form":{"what":"chairs"}}"#)
            }
            let refused = try await submit(#","title":"Mine""#)
            #expect(refused.status == .unprocessableContent)
            #expect(try JSON(parsing: refused.html)["errors"].arrayValue?.map { $0["field"] } == ["title"])
            let made = try await submit("")
            #expect(made.status == .created)
            #expect(try JSON(parsing: made.html)["title"] == "About chairs")
        }
    }

    @Test func `bodies that are no JSON object, or sent as something else, are refused`() async throws {
        try await WebFixture().test { browser in
            let token = try await browser.token("uma")
            let tickets = "/api/v1/companies/acme/tickets"
            for body in ["", "[]", "{", #"{"a":1,"a":2}"#, #"{"a":1e999}"#] {
                #expect(try await browser.json(tickets, .post, token: token, body).status == .badRequest)
            }
            #expect(
                try await browser.json(tickets, .post, token: token, "{}", type: "text/plain").status
                    == .unsupportedMediaType)
            #expect(try await browser.json(tickets, .delete, token: token).status == .methodNotAllowed)
        }
    }

    @Test func `an action without members takes no body, an empty one, or an empty object`() async throws {
        try await WebFixture().test { browser in
            let token = try await browser.token("uma")
            let tickets = "/api/v1/companies/acme/tickets"
            for (number, body) in [(1, nil), (2, ""), (3, "{}")] as [(Int, String?)] {
                let ticket = #"{"type":"thing","title":"T","form":{"what":"x"}}"#
                _ = try await browser.json(tickets, .post, token: token, ticket)
                let path = "\(tickets)/\(number)/cancellation"
                #expect(try await browser.json(path, .post, token: token, body).status == .ok)
            }
            let wrong = try await browser.json(
                "\(tickets)/1/cancellation", .post, token: token, "x", type: "text/plain")
            #expect(wrong.status == .unsupportedMediaType)
        }
    }

    @Test func `nothing but an api token of ours is accepted`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            let token = try await browser.token("uma")
            try await browser.become("uma")
            let webToken = try #require(browser.cookies["tf_at"])
            let parts = token.split(separator: ".").map(String.init)
            let none = Base64URL.encode(#"{"alg":"none","typ":"at+jwt"}"#.utf8)
            let extra = Base64URL.encode(
                #"{"alg":"ES256","kid":"\#(fixture.site.keys.active?.id ?? "")","typ":"at+jwt","crit":[]}"#.utf8)
            let forged = [
                "", "x", "..", "a.b.c", webToken, "\(none).\(parts[1]).", "\(none).\(parts[1]).\(parts[2])",
                "\(extra).\(parts[1]).\(parts[2])", "\(parts[0]).\(parts[1]).\(parts[2])=", "\(parts[0]).\(parts[1])",
                "\(parts[0]).\(Base64URL.encode(#"{"sub":"1"}"#.utf8)).\(parts[2])", token + "x", token.uppercased(),
                String(token.dropLast()),
                "\(parts[0]).\(parts[1]).\(Base64URL.encode([UInt8](repeating: 0, count: 64)))",
            ]
            for bad in forged {
                let response = try await browser.json("/api/v1/me", .get, token: bad)
                #expect(response.status == .unauthorized, "\(bad)")
            }
            #expect(try await browser.json("/api/v1/me", .get, token: nil).status == .unauthorized)
            #expect(try await browser.json("/api/v1/me", .get, token: token).status == .ok)
            #expect(try await browser.json("/api/v1/auth/logout", .post, token: token, "{}").status == .noContent)
            #expect(try await browser.json("/api/v1/me", .get, token: token).status == .unauthorized)
        }
    }

    @Test func `a token is of its audience and time only`() async throws {
        let fixture = try await WebFixture()
        let identity = try #require(try await fixture.site.store.read { try $0.identity("uma") })
        let keys = fixture.site.keys
        let session = LiveSession(id: "s", purpose: .api, createdAtMs: 0, audience: nil, identity: identity)
        let token = try AccessToken.issue(
            for: session, audience: "http://a", issuer: "http://a", keys: keys, now: 1_000_000)
        func read(_ issuer: String, _ audience: String, _ use: Session.Purpose) -> AccessToken? {
            AccessToken(token, use: use, issuer: issuer, audiences: [audience]) { keys.key($0) }
        }
        let good = try #require(read("http://a", "http://a", .api))
        #expect(good.login == "uma")
        #expect(good.isLive(at: 1_000_000))
        #expect(!good.isLive(at: 1_600_001))
        #expect(!good.isLive(at: 900_000))
        #expect(read("http://b", "http://a", .api) == nil)
        #expect(read("http://a", "http://b", .api) == nil)
        #expect(read("http://a", "http://a", .web) == nil)
    }

    @Test func `the list of queues is read page by page`() async throws {
        try await WebFixture().test { browser in
            let (token, path) = (try await browser.token("ada"), "/api/v1/queues")
            func page(_ query: String) async throws -> (items: [JSON], next: String?) {
                let answer = try await browser.json("\(path)?\(query)", .get, token: token)
                #expect(answer.status == .ok, "\(answer.html)")
                let list = try JSON(parsing: answer.html)
                return (list["items"].arrayValue ?? [], list["next"].stringValue)
            }
            let all = try await page("")
            #expect(all.next == nil && all.items.count > 4)
            let first = try await page("limit=2")
            #expect(first.items == Array(all.items.prefix(2)))
            let next = try #require(first.next)
            let rest = try await page("after=\(next)")
            #expect(rest.next == nil && first.items + rest.items == all.items)
            #expect(try await browser.json("\(path)?limit=0", .get, token: token).status == .unprocessableContent)
        }
    }

    @Test func `the keys that others verify with are public`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            let keys = try JSON(parsing: String(buffer: try await browser.get("/.well-known/jwks.json").body))["keys"]
            #expect(keys.arrayValue?.contains { $0["kid"].stringValue == fixture.site.keys.active?.id } == true)
            #expect(keys.arrayValue?.first?["d"] == .null)
        }
    }

    @Test func `a ticket that is there is acknowledged, even if it cannot be shown`() async throws {
        let fixture = try await WebFixture()
        // What is written is not what is read then.
        try await fixture.site.store.write { session in
            try session.connection.script(
                """
                PRAGMA ignore_check_constraints = ON;
                CREATE TRIGGER break_it AFTER INSERT ON instance_event BEGIN UPDATE ticket SET state = 'lost'; END
                """)
        }
        try await fixture.test { browser in
            let sent = try await browser.json(
                "/api/v1/companies/acme/tickets", .post, token: browser.token("uma"),
                #"{"type":"thing","title":"T","form":{"what":"x"}}"#)
            #expect(sent.status == .created, "\(sent.html)")
            #expect(sent.headers[.location] == "/api/v1/companies/acme/tickets/1")
            #expect(sent.html.isEmpty)
        }
    }

    @Test func `what is wrong with a huge request is told in a small answer`() async throws {
        try await WebFixture().test { browser in
            let token = try await browser.token("uma")
            let names = (0..<900).map { #""wha\#($0)\#(String(repeating: "x", count: 200))":1"# }.joined(separator: ",")
            let body = #"{"type":"thing","title":"T","form":{"whta":1,"waht":1,"hwat":1,"whst":1,\#(names)}}"#
            let answer = try await browser.json("/api/v1/companies/acme/tickets", .post, token: token, body)
            #expect(answer.status == .unprocessableContent)
            let errors = try JSON(parsing: answer.html)["errors"].arrayValue ?? []
            #expect(errors.count == FieldError.limit)
            #expect(errors.filter { $0["message"].displayText.contains("did you mean") }.count == 3)
            #expect(answer.html.utf8.count < 20_000)
            for path in ["form", ""] {
                let many = (0...FieldError.memberLimit).map { #""m\#($0)":1"# }.joined(separator: ",")
                let huge = path.isEmpty ? "{\(many)}" : #"{"type":"thing","form":{\#(many)}}"#
                let refused = try await browser.json("/api/v1/companies/acme/tickets", .post, token: token, huge)
                #expect(refused.status == .unprocessableContent)
                #expect(refused.html.contains("at most 1000 members"))
            }
        }
    }

    @Test func `misspelt words and parameters are answered with a few suggestions`() async throws {
        let words = JSON.array((0..<100).map { _ in "hihg" })
        let errors = Shape.list(.choice(["low", "high"]), most: nil).errors(in: words)
        #expect(errors.count == 100)
        #expect(errors.filter { $0.message.contains("did you mean") }.count == FieldError.suggestionLimit)
        try await WebFixture().test { browser in
            let token = try await browser.token("uma")
            let query =
                (0..<200).map { "limi\($0 % 10)\($0)=1" }.joined(separator: "&") + "&limti=1&lmit=1&limt=1&imit=1"
            let answer = try await browser.json("/api/v1/companies/acme/tickets?\(query)", .get, token: token)
            #expect(answer.status == .unprocessableContent)
            let errors = try JSON(parsing: answer.html)["errors"].arrayValue ?? []
            #expect(errors.count == FieldError.limit)
            #expect(errors.filter { $0["message"].displayText.contains("did you mean") }.count == 3)
        }
    }

    @Test func `problems are counted and told in sentences`() {
        let problem = Diagnostic(file: "a", position: .start, severity: .error, message: "m")
        #expect(Failure.diagnostics([problem]).detail == "1 problem was found.")
        #expect(Failure.diagnostics([problem, problem]).detail == "2 problems were found.")
        let errors = ["There is none; did you mean \"a\"?", "This is not", "That neither"].map {
            FieldError(field: "f", message: $0)
        }
        #expect(
            Failure.invalid(errors).detail == "There is none; did you mean \"a\"? This is not. That neither")
    }

    @Test func `what somebody reads who is signed in is stored by no cache, and told by its tag`() async throws {
        try await WebFixture().test { browser in
            let token = try await browser.token("uma")
            let first = try await browser.json("/api/v1/me", .get, token: token)
            let tag = try #require(first.headers[.eTag])
            let second = try await browser.json("/api/v1/me", .get, token: token, headers: [.ifNoneMatch: tag])
            #expect(second.status == .notModified)
            try await browser.become("uma")
            let rows = try await browser.get("/c/acme/my/tickets/rows")
            let known = try await browser.get(
                "/c/acme/my/tickets/rows", headers: [.ifNoneMatch: try #require(rows.headers[.eTag])])
            #expect(known.status == .notModified)
            for answer in [first, second, rows, known] { #expect(answer.headers[.cacheControl] == "no-store") }
        }
    }

    @Test func `everything that is made says where it can be read`() async throws {
        try await WebFixture().test { browser in
            let (ada, tom) = (try await browser.token("ada"), try await browser.token("tom"))
            let uma = try await browser.token("uma")
            let acme = "/api/v1/companies/acme"
            for (path, body, token) in [
                ("\(acme)/tickets", #"{"type":"thing","title":"T","form":{"what":"x"}}"#, uma),
                ("\(acme)/tickets/1/comments", #"{"text":"Hello","version":1}"#, tom),
                ("\(acme)/tickets/1/comments", #"{"text":"For us","internal":true}"#, tom),
                ("\(acme)/roles", #"{"name":"cook"}"#, tom),
                ("/api/v1/users", #"{"login":"nina","name":"Nina","roles":["user"]}"#, ada),
                ("\(acme)/members", #"{"login":"nina"}"#, ada),
                ("/api/v1/companies", #"{"slug":"umbra","name":"Umbra"}"#, ada),
            ] {
                let made = try await browser.json(path, .post, token: token, body)
                #expect(made.status == .created, "\(path): \(made.html)")
                let location = try #require(made.headers[.location], "\(path)")
                #expect(try await browser.json(location, .get, token: token).status == .ok, "\(location)")
            }
            let link = try await browser.json("/api/v1/users/nina/password-link", .post, token: ada)
            let page = try #require(link.headers[.location]).dropFirst("http://localhost".count)
            #expect(try await browser.get(String(page)).status == .ok)
            // An internal note is there for nobody else.
            #expect(try await browser.json("\(acme)/tickets/1/comments/2", .get, token: uma).status == .notFound)
            #expect(try await browser.json("\(acme)/roles", .post, token: tom, #"{"name":"cook"}"#).status == .conflict)
            let taken = try await browser.json("/api/v1/users", .post, token: ada, #"{"login":"me","name":"Me"}"#)
            #expect(taken.status == .unprocessableContent)
        }
    }

    @Test func `a comment may name the version of the ticket that was read`() async throws {
        try await WebFixture().test { browser in
            let tom = try await browser.token("tom")
            let tickets = "/api/v1/companies/acme/tickets"
            _ = try await browser.json(tickets, .post, token: tom, #"{"type":"thing","title":"T","form":{"what":"x"}}"#)
            _ = try await browser.json("\(tickets)/1", .patch, token: tom, #"{"priority":"high"}"#)
            let stale = try await browser.json(
                "\(tickets)/1/comments", .post, token: tom, #"{"text":"Hello","version":1}"#)
            #expect(stale.status == .conflict)
            #expect(stale.html.contains("was changed meanwhile"))
        }
    }

    @Test func `lists of every kind are read page by page`() async throws {
        try await WebFixture().test { browser in
            let ada = try await browser.token("ada")
            for (path, name) in [
                ("companies", "slug"), ("companies/acme/roles", "name"), ("companies/acme/workers", "login"),
                ("companies/acme/ticket-types", "name"), ("companies/acme/members", "login"), ("users", "login"),
            ] {
                let all = try JSON(parsing: try await browser.json("/api/v1/\(path)", .get, token: ada).html)
                let names = try #require(all["items"].arrayValue).compactMap { $0[name].stringValue }
                var (found, next): ([String], String?) = ([], "")
                while let after = next {
                    let query = "limit=1" + (after.isEmpty ? "" : "&after=\(after)")
                    let page = try JSON(
                        parsing: try await browser.json("/api/v1/\(path)?\(query)", .get, token: ada).html)
                    found += page["items"].arrayValue?.compactMap { $0[name].stringValue } ?? []
                    next = page["next"].stringValue
                }
                #expect(found == names && !names.isEmpty, "\(path)")
            }
        }
    }

    @Test func `a list of tickets takes the days of the page's filter, and moments`() async throws {
        try await WebFixture().test { browser in
            let token = try await browser.token("uma")
            let tickets = "/api/v1/companies/acme/tickets"
            _ = try await browser.json(
                tickets, .post, token: token, #"{"type":"thing","title":"T","form":{"what":"x"}}"#)
            for (query, count) in [
                ("from=2001-01-01", 1), ("to=2001-01-01", 0), ("from=2001-01-01T00:00:00Z&to=2999-12-31", 1),
                ("from=2999-12-31", 0),
            ] {
                let list = try JSON(parsing: try await browser.json("\(tickets)?\(query)", .get, token: token).html)
                #expect(list["items"].arrayValue?.count == count, "\(query)")
            }
            let wrong = try await browser.json("\(tickets)?to=yesterday", .get, token: token)
            #expect(wrong.status == .unprocessableContent)
        }
    }

    @Test func `half a surrogate pair is refused and not replaced, and a number has one way to be written`()
        async throws
    {
        try await WebFixture().test { browser in
            let token = try await browser.token("uma")
            let tickets = "/api/v1/companies/acme/tickets"
            let body = #"{"type":"thing","title":"T\ud800","form":{"what":"x"}}"#
            #expect(try await browser.json(tickets, .post, token: token, body).status == .badRequest)
            let whole = body.replacing(#"\ud800"#, with: #"\ud83d\ude00"#)
            #expect(try await browser.json(tickets, .post, token: token, whole).status == .created)
            #expect(try await browser.json("\(tickets)/1", .get, token: token).status == .ok)
            #expect(try await browser.json("\(tickets)/01", .get, token: token).status == .notFound)
        }
    }

    @Test func `a change of nothing changes nothing`() async throws {
        try await WebFixture().test { browser in
            let (ada, tom) = (try await browser.token("ada"), try await browser.token("tom"))
            let acme = "/api/v1/companies/acme"
            _ = try await browser.json(
                "\(acme)/tickets", .post, token: tom, #"{"type":"thing","title":"T","form":{"what":"x"}}"#)
            for (path, token) in [
                ("\(acme)/tickets/1", tom), (acme, ada), ("\(acme)/members/dave", ada), ("\(acme)/roles/it-staff", ada),
                ("/api/v1/users/dave", ada),
            ] {
                let before = try await browser.json(path, .get, token: token).html
                let answer = try await browser.json(path, .patch, token: token, "{}")
                #expect(answer.status == .ok, "\(path)")
                #expect(answer.html == before, "\(path)")
            }
            let stale = try await browser.json("\(acme)/tickets/1", .patch, token: tom, #"{"version":99}"#)
            #expect(stale.status == .conflict)
        }
    }
}
