import HummingbirdTesting
import TFDefinition
import TFExpression
import TFStore
import Testing

@testable import tf_web

/// The keys of a ticket definition that decide who submits, who sees, and what a ticket starts with.
@Suite struct TicketTypeTests {
    private static func file(_ name: String, _ keys: String) -> String {
        """
        ticket: \(name)
        name: \(name)
        description: D
        \(keys)
        body:
          - { type: number, id: amount, attributes: { label: Amount } }
          - { type: dropdown, id: what, attributes: { label: What, options: [Chair, Desk] } }
        """
    }

    private static func json(_ type: String, _ more: String = "") -> String {
        #"{"type":"\#(type)","form":{"amount":200,"what":"Desk"}\#(more)}"#
    }

    private static let tickets = "/api/v1/companies/acme/tickets"

    @Test func `submit_roles decide who is offered a type and may submit it`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish(["m.ticket.yaml": Self.file("money", "submit_roles: [finance]")])
        try await fixture.test { browser in
            try await browser.become("uma")
            #expect(try await !browser.get("/c/acme/tickets/new").html.contains("/new/money"))
            #expect(try await browser.get("/c/acme/tickets/new/money").status == .notFound)
            let token = try await browser.token("uma")
            let refused = try await browser.json(
                Self.tickets, .post, token: token, Self.json("money", #","title":"T""#))
            #expect(refused.status == .unprocessableContent)
            let acme = try #require(try await fixture.site.store.read { try $0.company("acme") })
            let uma = try #require(try await fixture.site.store.read { try $0.identity("uma") }).account
            try await fixture.site.store.write(in: acme.id) {
                try $0.setMembership(
                    of: uma, companyRoles: ["employee", "finance"], only: [], now: fixture.site.now)
            }
            #expect(try await browser.get("/c/acme/tickets/new/money").status == .ok)
        }
    }

    @Test func `view_roles decide which ticket admins see a ticket; its requester always does`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish(["m.ticket.yaml": Self.file("money", "view_roles: [finance]")])
        try await fixture.test { browser in
            let uma = try await browser.token("uma")
            let body = Self.json("money", #","title":"T""#)
            #expect(try await browser.json(Self.tickets, .post, token: uma, body).status == .created)
            #expect(try await browser.json("\(Self.tickets)/1", .get, token: uma).status == .ok)
            let tom = try await browser.token("tom")
            #expect(try await browser.json("\(Self.tickets)/1", .get, token: tom).status == .notFound)
            let list = try JSON(parsing: try await browser.json(Self.tickets, .get, token: tom).html)
            #expect(list["items"] == [])
        }
    }

    @Test func `a retired type is not offered, and its tickets stay`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish(["m.ticket.yaml": Self.file("money", "title: T")])
        try await fixture.test { browser in
            let uma = try await browser.token("uma")
            let body = Self.json("money", #","title":"T""#)
            #expect(try await browser.json(Self.tickets, .post, token: uma, body).status == .created)
            try await fixture.publish(["m.ticket.yaml": Self.file("money", "title: T\nstate: retired")])
            #expect(try await browser.json(Self.tickets, .post, token: uma, body).status == .unprocessableContent)
            #expect(try await browser.json("\(Self.tickets)/1", .get, token: uma).status == .ok)
        }
    }

    @Test func `the address of a form that is not offered any more says why, to whoever could submit it`() async throws
    {
        let fixture = try await WebFixture()
        let form = Self.file("money", "workflow: flow\ntitle: T")
        let flow = """
            document: { dsl: '1.0.3', namespace: acme, name: flow, version: '1.0.0' }
            do: [ { done: { set: { status: done } } } ]
            """
        let path = "/c/acme/tickets/new/money"
        try await fixture.test { browser in
            // As the daemon publishes what names something that is not there.
            func publishIncomplete(_ text: String) async throws {
                let (file, bytes) = ("m.ticket.yaml", Array(text.utf8))
                let publication = try #require(
                    Publication(
                        Definition.parse(bytes, file: file, company: "acme"), source: text, file: file,
                        isComplete: false))
                _ = try await fixture.site.store.inside(fixture.acme.id).publish(
                    [publication], keeping: ["a.ticket.yaml"], problems: [], now: fixture.site.now)
            }
            func told(_ cause: String, at word: String = "any more") async throws {
                let page = try await browser.get(path)
                #expect(page.status == .notFound)
                #expect(page.html.contains("<h1>“money” is not offered \(word)</h1>"), "\(page.html)")
                #expect(page.html.contains(cause), "\(page.html)")
                #expect(page.html.contains("href=\"/c/acme/tickets/new\">See all forms</a>"))
                #expect(page.html.contains("action=/logout"), "in the frame of whoever is signed in")
                let types = "/api/v1/companies/acme/ticket-types/money"
                let problem = try await browser.json(types, .get, token: try await browser.token("uma"))
                #expect(problem.status == .notFound && problem.html.contains("There is nothing at this address"))
            }
            try await browser.become("uma")
            try await fixture.publish(["w.workflow.yaml": flow, "m.ticket.yaml": form])
            #expect(try await browser.get(path).status == .ok)
            try await fixture.publish(["w.workflow.yaml": flow])
            try await told("It was retired on <time ")
            try await fixture.publish(["w.workflow.yaml": flow, "m.ticket.yaml": form + "\nstate: retired"])
            try await told("It was retired.")
            try await publishIncomplete(form)
            try await told("The workflow behind it was retired on <time ")
            try await publishIncomplete(form.replacing("workflow: flow", with: "workflow: nosuch"))
            try await told("Something that it needs is missing", at: "at present")
            // Who could never submit it learns nothing of it.
            try await fixture.publish(["m.ticket.yaml": Self.file("money", "submit_roles: [finance]")])
            try await fixture.publish([:])
            let unknown = try await browser.get("/c/acme/tickets/new/nosuch")
            #expect(try await browser.get(path).html == unknown.html)
            #expect(unknown.html.contains("There is nothing at this address"))
        }
    }

