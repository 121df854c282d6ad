import HummingbirdTesting
import Testing

@testable import tf_web

/// What a task's page tells, and what ticket admins do there.
@Suite struct TaskPageTests {
    @Test func `a ticket admin sets a task's priority, takes it over and gives it to somebody, on its page`()
        async throws
    {
        let fixture = try await WebFixture()
        let task = try await WorkTests.withTask(fixture)
        try await fixture.test { browser in
            try await browser.become("tom")
            let page = "/c/acme/tasks/\(task)"
            let shown = try await browser.get(page).html
            #expect(shown.contains("Dave Diaz has it because the workflow would rather have Dave do it"))
            let urgent = try await browser.submit(page, to: "\(page)/priority", [("priority", "urgent")])
            #expect(urgent.headers[.location] == page)
            #expect(try await browser.get(page).html.contains("<b class=late>Urgent</b>"))
            let given = try await browser.submit(
                "\(page)/assignment", to: "\(page)/assignment", [("assignee", "erin"), ("reason", "")])
            #expect(given.headers[.location] == page)
            let told = try await browser.get(page).html
            #expect(told.contains("Erin Egger has <a href=\"/c/acme/tickets/"))
            #expect(told.contains("Erin Egger has it because you gave it to Erin"))
            browser.forgetCookies()
            try await browser.become("erin")
            #expect(try await browser.get(page).html.contains("Yours because Tom Tischler gave it to you"))
            browser.forgetCookies()
            try await browser.become("tom")
            _ = try await browser.submit(page, to: "\(page)/assignment", [("assignee", "tom"), ("reason", "")])
            #expect(try await browser.get(page).html.contains("Yours because you took it over"))
        }
    }

    @Test func `the page of a task on hold says until when, by whom and why`() async throws {
        let fixture = try await WebFixture()
        let task = try await WorkTests.withTask(fixture)
        try await fixture.test { browser in
            try await browser.become("dave")
            let page = "/c/acme/tasks/\(task)"
            #expect(try await browser.get(page).html.contains("</i>New</span>"))
            let hold = try await browser.get("\(page)/hold").html
            #expect(hold.contains("It stays yours, and waits under “On hold”"))
            _ = try await browser.submit(
                "\(page)/hold", to: "\(page)/hold", [("until", "2027-01-01T10:00"), ("reason", "no key")])
            let held = try await browser.get(page).html
            #expect(held.contains("On hold until <time"))
            #expect(held.contains("By you: “no key”. It comes back by itself then."))
            #expect(try await browser.get("/c/acme/tickets/1").html.contains("is on hold until <time"))
        }
    }
}
