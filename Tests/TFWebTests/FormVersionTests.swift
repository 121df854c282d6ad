import HTTPTypes
import HummingbirdTesting
import TFEngine
import Testing

@testable import TFStore
@testable import tf_web

/// A page's form says from which version of a thing it was made; one that does not changes nothing.
@Suite struct FormVersionTests {
    private struct Form: Sendable, CustomTestStringConvertible {
        let login: String
        let page: String
        let action: String
        let fields: [(String, String)]

        var testDescription: String { action }
    }

    private static let forms = [
        Form(
            login: "tom", page: "/c/acme/tickets/1/details", action: "/c/acme/tickets/1/details",
            fields: [("title", "Overwritten")]),
        Form(login: "tom", page: "/c/acme/tickets/1", action: "/c/acme/tickets/1/cancellation", fields: []),
        Form(
            login: "dave", page: "/c/acme/tasks/1/hold", action: "/c/acme/tasks/1/hold",
            fields: [("until", "2030-01-01T10:00")]),
        Form(login: "dave", page: "/c/acme/tasks/1", action: "/c/acme/tasks/1/start", fields: []),
        Form(
            login: "tom", page: "/c/acme/tasks/1", action: "/c/acme/tasks/1/priority", fields: [("priority", "urgent")]),
        Form(login: "ada", page: "/admin/users/uma", action: "/admin/users/uma", fields: [("name", "Overwritten")]),
        Form(login: "uma", page: "/account", action: "/account", fields: [("name", "Overwritten")]),
        Form(
            login: "ada", page: "/admin/companies/acme", action: "/admin/companies/acme",
            fields: [("name", "Overwritten"), ("timezone", "Europe/Berlin")]),
        Form(
            login: "ada", page: "/admin/companies/acme/members/uma", action: "/admin/companies/acme/members/uma",
            fields: [("counting", "all")]),
        Form(
            login: "tom", page: "/c/acme/roles/it-staff", action: "/c/acme/roles/it-staff",
            fields: [("title", "Overwritten")]),
    ]

    @Test(arguments: [nil, "", "zz", "0", "-1", "99999999999999999999"])
    func `a form without a version, or with one that is none, is refused in words and overwrites nothing`(
        _ version: String?
    ) async throws {
        let fixture = try await WebFixture()
        let store = fixture.site.store
        let (uma, tom) = try await store.read { session in
            (try #require(try session.account("uma")), try #require(try session.account("tom")))
        }
        _ = try await store.inside(fixture.acme.id).submitTicket(
            TicketSubmission(type: "thing", requester: uma, title: "Kept", answers: ["what": "x"]),
            now: fixture.site.now)
        try await fixture.advance()
        try await store.write(in: fixture.acme.id) { session in
            try session.reassignTask(
                1, .to("dave"), TaskMove(by: tom, onlyOwn: false, reason: nil, version: nil), now: fixture.site.now)
        }
        let before = try await Self.versions(store)
        try await fixture.test { browser in
            for form in Self.forms {
                browser.forgetCookies()
                try await browser.become(form.login)
                let hidden = Browser.hidden(in: try await browser.get(form.page).html).filter { $0.0 != "version" }
                let sent = try await browser.post(
                    form.action, hidden + form.fields + (version.map { [("version", $0)] } ?? []))
                #expect(sent.status == .unprocessableContent, "\(form.action)")
                #expect(sent.html.contains("<li>Nothing was changed: the form did not say which version"), "\(form)")
            }
        }
        #expect(try await Self.versions(store) == before)
    }

    /// Of everything that the forms would change.
    private static func versions(_ store: Store) async throws -> [Int] {
        try await store.read { session in
            try ["ticket", "task", "account", "company", "membership", "company_role"].map { table in
                try session.first(Int.self, "SELECT SUM(version) FROM \(table)") ?? 0
            }
        }
    }
}
