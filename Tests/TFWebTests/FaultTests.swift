import HTTPTypes
import HummingbirdTesting
import TFExpression
import TFStore
import Testing

@testable import tf_web

/// What ticket admins see of a workflow and decide about a failed step, and the events that come from outside.
@Suite struct FaultTests {
    private static let files = [
        "broken.ticket.yaml":
            "ticket: broken\nname: Broken\ndescription: B\ntitle: B\nworkflow: broken\nbody: [ { type: input, id: what, attributes: { label: W } } ]\n",
        "broken.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: acme, name: broken, version: '1.0.0' }
        do:
          - count: { set: { n: 1 } }
          - divide: { if: .n == 1, set: '${ error("<b>by zero</b>") }' }
          - done: { set: { status: '${ .result }' } }
        """,
        "hearing.ticket.yaml":
            "ticket: hearing\nname: Hearing\ndescription: H\ntitle: H\nworkflow: hearing\nbody: [ { type: input, id: what, attributes: { label: W } } ]\n",
        "hearing.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: acme, name: hearing, version: '1.0.0' }
        do:
          - wait-for-it: { listen: { to: { one: { with: { type: acme.arrived } } } } }
          - done: { set: { status: '${ .[0].what }' } }
        """,
    ]

    private static func failed() async throws -> WebFixture {
        let fixture = try await WebFixture()
        try await fixture.publish(files)
        try await fixture.test { browser in
            let token = try await browser.token("uma")
            let answer = try await browser.json(
                "/api/v1/companies/acme/tickets", .post, token: token, #"{"type":"broken","form":{}}"#)
            #expect(answer.status == .created)
        }
        try await fixture.advance()
        return fixture
    }

    @Test func `a ticket admin sees the error and the data, skips the step with an output, and it is recorded`()
        async throws
    {
        let fixture = try await Self.failed()
        try await fixture.test { browser in
            try await browser.become("tom")
            let page = try await browser.get("/c/acme/tickets/1").html
            #expect(page.contains("&lt;b&gt;by zero&lt;/b&gt;"))
            #expect(page.contains("<code>/do/1/divide</code>"))
            #expect(page.contains("Try the step again"))
            #expect(page.contains("The step “Divide” failed, and waits for your decision"))
            #expect(!page.contains("a ticket admin has to look at it"))
            #expect(page.contains("Inside the workflow"))
            let inside = try await browser.get("/c/acme/tickets/1/workflow").html
            #expect(inside.contains("<dl class=stack><div><dt>"))
            #expect(inside.contains("<div><dt>Input of the failed step</dt><dd>"))
            #expect(inside.contains("<b>Failed at <code>/do/1/divide</code>"))
            #expect(page.contains("! Failed"))
            let keys = page.matches(of: /name="_submission" value="([^"]+)"/).map { String($0.1) }
            #expect(keys.count > 2 && Set(keys).count == keys.count, "who goes back may send another form of the page")
            let path = "/c/acme/tickets/1/skip"
            let wrong = try await browser.submit("/c/acme/tickets/1", to: path, [("output", "{")])
            #expect(wrong.status == .unprocessableContent)
            #expect(wrong.html.contains("<details open"))
            let empty = try await browser.submit("/c/acme/tickets/1", to: path, [("output", "")])
            #expect(empty.status == .unprocessableContent, "the workflow may decide by it")
            #expect(empty.html.contains("Write the output; {} if later steps read nothing of it"))
            let done = try await browser.submit("/c/acme/tickets/1", to: path, [("output", #"{"result":"by hand"}"#)])
            #expect(done.status == .seeOther)
            try await fixture.advance()
            let after = try await browser.get("/c/acme/tickets/1").html
            #expect(after.contains("Closed: <strong>by hand</strong>"))
            #expect(after.contains("<b>Tom Tischler</b> skipped the failed step “Divide”"))
            #expect(
                after.contains("<i class=\"g skip\"></i><span>Divide<small>Skipped</small>"),
                "it is not drawn as done")
            #expect(after.contains("<strong>Divide</strong>: » Skipped."))
        }
    }

    @Test func `a step that was tried again and fails again says so, and nothing on the page says other`() async throws
    {
        let fixture = try await Self.failed()
        try await fixture.test { browser in
            try await browser.become("tom")
            let path = "/c/acme/tickets/1"
            let sent = try await browser.submit(path, to: "\(path)/retry", [])
            #expect(sent.status == .seeOther)
            try await fixture.advance()
            let page = try await browser.get(path).html
            #expect(page.contains("The step was tried once more; how it went stands here."))
            #expect(
                page.contains("The step “Divide” was tried again and has failed again, and waits for your decision"))
        }
    }

    @Test func `who retires or edits a workflow is told of failed tickets that still wait in it, and led to them`()
        async throws
    {
        let fixture = try await Self.failed()
        try await fixture.test { browser in
            let workflow = "/c/acme/definitions/workflow/broken"
            let words = "1 failed ticket waits for a decision"
            try await browser.become("wanda")
            for path in [workflow, "/c/acme/definitions/ticket/broken"] {
                #expect(try await browser.get(path).html.contains("<span>\(words)</span>"), "\(path)")
                let question = try await browser.get("\(path)/retirement").html
                #expect(question.contains("<li>\(words).</li>"), "\(path)")
                #expect(question.contains("Nothing else is under way with it now."))
            }
            #expect(
                try await browser.get("\(workflow)/edit").html.contains("1 failed ticket stays on the old revision."))
            browser.forgetCookies()
            try await browser.become("tom")
            let link =
                #"1 failed ticket waits for a decision (<a href="/c/acme/tickets?state=failed&amp;type=broken">failed tickets of “Broken”</a>)"#
            #expect(try await browser.get(workflow).html.contains(link), "only who may open the list is led there")
        }
    }

