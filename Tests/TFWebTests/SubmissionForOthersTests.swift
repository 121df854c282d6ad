import HTTPTypes
import HummingbirdTesting
import TFExpression
import TFStore
import Testing

@testable import tf_web

/// What a ticket admin submits for somebody else.
@Suite struct SubmissionForOthersTests {
    private static let tickets = "/api/v1/companies/acme/tickets"
    private static let form = "/c/acme/tickets/new/thing"

    private static func body(for requester: String, type: String = "thing") -> String {
        #"{"type":"\#(type)","title":"T","form":{"what":"x"},"requester":"\#(requester)"}"#
    }

    @Test func `the history and the page name who has submitted it, and for whom`() async throws {
        try await WebFixture().test { browser in
            let made = try await browser.json(
                Self.tickets, .post, token: browser.token("tom"), Self.body(for: "udo"))
            #expect(made.status == .created, "\(made.html)")
            let ticket = try JSON(parsing: made.html)
            #expect(ticket["requester"] == "udo")
            let entry = ticket["history"].arrayValue?.first { $0["kind"] == "submitted" }
            #expect(entry?["actor"] == "tom")
            #expect(entry?["data"]["for"] == "udo")
            for reader in ["udo", "tom"] {
                try await browser.become(reader)
                let page = try await browser.get("/c/acme/tickets/1").html
                #expect(page.contains("<b>Tom Tischler</b> submitted it for <b>Udo Unger</b>"), "\(reader)")
                #expect(!page.contains("asked for this, "), "\(reader)")
            }
        }
    }

    @Test func `who could not see the ticket is no requester of it`() async throws {
        let fixture = try await WebFixture()
        let etl = try await fixture.site.store.write { session in
            try session.addAccount(
                NewAccount(login: "etl", name: "ETL", kind: .service, password: nil, roles: [.user]), now: 1)
        }
        try await fixture.site.store.write(in: fixture.acme.id) {
            try $0.setMembership(of: etl, companyRoles: [], only: [], now: 1)
        }
        try await fixture.test { browser in
            let tom = try await browser.token("tom")
            for (login, sentence) in [
                (
                    "dave",
                    "Dave Diaz cannot have tickets here: they do not have the role “User” in this company"
                ),
                ("etl", "ETL is a program: tickets are for people"),
                ("gus", #"There is no member "gus" in this company"#),
            ] {
                let refused = try await browser.json(Self.tickets, .post, token: tom, Self.body(for: login))
                #expect(refused.status == .unprocessableContent, "\(login)")
                let errors = try JSON(parsing: refused.html)["errors"].arrayValue
                #expect(errors?.map { $0["field"] } == ["requester"])
                #expect(errors?.first?["message"] == .string(sentence))
            }
            let list = try JSON(parsing: try await browser.json(Self.tickets, .get, token: tom).html)
            #expect(list["items"] == [])
        }
    }

    @Test func `the form asks ticket admins for whom they submit, and nobody else`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("uma")
            #expect(try await !browser.get(Self.form).html.contains(#"name="requester""#))
            let refused = try await browser.submit(
                Self.form, to: Self.form, [("requester", "udo"), ("title", "T"), ("f.what", "x")])
            #expect(refused.status == .forbidden)

            browser.forgetCookies()
            try await browser.become("tom")
            #expect(try await browser.get(Self.form).html.contains(#"name="requester""#))
            let wrong = try await browser.submit(
                Self.form, to: Self.form, [("requester", "dave"), ("title", "T"), ("f.what", "kept")])
            #expect(wrong.status == .unprocessableContent)
            #expect(wrong.html.contains(##"<a href="#f-requester">Dave Diaz cannot have tickets here"##))
            #expect(wrong.html.contains(#"name="requester" value="dave""#))
            for (requester, owner) in [("udo", "udo"), ("", "tom")] {
                let sent = try await browser.submit(
                    Self.form, to: Self.form, [("requester", requester), ("title", "T"), ("f.what", "x")])
                let place = try #require(sent.headers[.location])
                let number = try #require(place.split(separator: "/").last.flatMap { Int($0) }, "\(place)")
                let ticket = try await fixture.site.store.read(in: fixture.acme.id) { try $0.ticket(number: number) }
                #expect(ticket?.requester == owner)
            }
        }
    }

    @Test func `who may not see the ticket that they have submitted for somebody is told so`() async throws {
        try await Self.withMoney().test { browser in
            try await browser.become("tom")
            let form = "/c/acme/tickets/new/money"
            let sent = try await browser.submit(
                form, to: form, [("requester", "udo"), ("title", "T"), ("f.what", "x")])
            #expect(sent.headers[.location] == "/c/acme/tickets/new")
            let page = try await browser.get("/c/acme/tickets/new").html
            #expect(page.contains("Ticket #1 is submitted. Tickets of its type are not shown to you."))
        }
    }

    @Test func `a program that may not see the ticket that it has submitted for somebody is told its address alone`()
        async throws
    {
        try await Self.withMoney().test { browser in
            let body = Self.body(for: "udo", type: "money")
            let made = try await browser.json(Self.tickets, .post, token: browser.token("tom"), body)
            #expect(made.status == .created && made.html.isEmpty, "\(made.html)")
            #expect(made.headers[.location] == "\(Self.tickets)/1")
            let (tom, udo) = (try await browser.token("tom"), try await browser.token("udo"))
            #expect(try await browser.json("\(Self.tickets)/1", .get, token: tom).status == .notFound)
            let shown = try await browser.json("\(Self.tickets)/1", .get, token: udo)
            #expect(try JSON(parsing: shown.html)["requester"] == "udo")
        }
    }

    /// With a ticket type that ticket admins without the role do not see.
    private static func withMoney() async throws -> WebFixture {
        let fixture = try await WebFixture()
        try await fixture.publish([
            "m.ticket.yaml": """
            ticket: money
            name: Money
            description: D
            title: T
            view_roles: [finance]
            body: [ { type: input, id: what, attributes: { label: What } } ]
            """
        ])
        return fixture
    }
}
