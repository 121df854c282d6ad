import HummingbirdTesting
import TFDefinition
import TFExpression
import TFStore
import TestSupport
import Testing

@testable import tf_web

/// Issue forms from elsewhere, unchanged: each becomes a ticket type that people can use. Read in place where they are.
@Suite struct IssueFormTests {
    @Test func `every issue form renders, submits and reads back`() async throws {
        let fixture = try await WebFixture()
        let forms = try Corpus.issueForms()
        try await fixture.publish(
            Dictionary(uniqueKeysWithValues: forms.map { ($0.name, String(decoding: $0.bytes, as: UTF8.self)) }))
        let acme = try #require(try await fixture.site.store.read { try $0.company("acme") })
        try await fixture.test { browser in
            try await browser.become("uma")
            let catalogue = try await browser.get("/c/acme/tickets/new").html
            for (file, bytes) in forms {
                guard case .ticket(let type)? = Definition.parse(bytes, file: file, company: "acme").definition else {
                    Issue.record("\(file) does not load")
                    continue
                }
                #expect(catalogue.contains("/tickets/new/\(type.name)\""), "\(file)")
                try await use(type, browser, fixture, acme)
            }
        }
    }

    private func use(_ type: TicketDefinition, _ browser: Browser, _ fixture: WebFixture, _ company: Company)
        async throws
    {
        let path = "/c/acme/tickets/new/\(type.name)"
        let page = try await browser.get(path)
        #expect(page.status == .ok)
        for (id, _) in type.form.fields { #expect(page.html.contains("name=\"f.\(id)\""), "\(type.name) \(id)") }
        var answers = JSONObject()
        var fields = Browser.hidden(in: page.html) + [("title", "A title")]
        for (id, element) in type.form.fields {
            let (typed, stored) = answer(element, offered: PageControls(page.html).values(of: "f.\(id)"))
            fields += typed.map { ("f.\(id)", PageControls.sent($0)) }
            if stored != .null { answers[id] = stored }
        }
        let submitted = try await browser.post(path, fields)
        #expect(submitted.status == .seeOther, "\(type.name): \(submitted.html)")
        let number = try #require(submitted.headers[.location]?.split(separator: "/").last.flatMap { Int($0) })
        try await fixture.advance()
        let ticket = try #require(try await fixture.site.store.read(in: company.id) { try $0.ticket(number: number) })
        #expect(ticket.form == .object(answers), "\(type.name)")
        #expect(
            try await fixture.site.store.read(in: company.id) { try $0.tasks(ticket: ticket.id) }.map(\.name) == [
                "handle"
            ])
        let shown = try await browser.get("/c/acme/tickets/\(number)").html
        for field in ticket.fields {
            let label: HTML = ">\(field.label)</dt>"
            #expect(shown.contains(String(decoding: label.bytes, as: UTF8.self)), "\(type.name): \(field.label)")
        }
    }

    /// What a person would type or choose of what the page offers, and what is stored of it.
    private func answer(_ element: FormElement, offered: [String]) -> (typed: [String], stored: JSON) {
        switch element.kind {
        case .text(let field):
            let text =
                field.value.flatMap { $0.isEmpty ? nil : $0 } ?? (field.isNumber ? "12" : "What \"happened\" & why")
            return ([text], .string(text))
        case .choice(let field):
            guard let last = field.options.last?.value, let chosen = offered.last else { return ([], .null) }
            return ([chosen], field.isMultiple ? [.string(last)] : .string(last))
        case .checkboxes(let field):
            let values = field.options.map(\.value)
            return (offered, values.isEmpty ? .null : .strings(values))
        case .upload, .markdown, .section: return ([], .null)
        case .number, .date, .time, .datetime, .checkbox, .user:
            Issue.record("issue forms have no \(element.type)")
            return ([], .null)
        }
    }
}
