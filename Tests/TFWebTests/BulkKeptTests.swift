import HTTPTypes
import HummingbirdTesting
import TFDefinition
import TFEngine
import TestSupport
import Testing

@testable import TFStore
@testable import tf_web

/// Rows that whoever is to get them has already, or may not have.
@Suite struct BulkKeptTests {
    private static let path = "/c/acme/tickets/bulk"

    /// Three open tickets, the first with Dave.
    private static func filled() async throws -> WebFixture {
        let fixture = try await BulkTests.filled()
        let tom = try #require(try await fixture.site.store.read { try $0.account("tom") })
        try await fixture.site.store.write(in: fixture.acme.id) { session in
            try session.reassignTask(
                1, .to("dave"), TaskMove(by: tom, onlyOwn: false, reason: nil, version: nil), now: fixture.site.now)
        }
        return fixture
    }

    @Test func `a preview says who has how many already, and the result does not count them as reassigned`()
        async throws
    {
        let fixture = try await Self.filled()
        try await fixture.test { browser in
            try await browser.become("tom")
            let several = "\(Self.path)?action=reassign&n=1&n=3&n=4"
            #expect(try await browser.get(several).html.contains("Dave Diaz – has 1 already</option>"))
            let one = try await browser.get("\(Self.path)?action=reassign&n=1").html
            #expect(one.contains("Dave Diaz – has it already</option>"))
            let order = [("action", "reassign"), ("rows", "1,3,4"), ("assignee", "dave")]
            let sent = try await browser.submit(several, to: Self.path, order)
            let results = try await browser.get(try #require(sent.headers[.location])).html
            #expect(results.contains("<h1>Done with 2 of 3 tickets</h1>"))
            #expect(results.contains("<p>1 ticket is Dave Diaz’s already and stays as it is.</p>"))
            #expect(try await browser.get(several).html.contains("Dave Diaz – has all already</option>"))
            let again = try await browser.submit(several, to: Self.path, order)
            let nothing = try await browser.get(try #require(again.headers[.location])).html
            #expect(nothing.contains("<h1>There was nothing to change</h1>"))
            #expect(nothing.contains("<p>3 tickets are Dave Diaz’s already and stay as they are.</p>"))
        }
    }

    @Test func `a preview that leaves rows out for somebody leaves out those that they have`() async throws {
        let fixture = try await Self.filled()
        try await fixture.site.store.write { session in
            try session.run(#"UPDATE task SET excluded = '["dave"]' WHERE ticket_id = 3"#)
        }
        try await fixture.test { browser in
            try await browser.become("tom")
            let order = [("action", "reassign"), ("assignee", "dave")]
            let asked = try await browser.submit(
                "\(Self.path)?action=reassign&n=1&n=3&n=4", to: Self.path, order + [("rows", "1,3,4")])
            #expect(asked.html.contains("<h2>Dave Diaz can be given 1 of 3 tickets</h2>"))
            #expect(asked.html.contains("<button class=\"primary\">Reassign 1 of 3 tickets</button>"))
            #expect(
                asked.html.contains("Dave Diaz has it already, and it stays as it is. <span class=\"soft\">#1</span>"))
            #expect(Browser.hidden("rows", in: asked.html) == "1,3,4", "somebody else may get them all")
            #expect(Browser.hidden("agreed", in: asked.html) == "dave 3")
            let none = try await browser.submit(
                "\(Self.path)?action=reassign&n=1&n=3", to: Self.path, order + [("rows", "1,3")])
            #expect(none.status == .unprocessableContent)
            #expect(none.html.contains("Dave Diaz has all of these already that they may have: choose somebody else"))
        }
    }

    @Test func `only who may have a task is offered for it, and who may not is named`() async throws {
        let fixture = try await BulkTests.filled()
        try await fixture.site.store.write { session in
            try session.run(#"UPDATE task SET excluded = '["dave"]' WHERE ticket_id = 3"#)
            try session.run("UPDATE task SET strategy = 'requester', role = NULL WHERE ticket_id = 4")
        }
        try await fixture.test { browser in
            try await browser.become("tom")
            for (task, offered) in [(1, true), (3, false), (4, false)] {
                let page = try await browser.get("/c/acme/tasks/\(task)/assignment").html
                #expect(page.contains("<option value=\"dave\"") == offered, "\(task): \(page)")
            }
            #expect(try await browser.get("/c/acme/tasks/4/assignment").html.contains("Nobody else may do it."))
            let refused = try await browser.json(
                "/api/v1/companies/acme/tasks/3/assignment", .post, token: browser.token("tom"), #"{"assignee":"dave"}"#
            )
            #expect(
                refused.status == .unprocessableContent
                    && refused.html.contains("Dave Diaz cannot have this task: they"))
        }
    }
}