    @Test func `title, priority, due and labels are the ticket's from its first moment`() async throws {
        let fixture = try await WebFixture()
        let priority = #"priority: "${ if .form.amount > 100 then \"high\" else \"low\" end }""#
        try await fixture.publish([
            "m.ticket.yaml": Self.file(
                "money",
                "title: \"Buy a ${ .form.what } for ${ .form.amount }\"\n\(priority)\ndue: 5d\nlabels: [it, new]\ntype: Bug"
            )
        ])
        try await fixture.test { browser in
            let uma = try await browser.token("uma")
            let created = try await browser.json(Self.tickets, .post, token: uma, Self.json("money"))
            #expect(created.status == .created, "\(created.html)")
            let acme = try #require(try await fixture.site.store.read { try $0.company("acme") })
            let ticket = try #require(try await fixture.site.store.read(in: acme.id) { try $0.ticket(number: 1) })
            #expect(ticket.title == "Buy a Desk for 200")
            #expect(ticket.priority == .high)
            #expect(ticket.labels == ["it", "new", "Bug"])
            #expect(ticket.dueAtMs == ticket.createdAtMs + 5 * 86_400_000)
            // A computed title is not the requester's to choose.
            let refused = try await browser.json(
                Self.tickets, .post, token: uma, Self.json("money", #","title":"Mine""#))
            #expect(refused.status == .unprocessableContent && refused.html.contains("title"), "\(refused.html)")
            #expect(try await fixture.site.store.read(in: acme.id) { try $0.ticket(number: 2) } == nil)
        }
    }

    @Test func `everybody of the company reads what types there are, and admins do`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish(["m.ticket.yaml": Self.file("money", "submit_roles: [finance]")])
        try await fixture.test { browser in
            let types = "/api/v1/companies/acme/ticket-types"
            for login in ["ada", "wanda", "uma", "tom", "dave"] {
                let token = try await browser.token(login)
                let list = try JSON(parsing: try await browser.json(types, .get, token: token).html)
                #expect(list["items"].arrayValue?.map { $0["name"] } == ["money", "thing"], "\(login)")
                let type = try JSON(parsing: try await browser.json("\(types)/money", .get, token: token).html)
                #expect(type["form"]["properties"]["amount"] != .null, "\(login)")
            }
            #expect(try await browser.json("\(types)/money", .get, token: browser.token("gus")).status == .notFound)
        }
    }
}
