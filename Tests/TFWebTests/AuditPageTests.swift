import HTTPTypes
import HummingbirdTesting
import TFDefinition
import Testing

@testable import TFStore
@testable import tf_web

/// The audit log and the health of the site as admins read them.
@Suite struct AuditPageTests {
    @Test func `every action has its place in the filter, once`() {
        let offered = AuditAction.groups.flatMap(\.actions)
        #expect(offered.count == AuditAction.allCases.count)
        #expect(Set(offered) == Set(AuditAction.allCases))
    }

    @Test func `entries are sentences with names, and say what changed`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("ada")
            let page = "/admin/users/bob"
            _ = try await browser.submit(page, to: page, [("name", "Bob Berger"), ("roles", ""), ("roles", "user")])
            _ = try await browser.submit("/c/acme/roles/buyer", to: "/c/acme/roles/buyer", [("members", "fay")])
            let log = try await browser.get("/admin/audit").html
            #expect(log.contains("changed the account of <a href=\"/admin/users/bob\">Bob Berger</a>"))
            #expect(log.contains("Worker, User <span aria-hidden=\"true\">→</span>"))
            #expect(log.contains("Taken from Dave Diaz"))
            #expect(!log.contains("user-changed ") && !log.contains("task_worker"))
        }
    }

    @Test func `the filters are a menu that is made when it is opened`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("ada")
            let closed = try await browser.get("/admin/audit").html
            #expect(closed.contains("All entries") && !closed.contains("<optgroup"))
            #expect(closed.contains("<a href=\"/admin/audit?filter=open\">Add a filter</a>"))
            let open = try await browser.get("/admin/audit?filter=open&actor=ada").html
            #expect(open.contains("<optgroup") && open.contains("name=actor value=\"ada\""))
            #expect(open.contains("by Ada Admin"))
        }
    }

    @Test func `who signs in again and again is told once`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            for _ in 1...3 {
                browser.forgetCookies()
                try await browser.become("ada")
            }
            let log = try await browser.get("/admin/audit").html
            #expect(log.contains(", 3 times since "))
            #expect(log.components(separatedBy: "</b> signed in").count == 2)
        }
    }

    @Test func `a person is found by their login or name, in any case`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("bob")
            browser.forgetCookies()
            try await browser.become("ada")
            for actor in ["bob", "BOB", "Bob%20Berger", "bob%20BERGER"] {
                let page = try await browser.get("/admin/audit?actor=\(actor)").html
                #expect(page.contains("<b>Bob Berger</b> signed in"), "\(actor)")
                #expect(!page.contains("<b>Ada Admin</b> signed in"), "\(actor)")
                let table = try await browser.get("/admin/audit.csv?actor=\(actor)").html
                #expect(table.split(separator: "\r\n").count == 2, "\(actor)")
            }
            let menu = try await browser.get("/admin/audit?filter=open&actor=bob").html
            #expect(menu.contains(#"<input name=actor value="bob" list=people>"#))
            #expect(menu.contains(#"<option value="bob">Bob Berger</option>"#))
            #expect(!(try await browser.get("/admin/audit").html.contains("<datalist")))
            #expect(try await browser.get("/admin/audit?actor=Nobody%20Known").html.contains("No entry matches"))
        }
    }

    @Test func `the log is filtered by the address, and its CSV is that of the same list`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("ada")
            let filters = "action=user-added&subject=user%20bob"
            let page = try await browser.get("/admin/audit?\(filters)").html
            #expect(page.contains("Bob Berger") && !page.contains("Dave Diaz"))
            #expect(page.contains("/admin/audit.csv?action=user-added&amp;subject=user%20bob"))
            let csv = try await browser.get("/admin/audit.csv?\(filters)")
            #expect(csv.headers[.contentType]?.hasPrefix("text/csv") == true)
            #expect(csv.html.split(separator: "\r\n").count == 2)
            let none = try await browser.get("/admin/audit?from=2001-01-01&to=2001-01-02").html
            #expect(none.contains("No entry matches"))
            #expect(try await browser.get("/admin/audit?from=nonsense&action=x").status == .ok)
            let first = try await browser.get("/admin/audit").html
            let next = try #require(first.firstMatch(of: /href="([^"]+)" rel=next/)).output.1
            let second = try await browser.get(String(next)).html
            #expect(second.contains("rel=prev"))
        }
    }

    @Test func `the page of the system says that nothing runs, and shows the settings without secrets`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("ada")
            let page = try await browser.get("/admin/system").html
            #expect(page.contains("need") && page.contains("Redis"))
            #expect(page.contains("TF_REDIS_URL") && page.contains("http://localhost"))
            #expect(page.contains("None is set aside"))
        }
    }
}