    @Test func `a workflow that failed is told among the health of the site`() async throws {
        let fixture = try await Self.failed()
        try await fixture.test { browser in
            try await browser.become("ada")
            let page = try await browser.get("/admin/system").html
            #expect(page.contains("1 workflow has failed, and waits for a decision"))
            #expect(!page.contains("All is well"))
        }
    }

    @Test func `the requester sees that it failed, and neither the data nor a way to decide`() async throws {
        let fixture = try await Self.failed()
        try await fixture.test { browser in
            try await browser.become("uma")
            let page = try await browser.get("/c/acme/tickets/1").html
            #expect(page.contains("a ticket admin has to look at it"))
            #expect(!page.contains("Try the step again"))
            #expect(!page.contains("Inside the workflow"))
            #expect(try await browser.get("/c/acme/tickets/1/workflow").status == .forbidden)
            for action in ["retry", "skip"] {
                let refused = try await browser.submit(
                    "/c/acme/tickets/1", to: "/c/acme/tickets/1/\(action)", [("output", "{}")])
                #expect(refused.status == .forbidden)
            }
        }
    }

    @Test func `programs of ticket admins decide too, once for each failure`() async throws {
        let fixture = try await Self.failed()
        try await fixture.test { browser in
            let ticket = "/api/v1/companies/acme/tickets/1"
            let uma = try await browser.token("uma")
            for path in ["/retry", "/skip"] {
                #expect(try await browser.json(ticket + path, .post, token: uma, "{}").status == .forbidden)
            }
            #expect(try await browser.json(ticket + "/instances", .get, token: uma).status == .forbidden)
            let tom = try await browser.token("tom")
            let seen = try JSON(
                parsing: String(buffer: try await browser.json(ticket + "/instances", .get, token: tom).body))
            let instance = try #require(seen["items"].arrayValue?.first)
            #expect(instance["status"] == "faulted")
            #expect(instance["stopped_at"] == "/do/1/divide")
            #expect(seen["next"] == .null)
            let id = try #require(instance["id"].intValue)
            for (query, status, count) in [
                ("limit=1", HTTPResponse.Status.ok, 1), ("after=\(id)", .ok, 0), ("after=\(id - 1)&limit=1", .ok, 1),
                ("after=x", .unprocessableContent, nil), ("limit=0", .unprocessableContent, nil),
            ] as [(String, HTTPResponse.Status, Int?)] {
                let page = try await browser.json("\(ticket)/instances?\(query)", .get, token: tom)
                #expect(page.status == status, "\(query)")
                #expect(try JSON(parsing: page.html)["items"].arrayValue?.count == count, "\(query)")
            }
            #expect(try await browser.json(ticket + "/retry", .post, token: tom).status == .ok)
            #expect(try await browser.json(ticket + "/retry", .post, token: tom).status == .conflict)
            try await fixture.advance()
            // It failed again, at the same step.
            let skipped = try await browser.json(
                ticket + "/skip", .post, token: tom, #"{"output":{"result":"skipped"}}"#)
            #expect(skipped.status == .ok)
            try await fixture.advance()
            let after = try JSON(parsing: String(buffer: try await browser.json(ticket, .get, token: tom).body))
            #expect(after["status"] == "skipped")
            let kinds = after["history"].arrayValue?.map { $0["kind"].displayText } ?? []
            #expect(kinds.contains("step-retry"))
            #expect(kinds.contains("step-skip"))
            #expect(try await browser.json(ticket + "/retry", .post, token: tom).status == .conflict)
        }
    }

    @Test func `an event from outside reaches the workflow that listens, once, and only from those who may send it`()
        async throws
    {
        let fixture = try await WebFixture()
        try await fixture.publish(Self.files)
        try await fixture.test { browser in
            let uma = try await browser.token("uma")
            _ = try await browser.json(
                "/api/v1/companies/acme/tickets", .post, token: uma, #"{"type":"hearing","form":{}}"#)
            try await fixture.advance()
            #expect(
                try await browser.json("/api/v1/companies/acme/tickets/1", .get, token: uma).html.contains(#""open""#))
            let events = "/api/v1/companies/acme/events"
            let event =
                #"{"specversion":"1.0","id":"1","source":"/dock","type":"acme.arrived","data":{"what":"crates"}}"#
            #expect(try await browser.json(events, .post, token: uma, event).status == .forbidden)
            let ada = try await browser.token("ada")
            for (isNew, type) in [(true, "application/cloudevents+json"), (false, "application/json")] {
                let taken = try await browser.json(events, .post, token: ada, event, type: type)
                #expect(taken.status == .ok)
                #expect(try JSON(parsing: String(buffer: taken.body))["is_new"] == .bool(isNew))
            }
            for (wrong, field) in [
                ("{}", "specversion"), (event.replacing("1.0", with: "0.3"), "specversion"),
                (event.replacing(#""id":"1""#, with: #""id":"""#), "id"),
                (event.replacing(#""data":"#, with: #""extra":"#), "extra"),
            ] {
                let refused = try await browser.json(events, .post, token: ada, wrong)
                #expect(refused.status == .unprocessableContent)
                let problem = try JSON(parsing: String(buffer: refused.body))
                #expect(problem["errors"].arrayValue?.contains { $0["field"] == .string(field) } == true)
            }
            try await fixture.advance()
            let ticket = try await browser.json("/api/v1/companies/acme/tickets/1", .get, token: uma)
            #expect(try JSON(parsing: String(buffer: ticket.body))["status"] == "crates")
        }
    }
}
