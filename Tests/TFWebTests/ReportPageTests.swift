import Foundation
import HummingbirdTesting
import TFDefinition
import TFEngine
import TFExpression
import Testing

@testable import TFStore
@testable import tf_web

/// The pages of reports, workers and queues: their figures, and who sees which.
@Suite struct ReportPageTests {
    @Test func `plots and tables tell the same, and a spreadsheet gets each table`() async throws {
        let fixture = try await WebFixture.fullSite()
        try await fixture.test { browser in
            try await browser.become("tom")
            let page = try await browser.get("/c/acme/reports").html
            #expect(page.contains("<dt>Opened</dt><dd>31</dd>"))
            #expect(page.contains("<h2>Opened and closed</h2>"))
            #expect(page.contains("30 more opened than closed."))
            #expect(page.contains(">Thing &lt;b&gt;<"))
            let table = try await browser.get("/c/acme/reports/table?table=types")
            #expect(table.headers[.contentType] == "text/csv; charset=utf-8; header=present")
            let rows = CSVReader.rows(table.html)
            #expect(rows.first == ["Type", "Open", "Late"])
            #expect(rows.contains(["Thing <b>", "26", "0"]))
            let days = CSVReader.rows(try await browser.get("/c/acme/reports/table?period=week&table=flow").html)
            #expect(days.count == 8)
            #expect(days.last?.dropFirst() == ["31", "1"])
            let narrowed = try await browser.get("/c/acme/reports?type=thing&period=year").html
            #expect(narrowed.contains("<dt>Opened</dt><dd>26</dd>"))
            #expect(narrowed.contains(#"<a class="tag" href="/c/acme/reports?period=year">of type Thing"#))
            #expect(try await browser.get("/c/acme/reports?type=none").html.contains("Clear the filters"))
        }
    }

    @Test func `what is not late has one colour in all plots`() async throws {
        let fixture = try await WebFixture.fullSite()
        try await fixture.site.store.write { try $0.run("UPDATE ticket SET next_due_at_ms = 1 WHERE number < 9") }
        try await fixture.test { browser in
            try await browser.become("tom")
            let page = try await browser.get("/c/acme/reports").html
            let samples = page.matches(of: /<rect class="(\w+)"[^>]*><text[^>]*>Not late</).map(\.output.1)
            #expect(samples == ["work", "work"], "\(samples)")
        }
    }

    @Test func `of one step only figures of its tasks are told, and not those of all tickets`() async throws {
        let fixture = try await WebFixture.fullSite()
        try await fixture.test { browser in
            try await browser.become("tom")
            let page = try await browser.get("/c/acme/reports?step=look").html
            #expect(page.contains("<dt>Tasks done</dt><dd>0</dd>"))
            #expect(page.contains(#"<dt>Open now</dt><dd><a href="/c/acme/tasks?step=look">2</a></dd>"#), "\(page)")
            #expect(page.contains("<h2>Open by step</h2>"))
            for card in ["Opened and closed", "Age of what is open", "When tickets come", "Open by type"] {
                #expect(!page.contains("<h2>\(card)</h2>"), "\(card)")
            }
            #expect(!page.contains("<dt>Opened</dt>"))
            let table = try await browser.get("/c/acme/reports/table?table=types&step=look").html
            #expect(!table.contains("Thing"))
        }
    }

