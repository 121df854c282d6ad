import Foundation
import HTTPTypes
import HummingbirdTesting
import TFDefinition
import TFEngine
import TFExpression
import TestSupport
import Testing

@testable import TFStore
@testable import tf_web

/// Lists of tickets and tasks as pages: their rows, their order, their pages, and what they say without rows.
@Suite struct ListPageTests {
    @Test(arguments: [
        (Priority.high, "Uma", "<b class=late>High</b> · <i>Uma</i>"), (Priority.high, "", "<b class=late>High</b>"),
        (Priority.normal, "Uma", "<i>Uma</i>"), (Priority.normal, "", ""),
    ])
    func `words that may take a line of their own do not begin with a point`(
        priority: Priority, words: String, markup: String
    ) {
        #expect(String(decoding: RowTable.behind(priority, words).bytes, as: UTF8.self) == markup)
    }

    /// Tickets: 1 is Uma's, with a task that Dave has; 2 is Udo's and late; 3 is of another type, urgent, and nobody can
    /// have its task; 4 is labelled; 5 is closed, from long ago.
    static func filled() async throws -> WebFixture {
        let fixture = try await WebFixture()
        try await fixture.publish([
            "b.ticket.yaml":
                "name: Other kind\nticket: other\ndescription: O\nassign: { role: it-staff }\n"
                + "body: [ { type: input, id: what, attributes: { label: What } } ]\n"
        ])
        let store = fixture.site.store
        for (type, login, title) in [
            ("thing", "uma", "Alpha"), ("thing", "udo", "Beta"), ("other", "uma", "Gamma"), ("thing", "uma", "Delta"),
            ("thing", "uma", "Epsilon"),
        ] {
            let requester = try #require(try await store.read { try $0.account(login) })
            _ = try await store.inside(fixture.acme.id).submitTicket(
                TicketSubmission(type: type, requester: requester, title: title, answers: ["what": "x"]),
                now: fixture.site.now)
        }
        try await fixture.advance()
        let tom = try #require(try await store.read { try $0.account("tom") })
        try await store.write(in: fixture.acme.id) { session in
            try session.reassignTask(
                1, .to("dave"), TaskMove(by: tom, onlyOwn: false, reason: nil, version: nil), now: fixture.site.now)
            var label = TicketChange()
            label.labels = ["VPN"]
            try session.changeTicket(4, label, by: tom, version: nil, now: fixture.site.now)
            for change in [
                "UPDATE ticket SET due_at_ms = 1000, next_due_at_ms = 1000 WHERE number = 2",
                "UPDATE task SET due_at_ms = 1000 WHERE id = 2",
                "UPDATE ticket SET priority = 'urgent' WHERE number = 3",
                "UPDATE task SET priority = 'urgent', waiting_reason = 'none_available' WHERE id = 3",
                "UPDATE ticket SET state = 'closed', created_at_ms = 946728000000 WHERE number = 5",
                "UPDATE task SET state = 'completed', finished_at_ms = 1, created_at_ms = 946728000000 WHERE id = 5",
            ] {
                try session.run(change)
            }
        }
        return fixture
    }

    static func rows(_ html: String) -> [Int] {
        html.matches(of: /<tr><td>(?:<label><input type=checkbox name=n value=)?(\d+)/).compactMap { Int($0.output.1) }
    }

    static func table(_ text: String) -> [Int] { CSVReader.rows(text).dropFirst().compactMap { Int($0[0]) } }

    @Test func `an address with slashes that stand for nothing leads to the one without them`() async throws {
        let fixture = try await Self.filled()
        try await fixture.test { browser in
            try await browser.become("tom")
            for (path, tidy) in [
                ("/c/acme/tickets/?state=closed", "/c/acme/tickets?state=closed"), ("/c/acme/tasks//", "/c/acme/tasks"),
                ("/c//acme/tickets", "/c/acme/tickets"),
            ] {
                let answer = try await browser.get(path)
                #expect(answer.status == .seeOther, "\(path)")
                #expect(answer.headers[.location] == tidy)
            }
        }
    }

    @Test func `a list of what is with nobody, or with somebody, shows of each ticket the step that is`() async throws {
        let fixture = try await Self.filled()
        try await fixture.site.store.write { session in
            try session.run(
                """
                UPDATE task SET ticket_id = (SELECT id FROM ticket WHERE number = 1), waiting_reason = 'claim'
                WHERE id = 2
                """)
        }
        try await fixture.test { browser in
            try await browser.become("tom")
            func row(_ list: String) async throws -> Substring {
                let rows = try await browser.get("/c/acme/tickets\(list)").html.split(separator: "<tr>")
                return try #require(rows.first { $0.contains(">Alpha</a>") }, "\(list)")
            }
            #expect(try await !row("?unassigned=true").contains("Dave Diaz"))
            #expect(try await row("?assignee=dave").contains("<td>Dave Diaz"))
        }
    }

