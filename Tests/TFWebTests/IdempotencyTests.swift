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

    @Test func `a form that is sent twice makes one ticket, and leads to it both times`() async throws {
        try await WebFixture().test { browser in
            _ = try await browser.login("uma")
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
}
