import HTTPTypes
import HummingbirdTesting
import TFDefinition
import TFEngine
import TFExpression
import TestSupport
import Testing

@testable import TFStore
@testable import tf_web

/// Doing the same to several rows: a preview, then a result for each row.
@Suite struct BulkTests {
    /// Four tickets with a task that nobody has; the second is cancelled already.
    static func filled() async throws -> WebFixture {
        let fixture = try await WebFixture()
        let store = fixture.site.store
        let uma = try #require(try await store.read { try $0.account("uma") })
        for number in 1...4 {
            _ = try await store.inside(fixture.acme.id).submitTicket(
                TicketSubmission(type: "thing", requester: uma, title: "T\(number)", answers: ["what": "x"]),
                now: fixture.site.now)
        }
        try await fixture.advance()
        try await store.write(in: fixture.acme.id) { session in
            try session.cancelTicket(2, version: nil, by: uma, now: fixture.site.now)
        }
        try await fixture.advance()
        return fixture
    }

    static func holders(_ fixture: WebFixture) async throws -> [String?] {
        try await fixture.site.store.read(in: fixture.acme.id) { session in
            try (1...4).flatMap { try session.tasks(ticket: TicketID($0)) }.map(\.assignee)
        }
    }

    @Test func `a preview says what would be done to how many, and to which it cannot be done and why`() async throws {
        let fixture = try await Self.filled()
        try await fixture.test { browser in
            try await browser.become("tom")
            let list = try await browser.get("/c/acme/tickets").html
            #expect(list.contains("Reassign…"))
            let page = try await browser.get("/c/acme/tickets/bulk?action=cancel&n=1&n=2&n=99&n=1&n=-1").html
            #expect(page.contains("<h1>Cancel 1 of 3 tickets</h1>"))
            #expect(page.contains("<button class=\"primary danger\">Cancel 1 of 3 tickets</button>"))
            #expect(page.contains("<form class=\"card stack\" method=\"post\" action=\"/c/acme/tickets/bulk\""))
            #expect(page.contains("It is cancelled already."))
            #expect(page.contains("There is none here. <span class=\"soft\">#99"))
            let all = try await browser.get("/c/acme/tickets/bulk?action=reassign&match=all&query=state%3Dall").html
            #expect(all.contains("<h1>Reassign 3 of 4 tickets"))
            #expect(all.contains("Dave Diaz</option>"))
            #expect(all.contains("Nobody has anything to do for it at present."))
            let none = try await browser.get("/c/acme/tickets/bulk?action=retry&n=1").html
            #expect(
                none.contains("<h1>It cannot be tried again</h1>") && none.contains("None of its steps has failed."))
            let several = try await browser.get("/c/acme/tickets/bulk?action=retry&n=1&n=3&n=4").html
            #expect(several.contains("<h1>None of these 3 tickets can be tried again</h1>"))
            #expect(try await browser.get("/c/acme/tickets/bulk").headers[.location] == "/c/acme/tickets")
            #expect(try await browser.get("/c/acme/tasks/bulk?action=cancel&n=1").headers[.location] == "/c/acme/tasks")
        }
    }

    @Test func `a list offers what can be done to some of its rows, and ticks them only for that`() async throws {
        let fixture = try await Self.filled()
        try await fixture.test { browser in
            try await browser.become("tom")
            for (list, offered) in [
                ("tickets", ["reassign", "priority", "cancel"]),
                ("tickets?state=all", ["reassign", "priority", "retry", "cancel"]), ("tickets?state=cancelled", []),
                ("tasks", ["reassign", "priority"]), ("tasks?state=all", ["reassign", "priority", "retry"]),
                ("tasks?state=withdrawn", []),
            ] {
                let page = try await browser.get("/c/acme/\(list)").html
                let actions = page.matches(of: /name=action value=(\w+)/).map { String($0.output.1) }
                #expect(actions == offered, "\(list)")
                #expect(page.contains("<tbody><tr>"), "\(list) has rows")
                #expect(page.contains("type=checkbox name=n") == !offered.isEmpty, "\(list)")
            }
        }
    }

    @Test func `a preview of a reassignment says who has each row, and one of a few rows names all`() async throws {
        let fixture = try await Self.filled()
        let tom = try #require(try await fixture.site.store.read { try $0.account("tom") })
        try await fixture.site.store.write(in: fixture.acme.id) { session in
            try session.reassignTask(
                1, .to("erin"), TaskMove(by: tom, onlyOwn: false, reason: nil, version: nil), now: fixture.site.now)
        }
        try await fixture.test { browser in
            try await browser.become("tom")
            let page = try await browser.get("/c/acme/tickets/bulk?action=reassign&n=1&n=3").html
            #expect(page.contains("<li>#1 T1 <span class=\"soft\">(now with Erin Egger)</span></li><li>#3 T3</li>"))
            #expect(
                page.contains("<option value=\"\">Choose…</option><option value=\"*\">Chosen automatically</option>"))
            #expect(page.contains("<details open><summary>2 tickets</summary>"))
            #expect(try await !browser.get("/c/acme/tickets/bulk?action=cancel&n=1").html.contains("now with"))
        }
    }

    @Test func `a preview says to whom only some of the rows can be given, and goes back to the list as it was`()
        async throws
    {
        let fixture = try await Self.filled()
        try await fixture.site.store.write { session in
            try session.run(#"UPDATE task SET excluded = '["dave"]' WHERE ticket_id = 3"#)
        }
        try await fixture.test { browser in
            try await browser.become("tom")
            let path = "/c/acme/tickets/bulk"
            let page = try await browser.get("\(path)?action=reassign&n=1&n=2&n=3&n=4&query=sort%3Ddue").html
            #expect(page.contains("Dave Diaz – may have 2 of the 3</option>"))
            #expect(page.contains(#"href="/c/acme/tickets?sort=due">No, go back"#))
            let fields =
                Browser.hidden(in: page)
                + ["query", "action", "rows", "others"].map { ($0, Browser.hidden($0, in: page) ?? "") }
                + [("assignee", "dave")]
            let asked = try await browser.post(path, fields + [("reason", "Erin is ill")])
            #expect(asked.status == .ok && !asked.html.contains("There is a problem"), "the preview goes on")
            #expect(asked.html.contains("<h2>Dave Diaz can be given 2 of 4 tickets</h2>"))
            #expect(asked.html.contains("The workflow excludes Dave Diaz from it. <span class=\"soft\">#3</span>"))
            #expect(asked.html.contains("Nobody has anything to do for it at present. <span class=\"soft\">#2</span>"))
            #expect(asked.html.contains("<button class=\"primary\">Reassign 2 of 4 tickets</button>"))
            #expect(
                asked.html.contains("<option value=\"dave\" selected>") && asked.html.contains("value=\"Erin is ill\""))
            #expect(try await Self.holders(fixture) == [nil, nil, nil, nil])
            let rest =
                Browser.hidden(in: asked.html)
                + ["query", "action", "rows", "others", "agreed"].map { ($0, Browser.hidden($0, in: asked.html) ?? "") }
            #expect(asked.html.contains("<h1>Reassign 2 of 4 tickets</h1>"))
            #expect(rest.contains { $0 == ("rows", "1,3,4") }, "somebody else may have them all")
            let other = try await browser.post(path, rest + [("assignee", BulkOrder.byRule)])
            #expect(other.status == .ok, "with another choice the rows are other ones")
            #expect(other.html.contains("<option value=\"*\" selected>"))
            #expect(
                other.html.contains("<h1>Reassign 3 of 4 tickets</h1>")
                    && other.html.contains("<h2>It is about 3 of 4 tickets now</h2>"))
            #expect(Browser.hidden("agreed", in: other.html) == nil)
            @Sendable func exclude(_ logins: String) async throws {
                try await fixture.site.store.write { session in
                    try session.run("UPDATE task SET excluded = ? WHERE ticket_id = 4", [logins])
                }
            }
            try await exclude(#"["dave"]"#)
            let fewer = try await browser.post(path, rest + [("assignee", "dave")])
            #expect(fewer.status == .ok, "no row is dropped without a word")
            #expect(fewer.html.contains("Dave Diaz can be given 1 of 4 tickets"))
            try await exclude("[]")
            #expect(try await Self.holders(fixture) == [nil, nil, nil, nil])
            let done = try await browser.post(path, rest + [("assignee", "dave")])
            let results = try await browser.get(try #require(done.headers[.location])).html
            #expect(results.contains(#"href="/c/acme/tickets?sort=due">Back to the list"#))
            #expect(results.contains("<h1>Done with 2 of 3 tickets</h1>"), "\(results)")
            #expect(results.contains("The workflow excludes Dave Diaz from it."))
            try await exclude(#"["dave"]"#)
            let again = try await browser.post(path, rest + [("assignee", "dave")])
            #expect(again.headers[.location] == done.headers[.location], "it is done, whoever may have it now")
            let alone = try await browser.submit(
                "\(path)?action=reassign&n=3", to: path, [("action", "reassign"), ("rows", "3"), ("assignee", "dave")])
            #expect(alone.status == .unprocessableContent)
            #expect(alone.html.contains("Dave Diaz may have none of these: choose somebody else"))
            #expect(Browser.hidden("rows", in: alone.html) == "3")
            let unticked = try await browser.get("\(path)?action=reassign&query=sort%3Ddue").html
            #expect(unticked.contains("No row is ticked"))
        }
    }

    @Test(arguments: ["tickets", "tasks"])
    func `nobody is preset for a reassignment, and each result says who has it now`(_ list: String) async throws {
        let fixture = try await Self.filled()
        try await fixture.test { browser in
            try await browser.become("tom")
            let path = "/c/acme/\(list)/bulk"
            let order = [("action", "reassign"), ("rows", "1"), ("reason", "Dave is ill")]
            for unchosen in [[], [("assignee", "")]] {
                let unsaid = try await browser.submit("\(path)?action=reassign&n=1", to: path, order + unchosen)
                #expect(unsaid.status == .unprocessableContent)
                #expect(unsaid.html.contains("<a href=\"#f-assignee\">Choose to whom</a>"))
                #expect(
                    unsaid.html.contains("value=\"Dave is ill\"") && unsaid.html.contains(#"name="rows" value="1""#))
            }
            #expect(try await Self.holders(fixture)[0] == nil)
            for (assignee, told) in [
                ("dave", "done>With Dave Diaz now"), ("dave", "off>With Dave Diaz as before"),
                ("*", "done>Nobody yet: the rule chooses"),
            ] {
                let sent = try await browser.submit(
                    "\(path)?action=reassign&n=1", to: path, order + [("assignee", assignee)])
                let page = try await browser.get(try #require(sent.headers[.location])).html
                #expect(page.contains("<td class=\(told)"), "\(page)")
                #expect(try await Self.holders(fixture)[0] == (assignee == "dave" ? "dave" : nil))
            }
        }
    }

    @Test func `each row is changed on its own: one that is refused keeps no other from it, and a resend does nothing`()
        async throws
    {
        let fixture = try await Self.filled()
        try await fixture.test { browser in
            try await browser.become("tom")
            let path = "/c/acme/tickets/bulk"
            let preview = try await browser.get("\(path)?action=reassign&n=1&n=3&n=4").html
            let rows = try #require(Browser.hidden("rows", in: preview))
            #expect(rows == "1,3,4")
            let fields =
                Browser.hidden(in: preview) + [("action", "reassign"), ("rows", "1,2,4,77"), ("assignee", "dave")]
            let done = try await browser.post(path, fields)
            #expect(done.status == .seeOther)
            let location = try #require(done.headers[.location])
            let page = try await browser.get(location).html
            #expect(page.contains("Done with 2 of 4 tickets"))
            #expect(page.contains("<td class=fail>There is none here."))
            #expect(!page.contains("<table class=rows"), "a reason is not cut off")
            #expect(page.contains("Nobody has anything to do for it at present."))
            #expect(try await Self.holders(fixture) == ["dave", nil, nil, "dave"])
            try await fixture.site.store.write { try $0.run("UPDATE task SET assignee_id = NULL, state = 'ready'") }
            let again = try await browser.post(path, fields)
            #expect(again.headers[.location] == location)
            #expect(try await Self.holders(fixture) == [nil, nil, nil, nil])
            browser.forgetCookies()
            try await browser.become("ada")
            #expect(try await browser.get(location).headers[.location] == "/c/acme/tickets")
        }
    }

    @Test func `tickets get a priority with their open tasks, and are cancelled`() async throws {
        let fixture = try await Self.filled()
        try await fixture.test { browser in
            try await browser.become("tom")
            let path = "/c/acme/tickets/bulk"
            let preview = "\(path)?action=priority&n=1&n=3"
            let unsaid = try await browser.submit(preview, to: path, [("action", "priority"), ("rows", "1,3")])
            #expect(unsaid.status == .unprocessableContent)
            #expect(unsaid.html.contains("Choose the priority"))
            #expect(unsaid.html.contains("Tickets and their open tasks move up or down"))
            #expect(unsaid.html.contains(#"name="rows" value="1,3""#))
            let sent = try await browser.submit(
                preview, to: path, [("action", "priority"), ("rows", "1,3"), ("priority", "urgent")])
            #expect(sent.status == .seeOther)
            let told = try await browser.get(try #require(sent.headers[.location])).html
            #expect(told.contains("<td class=done>Priority is urgent now"))
            let followed = try await fixture.site.store.read(in: fixture.acme.id) { try $0.tasks(ticket: 1) }
            #expect(followed.map(\.priority) == [.urgent])
            // A task to which somebody has given another priority keeps it.
            let task = "/c/acme/tasks/\(followed[0].id)"
            _ = try await browser.submit(task, to: "\(task)/priority", [("priority", "low")])
            _ = try await browser.submit(
                preview, to: path, [("action", "priority"), ("rows", "1,3"), ("priority", "high")])
            let cancelled = try await browser.submit(
                "\(path)?action=cancel&n=3&n=4", to: path,
                [("action", "cancel"), ("rows", "3,4"), ("reason", "Ordered twice")])
            #expect(cancelled.status == .seeOther)
            for ticket in [3, 4] {
                let page = try await browser.get("/c/acme/tickets/\(ticket)").html
                #expect(page.contains("<b>Tom Tischler</b> cancelled the ticket: Ordered twice"))
            }
        }
        try await fixture.advance()
        let (tickets, tasks) = try await fixture.site.store.read(in: fixture.acme.id) { session in
            (try (1...4).compactMap { try session.ticket(number: $0) }, try session.tasks(ticket: 1))
        }
        #expect(tickets[0].priority == .high)
        #expect(tasks.map(\.priority) == [.low])
        #expect(tickets.map(\.state) == [.open, .cancelled, .cancelled, .cancelled])
    }

    @Test func `rights are proved for each row: a ticket that the admin may not see is as one that is not there`()
        async throws
    {
        let fixture = try await Self.filled()
        try await fixture.site.store.write { session in
            try session.run(
                "INSERT INTO ticket_view_role (company_id, ticket_id, role) SELECT company_id, id, 'it-staff' FROM ticket WHERE number = 1"
            )
        }
        try await fixture.test { browser in
            try await browser.become("tom")
            let path = "/c/acme/tickets/bulk"
            let preview = try await browser.get("\(path)?action=cancel&n=1&n=3").html
            #expect(preview.contains("<h1>Cancel 1 of 2 tickets"))
            #expect(!preview.contains("#1 T1"))
            let sent = try await browser.submit(
                "\(path)?action=cancel&n=3", to: path, [("action", "cancel"), ("rows", "1,3")])
            let page = try await browser.get(try #require(sent.headers[.location])).html
            #expect(page.contains("Done with 1 of 2 tickets"))
            #expect(page.contains("<td>#1<td><td class=fail>There is none here."))
            // The site's admin may cancel a ticket, but not say how urgent it is.
            browser.forgetCookies()
            try await browser.become("ada")
            let urgent = try await browser.get("\(path)?action=priority&n=1").html
            #expect(urgent.contains("“Ticket admin”"))
            browser.forgetCookies()
            try await browser.become("uma")
            #expect(try await browser.get("\(path)?action=cancel&n=3").status == .forbidden)
        }
    }

    @Test func `a preview names the tasks on hold, whose hold ends with the change of hands`() async throws {
        let fixture = try await Self.filled()
        let store = fixture.site.store
        let (tom, dave) = try await store.read { session in
            (try #require(try session.account("tom")), try #require(try session.account("dave")))
        }
        try await store.write(in: fixture.acme.id) { session in
            let now = fixture.site.now
            for task in [TaskID(1), TaskID(4)] {
                try session.reassignTask(
                    task, .to("dave"), TaskMove(by: tom, onlyOwn: false, reason: nil, version: nil), now: now)
                try session.holdTask(
                    task, until: now + 86_400_000, TaskMove(by: dave, onlyOwn: true, reason: nil, version: nil),
                    now: now)
            }
        }
        try await fixture.test { browser in
            try await browser.become("tom")
            let path = "/c/acme/tasks/bulk"
            let preview = try await browser.get("\(path)?action=reassign&n=1&n=3&n=4").html
            #expect(
                preview.contains("<h2>2 tasks on hold</h2>")
                    && preview.contains(">1, 4: with the new worker the hold ends"))
            #expect(
                try await browser.get("/c/acme/tickets/bulk?action=reassign&n=1&n=3").html.contains("1 ticket on hold"))
            #expect(try await !browser.get("\(path)?action=priority&n=1").html.contains("on hold"))
            #expect(try await browser.get("/c/acme/tasks/1/assignment").html.contains("It is on hold. That ends"))
            for (row, login) in [("1", "erin"), ("4", "dave")] {
                let sent = try await browser.submit(
                    "\(path)?action=reassign&n=\(row)", to: path,
                    [("action", "reassign"), ("rows", row), ("assignee", login)])
                #expect(sent.status == .seeOther)
            }
        }
        let tasks = try await store.read(in: fixture.acme.id) { session in
            (try #require(try session.task(id: 1)), try #require(try session.task(id: 4)))
        }
        #expect(tasks.0.state == .assigned && tasks.0.wakeAtMs == nil)
        #expect(tasks.1.state == .held, "it was theirs already")
    }

    @Test(arguments: [[], [("rows", "")], [("rows", "x,-1")]])
    func `an order without rows says to tick some`(_ rows: [(String, String)]) async throws {
        let fixture = try await Self.filled()
        try await fixture.test { browser in
            try await browser.become("tom")
            let path = "/c/acme/tasks/bulk"
            let sent = try await browser.submit(
                "\(path)?action=reassign&n=1", to: path, [("action", "reassign"), ("query", "sort=due")] + rows)
            #expect(sent.status == .unprocessableContent)
            #expect(sent.html.contains("<a href=\"#f-rows\">Tick at least one row in the list</a>"))
            #expect(sent.html.contains("id=\"f-rows\"") && sent.html.contains("No row is ticked"))
            #expect(sent.html.contains("/c/acme/tasks?sort=due"))
        }
    }

    @Test func `tasks are reassigned and get a priority, and ended ones say so`() async throws {
        let fixture = try await Self.filled()
        try await fixture.test { browser in
            try await browser.become("tom")
            let path = "/c/acme/tasks/bulk"
            let preview = try await browser.get("\(path)?action=reassign&n=1&n=2&match=all&query=state%3Dall").html
            #expect(preview.contains("<h1>Reassign 3 of 4 tasks"))
            #expect(preview.contains("It has ended: not needed."))
            let sent = try await browser.submit(
                "\(path)?action=reassign&n=1", to: path,
                [("action", "reassign"), ("rows", "1,2,4"), ("assignee", "erin"), ("reason", "Dave is ill")])
            let page = try await browser.get(try #require(sent.headers[.location])).html
            #expect(page.contains("Done with 2 of 3 tasks"))
            #expect(page.contains(/<td class=done>With Erin [A-Z][a-z]+ now/))
            #expect(try await Self.holders(fixture) == ["erin", nil, nil, "erin"])
            let asked = try await browser.get("\(path)?action=priority&n=1").html
            #expect(asked.contains("Their tickets keep the priority that they have"))
            let urgent = try await browser.submit(
                "\(path)?action=priority&n=1", to: path, [("action", "priority"), ("rows", "1"), ("priority", "high")])
            #expect(urgent.status == .seeOther)
            let retried = try await browser.submit(
                "\(path)?action=priority&n=1", to: path, [("action", "retry"), ("rows", "1")])
            #expect(try await browser.get(try #require(retried.headers[.location])).html.contains("It has not failed."))
        }
        let task = try await fixture.site.store.read(in: fixture.acme.id) { try $0.task(id: 1) }
        #expect(task?.priority == .high)
    }
}