    @Test func `an empty list says which of the three empties it is, and names the filter that hides things`()
        async throws
    {
        let empty = try await WebFixture()
        try await empty.test { browser in
            try await browser.become("uma")
            #expect(try await browser.get("/c/acme/my/tickets").html.contains("You have not asked for anything yet"))
            browser.forgetCookies()
            try await browser.become("tom")
            #expect(try await browser.get("/c/acme/tickets").html.contains("Nobody has asked for anything yet"))
            #expect(try await browser.get("/c/acme/tasks").html.contains("There are no tasks yet"))
        }
        let fixture = try await Self.filled()
        try await fixture.test { browser in
            try await browser.become("tom")
            let cancelled = try await browser.get("/c/acme/tickets?state=cancelled").html
            #expect(cancelled.contains("No ticket is cancelled"))
            #expect(!cancelled.contains("matches"))
            let none = try await browser.get("/c/acme/tickets?type=other&assignee=dave").html
            #expect(none.contains("No open ticket: Other kind and with Dave Diaz"))
            #expect(none.contains(#"href="/c/acme/tickets?type=other">Remove “with Dave Diaz”"#))
            let closed = try await browser.get("/c/acme/tickets?text=epsilon").html
            #expect(closed.contains("1 in another state matches."))
            #expect(closed.contains("/c/acme/tickets?text=epsilon&amp;state=all"))
            var filter = TicketFilter()
            (filter.state, filter.order) = (.open, .oldest)
            let place = filter.position(99, updated: 0, due: nil).text
            let gone = try await browser.get("/c/acme/tickets?sort=number&after=\(place)").html
            #expect(gone.contains("Nothing is on this page any more"))
            #expect(try await browser.get("/c/acme/tasks?text=nothing").html.contains("No open task:"))
        }
    }

    @Test func `a ticket with a late step stands on top and says so, and a row tells until when it is on hold`()
        async throws
    {
        let fixture = try await Self.filled()
        try await fixture.site.store.write(in: fixture.acme.id) { session in
            let now = fixture.site.now
            try session.run("UPDATE task SET due_at_ms = ? WHERE id = 4", [now - 7_200_000])
            try session.keepNextDue(of: 4)
            try session.run(
                "UPDATE task SET state = 'held', wake_at_ms = ?, due_at_ms = NULL WHERE id = 3", [now + 86_400_000])
        }
        try await fixture.test { browser in
            try await browser.become("tom")
            let page = try await browser.get("/c/acme/tickets").html
            #expect(Self.rows(page) == [2, 4, 1, 3])
            #expect(page.contains("<td class=late>2 h late"))
            #expect(page.contains(/<td class=wait>On hold until tomorrow \d\d:\d\d/))
            let late = try await browser.get("/c/acme/tickets?overdue=true").html
            #expect(Self.rows(late) == [2, 4])
            browser.forgetCookies()
            try await browser.become("uma")
            func own(_ query: String) async throws -> (numbers: [Int], page: String) {
                let page = try await browser.get("/c/acme/my/tickets\(query)").html
                return (page.matches(of: /tickets\/(\d+)>/).compactMap { Int($0.output.1) }, page)
            }
            let mine = try await own("")
            #expect(mine.numbers.sorted() == [1, 3, 4])
            #expect(mine.page.contains("sort=-updated\">Changed ↓</a>"))
            #expect(mine.page.contains("<b class=late>2 h late</b> · "))
            #expect(mine.page.components(separatedBy: " late</b>").count == 2)
            let byDate = try await own("?sort=due")
            #expect(byDate.numbers == [4, 1, 3])
            #expect(byDate.page.contains("sort=-updated\">Changed</a>"))
        }
    }

