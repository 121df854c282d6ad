import Foundation
import HummingbirdTesting
import TFDefinition
import TFEngine
import TFExpression
import Testing

@testable import TFStore
@testable import tf_web

/// What people are told on their page of notifications, and what they are not.
@Suite struct NotificationPageTests {
    private static let ticket = "/c/acme/tickets/1"

    /// A site with Uma's ticket, whose task Dave has.
    private static func site(_ body: @escaping @Sendable (WebFixture, Browser) async throws -> Void) async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            let uma = try await browser.token("uma")
            _ = try await browser.json(
                "/api/v1/companies/acme/tickets", .post, token: uma,
                #"{"type":"thing","title":"My thing","form":{"what":"x"}}"#)
            try await fixture.advance()
            let tom = try #require(try await fixture.site.store.read { try $0.account("tom") })
            try await fixture.site.store.write(in: fixture.acme.id) { session in
                try session.reassignTask(
                    1, .to("dave"), TaskMove(by: tom, onlyOwn: false, reason: nil, version: nil), now: fixture.site.now)
            }
            try await body(fixture, browser)
        }
    }

    private static func comment(_ text: String, by login: String, isNote: Bool = false, _ browser: Browser) async throws
    {
        browser.forgetCookies()
        try await browser.become(login)
        let fields = [("text", text)] + (isNote ? [("internal", "true")] : [])
        let sent = try await browser.submit(ticket, to: "\(ticket)/comments", fields)
        #expect(sent.headers[.location]?.hasPrefix(ticket) == true, "\(login) says \(text)")
    }

    /// Somebody's page of new notifications.
    private static func page(of login: String, _ browser: Browser) async throws -> String {
        browser.forgetCookies()
        try await browser.become(login)
        return try await browser.get("/notifications").html
    }

    @Test func `replies on a ticket are one line with its number, and opening the ticket reads them all`() async throws
    {
        try await Self.site { fixture, browser in
            for text in ["One", "Two", "Three"] { try await Self.comment(text, by: "tom", browser) }
            let shown = try await Self.page(of: "uma", browser)
            #expect(
                shown.contains("<a href=\(Self.ticket)>3 replies on #1</a>"), "a link, which opens in another tab too")
            #expect(shown.contains("By Tom Tischler: My thing"))
            #expect(shown.contains("<th colspan=3 scope=rowgroup><b>Today</b>"))
            #expect(shown.contains("1 new notification\""))
            // Somebody else's look reads nothing for her.
            browser.forgetCookies()
            try await browser.become("tom")
            _ = try await browser.get(Self.ticket)
            #expect(try await Self.page(of: "uma", browser).contains("3 replies on #1"))
            let opened = try await browser.get(Self.ticket).html
            #expect(opened.contains("aria-label=Notifications") || opened.contains("aria-label=\"Notifications\""))
            #expect(try await browser.get("/notifications").html.contains("Nothing new"))
            let all = try await browser.get("/notifications?state=all").html
            #expect(all.contains("<a href=\(Self.ticket)>3 replies on #1</a>"))
        }
    }

    @Test func `a task that is opened or answered is new no more, and one on hold is not late`() async throws {
        try await Self.site { fixture, browser in
            #expect(try await Self.page(of: "dave", browser).contains("<a href=/c/acme/tasks/1>"))
            try await fixture.site.store.write { session in
                try session.run("UPDATE notification SET kind = 'due_soon' WHERE task_id = 1")
                try session.run(
                    "UPDATE task SET due_at_ms = 1000, state = 'held', wake_at_ms = 9000000000000 WHERE id = 1")
            }
            let held = try await browser.get("/notifications").html
            #expect(held.contains("<td class=wait>On hold") && !held.contains(" late"), "\(held)")
            _ = try await browser.get("/c/acme/tickets/1")
            #expect(try await browser.get("/notifications").html.contains("<a href=/c/acme/tasks/1>"))
            _ = try await browser.get("/c/acme/tasks/1")
            #expect(try await browser.get("/notifications").html.contains("Nothing new"))
        }
    }

    @Test func `where a notification that the page showed is gone, what is told about the others is true`() async throws
    {
        try await Self.site { fixture, browser in
            let newest = try #require(Browser.hidden("newest", in: try await Self.page(of: "dave", browser)))
            func mark() async throws -> String {
                _ = try await browser.submit("/notifications", to: "/notifications/reading", [("newest", newest)])
                return try await browser.get("/notifications").html
            }
            try await Self.comment("Later", by: "uma", browser)
            browser.forgetCookies()
            try await browser.become("dave")
            try await fixture.site.store.write(in: fixture.acme.id) { session in
                try session.run(
                    "DELETE FROM notification WHERE company_id = ? AND id = ?", [session.company, Int(newest) ?? 0])
            }
            #expect(
                try await mark().contains("Not everything is marked as read: some of what was new on the page is gone"))
            try await fixture.site.store.write { session in
                try session.run("UPDATE notification SET read_at_ms = 1")
            }
            #expect(try await mark().contains("Everything is marked as read."))
        }
    }

    @Test func `a task leads to its page, and marking all reads only what the page showed`() async throws {
        try await Self.site { fixture, browser in
            let shown = try await Self.page(of: "dave", browser)
            #expect(shown.contains("For Uma Ulrich"))
            let newest = try #require(Browser.hidden("newest", in: shown))
            try await Self.comment("Later", by: "uma", browser)
            browser.forgetCookies()
            try await browser.become("dave")
            let own = try await fixture.site.store.read { try $0.first(Int.self, "SELECT MAX(id) FROM notification") }
            let foreign = "\(try #require(own) + 100)"
            _ = try await browser.submit("/notifications", to: "/notifications/reading", [("newest", foreign)])
            let refused = try await browser.get("/notifications").html
            #expect(refused.contains("Not everything is marked as read") && refused.contains("For Uma Ulrich"))
            let marked = try await browser.submit("/notifications", to: "/notifications/reading", [("newest", newest)])
            #expect(marked.headers[.location] == "/notifications")
            let left = try await browser.get("/notifications").html
            #expect(left.contains("Uma Ulrich answered"))
            #expect(!left.contains("For Uma Ulrich"))
            #expect(left.contains("what came since is below") && !left.contains("Everything is marked"))
            #expect(shown.contains("<a href=/c/acme/tasks/1>"))
        }
    }

    @Test func `what is done is not told as late`() async throws {
        try await Self.site { fixture, browser in
            try await fixture.site.store.write { session in
                try session.run("UPDATE notification SET kind = 'due_soon' WHERE task_id = 1")
                try session.run("UPDATE task SET due_at_ms = 1000 WHERE id = 1")
            }
            #expect(try await Self.page(of: "dave", browser).contains("days late"))
            try await fixture.site.store.write { session in
                try session.run("UPDATE task SET state = 'completed', finished_at_ms = 900 WHERE id = 1")
            }
            let page = try await Self.page(of: "dave", browser)
            #expect(!page.contains("late</time>") && page.contains("<td class=done>Done"))
        }
    }

    @Test func `only people who may see the ticket are told that a comment names them`() async throws {
        try await Self.site { fixture, browser in
            try await Self.comment("@udo and @Tom Tischler, look. @gus too", by: "uma", browser)
            let said = try await browser.get(Self.ticket).html
            #expect(
                said.contains("Tom Tischler is told. @udo, @gus are not told: nobody of that name may read it."),
                "nobody is left out in silence: \(said)")
            #expect(try await Self.page(of: "tom", browser).contains(">Uma Ulrich mentioned you</a>"))
            for login in ["udo", "gus", "uma"] {
                #expect(try await Self.page(of: login, browser).contains("Nothing new"), "\(login)")
            }
            let (udo, gus) = try await fixture.site.store.read { session in
                (try #require(try session.account("udo")).id, try #require(try session.account("gus")).id)
            }
            let stored = try await fixture.site.store.read { session in
                try session.first(
                    Int.self, "SELECT COUNT(*) FROM notification WHERE account_id IN (?, ?)", [udo, gus])
            }
            #expect(stored == 0)
        }
    }

    @Test func `a note that names its ticket's requester is told to those who may read notes alone`() async throws {
        try await Self.site { fixture, browser in
            try await Self.comment("@uma does not read this, @dave does", by: "tom", isNote: true, browser)
            #expect(try await Self.page(of: "dave", browser).contains(">Tom Tischler mentioned you</a>"))
            #expect(try await Self.page(of: "uma", browser).contains("Nothing new"))
        }
    }

    @Test func `what somebody may not see any more is neither listed nor counted`() async throws {
        try await Self.site { fixture, browser in
            try await Self.comment("Hello", by: "tom", browser)
            let identity = try #require(try await fixture.site.store.read { try $0.identity("uma") })
            let count = { @Sendable (session: ReadSession) in
                try session.unreadNotifications(of: try #require(try session.identity("uma")))
            }
            #expect(try await fixture.site.store.read(count) == 1)
            try await fixture.site.store.write { session in
                try session.run(
                    "DELETE FROM account_role WHERE account_id = ? AND role = 'user'", [identity.account.id])
            }
            #expect(try await fixture.site.store.read(count) == 0)
            #expect(try await Self.page(of: "uma", browser).contains("Nothing new"))
            let token = try await browser.token("uma")
            let list = try await browser.json("/api/v1/notifications", .get, token: token)
            #expect(try JSON(parsing: list.html)["items"] == [])
        }
    }

    @Test func `a ticket is followed and left by its button, and by those who may read it alone`() async throws {
        try await Self.site { fixture, browser in
            for (login, status) in [("tom", 303), ("udo", 404), ("gus", 404)] {
                browser.forgetCookies()
                try await browser.become(login)
                let sent = try await browser.submit("/account", to: "\(Self.ticket)/follow", [("following", "true")])
                #expect(sent.status.code == status, "\(login)")
            }
            try await Self.comment("News", by: "uma", browser)
            #expect(try await Self.page(of: "tom", browser).contains(">Uma Ulrich commented</a>"))
            _ = try await browser.submit("/account", to: "\(Self.ticket)/follow", [("following", "false")])
            try await Self.comment("More", by: "uma", browser)
            #expect(try await Self.page(of: "tom", browser).contains(">Uma Ulrich commented</a>"))
        }
    }

    @Test func `who has several companies of one zone is told as of when in its time`() async throws {
        let fixture = try await WebFixture()
        @Sendable func asOf() -> String {
            "As of \(Times(fixture.acme, now: fixture.site.now).clock(fixture.site.now))<"
        }
        try await fixture.test { browser in
            try await browser.become("wanda")
            let before = asOf()
            let page = try await browser.get("/notifications").html
            #expect(page.contains("Times are Berlin time."))
            #expect(page.contains(before) || page.contains(asOf()), "\(page)")
        }
    }

    @Test func `the settings say which kinds are on, and what is switched off is told no more`() async throws {
        try await Self.site { fixture, browser in
            try await browser.become("uma")
            let path = "/notifications/settings"
            let shown = try await browser.get(path).html
            #expect(shown.ranges(of: " checked>").count == NoticeKind.allCases.count)
            _ = try await browser.submit(path, to: path, [("closed", "true"), ("assigned", "true")])
            let saved = try await browser.get(path).html
            #expect(saved.ranges(of: " checked>").count == 2)
            #expect(saved.contains(#"name="closed" value="true" checked>"#))
            try await Self.comment("Hello", by: "tom", browser)
            #expect(try await Self.page(of: "uma", browser).contains("Nothing new"))
        }
    }
}
