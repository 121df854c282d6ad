import HTTPTypes
import HummingbirdTesting
import TFEngine
import Testing

@testable import TFStore
@testable import tf_web

/// What a person has typed is never answered with a bare page.
@Suite struct TypedTextTests {
    private static func form(_ more: String = "") -> [String: String] {
        [
            "seat.ticket.yaml":
                "name: A seat\ndescription: S\n\(more)body: [ { type: textarea, id: why, attributes: { label: What for? } }, { type: date, id: day, attributes: { label: From which day? } } ]\n",
            "photo.ticket.yaml": """
            name: A photo
            description: P
            \(more)body:
              - { type: textarea, id: why, attributes: { label: What for? } }
              - { type: date, id: day, attributes: { label: From which day? } }
              - { type: upload, id: picture, attributes: { label: Picture } }
            """,
        ]
    }

    @Test(arguments: ["seat", "photo"])
    func `a form whose type is not offered any more tells that, and keeps what was typed`(_ type: String) async throws {
        let fixture = try await WebFixture()
        try await fixture.publish(Self.form())
        try await fixture.test { browser in
            try await browser.become("uma")
            let path = "/c/acme/tickets/new/\(type)"
            let hidden = Browser.hidden(in: try await browser.get(path).html)
            try await fixture.publish(Self.form("state: retired\n"))
            let fields = hidden + [("title", "By the window"), ("f.why", "It is dark <here>"), ("f.day", "2026-12-04")]
            let late =
                type == "photo"
                ? try await browser.post(path, fields, files: []) : try await browser.post(path, fields)
            #expect(late.status == .conflict, "\(late.html)")
            #expect(late.html.contains("is not offered any more, so nothing was sent"))
            #expect(late.html.contains("It is dark &lt;here&gt;") && late.html.contains("By the window"))
            #expect(late.html.contains("href=\"/c/acme/tickets/new\">See all forms</a>"), "\(late.html)")
            #expect(late.html.contains("<dt>What for?</dt>"), "its own questions: \(late.html)")
            #expect(late.html.contains("<dt>From which day?</dt>") && late.html.contains("4 Dec 2026"), "\(late.html)")
            #expect(try await browser.get(path).status == .notFound, "a page of it is none")
        }
    }

    @Test func `a form that is refused or leads to nothing shows what was typed, and the same for what is not there`()
        async throws
    {
        let fixture = try await WebFixture()
        let store = fixture.site.store
        for login in ["uma", "tom"] {
            let account = try #require(try await store.read { try $0.account(login) })
            _ = try await store.inside(fixture.acme.id).submitTicket(
                TicketSubmission(type: "thing", requester: account, title: "T", answers: ["what": "x"]),
                now: fixture.site.now)
        }
        try await fixture.test { browser in
            try await browser.become("uma")
            let hidden = Browser.hidden(in: try await browser.get("/c/acme/tickets/1").html)
            let text = "All that I wrote"
            let edit = try await browser.post("/c/acme/tickets/1/details", hidden + [("title", text)])
            #expect(edit.status == .forbidden && edit.html.contains(text), "\(edit.html)")
            var pages: [String] = []
            for number in [2, 77] {
                for files in [false, true] {
                    let fields = hidden + [("text", text)]
                    let path = "/c/acme/tickets/\(number)/comments"
                    let answer =
                        files ? try await browser.post(path, fields, files: []) : try await browser.post(path, fields)
                    #expect(answer.status == .notFound && answer.html.contains(text), "\(number) \(files)")
                    pages.append(answer.html.split(separator: "<main", maxSplits: 1).last.map(String.init) ?? "")
                }
            }
            #expect(pages[0] == pages[2] && pages[1] == pages[3], "nobody learns which tickets there are")
            let nothing = try await browser.post("/c/acme/tickets/77/comments", hidden + [("text", "")])
            #expect(!nothing.html.contains("What you typed"))
        }
    }
}
