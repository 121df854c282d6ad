import HTTPTypes
import TFExpression
import Testing

@testable import tf_web

/// U+0000 comes in by no way: SQLite would end the text there.
@Suite struct NULTests {
    @Test func `a body of the API with U+0000 is refused with the field's name, at any depth`() async throws {
        try await WebFixture().test { browser in
            let uma = try await browser.token("uma")
            let tickets = "/api/v1/companies/acme/tickets"
            _ = try await browser.json(
                tickets, .post, token: uma, #"{"type":"thing","title":"T","form":{"what":"x"}}"#)
            for (path, body, field) in [
                (tickets, #"{"type":"thing","title":"keep\u0000lost","form":{"what":"x"}}"#, "title"),
                (tickets, #"{"type":"thing\u0000x","title":"T","form":{"what":"x"}}"#, "type"),
                (tickets, #"{"type":"thing","title":"T","form":{"what":"x\u0000"}}"#, "form.what"),
                (tickets, #"{"type":"thing","title":"T","form":{"wh\u0000at":"x"}}"#, "form.wh\u{FFFD}at"),
                ("\(tickets)/1/comments", #"{"text":"keep\u0000lost"}"#, "text"),
                ("/api/v1/auth/token", #"{"login":"uma\u0000x","password":"y"}"#, "login"),
            ] {
                let refused = try await browser.json(path, .post, token: path.hasSuffix("token") ? nil : uma, body)
                #expect(refused.status == .unprocessableContent, "\(body)")
                let errors = try JSON(parsing: refused.html)["errors"].arrayValue
                #expect(errors?.first?["field"] == .string(field), "\(body)")
            }
        }
    }

    @Test func `addresses, queries and forms with U+0000 are refused`() async throws {
        try await WebFixture().test { browser in
            let uma = try await browser.token("uma")
            for path in [
                "/api/v1/companies/acme/tickets?text=a%00b", "/api/v1/companies/acme/tickets?te%00xt=a",
            ] {
                #expect(
                    try await browser.json(path, .get, token: uma).status == .unprocessableContent, "\(path)")
            }
            // A part of the address names nothing then.
            let other = "/api/v1/companies/acme%00x/tickets"
            #expect(try await browser.json(other, .get, token: uma).status == .notFound)
            let door = try await browser.get("/login?next=%2F%00")
            #expect(door.status == .ok && door.html.contains("Next has an unseen character that cannot be kept"))
            try await browser.become("uma")
            #expect(try await browser.get("/c/acme%00x/my/tickets").status == .notFound)
            for (path, name) in [("/c/acme/my/tickets?state=%00", "State"), ("/search?q=a%00b", "The search")] {
                let page = try await browser.get(path)
                #expect(page.status == .ok, "\(path)")
                #expect(page.html.contains("\(name) has an unseen character that cannot be kept"), "\(path)")
            }
            #expect(try await browser.get("/search?q=a%00b").html.contains("/logout"), "in the signed-in frame")
            #expect(try await browser.get("/c/acme/my/tickets.csv?text=a%00b").status == .unprocessableContent)
            let page = "/c/acme/tickets/new/thing"
            let sent = try await browser.submit(page, to: page, [("title", "keep\u{0}lost"), ("f.what", "x")])
            #expect(sent.status == .unprocessableContent)
            #expect(sent.html.contains("Title has an unseen character"), "by its label")
            #expect(sent.html.contains("<title>Error: "), "the form is there again")
            #expect(sent.html.contains("keep\u{FFFD}lost") && sent.html.contains("value=\"x\""), "and what was typed")
            let hidden = Browser.hidden(in: try await browser.get(page).html)
            let parts = try await browser.post(page, hidden + [("title", "T"), ("f.what", "x\u{0}y")], files: [])
            #expect(parts.status == .unprocessableContent)
            #expect(parts.html.contains("What has an unseen character") && parts.html.contains("x\u{FFFD}y"))
            let file = SentFile(field: "f.what", name: "a\u{0}.txt", mediaType: "text/plain", bytes: [1])
            #expect(try await browser.post(page, hidden, files: [file]).status == .unprocessableContent)
            let list = try await browser.json("/api/v1/companies/acme/tickets", .get, token: uma).html
            #expect(try JSON(parsing: list)["items"] == [])
        }
    }

    @Test func `a form tells an unseen character by the label that stands beside the field`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish([
            "b.ticket.yaml": """
            ticket: buy
            name: Purchase
            description: D
            title: T
            body:
              - { type: input, id: item, attributes: { label: "What shall we buy?" } }
              - { type: textarea, id: why, attributes: { label: The reason }, validations: { required: true } }
            """
        ])
        try await fixture.test { browser in
            try await browser.become("uma")
            let page = "/c/acme/tickets/new/buy"
            let sent = try await browser.submit(
                page, to: page, [("title", "T"), ("f.item", "a\u{0}b"), ("f.why", "c\u{0}")])
            #expect(sent.status == .unprocessableContent)
            for label in ["“What shall we buy?”", "The reason"] {
                #expect(sent.html.contains(">\(label) has an unseen character that cannot be kept"), "\(sent.html)")
            }
            #expect(sent.html.contains(##"href="#f-form.item""##), "and leads to the field")
        }
    }

    @Test func `an account's address is one address`() async throws {
        try await WebFixture().test { browser in
            let admin = try await browser.token("ada")
            for email in [
                "a@b.org, c@d.org", "a@b.org\nBcc: c@d.org", "a@b.org\u{301}\r\nBcc: x@y.org", "x", "<a@b.org>",
            ] {
                let body = JSON.object(["login": "new", "name": "N", "email": .string(email)]).text
                let refused = try await browser.json("/api/v1/users", .post, token: admin, body)
                #expect(refused.status == .unprocessableContent, "\(email)")
            }
        }
    }
}
