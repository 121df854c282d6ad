import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

@testable import TFStore
@testable import tf_web

/// Saved views as tabs of a list.
@Suite struct SavedViewPageTests {
    private static let new = "/c/acme/views"

    @Test func `a view is saved, shown as a tab with its count, renamed and deleted`() async throws {
        let fixture = try await WebFixture()
        let uma = try #require(try await fixture.site.store.read { try $0.account("uma") })
        _ = try await fixture.site.store.inside(fixture.acme.id).submitTicket(
            TicketSubmission(type: "thing", requester: uma, title: "T", answers: ["what": "x"]), now: fixture.site.now)
        try await fixture.test { browser in
            try await browser.become("tom")
            let list = "/c/acme/tickets?type=thing"
            #expect(try await browser.get(list).html.contains("Save as a view"))
            #expect(try await !browser.get("/c/acme/tickets?overdue=true").html.contains("Save as a view"))
            let saved = try await browser.submit(
                list, to: Self.new, [("list", "tickets"), ("query", "after=3&type=thing&x=y"), ("name", "Things <b>")])
            #expect(saved.headers[.location] == list)
            let shown = try await browser.get(list).html
            #expect(
                shown.contains(
                    #"<a href="?type=thing" aria-current=page>Things &lt;b&gt; <b>1</b></a>"#))
            #expect(shown.contains(#"<a href=tickets>Open <b>1</b></a>"#), "out of the view, and not to where one is")
            #expect(shown.contains(#"<a href="?state=closed">Closed</a>"#))
            #expect(try await !browser.get("/c/acme/tasks").html.contains("Things"))
            let path = try #require(shown.firstMatch(of: /action="(\/c\/acme\/views\/\d+)"/)?.output.1)
            let renamed = try await browser.submit(
                list, to: String(path), [("list", "tickets"), ("query", "type=thing"), ("name", "All of them")])
            #expect(renamed.status == .seeOther)
            #expect(try await browser.get("/c/acme/tickets").html.contains(">All of them <b>1</b>"))
            _ = try await browser.submit(list, to: "\(path)/deletion", [("list", "tickets")])
            #expect(try await !browser.get("/c/acme/tickets").html.contains("All of them"))
        }
    }

    @Test func `what a filter narrows stays narrowed in each view that everybody has`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("tom")
            let filtered = try await browser.get("/c/acme/tickets?type=thing&step=look&assignee=dave&sort=number").html
            for tab in [
                #"<a href="?type=thing&amp;step=look&amp;assignee=dave" aria-current=page>Open</a>"#,
                #"<a href="?type=thing&amp;step=look&amp;assignee=dave&amp;overdue=true">Late</a>"#,
                #"<a href="?type=thing&amp;step=look&amp;unassigned=true">With nobody</a>"#,
                #"<a href="?type=thing&amp;state=closed">Closed</a>"#, #"<a href="?type=thing&amp;state=all">All</a>"#,
            ] {
                #expect(filtered.contains(tab), "\(tab)")
            }
            #expect(filtered.contains("Save as a view"))
            let closed = try await browser.get("/c/acme/tickets?state=closed&type=thing").html
            #expect(closed.contains(" aria-current=page>Closed</a>"))
            #expect(closed.contains(#"<a href="?type=thing">Open</a>"#))
            let tasks = try await browser.get("/c/acme/tasks?type=thing&state=held").html
            #expect(tasks.contains(" aria-current=page>On hold</a>"))
            #expect(tasks.contains(#"<a href="?type=thing&amp;state=completed">Done</a>"#))
        }
    }

    @Test func `tickets are narrowed by who asked for them, whom the menu names`() async throws {
        let fixture = try await WebFixture()
        let (uma, tom) = try await fixture.site.store.read { session in
            (try #require(try session.account("uma")), try #require(try session.account("tom")))
        }
        for person in [uma, uma, tom] {
            _ = try await fixture.site.store.inside(fixture.acme.id).submitTicket(
                TicketSubmission(type: "thing", requester: person, title: "T", answers: ["what": "x"]),
                now: fixture.site.now)
        }
        try await fixture.test { browser in
            try await browser.become("tom")
            let menu = try await browser.get("/c/acme/tickets?requester=uma&filter=open").html
            #expect(menu.contains(#"<option value=uma selected>"#))
            #expect(menu.contains("(2)") && menu.contains("<option value=tom>"))
            #expect(menu.components(separatedBy: "name=requester").count == 2, "and it is not kept a second time")
            #expect(menu.contains("from Uma"))
        }
    }

    @Test(arguments: ["tickets", "tasks"])
    func `a view with a name that does not fit is shown again in its list, as it was typed`(_ list: String) async throws
    {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("tom")
            let long = String(repeating: "long ", count: 30)
            let refused = try await browser.submit(
                "/c/acme/\(list)?priority=high", to: Self.new,
                [("list", list), ("query", "priority=high"), ("name", long)])
            #expect(refused.status == .unprocessableContent)
            #expect(refused.html.contains(#"value="\#(long)""#))
            #expect(refused.html.contains(#"name="query" value="priority=high""#))
        }
    }

    @Test func `a shared view is seen by those who hold its role, and changed by its owner only`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("tom")
            let saved = try await browser.submit(
                "/c/acme/tasks", to: Self.new,
                [("list", "tasks"), ("query", "stuck=true"), ("name", "Trouble"), ("role", "employee")])
            #expect(saved.headers[.location] == "/c/acme/tasks?stuck=true")
            let view = try await fixture.site.store.read(in: fixture.acme.id) { session in
                try session.first(SavedViewID.self, "SELECT id FROM saved_view")
            }
            let id = try #require(view)
            // The site's admin holds no company role, shares nothing, and changes nobody's views.
            browser.forgetCookies()
            try await browser.become("ada")
            #expect(try await !browser.get("/c/acme/tasks").html.contains("Trouble"))
            let fields = [("list", "tasks"), ("query", ""), ("name", "Mine")]
            let shared = try await browser.submit("/c/acme/tasks", to: Self.new, fields + [("role", "employee")])
            #expect(shared.status == .forbidden)
            let own = try await browser.submit("/c/acme/tasks", to: Self.new, fields)
            #expect(own.status == .seeOther)
            #expect(try await browser.submit("/c/acme/tasks", to: "\(Self.new)/\(id)", fields).status == .notFound)
            #expect(
                try await browser.submit("/c/acme/tasks", to: "\(Self.new)/\(id)/deletion", [("list", "tasks")]).status
                    == .notFound)
            browser.forgetCookies()
            try await browser.become("uma")
            #expect(try await browser.submit("/c/acme/my/tickets", to: Self.new, fields).status == .forbidden)
        }
    }
}
