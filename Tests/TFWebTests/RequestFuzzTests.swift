import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import TFExpression
import TestSupport
import Testing

@testable import tf_web

/// Made-up requests to every route by people of every role: none ends the process, and none is a server's error.
@Suite(.onItsOwnThread) struct RequestFuzzTests {
    private static let people = ["uma", "dave", "wanda", "tom", "ada"]

    /// What is at the ends of what numbers, dates and texts can be.
    private static let numbers = [
        "0", "-1", "1", "201", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1e400",
        "1e-9223372036854775808", "0e9223372036854775807", "0.1", "-0", "1e18", "99999999999999999999",
    ]
    private static let texts = [
        "", "x", "me", "-", "dave", "%", "%zz", "%00", "%ff%fe", "e\u{301}", "\"\u{301}", "a\r\nb", "../..", "{}",
        "{number}",
        "2030-01-01T10:00:00Z", "9999-12-31T23:59:59-23:59", "0000-01-01T00:00:00+23:59", "9999999-01-01T00:00:00Z",
        "2026-03-29T02:30", "P9999999999999999999D", "thing", "workflow", "viewed", "done", "open", "-updated",
        "1.9223372036854775808", "-1.-1", "true", "csv", "acme",
    ]
    private static let headers: [(name: String, values: [String])] = [
        ("If-None-Match", ["*", "\"", "W/", ",,,", "\"x\""]), ("If-Match", ["*", "\"x\"", ""]),
        ("Range", ["bytes=0-9223372036854775807", "bytes=-9223372036854775809", "bytes=5-1", "x"]),
        ("Idempotency-Key", ["", "k", "\u{7F}"]),
        ("Cookie", ["tf_at=a.b.c; tf_rt=..", "tf_flash=a.b", "=;=", "tf_pre"]),
        ("X-Forwarded-For", [",,", "::1, %", "999.1.1.1"]),
        ("Authorization", ["Bearer", "Bearer a.b.c", "bearer tfk_"]),
        ("Accept", ["*/*;q=1e999"]), ("Sec-Fetch-Site", ["same-origin", "cross-site", ""]),
    ]
    private static let types = [
        "application/json", "application/x-www-form-urlencoded", "application/yaml", "application/cloudevents+json",
        "multipart/form-data; boundary=b", "multipart/form-data; boundary=", ";", "text/plain; charset=\"",
    ]

    @Test func `no request is a server's error`() async throws {
        let fixture = try await WebFixture.fullSite()
        let issuer = Sessions(site: fixture.site)
        // What hashes passwords takes its time, what ends sessions would end the test, and dry runs are programs.
        let routes = buildRoutes(fixture.site).routes.filter { route in
            route.access != .open && !route.path.contains("logout") && !route.path.contains("/dry-run")
                && !route.path.contains("password") && !route.path.contains("/users") && !route.path.contains("removal")
        }
        var sessions: [(token: String, cookie: String, csrf: String)] = []
        for login in Self.people {
            let identity = try #require(try await fixture.site.store.read { try $0.identity(login) })
            let api = try await issuer.start(for: identity, use: .api, agent: "test", address: "").tokens.access
            let web = try await issuer.start(for: identity, use: .web, agent: "test", address: "").tokens.access
            let access = try #require(issuer.page(access: web))
            let csrf = FormToken(session: access.session, keys: fixture.site.keys).text
            sessions.append((api, "tf_at=\(web)", csrf))
        }
        let people = sessions
        let app = Application(router: buildRouter(fixture.site, buildRoutes(fixture.site)), logger: fixture.site.logger)
        try await app.test(.router) { client in
            for (generator, replay) in Fuzz.inputs("requests", iterations: 400) {
                var generator = generator
                let route = generator.pick(routes)
                let session = people[generator.below(people.count)]
                let (path, headers, body) = Self.request(route, session, &generator)
                let response = try await client.execute(
                    uri: path, method: route.method, headers: headers, body: body.map { ByteBuffer(string: $0) })
                #expect(response.status.code < 500, "\(replay): \(route.method) \(path) \(headers) \(body ?? "")")
            }
        }
    }

