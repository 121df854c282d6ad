import Foundation
import HTTPTypes
import HummingbirdTesting
import TFDefinition
import TFExpression
import Testing

@testable import tf_web

/// How much one request may hold; how much a connection may take is told in `ConnectionGuardTests`.
@Suite struct LimitTests {
    private static let tickets = "/api/v1/companies/acme/tickets"

    @Test func `a body that is too long is refused with 413, by the API and by a page`() async throws {
        let long = String(repeating: "x", count: PostedForm.maximumBytes + 1)
        try await WebFixture().test { browser in
            let token = try await browser.token("uma")
            let answer = try await browser.json(
                Self.tickets, .post, token: token, #"{"type":"thing","title":"T","form":{"what":"\#(long)"}}"#)
            #expect(answer.status == .contentTooLarge)
            let problem = try JSON(parsing: answer.html)
            #expect(problem["status"] == 413)
            #expect(problem["detail"] == "What is sent here may have 2 MB at most.")
            let definition = try await browser.json(
                "/api/v1/companies/acme/definitions/task/look", .put, token: try await browser.token("wanda"),
                "# " + long, type: "application/yaml")
            #expect(try JSON(parsing: definition.html)["detail"] == "What is sent here may have 1 MB at most.")
            try await browser.become("uma")
            let path = "/c/acme/tickets/new/thing"
            #expect(try await browser.submit(path, to: path, [("f.what", long)]).status == .contentTooLarge)
        }
    }

    @Test func `a form of too many fields is refused, one of as many as allowed is read`() throws {
        func body(_ count: Int) -> [UInt8] { Array(repeatElement("a=1", count: count).joined(separator: "&").utf8) }
        #expect(try PostedForm(body(PostedForm.maximumFields)).fields.count == PostedForm.maximumFields)
        #expect(throws: Failure.self) { try PostedForm(body(PostedForm.maximumFields + 1)) }
    }

    @Test func `a title may be as long as its limit says, and no longer`() async throws {
        try await WebFixture().test { browser in
            let token = try await browser.token("uma")
            let limit = TextLimit.title.characters
            for (length, status) in [(limit, HTTPResponse.Status.created), (limit + 1, .unprocessableContent)] {
                let body: JSON = [
                    "type": "thing", "title": .string(String(repeating: "t", count: length)), "form": ["what": "x"],
                ]
                let answer = try await browser.json(Self.tickets, .post, token: token, body.text)
                #expect(answer.status == status, "\(length)")
                guard status == .unprocessableContent else { continue }
                let error = try JSON(parsing: answer.html)["errors"].arrayValue?.first
                #expect(error?["field"] == "title")
            }
        }
    }

    @Test(arguments: [("0", false), ("1", true), ("200", true), ("201", false), ("-1", false), ("many", false)])
    func `a page of a list has 1 to 200 entries`(_ limit: String, isTaken: Bool) async throws {
        try await WebFixture().test { browser in
            let token = try await browser.token("uma")
            let answer = try await browser.json("\(Self.tickets)?limit=\(limit)", .get, token: token)
            #expect(answer.status == (isTaken ? .ok : .unprocessableContent))
        }
    }

    @Test func `JSON that is nested too deep is refused`() async throws {
        try await WebFixture().test { browser in
            let token = try await browser.token("uma")
            let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
            let answer = try await browser.json(
                Self.tickets, .post, token: token, #"{"type":"thing","form":{"what":\#(deep)}}"#)
            #expect(answer.status == .badRequest)
        }
    }
}