    @Test func `a plot that has no room for everything says what it shows`() async throws {
        let fixture = try await WebFixture()
        let names = (1...7).map { "kind-\($0)" }
        try await fixture.publish(
            Dictionary(
                uniqueKeysWithValues: names.map { name in
                    (
                        "\(name).ticket.yaml",
                        "name: \(name)\ndescription: D\ntitle: T\nassign: { role: it-staff }\nbody: [ { type: input, id: what, attributes: { label: W } } ]\n"
                    )
                }))
        let uma = try #require(await fixture.site.store.read { try $0.account("uma") })
        for name in names {
            _ = try await fixture.site.store.inside(fixture.acme.id).submitTicket(
                TicketSubmission(type: name, requester: uma, title: "T", answers: [:]), now: fixture.site.now)
        }
        try await fixture.advance()
        try await fixture.test { browser in
            try await browser.become("tom")
            let page = try await browser.get("/c/acme/reports").html
            #expect(page.contains(" The 6 with most of 7 types; the table has all."))
            let one = try await browser.get("/c/acme/reports?type=kind-1").html
            #expect(!one.contains("the table has all"))
        }
    }

    @Test func `reports are for ticket admins, and leave out what they may not see`() async throws {
        let fixture = try await WebFixture.fullSite()
        try await fixture.site.store.write { session in
            try session.run(
                """
                INSERT INTO ticket_view_role (company_id, ticket_id, role)
                SELECT company_id, id, 'nobody-has-it' FROM ticket WHERE type = 'thing'
                """)
        }
        try await fixture.test { browser in
            for (login, opened) in [("tom", "5"), ("ada", "31")] {
                browser.forgetCookies()
                try await browser.become(login)
                let page = try await browser.get("/c/acme/reports").html
                #expect(page.contains("<dt>Opened</dt><dd>\(opened)</dd>"), "\(login)")
                let open = CSVReader.rows(try await browser.get("/c/acme/reports/table?table=types").html)
                #expect(open.contains { $0[0] == "Thing <b>" } == (login == "ada"))
            }
            for login in ["uma", "dave"] {
                browser.forgetCookies()
                try await browser.become(login)
                for path in ["reports", "reports/table", "workers", "availability/dave"] {
                    #expect(try await browser.get("/c/acme/\(path)").status == .forbidden, "\(login): \(path)")
                }
            }
        }
    }

    @Test func `a worker's row tells what is open, and setting them away says what becomes of it`() async throws {
        let fixture = try await WebFixture.fullSite()
        try await fixture.test { browser in
            try await browser.become("tom")
            let page = try await browser.get("/c/acme/workers").html
            #expect(page.contains("0 started, 3 not started, 0 on hold"))
            let path = "/c/acme/availability/dave"
            let form = try await browser.get(path).html
            #expect(form.contains("<h1>Set Dave Diaz away</h1>"))
            #expect(form.contains("They have <a href=\"/c/acme/tasks?assignee=dave\">3 open tasks</a>."))
            #expect(form.contains("Hands over 3 tasks not started."))
            #expect(form.contains("3 tasks wait."))
            let away = try await browser.submit(
                path, to: path, [("available", "false"), ("handover", "not_started")])
            #expect(away.headers[.location] == "/c/acme/workers")
            let after = try await browser.get("/c/acme/workers").html
            #expect(after.contains("Dave Diaz is away. 3 tasks go to others, as far as somebody may do them."))
            #expect(after.contains("0 started, 0 not started, 0 on hold"))
            #expect(try await browser.get("/c/acme/availability/nobody").status == .notFound)
            let rows = try await browser.get("/c/acme/workers/rows")
            #expect(rows.html.hasPrefix("<section class=\"banner") || rows.html.contains("<table class=\"rows\">"))
            let tag = try #require(rows.headers[.eTag])
            #expect(!tag.isEmpty)
        }
    }

