import Foundation
import HTTPTypes
import HummingbirdTesting
import TFExpression
import Testing

@testable import tf_web

/// Requests and forms that come twice.
@Suite struct IdempotencyTests {
    @Test func `a key for the same request gives the same answer, for another 422`() async throws {
        try await WebFixture().test { browser in
            let token = try await browser.token("uma")
            let tickets = "/api/v1/companies/acme/tickets"
            let headers: HTTPFields = [try #require(HTTPField.Name("Idempotency-Key")): "k1"]
            let body = #"{"type":"thing","title":"T","form":{"what":"x"}}"#
            let first = try await browser.json(tickets, .post, token: token, body, headers: headers)
            let second = try await browser.json(tickets, .post, token: token, body, headers: headers)
            #expect(first.status == .created)
            #expect(second.status == .created)
            #expect(first.html == second.html)
            #expect(second.headers[.location] == "\(tickets)/1")
            let other = try await browser.json(
                tickets, .post, token: token, body.replacing("\"x\"", with: "\"y\""), headers: headers)
            #expect(other.status == .unprocessableContent)
            let cancel = try await browser.json("\(tickets)/1/cancellation", .post, token: token, nil, headers: headers)
            #expect(cancel.status == .unprocessableContent)
        }
    }

    @Test(arguments: ["", String(repeating: "k", count: 201), "k\u{E4}"])
    func `a key that is empty, too long or not ASCII is refused, and nothing is done`(_ key: String) async throws {
        try await WebFixture().test { browser in
            let token = try await browser.token("uma")
            let tickets = "/api/v1/companies/acme/tickets"
            let headers: HTTPFields = [try #require(HTTPField.Name("Idempotency-Key")): key]
            let body = #"{"type":"thing","title":"T","form":{"what":"x"}}"#
            let refused = try await browser.json(tickets, .post, token: token, body, headers: headers)
            #expect(refused.status == .unprocessableContent)
            let problem = try JSON(parsing: refused.html)
            #expect(problem["errors"].arrayValue?.first?["field"] == "Idempotency-Key")
            let list = try JSON(parsing: try await browser.json(tickets, .get, token: token).html)
            #expect(list["items"].arrayValue?.isEmpty == true)
        }
    }

    @Test func `two people may use the same key`() async throws {
        try await WebFixture().test { browser in
            let headers: HTTPFields = [try #require(HTTPField.Name("Idempotency-Key")): "k1"]
            let body = #"{"type":"thing","title":"T","form":{"what":"x"}}"#
            var locations: Set<String> = []
            for login in ["uma", "tom"] {
                let token = try await browser.token(login)
                let answer = try await browser.json(
                    "/api/v1/companies/acme/tickets", .post, token: token, body, headers: headers)
                #expect(answer.status == .created)
                locations.insert(try #require(answer.headers[.location]))
            }
            #expect(locations.count == 2)
        }
    }

    @Test func `a file that is sent twice with a key is added once, and another file is refused`() async throws {
        try await WebFixture().test { browser in
            let token = try await browser.token("uma")
            let tickets = "/api/v1/companies/acme/tickets"
            _ = try await browser.json(
                tickets, .post, token: token, #"{"type":"thing","title":"T","form":{"what":"x"}}"#)
            let name = try #require(HTTPField.Name("Idempotency-Key"))
            func send(_ path: String, _ text: String, boundary: String, key: String) async throws -> TestResponse {
                let head = "Content-Disposition: form-data; name=\"file\"; filename=\"plan.txt\""
                return try await browser.json(
                    path, .post, token: token, "--\(boundary)\r\n\(head)\r\n\r\n\(text)\r\n--\(boundary)--\r\n",
                    type: "multipart/form-data; boundary=\(boundary)", headers: [name: key])
            }
            for path in ["\(tickets)/1/attachments", "/api/v1/companies/acme/uploads"] {
                let first = try await send(path, "hello", boundary: "a", key: path)
                // A client makes another boundary each time.
                let second = try await send(path, "hello", boundary: "b", key: path)
                #expect(first.status == .created && second.status == .created, "\(second.html)")
                #expect(first.html == second.html)
                #expect(first.headers[.location] == second.headers[.location])
                let file = try #require(first.headers[.location])
                #expect(try await browser.json(file, .get, token: token).status == .ok)
                #expect(try await send(path, "hallo", boundary: "a", key: path).status == .unprocessableContent)
                #expect(try await send(path, "hello", boundary: "a", key: "").status == .unprocessableContent)
            }
            let ticket = try JSON(parsing: try await browser.json("\(tickets)/1", .get, token: token).html)
            #expect(ticket["attachments"].arrayValue?.count == 1)
        }
    }

    @Test func `a form that is sent twice makes one ticket, and leads to it both times`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("uma")
            let path = "/c/acme/tickets/new/thing"
            let fields = Browser.hidden(in: try await browser.get(path).html) + [("title", "T"), ("f.what", "x")]
            let first = try await browser.post(path, fields)
            let second = try await browser.post(path, fields)
            #expect(first.status == .seeOther)
            #expect(second.headers[.location] == first.headers[.location])
            let next = try await browser.post(
                path, Browser.hidden(in: try await browser.get(path).html) + [("title", "T"), ("f.what", "x")])
            #expect(next.headers[.location] != first.headers[.location])
        }
    }

    private static let form = "/c/acme/tickets/new/thing"

    @Test func `a form that was sent before is not taken for another one, which is shown again to be sent anew`()
        async throws
    {
        try await WebFixture().test { browser in
            try await browser.become("uma")
            let hidden = Browser.hidden(in: try await browser.get(Self.form).html)
            let first = try await browser.post(Self.form, hidden + [("title", "One"), ("f.what", "x")])
            #expect(first.status == .seeOther)
            // Back in the browser, changed, and sent once more.
            let typed = [("title", "Two"), ("f.what", "y")]
            let other = try await browser.post(Self.form, hidden + typed)
            #expect(other.status == .unprocessableContent)
            #expect(other.html.contains("<title>Error: "))
            #expect(other.html.contains("You sent this form before with something else in it, and that was done."))
            for kept in [#"value="Two""#, #"value="y""#] { #expect(other.html.contains(kept), "\(kept)") }
            let second = try await browser.post(Self.form, Browser.hidden(in: other.html) + typed)
            #expect(second.status == .seeOther)
            #expect(second.headers[.location] != first.headers[.location])
            let again = try await browser.post(Self.form, hidden + [("title", "One"), ("f.what", "x")])
            #expect(again.headers[.location] == first.headers[.location])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `so is the form of a page that takes several transactions`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("wanda")
            let page = "/c/acme/definitions/new"
            func text(_ name: String) -> String {
                "ticket: \(name)\nname: N\ndescription: D\nassign: { role: it-staff }\nbody: [ { type: input, id: a, "
                    + "attributes: { label: A } } ]\n"
            }
            let hidden = Browser.hidden(in: try await browser.get(page).html)
            let first = try await browser.post(page, hidden + [("source", text("one")), ("outcome", "publish")])
            #expect(first.status == .seeOther, "\(first.html)")
            for (name, wish) in [("two", "publish"), ("one", "check")] {
                let other = try await browser.post(page, hidden + [("source", text(name)), ("outcome", wish)])
                #expect(other.status == .unprocessableContent)
                #expect(other.html.contains("You sent this form before with something else in it"))
                #expect(other.html.contains("ticket: \(name)"))
            }
        }
    }

    @Test(arguments: ["", " ", String(repeating: "k", count: 201), "k\u{E4}", "two words"])
    func `a form whose key no page made does nothing, and keeps what was typed`(_ key: String) async throws {
        try await WebFixture().test { browser in
            try await browser.become("uma")
            let hidden = Browser.hidden(in: try await browser.get(Self.form).html).filter { $0.0 != "_submission" }
            let typed = [("title", "Only one"), ("f.what", "x")]
            let refused = try await browser.post(Self.form, hidden + [("_submission", key)] + typed)
            #expect(refused.status == .unprocessableContent)
            #expect(refused.html.contains("the form did not come as its page made it"))
            #expect(refused.html.contains(#"value="Only one""#))
            #expect(!(try await browser.get("/c/acme/my/tickets").html.contains("Only one")))
            let sent = try await browser.post(Self.form, Browser.hidden(in: refused.html) + typed)
            #expect(sent.status == .seeOther)
        }
    }

    @Test func `a form with files that is sent twice makes one ticket, and one with another file is shown again`()
        async throws
    {
        let fixture = try await WebFixture()
        try await fixture.publish([
            "f.ticket.yaml": """
            ticket: filed
            name: Filed
            description: A thing with a proof
            assign: { role: it-staff }
            body: [ { type: upload, id: proof, attributes: { label: Proof } } ]
            """
        ])
        try await fixture.test { browser in
            try await browser.become("uma")
            let page = "/c/acme/tickets/new/filed"
            let fields = Browser.hidden(in: try await browser.get(page).html) + [("title", "T")]
            func send(_ bytes: [UInt8]) async throws -> TestResponse {
                let file = SentFile(field: "f.proof", name: "a.txt", mediaType: "text/plain", bytes: bytes)
                return try await browser.post(page, fields, files: [file])
            }
            let first = try await send([1, 2])
            #expect(first.status == .seeOther, "\(first.html)")
            #expect(try await send([1, 2]).headers[.location] == first.headers[.location])
            #expect(try await send([1, 2, 3]).status == .unprocessableContent)
        }
    }
}
