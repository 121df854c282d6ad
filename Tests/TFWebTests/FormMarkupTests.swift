import Foundation
import TFDefinition
import TFExpression
import TFStore
import Testing

@testable import tf_web

/// A form's page as a browser reads it and sends it back.
@Suite struct FormMarkupTests {
    private static let lines = """
        ticket: lines
        name: Lines
        description: Options with line breaks.
        title: L
        body:
          - type: dropdown
            id: one
            attributes: { label: One, options: ["a\\nb", "c\\r\\nd"] }
          - type: checkboxes
            id: boxes
            attributes:
              label: Boxes
              options:
                - label: |
                    First line
                    second line
                - label: >
                    folded
                    text
          - type: radio
            id: pick
            attributes: { label: Pick, options: [{ value: "x\\ny", label: X }, z] }
        """

    private static let stored = """
        {"one":"c\\nd","boxes":["First line\\nsecond line\\n","folded text\\n"],"pick":"x\\ny"}
        """

    @Test(arguments: [false, true])
    func `options with line breaks are sent as browsers do, and stored as they are defined`(_ isMultipart: Bool)
        async throws
    {
        let fixture = try await WebFixture()
        try await fixture.publish(["l.ticket.yaml": Self.lines])
        try await fixture.test { browser in
            try await browser.become("uma")
            let path = "/c/acme/tickets/new/lines"
            let page = try await browser.get(path).html
            let controls = PageControls(page)
            let chosen = [
                [controls.values(of: "f.one")[1]], controls.values(of: "f.boxes"), [controls.values(of: "f.pick")[0]],
            ]
            let typed = zip(["f.one", "f.boxes", "f.pick"], chosen).flatMap { name, values in
                values.map { (name, PageControls.sent($0)) }
            }
            #expect(typed.allSatisfy { $0.1.contains("\r\n") })
            let fields = Browser.hidden(in: page) + typed
            let answer =
                try await isMultipart
                ? browser.post(path, fields, files: []) : browser.post(path, fields)
            #expect(answer.status == .seeOther, "\(answer.html)")
            let acme = try #require(try await fixture.site.store.read { try $0.company("acme") })
            let ticket = try #require(try await fixture.site.store.read(in: acme.id) { try $0.ticket(number: 1) })
            #expect(ticket.form == (try JSON(parsing: Self.stored)), "\(ticket.form.text)")
        }
    }

