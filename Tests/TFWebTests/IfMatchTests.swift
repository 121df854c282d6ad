import HTTPTypes
import HummingbirdTesting
import Synchronization
import TFExpression
import TFStore
import Testing

@testable import tf_web

/// Changes that name the state of their object that was read.
@Suite struct IfMatchTests {
    private static let acme = "/api/v1/companies/acme"

    /// A program with somebody's token.
    private struct Program {
        let browser: Browser
        let token: String

        init(_ browser: Browser, _ login: String) async throws {
            self.browser = browser
            token = try await browser.token(login)
        }

        func tag(_ path: String) async throws -> String {
            let answer = try await browser.json(path, .get, token: token)
            #expect(answer.status == .ok, "\(path): \(answer.html)")
            return try #require(answer.headers[.eTag])
        }

        func send(
            _ method: HTTPRequest.Method, _ path: String, _ body: String?, ifMatch tag: String
        ) async throws -> TestResponse {
            try await browser.json(path, method, token: token, body, headers: [.ifMatch: tag])
        }
    }

    @Test func `a change of a ticket that was changed since it was read is refused, with the present tag`() async throws
    {
        try await WebFixture().test { browser in
            let (uma, tom) = (try await Program(browser, "uma"), try await Program(browser, "tom"))
            let (tickets, path) = ("\(Self.acme)/tickets", "\(Self.acme)/tickets/1")
            let body = #"{"type":"thing","title":"T","form":{"what":"x"}}"#
            #expect(try await browser.json(tickets, .post, token: uma.token, body).status == .created)
            let read = try await tom.tag(path)
            #expect(try await tom.tag(path) == read, "nothing has changed")
            let changed = try await tom.send(.patch, path, #"{"priority":"high"}"#, ifMatch: read)
            #expect(changed.status == .ok, "\(changed.html)")

            let present = try await tom.tag(path)
            #expect(present != read)
            for (method, address, body) in [
                (.patch, path, #"{"priority":"low"}"#), (.post, "\(path)/comments", #"{"text":"Late"}"#),
                (.post, "\(path)/cancellation", "{}"),
            ] as [(HTTPRequest.Method, String, String)] {
                let late = try await tom.send(method, address, body, ifMatch: read)
                #expect(late.status == .preconditionFailed, "\(address)")
                #expect(late.headers[.eTag] == present, "\(address)")
                #expect(late.headers[.contentType] == "application/problem+json")
            }
            #expect(try await tom.tag(path) == present, "nothing was changed")

            let listed = try await tom.send(.patch, path, #"{"priority":"low"}"#, ifMatch: "\"x\", \(present)")
            #expect(listed.status == .ok)
            #expect(try await tom.send(.patch, path, #"{"priority":"high"}"#, ifMatch: "*").status == .ok)
            let weak = try await tom.send(.patch, path, #"{"priority":"low"}"#, ifMatch: "W/\(try await tom.tag(path))")
            #expect(weak.status == .preconditionFailed, "a weak tag says nothing of every byte")
            let stale = try await tom.send(
                .patch, path, #"{"priority":"low","version":1}"#, ifMatch: try await tom.tag(path))
            #expect(stale.status == .conflict, "the version that was read counts beside it")
            let none = try await tom.send(.patch, "\(tickets)/99", #"{"priority":"low"}"#, ifMatch: "*")
            #expect(none.status == .notFound)
        }
    }

    @Test func `every object that can be read and changed is held to its tag`() async throws {
        try await WebFixture().test { browser in
            let ada = try await Program(browser, "ada")
            for (path, body) in [
                ("/api/v1/me", #"{"name":"Ada"}"#), ("/api/v1/users/bob", #"{"name":"Bob"}"#),
                (Self.acme, #"{"name":"Acme"}"#), ("\(Self.acme)/members/bob", "{}"),
                ("\(Self.acme)/roles/it-staff", "{}"), ("/api/v1/notifications", #"{"is_read":true}"#),
            ] {
                let late = try await ada.send(.patch, path, body, ifMatch: "\"stale\"")
                #expect(late.status == .preconditionFailed, "\(path): \(late.html)")
                #expect(try await late.headers[.eTag] == ada.tag(path), "\(path)")
                let same = try await ada.send(.patch, path, "{}", ifMatch: ada.tag(path))
                #expect(same.status != .preconditionFailed, "\(path): \(same.html)")
            }
        }
    }

    /// A client whose answer was lost sends the same again, and the tag that it has read is outdated by its own change.
    @Test func `a change that comes again with its idempotency key gets its first answer, whatever the tag is by now`()
        async throws
    {
        try await WebFixture().test { browser in
            let (uma, wanda) = (try await Program(browser, "uma"), try await Program(browser, "wanda"))
            let ticket = "\(Self.acme)/tickets/1"
            let body = #"{"type":"thing","title":"T","form":{"what":"x"}}"#
            #expect(try await browser.json("\(Self.acme)/tickets", .post, token: uma.token, body).status == .created)
            let made = try await browser.json(
                Self.task, .put, token: wanda.token, Self.text(1), type: "application/yaml")
            #expect(made.status == .created, "\(made.html)")
            let key = try #require(HTTPField.Name("Idempotency-Key"))
            let file =
                "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"plan.txt\"\r\n\r\nhello\r\n--b--\r\n"
            for (program, method, object, address, type, body) in [
                (uma, .post, ticket, "\(ticket)/comments", "application/json", #"{"text":"Once"}"#),
                (uma, .post, ticket, "\(ticket)/attachments", "multipart/form-data; boundary=b", file),
                (wanda, .put, Self.task, Self.task, "application/yaml", Self.text(2)),
                (wanda, .delete, Self.task, Self.task, "application/json", nil),
            ] as [(Program, HTTPRequest.Method, String, String, String, String?)] {
                let name = "\(method.rawValue) \(address)"
                let read = try await program.tag(object)
                func send(_ value: String) async throws -> TestResponse {
                    try await browser.json(
                        address, method, token: program.token, body, type: type,
                        headers: [.ifMatch: read, key: value])
                }
                let first = try await send(name)
                #expect(first.status.kind == .successful, "\(name): \(first.html)")
                #expect(try await program.tag(object) != read, "\(name)")
                let again = try await send(name)
                #expect(again.status == first.status && again.html == first.html, "\(name): \(again.html)")
                #expect(try await send("another \(name)").status == .preconditionFailed, "\(name)")
            }
        }
    }

    @Test func `the document names If-Match and 412 for what is held to a tag, and for nothing else`() async throws {
        let routes = buildRoutes(try await WebFixture().site)
        let document = OpenAPI(routes, baseURL: "http://localhost").document
        var held: Set<String> = []
        for route in routes.routes where route.isOfAPI {
            let operation = document["paths"][route.path][route.method.rawValue.lowercased()]
            let headers = (operation["parameters"].arrayValue ?? []).filter { $0["in"] == "header" }
            let isNamed = headers.contains { $0["name"] == "If-Match" }
            #expect(isNamed == (operation["responses"]["412"] != .null), "\(route.path)")
            #expect(isNamed == (routes.read(ofObjectOf: route) != nil), "\(route.path)")
            if isNamed { held.insert("\(route.method.rawValue) \(route.path)") }
        }
        let company = "/api/v1/companies/{company}"
        for change in [
            "PATCH \(company)/tickets/{number}", "POST \(company)/tickets/{number}/comments",
            "POST \(company)/tasks/{id}/completion", "PATCH \(company)/roles/{role}",
            "PUT \(company)/definitions/{kind}/{name}", "DELETE \(company)/definitions/{kind}/{name}",
        ] { #expect(held.contains(change), "\(change)") }
        for change in ["POST \(company)/tickets", "POST \(company)/events", "POST \(company)/jobs/lease"] {
            #expect(!held.contains(change), "\(change)")
        }
        let write = document["paths"]["\(company)/definitions/{kind}/{name}"]["put"]
        #expect(write["parameters"].arrayValue?.contains { $0["name"] == "If-None-Match" } == true)
        #expect(write["responses"]["200"]["headers"]["ETag"] != .null)
    }

    // MARK: Definitions

    private static let task = "\(acme)/definitions/task/look"

    private static func text(_ number: Int) -> String { "task: look\ntitle: Look \(number)\n" }

    /// Sends texts all at once.
    /// - Returns: the statuses.
    private func statuses(
        of numbers: ClosedRange<Int>, _ headers: HTTPFields, _ fixture: WebFixture
    ) async throws -> [Int] {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in numbers {
                group.addTask {
                    let status = Mutex(0)
                    try await fixture.test { browser in
                        let sent = try await browser.json(
                            Self.task, .put, token: try await browser.token("wanda"), Self.text(number),
                            type: "application/yaml", headers: headers)
                        status.withLock { $0 = sent.status.code }
                    }
                    return status.withLock { $0 }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted()
        }
    }

    @Test func `of those who change one revision of a definition at once, one does and the others are told`()
        async throws
    {
        let fixture = try await WebFixture()
        let created = try await statuses(of: 1...4, [.ifNoneMatch: "*"], fixture)
        #expect(created == [201, 412, 412, 412])
        let tag = Mutex("")
        try await fixture.test { browser in
            let wanda = try await Program(browser, "wanda")
            let read = try await wanda.tag(Self.task)
            let written = try await browser.json(
                Self.task, .put, token: wanda.token, Self.text(5), type: "application/yaml",
                headers: [.ifMatch: "\"other\", \(read)"])
            #expect(written.status == .ok, "\(written.html)")
            let present = try await wanda.tag(Self.task)
            #expect(written.headers[.eTag] == present && present != read)
            let late = try await wanda.send(.delete, Self.task, nil, ifMatch: read)
            #expect(late.status == .preconditionFailed && late.headers[.eTag] == present)
            tag.withLock { $0 = present }
        }
        let changed = try await statuses(of: 6...11, [.ifMatch: tag.withLock { $0 }], fixture)
        #expect(changed == [200, 412, 412, 412, 412, 412])
    }
}