    @Test func `who sets somebody away is told what really goes: a hold ends, and what is meant for them stays`()
        async throws
    {
        let fixture = try await WebFixture.fullSite()
        let store = fixture.site.store
        let ids = try await store.read(in: fixture.acme.id) { try $0.openTasks(of: "dave") }
        #expect(ids.count == 3)
        try await store.write { session in
            try session.run("UPDATE task SET state = 'held', wake_at_ms = 9000000000000 WHERE id = ?", [ids[0]])
            try session.run("UPDATE task SET strategy = 'person' WHERE id = ?", [ids[1]])
        }
        try await fixture.test { browser in
            try await browser.become("tom")
            let path = "/c/acme/availability/dave"
            let form = try await browser.get(path).html
            let all = "Hands over 2 tasks, also 1 on hold, whose hold ends; 1 stays, meant for them."
            #expect(form.contains(all), "\(form)")
            #expect(form.contains("Hands over 1 task not started; 2 stay, on hold or meant for them."), "\(form)")
            _ = try await browser.submit(path, to: path, [("available", "false"), ("handover", "all")])
            #expect(try await browser.get("/c/acme/workers").html.contains("Dave Diaz is away. 2 tasks go to others"))
        }
        #expect(try await store.read(in: fixture.acme.id) { try $0.openTasks(of: "dave") } == [ids[1]])
    }

    @Test func `the queues' page shows what failed and tries it again`() async throws {
        let fixture = try await WebFixture.fullSite()
        try await fixture.test { browser in
            try await browser.become("ada")
            let page = try await browser.get("/admin/queues").html
            #expect(page.contains("Steps of workflows"))
            #expect(page.contains("<td class=fail>Failing<th"))
            #expect(page.contains("</table><p class=\"sm soft\">Tasks on hold are not counted.</p>"))
            #expect(page.contains("Acme"), "\(page)")
            #expect(page.contains("“Divide”: An expression could not be computed (status 400), "))
            #expect(page.contains("<td class=wait>Waiting<th"), "nothing was done lately")
            #expect(!page.contains("by zero"), "an error may quote answers that are for others")
            #expect(page.contains("Redis cannot be reached"))
            try await LostClaimTests.expectSame("/admin/queues", browser)
            let action = try #require(page.firstMatch(of: /action="([^"]+\/retry)"/)?.output.1)
            let sent = try await browser.submit("/admin/queues", to: String(action), [])
            #expect(sent.status == .seeOther)
        }
    }

    @Test func `a list that is left open is not sent again while nothing has changed`() async throws {
        let fixture = try await WebFixture.fullSite()
        try await fixture.test { browser in
            let lists = [
                "dave": ["/c/acme/my/tasks", "/notifications"],
                "tom": ["/c/acme/tickets", "/c/acme/tasks", "/c/acme/workers"], "uma": ["/c/acme/my/tickets"],
            ]
            for (login, paths) in lists {
                browser.forgetCookies()
                try await browser.become(login)
                for path in paths { try await LostClaimTests.expectSame(path, browser) }
                guard login == "dave" else { continue }
                #expect(try await browser.get("/c/acme/my/tasks").html.contains("Do this next"))
            }
        }
    }

    @Test func `scales end at a round number that the longest bar fits into`() {
        #expect([0, 1, 4, 5, 9, 16, 17, 31, 41, 1_000].map(Plot.end) == [4, 4, 4, 8, 12, 16, 20, 40, 80, 1_200])
        #expect([0, 1.04, 2.5, -0.3, -12.34].map(Plot.number) == ["0", "1", "2.5", "-0.3", "-12.3"])
    }

    @Test func `a day begins at the company's midnight, also where the clocks change`() throws {
        let row = Row(
            columns: ["id", "slug", "name", "timezone", "version"],
            values: [.integer(1), .text("a"), .text("A"), .text("Europe/Berlin"), .integer(1)])
        let berlin = Company(row: row)
        for (day, moment) in [
            ("2026-11-27", "2026-11-26T23:00:00Z"), ("2026-10-25", "2026-10-24T22:00:00Z"),
            ("2026-10-26", "2026-10-25T23:00:00Z"), ("2026-03-29", "2026-03-28T23:00:00Z"),
            ("2026-03-30", "2026-03-29T22:00:00Z"),
        ] {
            let date = try #require(CalendarDate(day))
            #expect(Moment.iso8601(berlin.beginning(of: date)) == moment, "\(day)")
        }
    }
}
