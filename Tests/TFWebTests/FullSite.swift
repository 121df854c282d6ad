import Foundation
import HummingbirdTesting
import TFDefinition
import TFExpression
import TFStore
import Testing

@testable import tf_web

extension WebFixture {
    /// A site in use: definitions of every kind, one of them changed and one retired; tickets that are new, in work,
    /// failed and closed, with files and addresses in their answers, more than a page of them; tasks that somebody has,
    /// that nobody has, and that are done.
    static func fullSite() async throws -> WebFixture {
        let fixture = try await WebFixture()
        let (site, store) = (fixture.site, fixture.site.store)
        try await fixture.publish(files)
        let changed = files.merging(["look.task.yaml": "task: look\ntitle: Look\nform: ticket\n"]) { $1 }
        try await fixture.publish(changed)
        let acme = try #require(try await store.read { try $0.company("acme") })
        let old = try #require(try await store.read(in: acme.id) { try $0.definition(.task, "old") })
        try await store.write(in: acme.id) { try $0.retireDefinition(old.id, now: site.now) }
        try await fixture.test { browser in
            try await browser.become("uma")
            let page = "/c/acme/tickets/new/contact"
            let file = SentFile(field: "f.photo", name: "a.png", mediaType: "image/png", bytes: [1, 2, 3])
            let sent = try await browser.post(
                page,
                Browser.hidden(in: try await browser.get(page).html) + [
                    ("f.web", "https://example.org/?a=1&b=2"), ("f.mail", "uma@example.org"),
                ], files: [file])
            #expect(sent.status == .seeOther, "\(sent.html.split(separator: "<h1>").last ?? "")")
            for type in ["broken", "viewed", "viewed", "done"] {
                let path = "/c/acme/tickets/new/\(type)"
                let sent = try await browser.submit(path, to: path, [("f.what", "x")])
                #expect(sent.status == .seeOther, "\(sent.html.split(separator: "<h1>").last ?? "")")
            }
        }
        let uma = try #require(try await store.read { try $0.account("uma") })
        for number in 0..<26 {
            _ = try await store.inside(acme.id).submitTicket(
                TicketSubmission(
                    type: "thing", requester: uma, title: "T\(number)", answers: ["what": "x"]),
                now: site.now)
        }
        try await fixture.advance()
        let tom = try #require(try await store.read { try $0.account("tom") })
        var all = TaskScope()
        all.isEverything = true
        let tasks = try await store.read(in: acme.id) { [all] in try $0.tasks(scope: all, filter: TaskFilter()) }.rows
        for task in tasks.prefix(3) where task.state.isOpen {
            try await store.write(in: acme.id) {
                try $0.reassignTask(
                    task.id, .to("dave"), TaskMove(by: tom, onlyOwn: false, reason: nil, version: nil), now: site.now)
            }
        }
        return fixture
    }

    private static let files = [
        "contact.ticket.yaml": """
        ticket: contact
        name: Contact
        description: C
        title: C
        assign: { role: it-staff }
        body:
          - { type: url, id: web, attributes: { label: Web } }
          - { type: email, id: mail, attributes: { label: Mail } }
          - { type: upload, id: photo, attributes: { label: Photo } }
        """,
        "broken.ticket.yaml": ticket("broken", "workflow: broken"),
        "broken.workflow.yaml": workflow("broken", "  - divide: { set: '${ error(\"by zero\") }' }\n"),
        "viewed.ticket.yaml": ticket("viewed", "workflow: viewed"),
        "viewed.workflow.yaml": workflow(
            "viewed", "  - look: { call: look }\n  - stop: { set: { status: seen } }\n"),
        "look.task.yaml": "task: look\ntitle: Look at it\nform: ticket\n",
        "done.ticket.yaml": ticket("done", "workflow: done"),
        "done.workflow.yaml": workflow("done", "  - stop: { set: { status: done } }\n"),
        "old.task.yaml": "task: old\ntitle: Old\nbody: [ { type: input, attributes: { label: Seen } } ]\n",
    ]

    private static func ticket(_ name: String, _ how: String) -> String {
        "ticket: \(name)\nname: \(name)\ndescription: D\ntitle: T\n\(how)\n"
            + "body: [ { type: input, id: what, attributes: { label: What } } ]\n"
    }

    private static func workflow(_ name: String, _ steps: String) -> String {
        "document: { dsl: '1.0.3', namespace: acme, name: \(name), version: '1.0.0' }\ndo:\n\(steps)"
    }
}