    private static func request(
        _ route: Route, _ session: (token: String, cookie: String, csrf: String), _ generator: inout SeededGenerator
    ) -> (path: String, headers: HTTPFields, body: String?) {
        var path = route.path.split(separator: "/").map { part in
            part.hasPrefix("{") ? value(of: part, &generator) : String(part)
        }.joined(separator: "/")
        path = "/" + path
        let known =
            route.operation?.query.map(\.name) ?? ["state", "after", "assignee", "type", "text", "parked", "next"]
        let query = (0..<generator.below(4)).map { _ in
            "\(known.isEmpty ? "x" : generator.pick(known))=\(escaped(generator.pick(texts + numbers), &generator))"
        }
        if !query.isEmpty { path += "?" + query.joined(separator: "&") }
        var headers: HTTPFields = [:]
        if route.isOfAPI {
            headers[.authorization] = "Bearer \(session.token)"
        } else {
            headers[.cookie] = session.cookie
        }
        headers[SecurityHeaders.name("Sec-Fetch-Site")] = "same-origin"
        for _ in 0..<generator.below(3) {
            let header = generator.pick(Self.headers)
            headers[SecurityHeaders.name(header.name)] = generator.pick(header.values)
        }
        guard route.method != .get, route.method != .delete else { return (path, headers, nil) }
        let type = generator.below(4) > 0 ? (route.isOfAPI ? types[0] : types[1]) : generator.pick(types)
        headers[.contentType] = type
        var body = "_csrf=\(session.csrf)" + form(&generator)
        if route.isOfAPI {
            body =
                switch route.operation?.body {
                case .json(let shape), .optional(let shape): json(shape, &generator, depth: 0)
                default: generator.pick(texts)
                }
        }
        if generator.below(6) == 0 {
            let tokens = ["\"", "{", "[", "\\u0000", "\\ud800", "1e999999", "%", "&", "--b"].map { Array($0.utf8) }
            body = String(decoding: Array(body.utf8).mutated(tokens: tokens, by: &generator), as: UTF8.self)
        }
        return (path, headers, body)
    }

    /// Mostly what is there.
    private static func value(of parameter: Substring, _ generator: inout SeededGenerator) -> String {
        guard generator.below(4) > 0 else { return escaped(generator.pick(texts + numbers), &generator) }
        switch parameter {
        case "{company}": return "acme"
        case "{number}", "{id}", "{task}": return String(1 + generator.below(8))
        case "{kind}": return generator.pick(["ticket", "task", "workflow"])
        case "{login}": return generator.pick(["dave", "me", "erin"])
        default: return generator.pick(["thing", "viewed", "look", "old", "it-staff"])
        }
    }

    private static func escaped(_ text: String, _ generator: inout SeededGenerator) -> String {
        let raw = text.filter { $0.isASCII && $0 > " " && !"/?#".contains($0) }
        return generator.below(3) == 0 ? raw : text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? raw
    }

    private static func form(_ generator: inout SeededGenerator) -> String {
        let names = [
            "title", "text", "internal", "reason", "assignee", "available", "from", "until", "handover", "version",
            "outcome", "source", "path", "f.what", "f.web", "_submission", "output", "next",
        ]
        return (0..<generator.below(6)).map { _ in
            "&\(generator.pick(names))=\(escaped(generator.pick(texts + numbers), &generator))"
        }.joined()
    }

    /// A value that is mostly of the shape, as JSON's text.
    private static func json(_ shape: Shape, _ generator: inout SeededGenerator, depth: Int) -> String {
        if generator.below(8) == 0 || depth > 6 {
            return generator.pick(numbers + ["null", "[]", "{}", "true", "\"\\ud800\""])
        }
        switch shape {
        case .named(_, let inner), .orNull(let inner): return json(inner, &generator, depth: depth + 1)
        case .either(let shapes): return json(generator.pick(shapes), &generator, depth: depth + 1)
        case .flag: return generator.pick(["true", "false"])
        case .integer: return generator.pick(numbers)
        case .choice(let words): return JSON.string(generator.pick(words)).text
        case .text, .any: return JSON.string(generator.pick(texts)).text
        case .list(let element, _):
            let elements = (0..<generator.below(3)).map { _ in json(element, &generator, depth: depth + 1) }
            return "[" + elements.joined(separator: ",") + "]"
        case .map(let element):
            let members = (0..<generator.below(3)).map { _ in
                "\(JSON.string(generator.pick(["what", "web", "photo", "\u{e9}"])).text):\(json(element, &generator, depth: depth + 1))"
            }
            return "{" + members.joined(separator: ",") + "}"
        case .object(let members), .open(let members, _):
            let shown = members.filter { $0.isRequired || generator.below(2) == 0 }.map { member in
                "\"\(member.name)\":\(json(member.shape, &generator, depth: depth + 1))"
            }
            return "{" + shown.joined(separator: ",") + "}"
        }
    }
}
