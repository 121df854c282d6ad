import HummingbirdTesting
import TFEngine
import TFExpression
import Testing

@testable import TFStore
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
            #expect(try await !browser.get("/c/acme/tickets/1").html.contains(" priority) is with"))
            let urgent = try await browser.submit(page, to: "\(page)/priority", [("priority", "urgent")])
            #expect(urgent.headers[.location] == page)
            #expect(try await browser.get(page).html.contains("<b class=late>Urgent</b>"))
            let ticket = try await browser.get("/c/acme/tickets/1").html
            #expect(ticket.contains("this</a> (urgent priority) is with Dave Diaz"), "it differs from the ticket's")
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
            #expect(held.contains("Whoever answers it, or saves a draft, ends the hold."))
            #expect(try await browser.get("/c/acme/tickets/1").html.contains("is on hold until <time"))
            browser.forgetCookies()
            try await browser.become("tom")
            let list = try await browser.get("/c/acme/tasks?state=held").html
            #expect(list.contains("<td><p>“no key”</p>"), "\(list)")
            browser.forgetCookies()
            try await browser.become("dave")
            let answered = try await browser.submit(page, to: "\(page)/completion", [("outcome", "done")])
            #expect(answered.status == .seeOther, "\(answered.html)")
            let done = try await browser.get(page).html
            #expect(done.contains("</i>Done</span>"))
            #expect(done.contains("</time>, by Dave Diaz</span>"))
            #expect(!done.contains("Dave Diaz, <time"), "when and by whom is told once")
        }
    }

    @Test func `the page of a task whose program fell silent names it, and the moment in the company's time`()
        async throws
    {
        let fixture = try await WebFixture()
        let task = try await WorkTests.withTask(fixture)
        let error = TaskFailure.leaseEnded(login: "erin", at: fixture.site.now - 60_000)
        try await fixture.site.store.write { session in
            try session.run("UPDATE task SET failures = 1, error = ? WHERE id = ?", [error.json, task])
        }
        try await fixture.test { browser in
            try await browser.become("tom")
            let page = try await browser.get("/c/acme/tasks/\(task)").html
            #expect(page.contains("1 failed try, the last: nothing was heard from Erin Egger until <time"))
        }
    }

    @Test(arguments: [#"{"sum":1}"#, #"{"by":"uma"}"#, #"{"by":7}"#])
    func `the page of a task that a program has finished names the program, whatever it has sent`(output: String)
        async throws
    {
        let fixture = try await WebFixture()
        let task = try await WorkTests.withTask(fixture)
        try await fixture.site.store.write { session in
            try session.run(
                "UPDATE task SET kind = 'service', state = 'completed', output = ?, finished_at_ms = ? WHERE id = ?",
                [output, fixture.site.now, task])
        }
        try await fixture.test { browser in
            try await browser.become("tom")
            let page = try await browser.get("/c/acme/tasks/\(task)").html
            #expect(page.contains("</time>, by Dave Diaz</span>"), "\(page)")
        }
    }

    @Test func `who gives a task back is not given it by the rule again, but may claim it`() async throws {
        let fixture = try await WebFixture()
        let task = try await WorkTests.withTask(fixture)
        try await fixture.test { browser in
            try await browser.become("dave")
            let page = "/c/acme/tasks/\(task)"
            let told = try await browser.get("\(page)/release").html
            #expect(told.contains("does not come back to you by itself, but you may claim it while nobody has it."))
            @Sendable func change(_ strategy: String) async throws {
                try await fixture.site.store.write { session in
                    try session.run("UPDATE task SET strategy = ? WHERE id = ?", [strategy, task])
                }
            }
            try await change("pool")
            #expect(try await browser.get("\(page)/release").html.contains("It goes back to the tasks to claim."))
            try await change("shortest-queue")
            let given = try await browser.submit("\(page)/release", to: "\(page)/release", [("reason", "")])
            #expect(given.status == .seeOther, "\(given.html)")
            let claimed = try await browser.submit("/c/acme/pool", to: "\(page)/claim", [])
            #expect(claimed.headers[.location] == page, "\(claimed.html)")
        }
    }

    /// A ticket about which its requester is asked at once.
    private static let asking = [
        "ask.ticket.yaml": """
        ticket: ask
        name: Question
        description: Q
        workflow: ask
        body: [ { type: input, id: what, attributes: { label: What } } ]
        """,
        "ask.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: acme, name: ask, version: '1.0.0' }
        do: [ { more: { call: more } } ]
        """,
        "more.task.yaml": """
        task: more
        title: Say more
        assign: { strategy: requester }
        outcomes: [send]
        body: [ { type: textarea, id: text, attributes: { label: Text } } ]
        """,
    ]

    @Test func `a worker who is asked about their own ticket is led to their tickets, and not to their tasks`()
        async throws
    {
        let fixture = try await WebFixture()
        try await fixture.publish(Self.asking)
        try await fixture.test { browser in
            try await browser.become("bob")
            let form = "/c/acme/tickets/new/ask"
            _ = try await browser.submit(form, to: form, [("title", "Hm"), ("f.what", "x")])
            try await fixture.advance()
            let ticket = try await browser.get("/c/acme/tickets/1").html
            let link = try #require(ticket.firstMatch(of: /href="(\/c\/acme\/tasks\/\d+)">Answer<\/a>/), "\(ticket)")
            let page = String(link.1)
            for path in [page, "\(page)/hold"] {
                let shown = try await browser.get(path).html
                #expect(shown.contains("/c/acme/my/tickets>My tickets</a> <span class=soft>/</span>"), "\(shown)")
                #expect(shown.contains(" aria-current=page>My tickets"), "\(path)")
            }
            let until = try #require(Browser.hidden("until", in: try await browser.get("\(page)/hold").html))
            let held = try await browser.submit("\(page)/hold", to: "\(page)/hold", [("until", until)])
            #expect(held.status == .seeOther, "\(held.html)")
            #expect(held.headers[.location] == "/c/acme/tickets/1")
        }
    }

    @Test func `whoever is asked about their own ticket is told about it, and not about work`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish(Self.asking)
        try await fixture.test { browser in
            for (number, login) in ["uma", "bob"].enumerated() {
                browser.forgetCookies()
                try await browser.become(login)
                let form = "/c/acme/tickets/new/ask"
                _ = try await browser.submit(form, to: form, [("title", "Hm"), ("f.what", "x")])
                try await fixture.advance()
                let ticket = "/c/acme/tickets/\(number + 1)"
                let turn = try await browser.get(ticket).html
                let link = try #require(turn.firstMatch(of: /href="(\/c\/acme\/tasks\/\d+)">Answer<\/a>/), "\(turn)")
                let page = String(link.1)
                let shown = try await browser.get(page).html
                #expect(shown.contains("Waiting for you</span>") && shown.contains("<dt>You asked</dt>"))
                #expect(shown.contains("Your ticket goes on once you have answered."))
                for words in [">Start</button>", "Put on hold", "Yours because", "Hand to a colleague"] {
                    #expect(!shown.contains(words), "\(login): \(words)")
                }
                // Only a worker has the right to put it off.
                #expect(shown.contains("Answer later…") == (login == "bob"))
                let sent = try await browser.submit(
                    page, to: "\(page)/completion", [("f.text", "More"), ("outcome", "send")])
                #expect(sent.headers[.location] == ticket, "\(sent.html)")
            }
        }
    }
}
