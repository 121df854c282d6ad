import HTTPTypes
import HummingbirdTesting
import TFExpression
import TFStore
import Testing

@testable import tf_web

/// How typed fields are read.
@Suite struct RequestFieldTests {
    @Test func `the space around a password belongs to it on pages too`() async throws {
        let fixture = try await WebFixture()
        let site = fixture.site
        let uma = try #require(try await site.store.read { try $0.account("uma") })
        let hash = try await site.passwords.hash(" a blue horse on 9 hills ")
        try await site.store.write { try $0.setPassword(hash, of: uma, keeping: nil, now: site.now) }
        try await fixture.test { browser in
            let trimmed = try await browser.login("uma", password: "a blue horse on 9 hills")
            #expect(trimmed.status == .unprocessableContent)
            let typed = try await browser.login(" uma ", password: " a blue horse on 9 hills ")
            #expect(typed.status == .seeOther)
        }
    }

    @Test(
        arguments: [
            ("application/json; charset=utf-8", nil, true), ("application/json;charset=\"UTF-8\"", "identity", true),
            ("application/json; charset=utf-16", nil, false), ("application/json; charset=iso-8859-1", nil, false),
            ("application/json", "gzip", false),
        ] as [(String, String?, Bool)])
    func `a body is read as UTF-8 that is not compressed, or not at all`(
        _ type: String, _ encoding: String?, _ isRead: Bool
    ) async throws {
        try await WebFixture().test { browser in
            let token = try await browser.token("uma")
            var headers: HTTPFields = [:]
            headers[.contentEncoding] = encoding
            let sent = try await browser.json(
                "/api/v1/me", .patch, token: token, #"{"email":"uma@example.org"}"#, type: type, headers: headers)
            #expect(sent.status == (isRead ? .ok : .unsupportedMediaType), "\(sent.html)")
            let words = encoding == "gzip" ? "without a Content-Encoding." : "Send it as application/json in UTF-8."
            #expect(isRead || sent.html.contains(words), "\(sent.html)")
            let me = try await browser.json("/api/v1/me", .get, token: token).html
            #expect(me.contains(isRead ? #""email":"uma@example.org""# : #""email":null"#), "\(me)")
        }
    }

    @Test func `who changes a thing sends what is to change, and who removes it sends nothing`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            let token = try await browser.token("ada")
            let bob = "/api/v1/companies/acme/members/bob"
            for path in ["/api/v1/users/bob", "/api/v1/companies/acme", bob] {
                #expect(try await browser.json(path, .patch, token: token).status == .unsupportedMediaType)
                #expect(try await browser.json(path, .patch, token: token, "{}").status == .ok)
            }
            let removed = try await browser.json(bob, .delete, token: token, "x", type: "text/plain")
            #expect(removed.status == .noContent)
        }
    }

    @Test func `a page's form with a repeated or an unknown field changes nothing, and says which field it is`()
        async throws
    {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("uma")
            let new = "/c/acme/tickets/new/thing"
            _ = try await browser.submit(new, to: new, [("title", "T"), ("f.what", "x")])
            let ticket = "/c/acme/tickets/1"
            let hidden = Browser.hidden(in: try await browser.get(ticket).html).filter { $0.0 != "version" }
            let reply = hidden + [("text", "first")]
            let cases: [([(String, String)], String)] = [
                ([("text", "second")], "Text is there more than once"),
                ([("version", "1"), ("version", "2")], "Version is there more than once"),
                ([("zzz", "1")], "There is no field “zzz” here"), ([("_zzz", "1")], "There is no field “_zzz” here"),
                ([("f.what", "x")], "There is no field “f.what” here"),
                ([("_submission", "other")], "the form did not come as its page made it"),
                ([("_csrf", hidden.first { $0.0 == "_csrf" }?.1 ?? "")], "the form did not come as its page made it"),
            ]
            for (more, message) in cases {
                let refused = try await browser.post("\(ticket)/comments", reply + more)
                #expect(refused.status == .unprocessableContent, "\(more)")
                #expect(refused.html.contains(message), "\(refused.html)")
                #expect(!refused.html.contains("#f-zzz"), "there is nothing to lead to")
                #expect(refused.html.contains("first</textarea>"), "what was typed is kept")
            }
            let kept = try await fixture.site.store.read(in: fixture.acme.id) { session in
                let ticket = try #require(try session.ticket(number: 1))
                return try session.comments(ticket: ticket.id, withInternal: true)
            }
            #expect(kept.isEmpty)
            let sent = try await browser.post("\(ticket)/comments", reply + [("version", "1")])
            #expect(sent.status == .seeOther, "every form may say its version")
        }
    }

    @Test func `a program's form with a repeated field is refused`() async throws {
        try await WebFixture().test { browser in
            let token = try await browser.token("uma")
            let refused = try await browser.json(
                "/api/v1/auth/introspect", .post, token: token, "token=\(token)&token=\(token)",
                type: "application/x-www-form-urlencoded")
            #expect(refused.status == .unprocessableContent)
            let errors = try JSON(parsing: refused.html)["errors"].arrayValue
            #expect(errors?.map { $0["message"] } == [#""token" is there more than once"#])
        }
    }
}
