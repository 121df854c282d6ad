import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

@testable import TFStore
@testable import tf_web

/// The second between a newer version's change of the schema and the end of this program.
@Suite struct UpgradedStoreTests {
    @Test func `people and programs are asked to try again in a moment, and nothing is read or written`() async throws {
        let fixture = try await WebFixture()
        let directory = fixture.site.settings.data
        try await fixture.test { browser in
            try await browser.become("uma")
            let token = try await browser.token("uma")
            let form = "/c/acme/tickets/new/thing"
            let hidden = Browser.hidden(in: try await browser.get(form).html)
            let file = try SQLite(path: directory + "/store.db")
            let next = MigrationStep(
                number: Migration.newest + 1, sql: "ALTER TABLE ticket ADD COLUMN mood TEXT NOT NULL DEFAULT '';")
            try file.migrate(MigrationStep.all(.sqlite) + [next])
            let answers = [
                try await browser.get("/c/acme/tickets"),
                try await browser.post(form, hidden + [("title", "T"), ("f.what", "something")]),
                try await browser.json("/api/v1/companies/acme/tickets", .get, token: token),
                try await browser.json(
                    "/api/v1/companies/acme/tickets", .post, token: token, #"{"type":"thing","form":{"what":"x"}}"#),
            ]
            for answer in answers {
                #expect(answer.status == .serviceUnavailable, "\(answer.html)")
                #expect(answer.headers[.retryAfter] == "2")
                #expect(answer.html.contains("Try again in a moment"))
            }
            let tickets: Int = try await file.read {
                try $0.rows("SELECT COUNT(*) FROM ticket", [], limit: 1).first?[0] ?? 0
            }
            #expect(tickets == 0)
            try file.close()
        }
    }

    @Test func `nothing that stops waits for the look at the schema`() async throws {
        let fixture = try await WebFixture()
        // They stop in the reverse order.
        #expect(try buildServices(fixture.site, socket: nil).first?.serviceName == "UpgradeWatch")
    }
}
