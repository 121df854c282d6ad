import HTTPTypes
import HummingbirdTesting
import TFDefinition
import TFEngine
import TFExpression
import TFStore
import Testing

@testable import tf_web

/// Being away, now or as planned, over pages and REST.
@Suite struct AbsenceTests {
    @Test func `who goes away is asked what becomes of their tasks, from the account's page too`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("dave")
            let page = try await browser.get("/account").html
            let main = try #require(page.split(separator: "<main").last)
            #expect(main.contains("/c/acme/my/tasks?plan=absence#absence\">Set me away, now or later"))
            #expect(!main.contains("name=\"available\""))
        }
    }

    @Test func `absence is planned on the page and over REST, and its errors are told at the field`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("dave")
            let (from, until) = (
                Moment.iso8601(fixture.site.now + 3_600_000), Moment.iso8601(fixture.site.now + 7_200_000)
            )
            let path = "/c/acme/my/availability"
            let form = try await browser.get("/c/acme/my/tasks?plan=absence").html
            let parts = form.split(separator: "<h2>Plan an absence</h2>")
            #expect(parts.count == 2)
            #expect(parts.last?.contains(">To claim") == true, "it stands above the tasks")
            #expect(form.contains("In Berlin time. Empty: from now on."), "\(form)")
            let planned = try await browser.submit(
                "/c/acme/my/tasks", to: path, [("available", "false"), ("from", from), ("until", until)])
            #expect(planned.status == .seeOther)
            #expect(try await browser.get("/c/acme/my/tasks").html.contains("You will be away from <time"))
            let wrong = try await browser.submit(
                "/c/acme/my/tasks", to: path, [("available", "false"), ("from", until), ("until", from)])
            #expect(wrong.status == .unprocessableContent)
            #expect(wrong.html.contains("href=\"#f-until\""))
            #expect(wrong.html.contains("“Until” must be later than “From”, and than now"))
            #expect(wrong.html.contains(" data-typed>"), "the script asks before what was typed is left")
            #expect(wrong.html.contains("name=\"until\" value=\"\(from)\""))
            let token = try await browser.token("dave")
            let rest = try await browser.json(
                "/api/v1/companies/acme/workers/me/availability", .put, token: token,
                #"{"available":false,"until":"\#(until)","handover":"keep"}"#)
            let worker = try WorkTests.body(rest)
            #expect(worker["available"] == false)
            #expect(worker["changes"] == .string(until))
            #expect(worker["changes_back"] == .null)
            #expect(worker["open"] == [])
            #expect(worker["length"] == 0)
            let bad = try await browser.json(
                "/api/v1/companies/acme/workers/me/availability", .put, token: token,
                #"{"available":false,"until":"never"}"#)
            #expect(try WorkTests.body(bad)["errors"].arrayValue?.first?["field"] == "until")
        }
    }

    @Test func `a planned absence is seen where availability is set, and can be cancelled there`() async throws {
        let fixture = try await WebFixture()
        let (from, until) = (
            Moment.iso8601(fixture.site.now + 3_600_000), Moment.iso8601(fixture.site.now + 7_200_000)
        )
        try await fixture.test { browser in
            let token = try await browser.token("dave")
            let (own, others) = ("/c/acme/my/availability", "/c/acme/availability/dave")
            let places = [
                ("dave", "/c/acme/my/tasks", own), ("dave", "/c/acme/my/tasks?plan=absence", own),
                ("dave", "/account", own), ("tom", others, others),
            ]
            for (login, page, action) in places {
                let planned = try await browser.json(
                    "/api/v1/companies/acme/workers/me/availability", .put, token: token,
                    #"{"available":false,"from":"\#(from)","until":"\#(until)"}"#)
                #expect(try WorkTests.body(planned)["changes_back"] == .string(until))
                browser.forgetCookies()
                try await browser.become(login)
                #expect(try await browser.get(page).html.contains("away from <time"), "\(page)")
                if login == "tom" {
                    #expect(try await browser.get("/c/acme/workers").html.contains("<small>Away <time"))
                }
                let cancelled = try await browser.submit(page, to: action, [("available", "true")])
                #expect(cancelled.status == .seeOther)
                let next = try await browser.get(try #require(cancelled.headers[.location])).html
                #expect(next.contains("absence") && next.contains("is cancelled."), "\(page)")
                #expect(!(try await browser.get(page).html.contains("Cancel the absence")), "\(page)")
            }
        }
    }

    @Test func `the form begins with what is planned, and moves the return of who is away`() async throws {
        let fixture = try await WebFixture()
        let offset = fixture.acme.offset
        func local(_ hours: Int64) throws -> String {
            try #require(TypedMoment(secondsSince1970: fixture.site.now / 1000 + hours * 3_600)?.local(offset: offset))
        }
        let (from, until, later) = (try local(24), try local(48), try local(72))
        try await fixture.test { browser in
            try await browser.become("tom")
            let (path, workers) = ("/c/acme/availability/dave", "/c/acme/workers")
            func set(_ fields: [(String, String)]) async throws {
                let sent = try await browser.submit(path, to: path, [("available", "false")] + fields)
                #expect(sent.headers[.location] == workers, "\(sent.html)")
            }
            try await set([("from", from), ("until", until), ("handover", "keep")])
            let planned = try await browser.get(path).html
            #expect(planned.contains("name=\"from\" value=\"\(from)\"") && planned.contains("value=\"\(until)\""))
            #expect(planned.contains("value=\"keep\" checked"))
            #expect(try await browser.get(workers).html.contains("It is planned for Dave Diaz."))
            browser.forgetCookies()
            try await browser.become("dave")
            let own = try await browser.get("/c/acme/my/tasks").html
            #expect(own.contains("You will be away from") && own.contains("Tom Tischler has planned that."), "\(own)")
            browser.forgetCookies()
            try await browser.become("tom")
            try await set([("from", from), ("until", later)])
            #expect(try await browser.get(workers).html.contains("The planned absence of Dave Diaz is changed."))
            try await set([("until", until)])
            let gone = try await browser.get(workers).html
            #expect(gone.contains("Dave Diaz is away. The absence that was planned before is cancelled."))
            let away = try await browser.get(path).html
            #expect(away.contains("name=\"until\" value=\"\(until)\"") && away.contains("Change the return"))
            try await set([("until", later), ("handover", "keep")])
            #expect(try await browser.get(workers).html.contains("The return of Dave Diaz is changed."))
            #expect(try await browser.get(path).html.contains("name=\"until\" value=\"\(later)\""))
            browser.forgetCookies()
            try await browser.become("dave")
            let tasks = "/c/acme/my/tasks"
            #expect(try await browser.get(tasks).html.contains("Tom Tischler has set that."))
            for isAvailable in ["true", "false"] {
                _ = try await browser.submit(
                    tasks, to: "/c/acme/my/availability", [("available", isAvailable), ("handover", "keep")])
                #expect(try await !browser.get(tasks).html.contains("Tom Tischler"), "they have set it themselves")
            }
        }
    }

    @Test func `a change of an absence that was changed meanwhile says so and changes nothing`() async throws {
        let fixture = try await WebFixture()
        let offset = fixture.acme.offset
        func local(_ hours: Int64) throws -> String {
            try #require(TypedMoment(secondsSince1970: fixture.site.now / 1000 + hours * 3_600)?.local(offset: offset))
        }
        let (soon, later) = (try local(24), try local(48))
        try await fixture.test { browser in
            try await browser.become("tom")
            let path = "/c/acme/availability/dave"
            _ = try await browser.submit(path, to: path, [("available", "false"), ("until", soon)])
            let page = try await browser.get(path).html
            let shown = try #require(page.firstMatch(of: /name=planned value="([^"]+)"/)?.1)
            let fields = [("handover", "keep"), ("planned", String(shown))]
            let first = try await browser.submit(
                path, to: path, fields + [("available", "false"), ("until", later)])
            #expect(first.status == .seeOther)
            for change in [[("available", "false"), ("until", soon)], [("available", "true")]] {
                // Each has a key of its own, as if it were sent from another tab.
                let fresh = Browser.hidden(in: try await browser.get(path).html)
                let late = try await browser.post(path, fresh + change + fields)
                #expect(late.status == .conflict, "\(late.html)")
                #expect(!late.html.contains("<dt>Planned"), "nobody has typed it")
            }
            #expect(try await browser.get(path).html.contains("name=\"until\" value=\"\(later)\""))
        }
    }

    @Test func `everybody sets their own availability, and ticket admins anybody's`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("tom")
            let (page, path) = ("/c/acme/workers", "/c/acme/availability/dave")
            let away = try await browser.submit(path, to: path, [("available", "false")])
            #expect(away.headers[.location] == page)
            let list = try await browser.get(page).html
            #expect(list.contains("Dave Diaz is away."))
            #expect(list.contains("Away<span class=\"vh\">: change it for Dave Diaz"))
            #expect(try await browser.get(path).html.contains("Set available</button>"))
            let wrong = try await browser.submit(path, to: path, [("available", "perhaps")])
            #expect(wrong.status == .unprocessableContent)
            #expect(wrong.html.contains("Available must be true or false"))
            let token = try await browser.token("dave")
            for (login, status) in [("dave", HTTPResponse.Status.ok), ("me", .ok), ("erin", .forbidden)] {
                let answer = try await browser.json(
                    "/api/v1/companies/acme/workers/\(login)/availability", .put, token: token,
                    #"{"available":true}"#)
                #expect(answer.status == status, "\(login)")
            }
        }
    }
}