    @Test func `what was chosen stays chosen when something else is wrong`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish([
            "l.ticket.yaml": Self.lines
                + "\n  - { type: input, id: must, attributes: { label: Must }, validations: { required: true } }\n"
        ])
        try await fixture.test { browser in
            try await browser.become("uma")
            let path = "/c/acme/tickets/new/lines"
            let page = try await browser.get(path).html
            let answer = try await browser.post(
                path, Browser.hidden(in: page) + [("f.pick", "x\r\ny"), ("f.one", "a\r\nb")])
            #expect(answer.status == .unprocessableContent)
            #expect(answer.html.contains("value=\"x\ny\" checked"))
            #expect(answer.html.contains("<option value=\"a\nb\" selected"))
        }
    }

    @Test func `an option sent by a program matches whatever its line ends are`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish(["l.ticket.yaml": Self.lines])
        try await fixture.test { browser in
            let token = try await browser.token("uma")
            let body = #"{"type":"lines","form":{"one":"a\r\nb","boxes":["folded text\r\n"],"pick":"x\ry"}}"#
            let answer = try await browser.json("/api/v1/companies/acme/tickets", .post, token: token, body)
            let form = try JSON(parsing: answer.html)["form"]
            #expect(form.text == #"{"one":"a\nb","boxes":["folded text\n"],"pick":"x\ny"}"#, "\(answer.html)")
        }
    }

    private static let meeting = """
        ticket: meeting
        name: Meeting
        description: Fields whose names come close to each other's.
        title: M
        body:
          - { type: radio, id: r, attributes: { label: R, description: hint, other: true, options: [a, b, c] }, validations: { required: true } }
          - { type: radio, id: r-1, attributes: { label: R1, options: [a, b, c] } }
          - { type: input, id: r-2, attributes: { label: R2 } }
          - { type: input, id: r-other, attributes: { label: R3, description: hint }, validations: { required: true } }
          - { type: input, id: r-hint, attributes: { label: R4 } }
          - { type: input, id: r-error, attributes: { label: R5 } }
          - { type: checkboxes, id: r-1-1, attributes: { label: R6, options: [{ label: a }, { label: b }] } }
          - { type: checkbox, id: r_1, attributes: { label: R7, description: hint }, validations: { required: true } }
          - { type: dropdown, id: R-1, attributes: { label: R8, other: true, options: [a] } }
          - { type: upload, id: file-1, attributes: { label: R9 } }
          - { type: user, id: outcome, attributes: { label: R10, multiple: true } }
          - { type: input, id: title, attributes: { label: R11 } }
        """

    @Test func `no two elements of a form share an id, and every label names one`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish(["m.ticket.yaml": Self.meeting])
        try await fixture.test { browser in
            try await browser.become("uma")
            let path = "/c/acme/tickets/new/meeting"
            let page = try await browser.get(path).html
            let wrong = try await browser.post(path, Browser.hidden(in: page))
            #expect(wrong.status == .unprocessableContent)
            for html in [page, wrong.html] {
                let controls = PageControls(html)
                let twice = Dictionary(grouping: controls.ids, by: { $0 }).filter { $0.value.count > 1 }.keys
                #expect(twice.isEmpty)
                let missing = Set(controls.namedIDs).subtracting(controls.ids)
                #expect(missing.isEmpty)
            }
        }
    }

    @Test(arguments: [
        ("a@b.org", "mailto:a@b.org"), ("a?bcc=x%40y.org@b.org", "mailto:a%3Fbcc%3Dx%2540y.org@b.org"),
        ("a&cc=x@b.org", "mailto:a%26cc%3Dx@b.org"), ("a+b#c@b.org", "mailto:a%2Bb%23c@b.org"),
    ])
    func `a mail link names the address and nothing more`(_ address: String, _ link: String) {
        #expect(AnswerList.mailLink(address) == link)
    }

    @Test func `a form opens with the person, the day and the hour that it asks for`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish([
            "w.ticket.yaml": """
            ticket: words
            name: Words
            description: Words
            title: W
            body:
              - { type: user, id: who, attributes: { label: Who, value: me } }
              - { type: date, id: day, attributes: { label: Day, value: today } }
              - { type: datetime, id: moment, attributes: { label: Moment, value: now } }
            """
        ])
        try await fixture.test { browser in
            try await browser.become("uma")
            let page = try await browser.get("/c/acme/tickets/new/words").html
            #expect(page.contains("<option value=\"uma\" selected"))
            let acme = try #require(try await fixture.site.store.read { try $0.company("acme") })
            #expect(page.contains("name=\"f.day\" value=\"\(acme.today(now: fixture.site.now))\""))
            #expect(page.contains("type=\"datetime-local\" name=\"f.moment\" value=\"20"))
        }
    }

    @Test func `the API tells a form so that a program can draw it`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish(["l.ticket.yaml": Self.lines])
        try await fixture.test { browser in
            let token = try await browser.token("uma")
            let answer = try await browser.json("/api/v1/companies/acme/ticket-types/lines", .get, token: token)
            let form = try JSON(parsing: answer.html)["form"]
            #expect(
                form["properties"]["pick"]["oneOf"] == [
                    ["const": "x\ny", "title": "X"], ["const": "z", "title": "z"],
                ])
            #expect(form["x-elements"] == [["field": "one"], ["field": "boxes"], ["field": "pick"]])
        }
    }
}
