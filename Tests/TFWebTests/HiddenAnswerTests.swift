import Foundation
import HummingbirdTesting
import TFExpression
import TFStore
import Testing

@testable import tf_web

/// An answer with an audience, and why a step failed, are looked for wherever a ticket is read.
@Suite struct HiddenAnswerTests {
    private static let mark = "zq7-mark"
    private static let files = [
        "pay.ticket.yaml": """
        name: Pay
        description: P
        title: Pay
        priority: '${ error("none for \\(.form)") }'
        workflow: pay
        body:
          - { type: input, id: what, attributes: { label: What } }
          - { type: input, id: salary, audience: [finance], attributes: { label: Salary } }
        """,
        "look.task.yaml": """
        title: Look
        assign: { role: it-staff }
        body: [ { type: input, id: note, audience: [finance], attributes: { label: Note } } ]
        """,
        // The answer goes into the context, a step's output, an error's words and the input of the step that stops.
        "pay.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: acme, name: pay, version: '1.0.0' }
        do:
          - keep: { set: { inside: '${ $ticket.form.salary }' }, export: { as: '${ { kept: .inside } }' } }
          - fail: { set: '${ error("cannot pay \\(.inside)") }' }
        """,
    ]

    @Test func `a ticket admin outside the audience finds a hidden answer nowhere in a ticket`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish(Self.files)
        try await fixture.test { browser in
            let uma = try await browser.token("uma")
            let body = #"{"type":"pay","form":{"what":"seen","salary":"\#(Self.mark)"}}"#
            let tickets = "/api/v1/companies/acme/tickets"
            #expect(try await browser.json(tickets, .post, token: uma, body).status == .created)
            try await fixture.advance()
            let tom = try await browser.token("tom")
            let acme = try #require(await fixture.site.store.read { try $0.company("acme") })
            let inside = try await fixture.site.store.read(in: acme.id) { session in
                try session.instances(
                    ticket: try #require(try session.ticket(number: 1)).id)
            }
            let whole = inside.map {
                "\($0.data.context.text) \($0.data.tasks.text) \($0.stopped?.input.text ?? "")"
            }.joined()
            #expect(whole.contains(Self.mark), "the mark is where it could be read")
            let told = try await fixture.site.store.read(in: acme.id) { session in
                try session.history(ticket: try #require(try session.ticket(number: 1)).id).map(\.data.text)
            }
            #expect(told.contains { $0.contains("none for") && $0.contains(Self.mark) }, "\(told)")
            for address in [
                "/1", "/1/instances", "", "?format=csv", "?text=\(Self.mark)",
            ] {
                let shown = try await browser.json(tickets + address, .get, token: tom)
                #expect(shown.status == .ok)
                #expect(!shown.html.contains(Self.mark), "\(address)")
            }
            let tasks = try await browser.json("/api/v1/companies/acme/tasks", .get, token: tom)
            #expect(!tasks.html.contains(Self.mark))
            try await browser.become("tom")
            for address in ["/c/acme/tickets/1", "/c/acme/tickets", "/c/acme/tasks"] {
                let page = try await browser.get(address)
                #expect(page.status == .ok)
                #expect(!page.html.contains(Self.mark), "\(address)")
            }
            let page = try await browser.get("/c/acme/tickets/1").html
            #expect(page.contains("may hold answers that are not yours to read"))
            #expect(page.contains("The priority could not be computed, so it is normal"))
            #expect(page.contains("Try the step again"))
        }
    }

    @Test func `somebody of the audience reads the answer and the data`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish(Self.files)
        let store = fixture.site.store
        let acme = try #require(await store.read { try $0.company("acme") })
        try await store.write(in: acme.id) { try $0.addCompanyRole("finance", now: fixture.site.now) }
        let tomsAccount = try #require(await store.read { try $0.account("tom") })
        try await store.write(in: acme.id) {
            try $0.setMembership(
                of: tomsAccount, companyRoles: ["finance"], only: nil, now: fixture.site.now)
        }
        try await fixture.test { browser in
            let uma = try await browser.token("uma")
            let tickets = "/api/v1/companies/acme/tickets"
            let body = #"{"type":"pay","form":{"what":"seen","salary":"\#(Self.mark)"}}"#
            #expect(try await browser.json(tickets, .post, token: uma, body).status == .created)
            try await fixture.advance()
            let tom = try await browser.token("tom")
            let instances = try await browser.json("\(tickets)/1/instances", .get, token: tom).html
            #expect(instances.contains(Self.mark))
            #expect(instances.contains(#""withheld":false"#))
        }
    }

    @Test func `the requester is not told why a step failed, and who decides about it is`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish([
            "call.ticket.yaml":
                "name: Call\ndescription: C\ntitle: C\nworkflow: call\nbody: [ { type: input, id: a, attributes: { label: A } } ]\n",
            "call.workflow.yaml": """
            document: { dsl: '1.0.3', namespace: acme, name: call, version: '1.0.0' }
            do:
              - fail: { set: '${ error("10.0.0.7 said \(Self.mark)") }' }
            """,
        ])
        try await fixture.test { browser in
            let uma = try await browser.token("uma")
            let ticket = "/api/v1/companies/acme/tickets/1"
            let made = try await browser.json(
                "/api/v1/companies/acme/tickets", .post, token: uma, #"{"type":"call","form":{}}"#)
            #expect(made.status == .created)
            try await fixture.advance()
            #expect(try await !browser.json(ticket, .get, token: uma).html.contains(Self.mark))
            let tom = try await browser.token("tom")
            #expect(try await browser.json(ticket, .get, token: tom).html.contains(Self.mark))
            try await browser.become("uma")
            #expect(try await !browser.get("/c/acme/tickets/1").html.contains(Self.mark))
        }
    }
}
