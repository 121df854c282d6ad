import Foundation
import HTTPTypes
import HummingbirdTesting
import TFExpression
import TFStore
import Testing

@testable import tf_web

/// Requests that are sent again with their idempotency key.
@Suite struct RepeatedRequestTests {
    private static let tickets = "/api/v1/companies/acme/tickets"

    private static func send(
        _ browser: Browser, _ address: String, _ body: String, _ token: String, key: String = "k1"
    ) async throws -> TestResponse {
        let headers: HTTPFields = [try #require(HTTPField.Name("Idempotency-Key")): key]
        return try await browser.json(address, .post, token: token, body, headers: headers)
    }

    private static func submit(_ browser: Browser, _ token: String) async throws -> TestResponse {
        try await send(browser, tickets, #"{"type":"thing","title":"T","form":{"what":"x"}}"#, token)
    }

    @Test func `a process that dies behind its change leaves the whole answer to the request that is sent again`()
        async throws
    {
        let fixture = try await WebFixture()
        let directory = fixture.site.settings.data
        try await fixture.test { browser in
            let token = try await browser.token("uma")
            await #expect(processExitsWith: .failure) { [directory = directory as String, token = token as String] in
                setenv("TF_TEST_CRASH_REQUEST", "api k1", 1)
                try await WebFixture(reopening: directory).test { browser in
                    _ = try await RepeatedRequestTests.submit(browser, token)
                }
            }
            let answer = try await Self.submit(browser, token)
            #expect(answer.status == .created)
            #expect(answer.headers[.location] == "\(Self.tickets)/1")
            let ticket = try JSON(parsing: answer.html)
            #expect(ticket["title"] == "T")
            #expect(ticket["form"] == ["what": "x"])
            #expect(ticket["history"].arrayValue?.isEmpty == false)
            let all = try JSON(parsing: try await browser.json(Self.tickets, .get, token: token).html)
            #expect(all["items"].arrayValue?.count == 1)
        }
    }

    @Test func `a repeated change gets the answer of the first one, though it is outdated by now`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            let token = try await browser.token("uma")
            let first = try await Self.submit(browser, token)
            let comments = "\(Self.tickets)/1/comments"
            let said = try await Self.send(browser, comments, #"{"text":"one"}"#, token, key: "k2")
            #expect(said.status == .created)
            _ = try await Self.send(browser, comments, #"{"text":"two"}"#, token, key: "k3")
            let again = try await Self.send(browser, comments, #"{"text":"one"}"#, token, key: "k2")
            #expect(again.html == said.html)
            #expect(try await Self.submit(browser, token).html == first.html)
            let ticket = try JSON(parsing: try await browser.json("\(Self.tickets)/1", .get, token: token).html)
            #expect(ticket["comments"].arrayValue?.map { $0["text"] } == ["one", "two"])
        }
    }

    @Test func `an answer is not given again to somebody who may not read it any more`() async throws {
        try await WebFixture().test { browser in
            let token = try await browser.token("uma")
            let first = try await Self.submit(browser, token)
            #expect(first.status == .created)
            let comments = "\(Self.tickets)/1/comments"
            #expect(try await Self.send(browser, comments, #"{"text":"one"}"#, token, key: "k2").status == .created)
            let ada = try await browser.token("ada")
            let gone = try await browser.json("/api/v1/companies/acme/members/uma", .delete, token: ada)
            #expect(gone.status == .noContent, "\(gone.html)")
            #expect(try await Self.submit(browser, token).status == .notFound)
            #expect(try await Self.send(browser, comments, #"{"text":"one"}"#, token, key: "k2").status == .notFound)
        }
    }

    @Test func `a change with its answer is one transaction, and a repeated one only reads`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            let token = try await browser.token("uma")
            func written(_ work: () async throws -> TestResponse) async throws -> [String] {
                try await fixture.site.store.statements { _ = try await work() }
                    .filter { $0.hasPrefix("INSERT INTO ticket") || $0.hasPrefix("INSERT INTO idempotency_key") }
            }
            #expect(try await written { try await Self.submit(browser, token) }.count == 2)
            #expect(try await written { try await Self.submit(browser, token) }.isEmpty)
        }
    }
}
