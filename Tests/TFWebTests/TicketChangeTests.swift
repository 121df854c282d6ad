import HummingbirdTesting
import TFEngine
import TFExpression
import Testing

@testable import TFStore
@testable import tf_web

/// What can be changed of a ticket from its page's menu.
@Suite struct TicketChangeTests {
    private static let page = "/c/acme/tickets/1"

    /// A site with two tickets of Uma's.
    private static func site() async throws -> WebFixture {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            let uma = try await browser.token("uma")
            for title in ["First", "Second"] {
                _ = try await browser.json(
                    "/api/v1/companies/acme/tickets", .post, token: uma,
                    #"{"type":"thing","title":"\#(title)","form":{"what":"x"}}"#)
            }
        }
        try await fixture.advance()
        return fixture
    }

    /// Somebody else changes the first ticket.
    private static func change(_ browser: Browser) async throws {
        let tom = try await browser.token("tom")
        let answer = try await browser.json(
            "/api/v1/companies/acme/tickets/1", .patch, token: tom, #"{"priority":"low"}"#)
        #expect(answer.status == .ok)
    }

    private static func history(_ fixture: WebFixture) async throws -> [HistoryEntry] {
        try await fixture.site.store.read(in: fixture.acme.id) { session in
            try session.history(ticket: try #require(try session.ticket(number: 1)).id)
        }
    }

    @Test func `a ticket admin edits title, priority, labels and due date, and only what changed is told`() async throws
    {
        let fixture = try await Self.site()
        try await fixture.test { browser in
            try await browser.become("tom")
            let details = "\(Self.page)/details"
            #expect(try await browser.get(Self.page).html.contains("href=\(details)>"))
            let form = try await browser.get(details).html
            #expect(form.contains("name=\"title\" value=\"First\""))
            let empty = try await browser.submit(
                details, to: details, [("title", " "), ("priority", "high"), ("labels", "a, b"), ("due", "")])
            #expect(empty.status == .unprocessableContent)
            #expect(empty.html.contains("Enter a title"))
            #expect(empty.html.contains("name=\"labels\" value=\"a, b\""))
            #expect(empty.html.contains("<option value=\"high\" selected>"))
            let done = try await browser.submit(
                details, to: details,
                [("title", "First"), ("priority", "high"), ("labels", "a, b c"), ("due", "2030-01-02T10:00")])
            #expect(done.headers[.location] == Self.page)
            let page = try await browser.get(Self.page).html
            #expect(
                page.contains("set the priority to <b>high</b>, set the labels to <b>a, b c</b> and set the due date"))
            #expect(page.contains("/c/acme/tickets?label=b%20c"))
            #expect(try await browser.get(details).html.contains("name=\"due\" value=\"2030-01-02T10:00\""))
            try await fixture.site.store.write { try $0.run("UPDATE ticket SET due_at_ms = due_at_ms + 12345") }
            #expect(
                try await browser.get(details).html.contains("name=\"due\" value=\"2030-01-02T10:00\""),
                "in minutes, though a rule gave it seconds")
            let same = try await browser.submit(
                details, to: details,
                [("title", "First"), ("priority", "high"), ("labels", "a, b c"), ("due", "2030-01-02T10:00")])
            #expect(same.headers[.location] == Self.page)
            let gone = try await browser.submit(
                details, to: details, [("title", "New"), ("priority", "high"), ("labels", ""), ("due", "")])
            #expect(gone.headers[.location] == Self.page)
        }
        let updates = try await Self.history(fixture).filter { $0.kind == .updated }
        #expect(
            updates.map { Set($0.data.objectValue?.keys.map { $0 } ?? []) } == [
                ["priority", "labels", "due"], ["title", "labels", "due"],
            ])
    }

    @Test(arguments: ["0001-01-01T00:00", "9999-12-31T23:59", "2026-02-30T10:00"])
    func `a moment that is none in some time zone is refused, and never stored as another`(_ due: String) async throws {
        let fixture = try await Self.site()
        try await fixture.test { browser in
            try await browser.become("tom")
            let details = "\(Self.page)/details"
            let sent = try await browser.submit(
                details, to: details, [("title", "First"), ("priority", "high"), ("labels", ""), ("due", due)])
            #expect(sent.status == .unprocessableContent)
            let tom = try await browser.token("tom")
            let answer = try await browser.json(
                "/api/v1/companies/acme/tickets/1", .patch, token: tom, #"{"due":"\#(due)"}"#)
            #expect(answer.status == .unprocessableContent)
        }
        #expect(try await Self.history(fixture).allSatisfy { $0.kind != .updated })
    }

    @Test func `whoever edits a ticket that was changed meanwhile is told so, and keeps what was typed`() async throws {
        let fixture = try await Self.site()
        try await fixture.test { browser in
            try await browser.become("tom")
            let details = "\(Self.page)/details"
            let hidden = Browser.hidden(in: try await browser.get(details).html)
            try await Self.change(browser)
            let late = try await browser.post(details, hidden + [("title", "Typed"), ("priority", "high")])
            #expect(late.status == .conflict)
            #expect(late.html.contains("Typed"))
        }
    }

    @Test func `a duplicate that was changed meanwhile is not cancelled from an old page`() async throws {
        let fixture = try await Self.site()
        try await fixture.test { browser in
            try await browser.become("tom")
            let duplicate = "\(Self.page)/duplicate"
            _ = try await browser.submit(duplicate, to: duplicate, [("duplicate_of", "2")])
            let hidden = Browser.hidden(in: try await browser.get(duplicate).html)
            try await Self.change(browser)
            let late = try await browser.post(duplicate, hidden + [("duplicate_of", "2"), ("cancel", "true")])
            #expect(late.status == .conflict)
        }
        #expect(try await Self.history(fixture).allSatisfy { $0.kind != .cancellation })
    }

    @Test func `a duplicate leads to its original, and to no ticket that one may not see`() async throws {
        let fixture = try await Self.site()
        try await fixture.test { browser in
            try await browser.become("tom")
            let duplicate = "\(Self.page)/duplicate"
            for number in ["1", "99", "x"] {
                let wrong = try await browser.submit(duplicate, to: duplicate, [("duplicate_of", number)])
                #expect(wrong.status == .unprocessableContent, "\(number)")
                #expect(wrong.html.contains("value=\"\(number)\""))
            }
            let done = try await browser.submit(duplicate, to: duplicate, [("duplicate_of", "#2")])
            #expect(done.headers[.location] == Self.page)
            let page = try await browser.get(Self.page).html
            #expect(page.contains("<a href=\"/c/acme/tickets/2\">#2</a>"))
            #expect(page.contains("linked it as a duplicate of #2"))
            let back = "/c/acme/tickets/2/duplicate"
            let ring = try await browser.submit(back, to: back, [("duplicate_of", "1")])
            #expect(ring.status == .unprocessableContent, "who follows a ring never arrives")
            #expect(ring.html.contains("Ticket #1 is itself a duplicate of this one; take that link away first"))
            let unnamed = try await browser.submit(duplicate, to: duplicate, [("duplicate_of", "")])
            #expect(unnamed.status == .unprocessableContent)
            #expect(unnamed.html.contains("Enter the other ticket’s number"))
            #expect(unnamed.html.contains("Remove the link"))
            _ = try await browser.submit(
                duplicate, to: duplicate,
                [("duplicate_of", "nothing that names a ticket, and far too long"), ("remove", "true")])
            #expect(try await browser.get(Self.page).html.contains("said that it is no duplicate"))
            #expect(try await !browser.get(duplicate).html.contains("Remove the link"))
            browser.forgetCookies()
            try await browser.become("uma")
            #expect(try await browser.get(duplicate).status == .forbidden)
        }
    }

    @Test func `a duplicate can be cancelled with its link, and says once who did it`() async throws {
        let fixture = try await Self.site()
        try await fixture.test { browser in
            try await browser.become("tom")
            let duplicate = "\(Self.page)/duplicate"
            #expect(try await browser.get(duplicate).html.contains("Also cancel this ticket"))
            let wrong = try await browser.submit(duplicate, to: duplicate, [("duplicate_of", "x"), ("cancel", "true")])
            #expect(wrong.html.contains("name=\"cancel\" value=\"true\" checked"))
            let done = try await browser.submit(duplicate, to: duplicate, [("duplicate_of", "2"), ("cancel", "true")])
            #expect(done.headers[.location] == Self.page)
        }
        try await fixture.advance()
        try await fixture.test { browser in
            try await browser.become("tom")
            let page = try await browser.get(Self.page).html
            #expect(page.contains("<h2>Cancelled by Tom Tischler, <time"))
            #expect(page.contains("</time>: duplicate of #2</h2>"))
            #expect(page.contains(">Open #2</a>") && page.contains(">Open it again</button>"))
            #expect(page.ranges(of: "class=\"banner ").count == 1)
            #expect(page.contains("<b>Tom Tischler</b> cancelled the ticket, "))
            #expect(!page.contains("since the ticket was cancelled") && !page.contains("The ticket was cancelled"))
            #expect(try await !browser.get("\(Self.page)/duplicate").html.contains("Also cancel this ticket"))
        }
    }

    @Test func `cancelling asks first, and a ticket that has ended can be opened again for 14 days`() async throws {
        let fixture = try await Self.site()
        try await fixture.test { browser in
            try await browser.become("uma")
            let cancellation = "\(Self.page)/cancellation"
            #expect(try await browser.get(Self.page).html.contains("href=\(cancellation)>"))
            #expect(try await browser.get(cancellation).html.contains("Its 1 open task will not be needed any more"))
            let before = try await browser.get(Self.page).html
            #expect(!before.contains("Open it again"))
            #expect(!before.contains("class=\"btn small\">More"), "one thing alone needs no menu")
            let long = String(repeating: "x", count: 4_001)
            let refused = try await browser.submit(cancellation, to: cancellation, [("reason", long)])
            #expect(refused.status == .unprocessableContent && refused.html.contains("value=\"\(long)\""))
            let done = try await browser.submit(cancellation, to: cancellation, [("reason", "I found <mine>")])
            #expect(done.headers[.location] == Self.page)
        }
        try await fixture.advance()
        try await fixture.test { browser in
            try await browser.become("uma")
            let page = try await browser.get(Self.page).html
            #expect(page.contains("Open it again"))
            #expect(page.contains("Reason: I found &lt;mine&gt;<br>Not done after all?"))
            #expect(page.contains("cancelled the ticket: I found &lt;mine&gt;"))
            #expect(!page.contains("/cancellation"))
            #expect(try await browser.get("\(Self.page)/cancellation").headers[.location] == Self.page)
            let again = try await browser.submit(Self.page, to: "\(Self.page)/reopening", [])
            #expect(again.headers[.location] == Self.page)
            #expect(try await browser.get(Self.page).html.contains("opened the ticket again"))
        }
        let day: Int64 = 86_400_000
        for (ago, isOpen) in [(14 * day - 60_000, true), (14 * day + 60_000, false)] {
            try await fixture.site.store.write { [now = fixture.site.now] db in
                try db.run(
                    "UPDATE ticket SET state = 'closed', closed_at_ms = ? WHERE number = 1", [now - ago])
            }
            try await fixture.test { browser in
                try await browser.become("uma")
                #expect(try await browser.get(Self.page).html.contains("Open it again") == isOpen)
                // The page without the button names no version; somebody who saw the button sends one.
                let found = try await fixture.site.store.read(in: fixture.acme.id) { try $0.ticket(number: 1) }
                let hidden = Browser.hidden(in: try await browser.get(Self.page).html).filter { $0.0 != "version" }
                let sent = try await browser.post(
                    "\(Self.page)/reopening", hidden + [("version", "\(try #require(found).version)")])
                #expect(sent.status == (isOpen ? .seeOther : .conflict))
            }
        }
    }

    @Test func `files go with a reply or by themselves, are named with who added them, and never with a note`()
        async throws
    {
        let fixture = try await Self.site()
        let file = SentFile(field: "file", name: "plan.txt", mediaType: "text/plain", bytes: Array("hello".utf8))
        try await fixture.test { browser in
            try await browser.become("tom")
            func hidden() async throws -> [(String, String)] {
                Browser.hidden(in: try await browser.get(Self.page).html).filter { $0.0 != "version" }
            }
            let note = try await browser.post(
                "\(Self.page)/comments", try await hidden() + [("text", "for us"), ("internal", "true")], files: [file])
            #expect(note.status == .unprocessableContent)
            #expect(note.html.contains("not with an internal note"))
            #expect(note.html.contains("Keep plan.txt"), "it need not be chosen again")
            let none = try await browser.post("\(Self.page)/attachments", try await hidden(), files: [])
            #expect(none.html.contains("Choose a file"))
            let reply = try await browser.post(
                "\(Self.page)/comments", try await hidden() + [("text", "see there")], files: [file])
            #expect(reply.status == .seeOther, "\(reply.html)")
            let alone = try await browser.post("\(Self.page)/attachments", try await hidden(), files: [file])
            #expect(alone.status == .seeOther, "\(alone.html)")
            browser.forgetCookies()
            try await browser.become("uma")
            let page = try await browser.get(Self.page).html
            #expect(page.matches(of: /plan.txt<\/a> <span class=soft>[^<]+, Tom Tischler/).count == 2)
            #expect(page.contains("<b>Tom Tischler</b> added <a href="))
            let link = try #require(page.firstMatch(of: /href="([^"]+\/attachments\/[^"]+)"/)).output.1
            #expect(try await browser.get(String(link)).html == "hello")
        }
    }
}