    @Test func `of a ticket's tasks the list shows the visitor's, one that is stuck, the latest, or the oldest`()
        async throws
    {
        let fixture = try await WebFixture()
        try await fixture.publish([
            "move.ticket.yaml":
                "name: Move\ndescription: M\ntitle: M\nworkflow: move\nbody: [ { type: input, id: what, attributes: { label: W } } ]\n",
            "move.workflow.yaml": """
            document: { dsl: '1.0.3', namespace: acme, name: move, version: '1.0.0' }
            do:
              - both:
                  fork:
                    branches:
                      - pack: { call: pack }
                      - carry: { call: carry }
                      - clean: { call: clean }
            """,
            "pack.task.yaml": "title: Pack\nassign: { role: it-staff, strategy: pool }\n",
            "carry.task.yaml": "title: Carry\nassign: { role: it-staff, strategy: pool }\n",
            "clean.task.yaml": "title: Clean\nassign: { role: it-staff, strategy: pool }\n",
        ])
        let store = fixture.site.store
        let (uma, tom) = try await store.read { session in
            (try #require(try session.account("uma")), try #require(try session.account("tom")))
        }
        _ = try await store.inside(fixture.acme.id).submitTicket(
            TicketSubmission(type: "move", requester: uma, title: nil, answers: [:]), now: fixture.site.now)
        try await fixture.advance()
        let ids = try await store.write(in: fixture.acme.id) { session in
            let tasks = try session.tasks(ticket: 1)
            for task in tasks {
                try session.reassignTask(
                    task.id, .to("dave"), TaskMove(by: tom, onlyOwn: false, reason: nil, version: nil),
                    now: fixture.site.now)
            }
            return Dictionary(uniqueKeysWithValues: tasks.map { ($0.name, $0.id) })
        }
        let oldest = try #require(ids.min { $0.value < $1.value }?.key)
        let others = ids.keys.filter { $0 != oldest }.sorted()
        try await fixture.test { browser in
            try await browser.become("tom")
            func shown() async throws -> String {
                let page = try await browser.get("/c/acme/tickets").html
                return String(page.firstMatch(of: /<td class=((?:work|wait|idle)>[^<]*)/)?.1 ?? "")
            }
            @Sendable func change(_ name: String, _ columns: String) async throws {
                try await store.write { try $0.run("UPDATE task SET \(columns) WHERE id = ?", [ids[name]]) }
            }
            #expect(try await shown() == "work>\(oldest.capitalized)", "it has waited longest")
            try await change(oldest, "state = 'held', wake_at_ms = 9000000000000")
            try await change(others[1], "due_at_ms = 1000")
            #expect(try await shown() == "work>\(others[1].capitalized)", "it is late")
            let stuckOne = "state = 'ready', strategy = 'round-robin', waiting_reason = 'none_available'"
            try await change(others[0], "\(stuckOne), assignee_id = NULL")
            let stuck = try await shown()
            #expect(!stuck.isEmpty && !stuck.contains(others[1].capitalized), "nobody gets it by itself")
            try await change(oldest, "state = 'assigned', wake_at_ms = NULL, assignee_id = \(tom.id.rawValue)")
            #expect(try await shown() == "work>Waiting for you")
        }
    }

    @Test func `a column that says how late a ticket is and where it is has room for both`() async throws {
        let fixture = try await Self.filled()
        try await fixture.test { browser in
            try await browser.become("uma")
            #expect(try await browser.get("/c/acme/my/tickets").html.contains("<th scope=col class=w5>Now at"))
            #expect(try await !browser.get("/c/acme/my/tickets?state=closed").html.contains("class=w5"))
        }
    }

    @Test func `the head of a list in which rows are ticked has a box for all of them`() async throws {
        let fixture = try await Self.filled()
        try await fixture.test { browser in
            try await browser.become("tom")
            for list in ["tickets", "tasks"] {
                let page = try await browser.get("/c/acme/\(list)").html
                #expect(page.contains("<input type=checkbox class=all aria-label=\"All rows\">"), "\(list)")
            }
            #expect(!(try await browser.get("/c/acme/my/tickets").html.contains("class=all")))
        }
    }

    @Test func `a list sorts by its columns, and its pages go on both ways`() async throws {
        let fixture = try await Self.filled()
        let uma = try #require(try await fixture.site.store.read { try $0.account("uma") })
        for number in 6...60 {
            _ = try await fixture.site.store.inside(fixture.acme.id).submitTicket(
                TicketSubmission(
                    type: "thing", requester: uma, title: "Access to Payroll as reader \(number)",
                    answers: ["what": "x"]),
                now: fixture.site.now)
        }
        try await fixture.advance()
        try await fixture.test { browser in
            try await browser.become("tom")
            let list = "/c/acme/tickets?state=all&sort=number"
            let first = try await browser.get(list).html
            #expect(Self.rows(first) == Array(1...25))
            #expect(first.contains("aria-sort=ascending"))
            #expect(!first.contains("rel=prev"))
            func link(_ rel: String, _ html: String) throws -> String {
                let tag = try #require(html.firstMatch(of: try Regex(#"href="([^"]*)" rel=\#(rel)>"#)))
                // The list's own address is where the link is.
                return "/c/acme/tickets" + String(tag.output[1].substring ?? "").replacing("&amp;", with: "&")
            }
            let second = try await browser.get(try link("next", first)).html
            #expect(Self.rows(second) == Array(26...50))
            let third = try await browser.get(try link("next", second)).html
            #expect(Self.rows(third) == Array(51...60))
            #expect(!third.contains("rel=next"))
            #expect(Self.rows(try await browser.get(try link("prev", third)).html) == Array(26...50))
            #expect(Self.rows(try await browser.get(try link("prev", second)).html) == Array(1...25))
            let narrowed = try await browser.get(list + "&type=thing&text=payroll").html
            let cursor = try link("next", narrowed)
            for kept in ["state=all", "sort=number", "type=thing", "text=payroll"] {
                #expect(cursor.contains(kept), "\(cursor)")
            }
            let told = "The place is one in another order: this list begins at its start"
            #expect(try await !browser.get(cursor).html.contains(told))
            let changes = [("sort=number", "sort=-number"), ("sort=number", "sort=due")]
            for (item, change) in changes {
                let other = cursor.replacing(item, with: change)
                let page = try await browser.get(other).html
                #expect(page.contains(told), "\(other)")
                #expect(page.contains("rel=next") && !page.contains("rel=prev"))
                let file = other.replacing("/tickets?", with: "/tickets.csv?")
                #expect(try await browser.get(file).status == .unprocessableContent)
            }
            let token = try await browser.token("tom")
            let program = "/api/v1/companies/acme/tickets?limit=2"
            let next = try JSON(parsing: try await browser.json(program, .get, token: token).html)["next"]
            let after = "&after=\(try #require(next.stringValue))"
            #expect(try await browser.json(program + after, .get, token: token).status == .ok)
            for other in ["&sort=number", "&sort=due", "&sort=-updated"] {
                let refused = try await browser.json(program + after + other, .get, token: token)
                #expect(refused.status == .unprocessableContent, "\(other)")
                #expect(refused.html.contains("is of a list in another order"))
            }
            #expect(Self.table(try await browser.get("/c/acme/tickets.csv?state=all&sort=number").html).count == 60)
            let sheet = try await browser.get(Asset.styleSheet.path, headers: [.acceptEncoding: "gzip"])
            let style = sheet.body.readableBytes
            for path in ["/c/acme/tasks", "/c/acme/tickets"] {
                let page = try await browser.get(path).html
                let size = page.utf8.count + style
                #expect(size <= 13_000, "\(path): \(size) bytes with the style sheet")
                #expect(page.contains("the first") || page.contains("that match"))
            }
        }
    }

    @Test func `the counts of a list's tabs follow with its rows`() async throws {
        let fixture = try await Self.filled()
        let uma = try #require(try await fixture.site.store.read { try $0.account("uma") })
        try await fixture.test { browser in
            try await browser.become("tom")
            // None of the new tickets is among these rows.
            let rows = "/c/acme/tickets/rows?state=closed"
            let before = try await browser.get(rows)
            let tabs = "<nav class=tabs aria-label=Views>"
            #expect(before.html.hasPrefix("<a class=bell href=/notifications") && before.html.contains(tabs))
            let page = try await browser.get("/c/acme/tickets?state=closed").html
            #expect(page.ranges(of: tabs).count == 1)
            #expect(!page.contains("scope=col class=w2>With"), "a closed ticket is with nobody")
            let tag = try #require(before.headers[.eTag])
            #expect(page.contains("data-live=\(tag.dropFirst().dropLast())"), "the page and its part have one state")
            _ = try await fixture.site.store.inside(fixture.acme.id).submitTicket(
                TicketSubmission(type: "thing", requester: uma, title: "One more", answers: ["what": "x"]),
                now: fixture.site.now)
            let after = try await browser.get(rows, headers: [.ifNoneMatch: tag])
            #expect(after.status == .ok && after.html != before.html)
            #expect(Self.rows(after.html) == Self.rows(before.html))
            #expect(!after.html.contains("1 new notification"))
            let dave = try #require(try await fixture.site.store.read { try $0.account("dave") })
            try await fixture.site.store.write(in: fixture.acme.id) { session in
                try session.reassignTask(
                    2, .to("tom"), TaskMove(by: dave, onlyOwn: false, reason: nil, version: nil), now: fixture.site.now)
            }
            let told = try await browser.get(rows, headers: [.ifNoneMatch: try #require(after.headers[.eTag])])
            #expect(told.html.contains("aria-label=\"1 new notification\""), "the bell follows too: \(told.html)")
        }
    }

    @Test func `the rows are served alone, and not again while nothing has changed`() async throws {
        let fixture = try await Self.filled()
        try await fixture.test { browser in
            try await browser.become("tom")
            let rows = try await browser.get("/c/acme/tickets/rows?type=other")
            #expect(Self.rows(rows.html) == [3])
            #expect(!rows.html.contains("<html"))
            let tag = try #require(rows.headers[.eTag])
            let again = try await browser.get("/c/acme/tickets/rows?type=other", headers: [.ifNoneMatch: tag])
            #expect(again.status == .notModified)
        }
    }
}
