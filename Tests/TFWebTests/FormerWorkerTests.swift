import Foundation
import HummingbirdTesting
import TFDefinition
import TFExpression
import Testing

@testable import TFStore
@testable import tf_web

/// Somebody had a task of a ticket and has none any more: they keep the public part and what they had.
@Suite struct FormerWorkerTests {
    private static let files = [
        "pair.ticket.yaml": """
        name: Pair
        description: P
        title: Pair
        workflow: pair
        body: [ { type: input, id: what, attributes: { label: What } } ]
        """,
        "pair.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: acme, name: pair, version: '1.0.0' }
        do:
          - first: { call: look, with: { title: First look } }
          - second: { call: look, with: { title: zq-later } }
          - third: { call: look, with: { title: zq-open } }
        """,
        "look.task.yaml": """
        title: '${ .title }'
        assign: { role: it-staff }
        body:
          - { type: input, id: note, attributes: { label: Note } }
          - { type: upload, id: file, attributes: { label: File } }
        """,
    ]

    /// Dave did the first task; Erin did the second and has the third; two internal notes, one of each time.
    private static func site() async throws -> (fixture: WebFixture, file: String) {
        let fixture = try await WebFixture()
        try await fixture.publish(files)
        let store = fixture.site.store
        let acme = try #require(await store.read { try $0.company("acme") })
        let (tom, uma) = (
            try #require(await store.read { try $0.account("tom") }),
            try #require(await store.read { try $0.account("uma") })
        )
        _ = try await store.inside(acme.id).submitTicket(
            TicketSubmission(type: "pair", requester: uma, title: nil, answers: ["what": "public"]),
            now: 1)
        let ticket = try #require(await store.read(in: fixture.acme.id) { try $0.ticket(number: 1) })
        let file = AttachmentFiles.newID()
        for (login, note) in [("dave", "zq-first"), ("erin", "zq-second")] {
            try await fixture.advance()
            let worker = try #require(await store.read { try $0.account(login) })
            let task = try #require(await store.read(in: fixture.acme.id) { try $0.tasks(ticket: ticket.id) }.last)
            try await store.write(in: fixture.acme.id) {
                try $0.reassignTask(
                    task.id, .to(login), TaskMove(by: tom, onlyOwn: false, reason: nil, version: nil), now: 2)
            }
            _ = try await store.inside(acme.id).addComment(
                "zq-note-\(login)", isInternal: true, ticket: ticket, by: worker, now: 3)
            var answers: JSONObject = ["note": .string(note)]
            if login == "erin" {
                try await store.keep("later", as: file, in: acme.id)
                try await store.writeAside {
                    try $0.inside(acme.id).addUpload(
                        FormUpload(id: file, name: "later.txt", mediaType: "text/plain", size: 5),
                        by: worker.id, now: 3
                    )
                }
                answers["file"] = [.id(file)]
            }
            try await store.inside(acme.id).completeTask(
                Completion(task: task.id, by: worker, outcome: "done", answers: answers, version: nil), now: 4)
        }
        try await fixture.advance()
        let last = try #require(await store.read(in: fixture.acme.id) { try $0.tasks(ticket: ticket.id) }.last)
        try await store.write(in: fixture.acme.id) {
            try $0.reassignTask(
                last.id, .to("erin"), TaskMove(by: tom, onlyOwn: false, reason: nil, version: nil), now: 5)
        }
        return (fixture, file.rawValue)
    }

    @Test func `over REST, they read the ticket, their task and nothing of later ones`() async throws {
        let (fixture, file) = try await Self.site()
        try await fixture.test { browser in
            let (dave, erin) = (try await browser.token("dave"), try await browser.token("erin"))
            let company = "/api/v1/companies/acme"
            let ticket = try await browser.json("\(company)/tickets/1", .get, token: dave)
            #expect(ticket.status == .ok)
            #expect(ticket.html.contains("public"))
            #expect(ticket.html.contains("First look"))
            let asWorker = try await browser.json("\(company)/tickets/1", .get, token: erin)
            for later in ["zq-later", "zq-open", "zq-note"] {
                #expect(!ticket.html.contains(later), "\(later)")
                #expect(asWorker.html.contains(later), "who has a task reads it: \(later)")
            }
            #expect(try await browser.json("\(company)/tasks/1", .get, token: dave).html.contains("zq-first"))
            for task in [2, 3] {
                #expect(try await browser.json("\(company)/tasks/\(task)", .get, token: dave).status == .notFound)
                #expect(try await browser.json("\(company)/tasks/\(task)", .get, token: erin).status == .ok)
            }
            let lists = ["/tasks", "/tasks?format=csv", "/tasks?ticket=1", "/tickets?format=csv"]
            for address in lists {
                let list = try await browser.json(company + address, .get, token: dave)
                #expect(list.status == .ok)
                #expect(!list.html.contains("zq-later") && !list.html.contains("erin"), "\(address)")
            }
            try await fixture.site.store.write { session in
                try session.run("UPDATE task SET due_at_ms = 1 WHERE id = 3")
                try session.run("UPDATE ticket SET next_due_at_ms = 1")
            }
            for filter in ["assignee=erin", "step=third", "overdue=true", "sort=due"] {
                let found = try await browser.json("\(company)/tickets?\(filter)", .get, token: dave)
                #expect(try JSON(parsing: found.html)["items"] == [], "\(filter)")
                let all = try await browser.json("\(company)/tickets?\(filter)", .get, token: erin)
                #expect(try JSON(parsing: all.html)["items"].arrayValue?.count == 1, "\(filter)")
            }
            let note = #"{"text":"x","internal":true}"#
            let refused = try await browser.json("\(company)/tickets/1/comments", .post, token: dave, note)
            #expect(refused.status == .forbidden)
            let kept = try await browser.json("\(company)/tickets/1", .get, token: erin).html
            #expect(!kept.contains(#""text":"x""#), "what is refused is not kept")
            let comment = try await browser.json("\(company)/tickets/1/comments", .post, token: dave, #"{"text":"x"}"#)
            #expect(comment.status == .created)
            let attachment = "\(company)/tickets/1/attachments/\(file)"
            #expect(try await browser.json(attachment, .get, token: dave).status == .notFound)
            #expect(try await browser.json(attachment, .get, token: erin).status == .ok)
        }
    }

    @Test func `on the pages, they read the ticket, their task and nothing of later ones`() async throws {
        let (fixture, _) = try await Self.site()
        try await fixture.test { browser in
            try await browser.become("dave")
            let ticket = try await browser.get("/c/acme/tickets/1")
            #expect(ticket.status == .ok)
            #expect(ticket.html.contains("First look") && ticket.html.contains("public"))
            let task = try await browser.get("/c/acme/tasks/1")
            #expect(task.status == .ok && task.html.contains("zq-first"))
            for page in [ticket, task] {
                for later in ["zq-later", "zq-open", "zq-note", "zq-second", "Internal note", "Erin"] {
                    #expect(!page.html.contains(later), "\(later)")
                }
            }
            #expect(try await browser.get("/c/acme/tasks/2").status == .notFound)
            browser.forgetCookies()
            try await browser.become("erin")
            let page = try await browser.get("/c/acme/tickets/1").html
            for later in ["zq-later", "zq-open", "zq-note-dave", "Internal note"] {
                #expect(page.contains(later), "who has a task reads it: \(later)")
            }
            #expect(try await browser.get("/c/acme/tasks/3").html.contains("zq-first"))
        }
    }

    @Test func `who gets a task of it again reads all again`() async throws {
        let (fixture, _) = try await Self.site()
        let tom = try #require(await fixture.site.store.read { try $0.account("tom") })
        try await fixture.site.store.write(in: fixture.acme.id) {
            try $0.reassignTask(3, .to("dave"), TaskMove(by: tom, onlyOwn: false, reason: nil, version: nil), now: 6)
        }
        try await fixture.test { browser in
            let (dave, erin) = (try await browser.token("dave"), try await browser.token("erin"))
            let ticket = "/api/v1/companies/acme/tickets/1"
            #expect(try await browser.json(ticket, .get, token: dave).html.contains("zq-note-erin"))
            #expect(try await browser.json("/api/v1/companies/acme/tasks/2", .get, token: dave).status == .ok)
            // Erin had the third, and keeps reading it.
            let later = try await browser.json(ticket, .get, token: erin).html
            #expect(later.contains("zq-open") && !later.contains("zq-note"))
        }
    }
}
