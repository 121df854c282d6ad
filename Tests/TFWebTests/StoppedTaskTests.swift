import HTTPTypes
import HummingbirdTesting
import TFEngine
import TFExpression
import TFStore
import Testing

@testable import tf_web

/// A task at whose step the workflow stopped, and what a ticket admin puts in its place.
@Suite struct StoppedTaskTests {
    private static let files = [
        "visit.ticket.yaml":
            "name: Visit\ndescription: V\ntitle: V\nworkflow: visit\nbody: [ { type: input, id: what, attributes: { label: W } } ]\n",
        "visit.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: acme, name: visit, version: '1.0.0' }
        do:
          - look: { call: look, output: { as: '${ if .seen == "x" then error("odd") else . end }' } }
          - done: { set: { status: '${ .seen + " by " + .by }' } }
        """,
        "look.task.yaml": """
        title: Look
        outcomes: [fine, broken]
        assign: { role: it-staff, strategy: pool }
        body: [ { type: input, id: seen, attributes: { label: Seen }, validations: { required: true } } ]
        """,
    ]

    @Test func `a step is skipped with the answers of its task's own form, which are checked like a completion`()
        async throws
    {
        let fixture = try await WebFixture()
        try await fixture.publish(Self.files)
        try await fixture.test { browser in
            let token = try await browser.token("uma")
            let answer = try await browser.json(
                "/api/v1/companies/acme/tickets", .post, token: token, #"{"type":"visit","form":{}}"#)
            #expect(answer.status == .created)
        }
        try await fixture.advance()
        let store = fixture.site.store
        let dave = try #require(try await store.read { try $0.account("dave") })
        let task = try await store.write(in: fixture.acme.id) { session in
            let task = try #require(try session.tasks(ticket: 1).first)
            try session.reassignTask(
                task.id, .to("dave"), TaskMove(by: dave, onlyOwn: false, reason: nil, version: nil),
                now: fixture.site.now)
            return task.id
        }
        try await store.inside(fixture.acme.id).completeTask(
            Completion(task: task, by: dave, outcome: "fine", answers: ["seen": "x"], version: nil),
            now: fixture.site.now)
        try await fixture.advance()
        try await fixture.test { browser in
            try await browser.become("tom")
            let path = "/c/acme/tasks/\(task)"
            let page = try await browser.get(path).html
            #expect(page.contains("The workflow stopped at this task"))
            #expect(page.contains("name=\"f.seen\"") && page.contains("<option value=\"broken\""))
            #expect(!page.contains("name=\"output\""), "nobody has to write JSON")
            let wrong = try await browser.submit(path, to: "\(path)/skip", [("f.seen", ""), ("outcome", "fine")])
            #expect(wrong.status == .unprocessableContent)
            #expect(wrong.html.contains("href=\"#f-form.seen\"") && wrong.html.contains("<details open>"))
            let token = try await browser.token("tom")
            let unknown = try await browser.json(
                "/api/v1/companies/acme/tasks/\(task)/skip", .post, token: token,
                #"{"outcome":"odd","form":{"seen":"y"}}"#)
            #expect(unknown.status == .unprocessableContent)
            let done = try await browser.submit(path, to: "\(path)/skip", [("f.seen", "a door"), ("outcome", "fine")])
            #expect(done.status == .seeOther)
        }
        try await fixture.advance()
        try await fixture.test { browser in
            try await browser.become("tom")
            #expect(try await browser.get("/c/acme/tickets/1").html.contains("Closed: <strong>a door by tom</strong>"))
        }
    }
}
