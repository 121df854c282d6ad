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
            let ticket = try await browser.get("/c/acme/tickets/1").html
            #expect(ticket.contains("href=\"\(path)#skip\">Skip the step…</a>"), "one form for both pages")
            #expect(ticket.contains("Try the step again") && !ticket.contains("name=\"output\""))
            let page = try await browser.get(path).html
            #expect(page.contains("The workflow stopped at this task") && page.contains("id=\"skip\""))
            #expect(page.contains("name=\"f.seen\"") && page.contains("<option value=\"broken\""))
            #expect(!page.contains("name=\"output\""), "nobody has to write JSON")
            let wrong = try await browser.submit(path, to: "\(path)/skip", [("f.seen", ""), ("outcome", "fine")])
            #expect(wrong.status == .unprocessableContent)
            #expect(wrong.html.contains("href=\"#f-form.seen\""))
            #expect(wrong.html.contains("</section><details class=card open>"), "no field stands in a box within a box")
            let token = try await browser.token("tom")
            let unknown = try await browser.json(
                "/api/v1/companies/acme/tasks/\(task)/skip", .post, token: token,
                #"{"outcome":"odd","form":{"seen":"y"}}"#)
            #expect(unknown.status == .unprocessableContent)
            for body in [#"{"output":{},"form":{"seen":"y"}}"#, #"{"output":{},"outcome":"fine"}"#] {
                let twice = try await browser.json(
                    "/api/v1/companies/acme/tasks/\(task)/skip", .post, token: token, body)
                #expect(twice.status == .unprocessableContent, "nothing that was sent is dropped")
                #expect(twice.html.contains("Send the output alone"), "\(twice.html)")
            }
            let none = try await browser.submit(path, to: "\(path)/skip", [("f.seen", "a door"), ("outcome", "")])
            #expect(none.status == .unprocessableContent, "an outcome is never guessed")
            #expect(none.html.contains("href=\"#f-outcome\">Say how the task would have ended: fine, broken"))
            #expect(none.html.contains("value=\"a door\""), "what was typed stays")
            let done = try await browser.submit(path, to: "\(path)/skip", [("f.seen", "a door"), ("outcome", "fine")])
            #expect(done.status == .seeOther)
        }
        try await fixture.advance()
        try await fixture.test { browser in
            try await browser.become("tom")
            let after = try await browser.get("/c/acme/tickets/1").html
            #expect(after.contains("Closed: <strong>a door by tom</strong>"))
            #expect(
                after.contains("<i class=\"g skip\"></i><span>Look<small>Skipped</small>"),
                "Dave's look does not count")
        }
    }

    @Test func `in the place of a round of several people one answer stands, as the round's end has it`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish([
            "vote.ticket.yaml":
                "name: Vote\ndescription: V\ntitle: V\nworkflow: vote\nbody: [ { type: input, id: what, attributes: { label: W } } ]\n",
            "vote.workflow.yaml": """
            document: { dsl: '1.0.3', namespace: acme, name: vote, version: '1.0.0' }
            do:
              - ask: { call: ask, output: { as: '${ if .answers[0].by == "dave" then error("odd") else . end }' } }
              - done: { set: { status: '${ .outcome + ", " + .answers[0].why }' } }
            """,
            "ask.task.yaml": """
            title: Ask
            outcomes: [agree, object]
            assign: { strategy: each, people: '${ ["dave"] }' }
            body: [ { type: input, id: why, attributes: { label: Why } } ]
            """,
        ])
        try await fixture.test { browser in
            let sent = try await browser.json(
                "/api/v1/companies/acme/tickets", .post, token: browser.token("uma"), #"{"type":"vote","form":{}}"#)
            #expect(sent.status == .created, "\(sent.html)")
            try await fixture.advance()
            let task = "/api/v1/companies/acme/tasks/1"
            let answer = #"{"outcome":"agree","form":{"why":"yes"}}"#
            let done = try await browser.json("\(task)/completion", .post, token: browser.token("dave"), answer)
            #expect(done.status == .ok, "\(done.html)")
            try await fixture.advance()
            let skipped = try await browser.json("\(task)/skip", .post, token: browser.token("tom"), answer)
            #expect(skipped.status == .ok, "\(skipped.html)")
            try await fixture.advance()
            let ticket = try await browser.json(
                "/api/v1/companies/acme/tickets/1", .get, token: browser.token("tom")
            ).html
            #expect(ticket.contains(#""status":"agree, yes""#), "\(ticket)")
        }
    }

    @Test func `a decision without a form is skipped with an outcome that somebody chose, and never with an empty one`()
        async throws
    {
        let fixture = try await WebFixture()
        try await fixture.publish([
            "wish.ticket.yaml":
                "name: Wish\ndescription: W\ntitle: W\nworkflow: wish\nbody: [ { type: input, id: what, attributes: { label: W } } ]\n",
            "wish.workflow.yaml": """
            document: { dsl: '1.0.3', namespace: acme, name: wish, version: '1.0.0' }
            do:
              - decide: { call: decide, output: { as: '${ if .by == "dave" then error("odd") else . end }' } }
              - done: { set: { status: '${ if .outcome == "grant" then "granted by " + .by else "refused" end }' } }
            """,
            "decide.task.yaml": """
            title: Decide
            outcomes: [grant, refuse]
            assign: { strategy: person, person: '${ "dave" }' }
            """,
        ])
        try await fixture.test { browser in
            let sent = try await browser.json(
                "/api/v1/companies/acme/tickets", .post, token: browser.token("uma"), #"{"type":"wish","form":{}}"#)
            #expect(sent.status == .created, "\(sent.html)")
            try await fixture.advance()
            let task = "/api/v1/companies/acme/tasks/1"
            let done = try await browser.json(
                "\(task)/completion", .post, token: browser.token("dave"), #"{"outcome":"refuse","form":{}}"#)
            #expect(done.status == .ok, "\(done.html)")
            try await fixture.advance()
            let nothing = try await browser.json("\(task)/skip", .post, token: browser.token("tom"), "{}")
            #expect(nothing.status == .unprocessableContent, "\(nothing.html)")
            try await browser.become("tom")
            let path = "/c/acme/tasks/1"
            let page = try await browser.get(path).html
            #expect(page.contains("<option value=\"\">Choose an outcome</option><option value=\"grant\">"))
            #expect(!page.contains("name=\"output\""))
            let empty = try await browser.submit(path, to: "\(path)/skip", [("outcome", "")])
            #expect(empty.status == .unprocessableContent)
            #expect(empty.html.contains("Say how the task would have ended: grant, refuse"))
            #expect(try await browser.submit(path, to: "\(path)/skip", [("outcome", "grant")]).status == .seeOther)
            try await fixture.advance()
            #expect(try await browser.get("/c/acme/tickets/1").html.contains("Closed: <strong>granted by tom</strong>"))
        }
    }

    @Test func `a step that fails in a later pass of a loop is not skipped by the task of an earlier one`() async throws
    {
        let fixture = try await WebFixture()
        try await fixture.publish([
            "tour.ticket.yaml":
                "name: Tour\ndescription: T\ntitle: T\nworkflow: tour\nbody: [ { type: input, id: what, attributes: { label: W } } ]\n",
            "tour.workflow.yaml": """
            document: { dsl: '1.0.3', namespace: acme, name: tour, version: '1.0.0' }
            do:
              - each:
                  for: { each: room, in: '${ [1, 2] }' }
                  do:
                    - look: { input: { from: '${ if $room == 2 then error("locked") else . end }' }, call: look }
              - done: { set: { status: done } }
            """,
            "look.task.yaml": "title: Look\nassign: { strategy: person, person: '${ \"dave\" }' }\n",
        ])
        try await fixture.test { browser in
            let sent = try await browser.json(
                "/api/v1/companies/acme/tickets", .post, token: browser.token("uma"), #"{"type":"tour","form":{}}"#)
            #expect(sent.status == .created, "\(sent.html)")
            try await fixture.advance()
            let task = "/api/v1/companies/acme/tasks/1"
            let done = try await browser.json(
                "\(task)/completion", .post, token: browser.token("dave"), #"{"outcome":"done"}"#)
            #expect(done.status == .ok, "\(done.html)")
            try await fixture.advance()
            try await browser.become("tom")
            let ticket = try await browser.get("/c/acme/tickets/1").html
            #expect(ticket.contains("The step “Look” failed") && ticket.contains("name=\"output\""), "\(ticket)")
            #expect(!ticket.contains("tasks/1#skip"))
            #expect(!(try await browser.get("/c/acme/tasks/1").html.contains("id=\"skip\"")))
            let skipped = try await browser.json(
                "\(task)/skip", .post, token: browser.token("tom"), #"{"outcome":"done"}"#)
            #expect(skipped.status == .conflict, "\(skipped.html)")
        }
    }
}
